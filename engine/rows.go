package engine

import (
	"cmp"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// Signals and messages that instances throw at one another, without a wait for
// anything else, are a row. How long one may be is Config.MaxHops. One whose
// members throw more than one each multiplies, 2^n and more: so each partition
// counts what belongs to a row, and the longer it gets the fewer may be in it.

// maxRows bounds how many rows are counted at a time; the oldest is forgotten.
const maxRows = 256

// rowLimit is how many instances of one partition a row may start or reach before
// one throws its signal or message number hops: a million for the first ones,
// which may go to all who wait, half as many for each after that, and MaxHops in
// the end.
func (c *Config) rowLimit(hops int) int { return max(c.MaxHops, 1<<20>>min(hops, 20)) }

// follow notes which signal or message the decision is about.
func (d *decider) follow(hops int, row, id ids.Command) {
	if hops > d.hops {
		d.hops, d.row = hops, cmp.Or(row, id)
	}
}

// hop returns the number and the row of a signal or message that an element
// throws.
func (d *decider) hop(el *Element) (int, ids.Command, *fault) {
	if d.hops >= d.cfg.MaxHops {
		return 0, "", faultf(commands.CodeStepLimit, "%s throws the last of %d signals and messages in a row without a wait between them", el.ElementID, d.hops)
	}
	if n, _ := d.rows.get(d.row); n >= d.cfg.rowLimit(d.hops+1) {
		return 0, "", faultf(commands.CodeStepLimit, "%s throws one of a row of signals and messages that multiply without a wait between them: after %d in a row there are %d", el.ElementID, d.hops, n)
	}
	return d.hops + 1, d.row, nil
}

// countRow counts an instance that a row has started or reached.
func (s *State) countRow(row ids.Command) {
	if row != "" {
		n, _ := s.rows.get(row)
		s.rows.put(row, n+1)
	}
}

type headerRow struct {
	Row   ids.Command `msgpack:"r"`
	Count int         `msgpack:"n"`
}

func (s *State) encodeRows(h *header) {
	for _, row := range s.rows.keys() {
		n, _ := s.rows.get(row)
		h.Rows = append(h.Rows, headerRow{row, n})
	}
}

func (s *State) decodeRows(h *header) {
	for _, r := range h.Rows {
		s.rows.put(r.Row, r.Count)
	}
}
