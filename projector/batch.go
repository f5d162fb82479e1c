package projector

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// moment is the place of an event in the log, and what the fold knows there.
type moment struct {
	partition  int
	seq        uint64
	loggedAt   time.Time
	transition *events.Transition
	index      int // of the transition in its frame
	// instance is the row of the instance that the event belongs to, folded up
	// to and with the event; nil for events of the partition itself.
	instance *Instance
	// fresh says that the instance started in this batch, so that Postgres has
	// no rows of it.
	fresh bool
}

func (at *moment) time() time.Time { return clockOf(at.transition.TimeMS) }

func (at *moment) id() string { return string(at.transition.Instance) }

func (at *moment) String() string {
	return fmt.Sprintf("partition %d, sequence %d, transition %d, instance %q", at.partition, at.seq, at.index, at.transition.Instance)
}

// handler folds the events of its kinds into the rows of one table. A batch
// passes through it in order: begin, plan for every event, load, fold for every
// event, write. It is not safe for concurrent use; each partition has its own.
type handler interface {
	table() string
	kinds() []events.Kind
	// inInstance says that the rows belong to instances.
	inInstance() bool
	begin(careful bool)
	// plan notes which rows an event touches.
	plan(at *moment, e events.Event)
	// load takes the touched rows that exist out of the table.
	load(ctx context.Context, tx pgx.Tx, schema string) error
	fold(at *moment, e events.Event) error
	// write puts all rows back.
	write(ctx context.Context, tx pgx.Tx, schema string) error
}

// folder folds batches of one partition.
type folder struct {
	partition int
	tables    []handler
	byKind    map[events.Kind][]handler
	archive   *archive
	instances *instances
	started   map[ids.Instance]bool
}

func newFolder(partition int) *folder {
	f := &folder{
		partition: partition,
		archive:   newArchive(),
		instances: newInstances(),
		byKind:    map[events.Kind][]handler{},
	}
	f.tables = handlers()
	for _, h := range f.tables {
		for _, k := range h.kinds() {
			f.byKind[k] = append(f.byKind[k], h)
		}
	}
	return f
}

// fold reduces the entries to rows and writes these. In careful mode no row is
// taken to be new, so that events which were folded before change nothing.
func (f *folder) fold(ctx context.Context, tx pgx.Tx, schema string, entries []streams.Entry, careful bool) (int64, error) {
	all := append([]handler{f.instances, f.archive}, f.tables...)
	for _, h := range all {
		h.begin(careful)
	}
	f.started = map[ids.Instance]bool{}
	if err := f.walk(entries, f.planTransition); err != nil {
		return 0, err
	}
	for _, h := range all {
		if err := h.load(ctx, tx, schema); err != nil {
			return 0, fmt.Errorf("load %s: %w", h.table(), err)
		}
	}
	clear(f.started)
	if err := f.walk(entries, f.foldTransition); err != nil {
		return 0, err
	}
	for _, h := range all {
		if err := h.write(ctx, tx, schema); err != nil {
			return 0, fmt.Errorf("write %s: %w", h.table(), err)
		}
	}
	return countEvents(entries), nil
}

func countEvents(entries []streams.Entry) int64 {
	var n int64
	for i := range entries {
		for j := range entries[i].Frame.Transitions {
			n += int64(len(entries[i].Frame.Transitions[j].Events))
		}
	}
	return n
}

func (f *folder) walk(entries []streams.Entry, visit func(*moment) error) error {
	at := moment{partition: f.partition}
	for i := range entries {
		at.seq, at.loggedAt = entries[i].Seq, entries[i].StoredAt.UTC().Truncate(time.Microsecond)
		for j := range entries[i].Frame.Transitions {
			at.transition, at.index, at.instance = &entries[i].Frame.Transitions[j], j, nil
			if err := visit(&at); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *folder) planTransition(at *moment) error {
	at.fresh = f.started[at.transition.Instance]
	for _, e := range at.transition.Events {
		kind := e.Kind()
		if kind == "instance.started" {
			f.started[at.transition.Instance] = true
			at.fresh = true
		}
		if at.transition.Instance != "" {
			f.instances.plan(at, e)
		}
		for _, h := range f.byKind[kind] {
			h.plan(at, e)
		}
	}
	f.archive.planTransition(at)
	return nil
}

// foldTransition numbers and folds the events of a transition. All events of a
// transition that names an instance count as the instance's, from 1; the engine
// counts them the same way.
func (f *folder) foldTransition(at *moment) error {
	var first, count int64
	for _, e := range at.transition.Events {
		if at.transition.Instance != "" {
			if err := f.instances.fold(at, e); err != nil {
				return err
			}
			if count++; count == 1 {
				first = at.instance.Events
			}
		}
		for _, h := range f.byKind[e.Kind()] {
			if h.inInstance() && at.instance == nil {
				return fault(CodeInconsistent, at.String(), "expected an instance, but the transition with %s names none", e.Kind())
			}
			if err := h.fold(at, e); err != nil {
				return err
			}
		}
	}
	return f.archive.foldTransition(at, first, count)
}
