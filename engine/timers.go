package engine

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// dueKind says what becomes due.
type dueKind uint8

const (
	dueTimer      dueKind = iota + 1 // a timer of an instance
	dueJob                           // the back-off of a job
	dueStartTimer                    // a timer start event; key is 0
	dueMessage                       // the end of a buffered message's life
)

// dueID names something that becomes due: an instance and a key, the text of a
// start timer, or a message.
type dueID struct {
	kind dueKind
	id   string
	key  ids.Key
}

type due struct {
	atMS int64
	dueID
}

func (a due) compare(b due) int {
	return cmp.Or(
		cmp.Compare(a.atMS, b.atMS),
		cmp.Compare(a.kind, b.kind),
		cmp.Compare(a.id, b.id),
		cmp.Compare(a.key, b.key),
	)
}

// timerHeap is what becomes due in a partition, soonest first. A removed entry
// stays until it surfaces or the dead outnumber the living: an entry costs 48
// bytes, with no index beside the heap.
type timerHeap struct {
	list dueList
	dead map[due]int
}

type dueList []due

func (l dueList) Len() int           { return len(l) }
func (l dueList) Less(i, j int) bool { return l[i].compare(l[j]) < 0 }
func (l dueList) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *dueList) Push(x any)        { *l = append(*l, x.(due)) }
func (l *dueList) Pop() any {
	old := *l
	n := len(old) - 1
	x := old[n]
	old[n] = due{}
	*l = old[:n]
	return x
}

func (h *timerHeap) add(d due) { heap.Push(&h.list, d) }

// remove takes out an entry that was added. Equal entries are alike, so it does
// not matter which of them goes.
func (h *timerHeap) remove(d due) {
	if h.dead == nil {
		h.dead = map[due]int{}
	}
	h.dead[d]++
	if len(h.dead) > 1024 && len(h.dead) > len(h.list)/2 {
		h.sweep()
	}
}

// sweep drops the dead entries.
func (h *timerHeap) sweep() {
	h.list = slices.DeleteFunc(h.list, func(d due) bool {
		if h.dead[d] == 0 {
			return false
		}
		h.dead[d]--
		return true
	})
	clear(h.dead)
	heap.Init(&h.list)
}

// live counts the entries that were not removed.
func (h *timerHeap) live() int {
	n := len(h.list)
	for _, c := range h.dead {
		n -= c
	}
	return n
}

// first drops dead entries from the top and returns the soonest live one.
func (h *timerHeap) first() (due, bool) {
	for len(h.list) > 0 {
		top := h.list[0]
		if h.dead[top] == 0 {
			return top, true
		}
		if h.dead[top]--; h.dead[top] == 0 {
			delete(h.dead, top)
		}
		heap.Pop(&h.list)
	}
	return due{}, false
}

// sorted returns the live entries in order, for snapshots.
func (h *timerHeap) sorted() []due {
	h.sweep()
	out := slices.Clone([]due(h.list))
	slices.SortFunc(out, due.compare)
	return out
}

// NextDue returns when the next timer is due, in milliseconds since the Unix
// epoch, and false if none is armed.
func (s *State) NextDue() (int64, bool) {
	d, ok := s.timers.first()
	return d.atMS, ok
}

// Due returns the commands for what is due at the time, soonest first, up to
// limit. They stay due until they have been decided; ask again only then.
func (s *State) Due(nowMS int64, limit int) []OwnCommand {
	var out []OwnCommand
	var taken []due
	for len(out) < limit {
		d, ok := s.timers.first()
		if !ok || d.atMS > nowMS {
			break
		}
		heap.Pop(&s.timers.list)
		taken = append(taken, d)
		out = append(out, s.ownCommand(d))
	}
	for _, d := range taken {
		heap.Push(&s.timers.list, d)
	}
	return out
}

// OwnCommand is a command that the owner of the partition gives itself.
type OwnCommand struct {
	Tenant   string
	Instance ids.Instance
	Command  commands.Command
}

func (s *State) ownCommand(d due) OwnCommand {
	switch d.kind {
	case dueTimer:
		return OwnCommand{Instance: ids.Instance(d.id), Command: &commands.FireTimer{Key: d.key}}
	case dueJob:
		return OwnCommand{Instance: ids.Instance(d.id), Command: &commands.RetryJob{Key: d.key}}
	case dueMessage:
		return OwnCommand{Command: &commands.ExpireMessage{Message: ids.Command(d.id)}}
	case dueStartTimer:
		k := parseStartTimerKey(d.id)
		return OwnCommand{Tenant: k.tenant, Command: &commands.FireStartTimer{Tenant: k.tenant, ProcessID: k.process, ElementID: k.element}}
	}
	panic(corrupt("unknown kind of timer %d", d.kind))
}
