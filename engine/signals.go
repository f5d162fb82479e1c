package engine

import (
	"cmp"
	"slices"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// signalWaiters are the waits of one tenant for signals of one name, in order.
// One that has ended leaves a hole until half of the list is holes: a million
// instances may wait for one signal, and leave it in any order.
type signalWaiters struct {
	list []signalWaiter
	dead int
}

// signalWaiter is a wait for a signal; a hole has the key 0.
type signalWaiter struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	Order    uint64
	Instance ids.Instance
	Key      ids.Key
}

// after returns the first wait beyond a place in the order.
func (w *signalWaiters) after(order uint64) (signalWaiter, bool) {
	i, _ := slices.BinarySearchFunc(w.list, order+1, func(s signalWaiter, n uint64) int { return cmp.Compare(s.Order, n) })
	for ; i < len(w.list); i++ {
		if w.list[i].Key != 0 {
			return w.list[i], true
		}
	}
	return signalWaiter{}, false
}

// remove takes out the wait with the place in the order.
func (w *signalWaiters) remove(order uint64) {
	i, ok := slices.BinarySearchFunc(w.list, order, func(s signalWaiter, n uint64) int { return cmp.Compare(s.Order, n) })
	if !ok || w.list[i].Key == 0 {
		panic(corrupt("no wait for a signal has the place %d", order))
	}
	w.list[i].Key, w.list[i].Instance = 0, ""
	if w.dead++; 2*w.dead > len(w.list) {
		w.list, w.dead = w.live(), 0
	}
}

// live returns the list without holes.
func (w *signalWaiters) live() []signalWaiter {
	out := make([]signalWaiter, 0, len(w.list)-w.dead)
	for _, s := range w.list {
		if s.Key != 0 {
			out = append(out, s)
		}
	}
	return out
}

func (s *State) applySignalAwaited(in *Instance, e *events.SignalAwaited) {
	in.took(e.Key)
	sub := &Subscription{Key: e.Key, Element: e.Element, Target: e.Target, Part: e.Part, Kind: forSignal, Name: s.name(e.Name)}
	if !e.Local {
		sub.Order = e.Order
	}
	in.Subscriptions = add(in.Subscriptions, sub)
	s.signalOrder = max(s.signalOrder, e.Order)
	if e.Local {
		return
	}
	k := startKey{in.Tenant, sub.Name}
	if s.signals[k] == nil {
		s.signals[k] = &signalWaiters{}
	}
	w := s.signals[k]
	if n := len(w.list); n > 0 && w.list[n-1].Order >= e.Order {
		panic(corrupt("the wait for signal %s with the place %d comes after %d", e.Name, e.Order, w.list[n-1].Order))
	}
	w.list = append(w.list, signalWaiter{Order: e.Order, Instance: in.ID, Key: e.Key})
}

func (s *State) dropSignalWaiter(in *Instance, sub *Subscription) {
	if sub.Kind != forSignal || sub.Order == 0 {
		return
	}
	k := startKey{in.Tenant, sub.Name}
	w := s.signals[k]
	if w == nil {
		panic(corrupt("nobody waits for signal %s", sub.Name))
	}
	if w.remove(sub.Order); len(w.list) == 0 {
		delete(s.signals, k)
	}
}

func (s *State) applyStartSignal(e *events.StartSignalSet) {
	k := startKey{s.name(e.Tenant), s.name(e.Name)}
	byProcess := s.startSignals[k]
	if e.ElementID == "" {
		delete(byProcess, e.Definition.ProcessID)
		if len(byProcess) == 0 {
			delete(s.startSignals, k)
		}
		return
	}
	if byProcess == nil {
		byProcess = map[string]startMessage{}
		s.startSignals[k] = byProcess
	}
	byProcess[e.Definition.ProcessID] = startMessage{Definition: e.Definition, ElementID: e.ElementID}
}

func (s *State) applyStartCondition(e *events.StartConditionSet) {
	k := startTimerKey{s.name(e.Tenant), s.name(e.Definition.ProcessID), s.name(e.ElementID)}
	if e.Gone {
		delete(s.startConditions, k)
		return
	}
	s.startConditions[k] = e.Definition
}

type headerSignal struct {
	Tenant  string         `msgpack:"t"`
	Name    string         `msgpack:"n"`
	Waiters []signalWaiter `msgpack:"w"`
}

type headerStartCond struct {
	Tenant     string               `msgpack:"t"`
	ElementID  string               `msgpack:"e"`
	Definition events.DefinitionRef `msgpack:"d"`
}

func (s *State) encodeSignals(h *header) {
	h.SignalOrder = s.signalOrder
	for k, w := range s.signals {
		h.Signals = append(h.Signals, headerSignal{k.tenant, k.name, w.live()})
	}
	slices.SortFunc(h.Signals, func(a, b headerSignal) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Name, b.Name))
	})
	for k, byProcess := range s.startSignals {
		for processID, start := range byProcess {
			h.StartSigs = append(h.StartSigs, headerStartMsg{k.tenant, k.name, processID, start})
		}
	}
	slices.SortFunc(h.StartSigs, func(a, b headerStartMsg) int {
		return homeKey{a.Tenant, a.Name, a.ProcessID}.compare(homeKey{b.Tenant, b.Name, b.ProcessID})
	})
	for k, ref := range s.startConditions {
		h.StartConds = append(h.StartConds, headerStartCond{k.tenant, k.element, ref})
	}
	slices.SortFunc(h.StartConds, func(a, b headerStartCond) int {
		return homeKey{a.Tenant, a.Definition.ProcessID, a.ElementID}.compare(homeKey{b.Tenant, b.Definition.ProcessID, b.ElementID})
	})
}

func (s *State) decodeSignals(h *header, shared func(ids.Instance) ids.Instance) {
	s.signalOrder = h.SignalOrder
	for _, g := range h.Signals {
		for i := range g.Waiters {
			g.Waiters[i].Instance = shared(g.Waiters[i].Instance)
		}
		s.signals[startKey{s.name(g.Tenant), s.name(g.Name)}] = &signalWaiters{list: g.Waiters}
	}
	for _, m := range h.StartSigs {
		k := startKey{m.Tenant, m.Name}
		if s.startSignals[k] == nil {
			s.startSignals[k] = map[string]startMessage{}
		}
		s.startSignals[k][m.ProcessID] = m.Start
	}
	for _, c := range h.StartConds {
		s.startConditions[startTimerKey{c.Tenant, c.Definition.ProcessID, c.ElementID}] = c.Definition
	}
}
