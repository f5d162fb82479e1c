package engine

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// StateVersion is the version of the bytes that this file writes. A snapshot of
// another version is not read: the log is replayed instead.
const StateVersion = 3

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := msgpack.NewEncoder(&buf)
	enc.SetSortMapKeys(true)
	enc.UseCompactInts(true)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// EncodeInstance returns an instance's bytes. Equal instances have equal bytes.
func EncodeInstance(in *Instance) ([]byte, error) {
	data, err := encode(in)
	if err != nil {
		return nil, fmt.Errorf("encode instance %s: %w", in.ID, err)
	}
	return data, nil
}

// DecodeInstance reads what [EncodeInstance] wrote.
func DecodeInstance(data []byte) (*Instance, error) {
	in := new(Instance)
	if err := msgpack.Unmarshal(data, in); err != nil {
		return nil, err
	}
	if len(in.Elements) == 0 || in.Elements[0].Key != events.RootKey {
		return nil, fmt.Errorf("instance %s has no root scope", in.ID)
	}
	return in, nil
}

// header is the partition's state without its instances.
type header struct {
	Partition   ids.Partition     `msgpack:"p"`
	LastSeq     uint64            `msgpack:"s"`
	LastCommand uint64            `msgpack:"c"`
	EffectsDone uint64            `msgpack:"e"`
	Epoch       uint64            `msgpack:"o"`
	LastHash    []byte            `msgpack:"h"`
	Instances   []headerInstance  `msgpack:"i"`
	Recent      []headerAnswer    `msgpack:"r"`
	Finished    []headerFinished  `msgpack:"f"`
	Rows        []headerRow       `msgpack:"rw,omitempty"`
	Origins     []events.Origin   `msgpack:"g"`
	Outbox      []headerOutbox    `msgpack:"x"`
	Offered     []JobRef          `msgpack:"j"`
	Timers      []headerDue       `msgpack:"t"`
	Homes       []headerHome      `msgpack:"m"`
	StartMsgs   []headerStartMsg  `msgpack:"sm"`
	StartTimers []headerStartTime `msgpack:"st"`
	SignalOrder uint64            `msgpack:"so,omitempty"`
	Signals     []headerSignal    `msgpack:"sg,omitempty"`
	StartSigs   []headerStartMsg  `msgpack:"ss,omitempty"`
	StartConds  []headerStartCond `msgpack:"sc,omitempty"`
	Trees       []headerTree      `msgpack:"tr,omitempty"`
}

type headerInstance struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	ID       ids.Instance
	LastSeq  uint64
}

type headerAnswer struct {
	ID     ids.Command `msgpack:"k"`
	Answer Answer      `msgpack:"a"`
}

type headerFinished struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	ID       ids.Instance
	How      string
}

type headerOutbox struct {
	To    ids.Partition         `msgpack:"p"`
	Next  uint64                `msgpack:"n"`
	Items []*events.OutboxAdded `msgpack:"i"`
}

type headerDue struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	AtMS     int64
	Kind     dueKind
	ID       string
	Key      ids.Key
}

type headerHome struct {
	Tenant   string        `msgpack:"t"`
	Name     string        `msgpack:"n"`
	Key      string        `msgpack:"k,omitempty"`
	Waiters  []waiter      `msgpack:"w,omitempty"`
	Messages []*message    `msgpack:"m,omitempty"`
	Active   []activeStart `msgpack:"a,omitempty"`
}

type headerStartMsg struct {
	Tenant    string       `msgpack:"t"`
	Name      string       `msgpack:"n"`
	ProcessID string       `msgpack:"p"`
	Start     startMessage `msgpack:"s"`
}

type headerStartTime struct {
	Tenant    string      `msgpack:"t"`
	ProcessID string      `msgpack:"p"`
	ElementID string      `msgpack:"e"`
	Timer     *startTimer `msgpack:"s"`
}

// EncodeHeader returns the bytes of the partition's state without its
// instances, of which it holds the ids and sequences. Equal states have equal
// bytes: the places of snapshots are not in them, see [State.Places].
func (s *State) EncodeHeader() ([]byte, error) {
	h := header{
		Partition: s.cfg.Partition, LastSeq: s.LastSeq, LastCommand: s.LastCommand,
		EffectsDone: s.EffectsDone, Epoch: s.Epoch, LastHash: s.LastHash[:],
	}
	all := s.InstanceIDs()
	h.Instances = make([]headerInstance, 0, len(all))
	for _, id := range all {
		seq := s.idle[id].seq
		if in, hot := s.instances[id]; hot {
			seq = in.LastSeq
		}
		h.Instances = append(h.Instances, headerInstance{ID: id, LastSeq: seq})
	}
	for _, id := range s.recent.keys() {
		a, _ := s.recent.get(id)
		h.Recent = append(h.Recent, headerAnswer{id, a})
	}
	s.encodeRows(&h)
	for _, id := range s.finished.keys() {
		how, _ := s.finished.get(id)
		h.Finished = append(h.Finished, headerFinished{ID: id, How: how})
	}
	for _, p := range sortedKeys(s.origins) {
		h.Origins = append(h.Origins, events.Origin{Partition: p, N: s.origins[p]})
	}
	for _, p := range sortedKeys(s.outbox) {
		h.Outbox = append(h.Outbox, headerOutbox{To: p, Next: s.outbox[p].next, Items: append([]*events.OutboxAdded{}, s.outbox[p].items...)})
	}
	h.Offered = s.OpenJobs()
	timers := s.timers.sorted()
	h.Timers = make([]headerDue, 0, len(timers))
	for _, d := range timers {
		h.Timers = append(h.Timers, headerDue{AtMS: d.atMS, Kind: d.kind, ID: d.id, Key: d.key})
	}
	s.encodeHomes(&h)
	s.encodeStarts(&h)
	s.encodeSignals(&h)
	s.encodeTrees(&h)
	data, err := encode(&h)
	if err != nil {
		return nil, fmt.Errorf("encode header of partition %s: %w", s.cfg.Partition, err)
	}
	return data, nil
}

func (s *State) encodeHomes(h *header) {
	keys := s.homes.sorted()
	h.Homes = make([]headerHome, 0, len(keys))
	for _, k := range keys {
		home := s.homes.at(k)
		if home.empty() {
			continue
		}
		h.Homes = append(h.Homes, headerHome{
			Tenant: k.tenant, Name: k.name, Key: k.key,
			Waiters: home.waiters(), Messages: home.messages(), Active: home.active(),
		})
	}
}

func (s *State) encodeStarts(h *header) {
	for k, byProcess := range s.startMessages {
		for processID, start := range byProcess {
			h.StartMsgs = append(h.StartMsgs, headerStartMsg{k.tenant, k.name, processID, start})
		}
	}
	slices.SortFunc(h.StartMsgs, func(a, b headerStartMsg) int {
		return homeKey{a.Tenant, a.Name, a.ProcessID}.compare(homeKey{b.Tenant, b.Name, b.ProcessID})
	})
	for k, t := range s.startTimers {
		h.StartTimers = append(h.StartTimers, headerStartTime{k.tenant, k.process, k.element, t})
	}
	slices.SortFunc(h.StartTimers, func(a, b headerStartTime) int {
		return homeKey{a.Tenant, a.ProcessID, a.ElementID}.compare(homeKey{b.Tenant, b.ProcessID, b.ElementID})
	})
}

// InstanceIDs returns the ids of all active instances, hot and passivated, in
// ascending order.
func (s *State) InstanceIDs() []ids.Instance {
	out := make([]ids.Instance, 0, len(s.instances)+len(s.idle))
	for id := range s.instances {
		out = append(out, id)
	}
	for id := range s.idle {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Places returns where the snapshots of all active instances lie, in ascending
// order of their ids: what [State.Passivate] was told, and for an instance in
// memory what hot says.
func (s *State) Places(hot func(ids.Instance) uint64) []uint64 {
	all := s.InstanceIDs()
	out := make([]uint64, len(all))
	for i, id := range all {
		if at, idle := s.idle[id]; idle {
			out[i] = at.place
		} else {
			out[i] = hot(id)
		}
	}
	return out
}

// DecodeHeader restores a state from a header and the places of its instances'
// snapshots ([State.Places]). All its instances are passivated: each is loaded
// when it is needed.
func DecodeHeader(cfg Config, loader Loader, data []byte, places []uint64) (*State, error) {
	var h header
	if err := msgpack.Unmarshal(data, &h); err != nil {
		return nil, fmt.Errorf("decode header: %w", err)
	}
	s := NewState(cfg, loader)
	if h.Partition != s.cfg.Partition || len(h.LastHash) != len(s.LastHash) {
		return nil, fmt.Errorf("header of partition %s, expected %s", h.Partition, s.cfg.Partition)
	}
	if len(places) != len(h.Instances) {
		return nil, fmt.Errorf("header of %d instances with the places of %d", len(h.Instances), len(places))
	}
	s.LastSeq, s.LastCommand, s.EffectsDone, s.Epoch = h.LastSeq, h.LastCommand, h.EffectsDone, h.Epoch
	copy(s.LastHash[:], h.LastHash)
	// Timers and waiters share the text of their instance's id.
	same := make(map[ids.Instance]ids.Instance, len(h.Instances))
	shared := func(id ids.Instance) ids.Instance {
		if first, ok := same[id]; ok {
			return first
		}
		return id
	}
	for i, in := range h.Instances {
		s.idle[in.ID] = resting{seq: in.LastSeq, place: places[i]}
		same[in.ID] = in.ID
	}
	for _, r := range h.Recent {
		s.recent.put(r.ID, r.Answer)
	}
	s.decodeRows(&h)
	for _, f := range h.Finished {
		s.finished.put(f.ID, f.How)
	}
	for _, o := range h.Origins {
		s.origins[o.Partition] = o.N
	}
	for _, o := range h.Outbox {
		s.outbox[o.To] = &outbox{next: o.Next, items: o.Items}
	}
	for _, ref := range h.Offered {
		ref.Instance = shared(ref.Instance)
		s.offered[ref] = struct{}{}
	}
	s.timers.list = make(dueList, 0, len(h.Timers))
	for _, t := range h.Timers {
		id := string(shared(ids.Instance(t.ID)))
		s.timers.list = append(s.timers.list, due{t.AtMS, dueID{t.Kind, id, t.Key}}) // sorted, so already a heap
	}
	for _, m := range h.Homes {
		home := s.homeFor(m.Tenant, m.Name, m.Key)
		if len(m.Messages)+len(m.Active) > 0 {
			home.more = &buffered{messages: m.Messages, active: m.Active}
		}
		for i := range m.Waiters {
			w := &m.Waiters[i]
			w.ProcessID, w.Instance = s.name(w.ProcessID), shared(w.Instance)
		}
		home.setWaiters(m.Waiters)
		for _, msg := range m.Messages {
			s.messageHome[msg.ID] = homeKey{s.name(m.Tenant), s.name(m.Name), m.Key}
		}
	}
	for _, m := range h.StartMsgs {
		k := startKey{m.Tenant, m.Name}
		if s.startMessages[k] == nil {
			s.startMessages[k] = map[string]startMessage{}
		}
		s.startMessages[k][m.ProcessID] = m.Start
	}
	for _, t := range h.StartTimers {
		s.startTimers[startTimerKey{t.Tenant, t.ProcessID, t.ElementID}] = t.Timer
	}
	s.decodeSignals(&h, shared)
	for _, t := range h.Trees {
		s.trees[shared(t.Root)] = t.Active
	}
	return s, nil
}

// Passivate forgets an instance's state but for its id: what [EncodeInstance]
// returned must be stored at the place, of which the loader alone knows the
// meaning. It does nothing if the instance has changed since.
func (s *State) Passivate(id ids.Instance, seq, place uint64) bool {
	in, ok := s.instances[id]
	if !ok || in.LastSeq != seq {
		return false
	}
	delete(s.instances, id)
	s.idle[id] = resting{seq, place}
	return true
}

// Place returns where the snapshot of a passivated instance lies, 0 for others.
func (s *State) Place(id ids.Instance) uint64 { return s.idle[id].place }

// Move tells that the snapshot of a passivated instance lies at another place
// now. It does nothing if it is not the one that lay at the old place.
func (s *State) Move(id ids.Instance, old, place uint64) bool {
	at, ok := s.idle[id]
	if !ok || at.place != old {
		return false
	}
	s.idle[id] = resting{at.seq, place}
	return true
}

// Hot calls f for each instance in memory, in ascending order of id.
func (s *State) Hot(f func(in *Instance, touchedMS int64)) {
	for _, id := range sortedKeys(s.instances) {
		f(s.instances[id], s.instances[id].touchedMS)
	}
}
