package engine

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

var rows = flag.Bool("rows", false, "rewrite testdata/shown.txt: which golden traces show which rows of the element table")

const (
	shownFile = "testdata/shown.txt"
	// shownMost is how many traces of a row the file lists.
	shownMost = 4
)

// show notes that a trace activates an element.
func (s *script) show(id ids.Instance, e events.Event) {
	switch e := e.(type) {
	case *events.InstanceStarted:
		if s.shown == nil {
			s.shown, s.refs = map[bpmn.ExecutedElement]bool{}, map[ids.Instance]events.DefinitionRef{}
		}
		s.refs[id] = e.Definition
	case *events.ElementActivated:
		model, err := s.c.defs.Model(testTenant, s.refs[id])
		if err != nil {
			return // an instance that a trace did not start itself
		}
		if el := model.Element(e.ElementID); el != nil {
			s.shown[bpmn.RowOf(el)] = true
			for _, b := range model.Elements {
				if b.CompensatedBy == el { // the event has no instance of its own
					s.shown[bpmn.RowOf(b)] = true
				}
			}
		}
	}
}

// shownRows collects which trace shows which rows. The pages of the
// documentation link to the traces by it, so what it says must be true.
type shownRows struct {
	t      *testing.T
	mu     sync.Mutex
	traces map[string]map[bpmn.ExecutedElement]bool
}

func newShownRows(t *testing.T) *shownRows {
	return &shownRows{t: t, traces: map[string]map[bpmn.ExecutedElement]bool{}}
}

func (r *shownRows) add(name string, shown map[bpmn.ExecutedElement]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traces[name] = shown
}

// check compares the file with what the traces showed, or writes it if all of
// them ran.
func (r *shownRows) check(all int) {
	if *rows && len(r.traces) == all {
		var b strings.Builder
		b.WriteString("# Which golden traces show which rows of bpmn.Executed (type, event, position).\n# Written by: go test ./engine -run TestTraces -rows\n")
		for _, row := range bpmn.Executed() {
			fmt.Fprintf(&b, "%s|%s|%s: %s\n", row.Type, row.Event, row.Position, strings.Join(r.best(row), " "))
		}
		if err := os.WriteFile(shownFile, []byte(b.String()), 0o600); err != nil {
			r.t.Error(err)
		}
		return
	}
	data, err := os.ReadFile(shownFile)
	if err != nil {
		r.t.Error(err)
		return
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		parts := strings.Split(key, "|")
		row := bpmn.ExecutedElement{Type: bpmn.Type(parts[0]), Event: bpmn.EventKind(parts[1]), Position: parts[2]}
		for _, name := range strings.Fields(list) {
			if shown, ran := r.traces[name]; ran && !shown[row] {
				r.t.Errorf("%s: the trace %s does not show %v", shownFile, name, row)
			}
		}
	}
}

// best chooses the traces of a row: those of its own folder and event first, then
// those that show least besides.
func (r *shownRows) best(row bpmn.ExecutedElement) []string {
	own := func(name string) int {
		folder, rest, _ := strings.Cut(name, "/")
		n := 3
		if folder == string(row.Type) {
			n--
		}
		if row.Event != "none" && strings.Contains(strings.ToLower(rest), strings.ToLower(string(row.Event))) {
			n--
		}
		if strings.Contains(row.Position, "event subprocess") && folder == "eventSubProcess" || strings.Contains(rest, "non-interrupting") && strings.HasPrefix(row.Position, "non-interrupting") {
			n--
		}
		return n
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.traces)) {
		if r.traces[name][row] {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(own(a), own(b)), cmp.Compare(len(r.traces[a]), len(r.traces[b])))
	})
	return names[:min(len(names), shownMost)]
}
