package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// homeKey names the place where messages of a name and correlation key meet
// those who wait for them.
type homeKey struct{ tenant, name, key string }

func (a homeKey) compare(b homeKey) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.name, b.name), cmp.Compare(a.key, b.key))
}

// home holds the waiters and the buffered messages of one homeKey. Most homes
// hold one waiter and nothing else, so the rest is behind a pointer.
type home struct {
	list []waiter // waiters in order of registration, see waiters.go
	more *buffered
}

type buffered struct {
	messages []*message // in order of publication
	// active names the instance of a process that a message with this key
	// started and that has not ended, by process id.
	active []activeStart
	// index finds the waiters where there are many.
	index *waiterIndex
}

func (h *home) messages() []*message {
	if h.more == nil {
		return nil
	}
	return h.more.messages
}

func (h *home) active() []activeStart {
	if h.more == nil {
		return nil
	}
	return h.more.active
}

// buffer returns the part of the home that is to be changed.
func (h *home) buffer() *buffered {
	if h.more == nil {
		h.more = &buffered{}
	}
	return h.more
}

// tidy drops the buffer when it is empty.
func (h *home) tidy() {
	if h.more != nil && len(h.more.messages)+len(h.more.active) == 0 && h.more.index == nil {
		h.more = nil
	}
}

func (h *home) empty() bool { return len(h.list) == 0 && h.more == nil }

// homes holds every home by tenant and name, then by key: a name is stored once
// for all of its keys.
type homes map[startKey]map[string]*home

// at returns the home, nil if there is none.
func (hs homes) at(k homeKey) *home { return hs[startKey{k.tenant, k.name}][k.key] }

// sorted returns the keys of all homes in order.
func (hs homes) sorted() []homeKey {
	n := 0
	for _, byKey := range hs {
		n += len(byKey)
	}
	out := make([]homeKey, 0, n)
	for n, byKey := range hs {
		for key := range byKey {
			out = append(out, homeKey{n.tenant, n.name, key})
		}
	}
	slices.SortFunc(out, homeKey.compare)
	return out
}

// waiter is a subscription as its home knows it.
type waiter struct {
	Instance    ids.Instance `msgpack:"i"`
	Key         ids.Key      `msgpack:"k"`
	ProcessID   string       `msgpack:"p"`
	BusinessKey string       `msgpack:"b,omitempty"`
	// Pending is the message sent to it and not yet answered.
	Pending ids.Command `msgpack:"m,omitempty"`
	// Stays says that it waits on after a message: of those sent to it, any
	// number may be unanswered, and Pending is not set.
	Stays bool `msgpack:"s,omitempty"`
}

// message is a published message.
type message struct {
	ID          ids.Command        `msgpack:"m"`
	MessageID   string             `msgpack:"i,omitempty"`
	ExpiresMS   int64              `msgpack:"x"`
	Variables   variables.Document `msgpack:"v,omitempty"`
	Instance    ids.Instance       `msgpack:"n,omitempty"`
	BusinessKey string             `msgpack:"b,omitempty"`
	// Delivered lists the process ids that have it or are being offered it: a
	// message goes once to each process.
	Delivered []string `msgpack:"d,omitempty"`
	// Offered counts the waiters it was sent to that have not answered. Until
	// they have, it does not expire: one that has gone meanwhile leaves it to
	// the next, and whoever published it was told that it found a receiver.
	Offered int `msgpack:"o,omitempty"`
	Hops    int `msgpack:"h,omitempty"` // see [events.SignalBroadcast]
	// Row is where the hops began.
	Row ids.Command `msgpack:"w,omitempty"`
}

type activeStart struct {
	ProcessID string       `msgpack:"p"`
	Instance  ids.Instance `msgpack:"i"`
}

// due is the end of the message's life; it is armed while nobody is being
// offered the message.
func (m *message) due() due {
	return due{m.ExpiresMS, dueID{kind: dueMessage, id: string(m.ID)}}
}

// accepts says whether the waiter may take the message now.
func (m *message) accepts(w waiter) bool {
	return w.Pending == "" &&
		(m.Instance == "" || m.Instance == w.Instance) &&
		(m.BusinessKey == "" || m.BusinessKey == w.BusinessKey) &&
		!slices.Contains(m.Delivered, w.ProcessID)
}

// startKey names a message that starts processes.
type startKey struct{ tenant, name string }

// startMessage says what a message starts; the map around it is by process id.
type startMessage struct {
	Definition events.DefinitionRef `msgpack:"d"`
	ElementID  string               `msgpack:"e"`
}

// startTimerKey names the timer start event of a process.
type startTimerKey struct{ tenant, process, element string }

// String joins the parts with a byte that no XML id can hold.
func (k startTimerKey) String() string {
	return k.tenant + "\x00" + k.process + "\x00" + k.element
}

func parseStartTimerKey(s string) startTimerKey {
	parts := strings.SplitN(s, "\x00", 3)
	if len(parts) != 3 {
		panic(corrupt("%q names no start timer", s))
	}
	return startTimerKey{parts[0], parts[1], parts[2]}
}

// startTimer is the armed timer of a start event.
type startTimer struct {
	Definition events.DefinitionRef `msgpack:"d"`
	Spec       string               `msgpack:"s"`
	DueMS      int64                `msgpack:"u"`
	ArmedMS    int64                `msgpack:"a,omitempty"`
	Fired      int64                `msgpack:"f,omitempty"`
	Cycle      string               `msgpack:"c,omitempty"`
	EndMS      int64                `msgpack:"x,omitempty"`
	Remaining  int                  `msgpack:"r"`
}

// homeFor returns the home, making it if there is none.
func (s *State) homeFor(tenant, name, key string) *home {
	n := startKey{tenant, name}
	byKey := s.homes[n]
	if byKey == nil {
		byKey = map[string]*home{}
		s.homes[startKey{s.name(tenant), s.name(name)}] = byKey
	}
	h := byKey[key]
	if h == nil {
		h = &home{}
		byKey[key] = h
	}
	return h
}

// dropHome forgets a home in which nothing is left.
func (s *State) dropHome(tenant, name, key string) {
	n := startKey{tenant, name}
	h := s.homes[n][key]
	if h == nil {
		return
	}
	if h.tidy(); !h.empty() {
		return
	}
	if delete(s.homes[n], key); len(s.homes[n]) == 0 {
		delete(s.homes, n)
	}
}

func (h *home) message(id ids.Command) int {
	return slices.IndexFunc(h.messages(), func(m *message) bool { return m.ID == id })
}
