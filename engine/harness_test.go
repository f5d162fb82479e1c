package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	scripts "github.com/weir-bpm/weir/expression/script"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// The harness runs partitions without a server: commands go through their codec
// into Decide, frames through theirs into a log in memory, the outbox from
// partition to partition. Beside each live state a replica is fed with the
// frames alone; after each frame both must encode to the same bytes.

const testTenant = "default"

// epochMS is the time at which tests begin: 2026-01-01T00:00:00Z.
const epochMS = 1_767_225_600_000

// catalog is the deployed definitions of a test.
type catalog struct {
	versions  map[string][]version // by process id, oldest first
	decisions map[string][]decisionVersion
	deploys   int
	// expressions share the runtimes of scripts among all models.
	expressions []expression.Option
	settings    map[string]string // of deployments from now on
	scripts     map[string]string // files that models name
}

type version struct {
	ref   events.DefinitionRef
	model *bpmn.Process
}

func (c *catalog) deploy(tb testing.TB, data []byte) []events.DefinitionRef {
	tb.Helper()
	defs, problems := bpmn.Parse("test.bpmn", data, bpmn.Options{Expressions: c.expressions, Settings: c.settings, ScriptNames: slices.Sorted(maps.Keys(c.scripts)), Script: func(name string) (string, bool) {
		text, ok := c.scripts[path.Base(name)]
		return text, ok
	}})
	if bpmn.HasErrors(problems) {
		tb.Fatalf("the model is refused: %v\n%s", problems, data)
	}
	c.deploys++
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	var out []events.DefinitionRef
	for _, p := range defs.Processes {
		if !p.Executable {
			continue
		}
		list := c.versions[p.ID]
		if n := len(list); n > 0 && list[n-1].ref.Digest == digest {
			continue
		}
		ref := events.DefinitionRef{ProcessID: p.ID, Version: len(list) + 1, Digest: digest, Deployment: fmt.Sprintf("D%d", c.deploys)}
		c.versions[p.ID] = append(list, version{ref, p})
		out = append(out, ref)
	}
	return out
}

// decide deploys a DMN file.
func (c *catalog) decide(tb testing.TB, data []byte) {
	tb.Helper()
	model, problems := dmn.Parse("test.dmn", data)
	if dmn.HasErrors(problems) {
		tb.Fatalf("the decisions are refused: %v", problems)
	}
	c.deploys++
	sum := sha256.Sum256(data)
	for _, d := range model.Decisions() {
		list := c.decisions[d.ID()]
		c.decisions[d.ID()] = append(list, decisionVersion{events.DecisionRef{
			DecisionID: d.ID(), Version: len(list) + 1, Digest: hex.EncodeToString(sum[:]), Deployment: fmt.Sprintf("D%d", c.deploys),
		}, d.VersionTag(), model})
	}
}

type decisionVersion struct {
	ref   events.DecisionRef
	tag   string
	model *dmn.Model
}

func (c *catalog) findDecision(id string, is func(decisionVersion) bool) (events.DecisionRef, bool) {
	for _, v := range slices.Backward(c.decisions[id]) {
		if is(v) {
			return v.ref, true
		}
	}
	return events.DecisionRef{}, false
}

func (c *catalog) LatestDecision(_, id string) (events.DecisionRef, bool) {
	return c.findDecision(id, func(decisionVersion) bool { return true })
}

func (c *catalog) DecisionVersion(_, id string, n int) (events.DecisionRef, bool) {
	return c.findDecision(id, func(v decisionVersion) bool { return v.ref.Version == n })
}

func (c *catalog) DecisionVersionTag(_, id, tag string) (events.DecisionRef, bool) {
	return c.findDecision(id, func(v decisionVersion) bool { return v.tag == tag })
}

func (c *catalog) DecisionInDeployment(_, deployment, id string) (events.DecisionRef, bool) {
	return c.findDecision(id, func(v decisionVersion) bool { return v.ref.Deployment == deployment })
}

func (c *catalog) Decision(_ string, ref events.DecisionRef) (*dmn.Model, error) {
	for _, v := range c.decisions[ref.DecisionID] {
		if v.ref == ref {
			return v.model, nil
		}
	}
	return nil, fmt.Errorf("no decision %s", ref.ID())
}

func (c *catalog) find(processID string, is func(version) bool) (events.DefinitionRef, bool) {
	for _, v := range slices.Backward(c.versions[processID]) {
		if is(v) {
			return v.ref, true
		}
	}
	return events.DefinitionRef{}, false
}

func (c *catalog) Latest(_, processID string) (events.DefinitionRef, bool) {
	return c.find(processID, func(version) bool { return true })
}

func (c *catalog) Version(_, processID string, n int) (events.DefinitionRef, bool) {
	return c.find(processID, func(v version) bool { return v.ref.Version == n })
}

func (c *catalog) VersionTag(_, processID, tag string) (events.DefinitionRef, bool) {
	return c.find(processID, func(v version) bool { return v.model.VersionTag == tag })
}

func (c *catalog) InDeployment(_, deployment, processID string) (events.DefinitionRef, bool) {
	return c.find(processID, func(v version) bool { return v.ref.Deployment == deployment })
}

func (c *catalog) Model(_ string, ref events.DefinitionRef) (*bpmn.Process, error) {
	for _, v := range c.versions[ref.ProcessID] {
		if v.ref == ref {
			return v.model, nil
		}
	}
	return nil, fmt.Errorf("no model of %s", ref.ID())
}

// pool is the runtimes of scripts that all tests share.
var pool = sync.OnceValue(func() *scripts.Pool { return scripts.NewPool(4) })

// cluster is the partitions of a test.
type cluster struct {
	tb    testing.TB
	defs  *catalog
	parts []*member
	nowMS int64
	// ids numbers commands, so that a test is the same each time.
	ids int
	// record receives each decision of a frame.
	record func(m *member, cmd commands.Envelope, d *Decision)
	// after is called when a frame has been stored.
	after func(m *member)
}

// member is one partition with its log.
type member struct {
	c       *cluster
	id      ids.Partition
	live    *State
	replica *State
	log     [][]byte
	hashes  []events.Hash
	store   snapshotMap // of passivated instances
	cmdSeq  uint64
	acked   map[ids.Partition]uint64 // to be recorded in the next frame
	sent    map[ids.Partition]uint64 // delivered, by number
}

// snapshotMap is a snapshot store in memory.
type snapshotMap map[ids.Instance]map[uint64][]byte

func (s snapshotMap) LoadInstance(id ids.Instance, seq, _ uint64) ([]byte, error) {
	data, ok := s[id][seq]
	if !ok {
		return nil, fmt.Errorf("no snapshot of %s at %d", id, seq)
	}
	return data, nil
}

func (s snapshotMap) put(id ids.Instance, seq uint64, data []byte) {
	if s[id] == nil {
		s[id] = map[uint64][]byte{}
	}
	s[id][seq] = data
}

func newCluster(tb testing.TB, partitions int, limits Config) *cluster {
	tb.Helper()
	c := &cluster{tb: tb, defs: &catalog{versions: map[string][]version{}, decisions: map[string][]decisionVersion{}, expressions: []expression.Option{expression.ScriptPool(pool())}}, nowMS: epochMS}
	for p := range partitions {
		cfg := limits
		cfg.Partition, cfg.Homes = ids.Partition(p), partitions
		store := snapshotMap{}
		c.parts = append(c.parts, &member{
			c: c, id: cfg.Partition, live: NewState(cfg, store), replica: NewState(cfg, nil), store: store,
			acked: map[ids.Partition]uint64{}, sent: map[ids.Partition]uint64{},
		})
	}
	return c
}

// deploy parses a model and activates its processes on every partition.
func (c *cluster) deploy(m *bpmntest.Model) {
	c.tb.Helper()
	refs := c.defs.deploy(c.tb, m.XML())
	if len(refs) == 0 {
		return
	}
	for _, p := range c.parts {
		cmd := p.envelope("", &commands.ActivateProcesses{Tenant: testTenant, Definitions: refs})
		cmd.Origin = &events.Origin{Partition: events.OriginDefinitions, N: uint64(c.defs.deploys)}
		p.do(cmd)
	}
}

func (c *cluster) commandID() ids.Command {
	c.ids++
	return ids.Positional("test", uint64(c.ids), c.nowMS)
}

// instanceID makes an instance id in a partition.
func (c *cluster) instanceID(p ids.Partition) ids.Instance { return ids.Derive(c.commandID(), p, 0) }

// at returns the partition of an instance.
func (c *cluster) at(id ids.Instance) *member { return c.parts[id.Partition()] }

// envelope makes the envelope of a command that comes from the command stream.
func (m *member) envelope(id ids.Instance, cmd commands.Command) commands.Envelope {
	m.cmdSeq++
	return commands.Envelope{ID: m.c.commandID(), Seq: m.cmdSeq, Tenant: testTenant, Instance: id, Command: cmd}
}

// do decides commands and stores them in one frame.
func (m *member) do(cmds ...commands.Envelope) []*Decision {
	m.c.tb.Helper()
	f := &events.Frame{Epoch: 1, Prev: m.live.LastHash, EffectsDone: m.live.LastSeq}
	for _, p := range sortedKeys(m.acked) {
		f.OutboxDone = append(f.OutboxDone, events.Origin{Partition: p, N: m.acked[p]})
	}
	clear(m.acked)
	var out []*Decision
	for i := range cmds {
		cmds[i].TimeMS = m.c.nowMS
		d := m.decide(cmds[i])
		f.Transitions = append(f.Transitions, d.Transitions...)
		if seq := cmds[i].Seq; seq > 0 {
			if f.FirstCommand == 0 {
				f.FirstCommand = seq
			}
			f.LastCommand = seq
		}
		out = append(out, d)
	}
	if len(f.Transitions) == 0 && len(f.OutboxDone) == 0 && f.LastCommand == 0 {
		return out
	}
	m.append(f)
	for i, d := range out {
		if m.c.record != nil {
			m.c.record(m, cmds[i], d)
		}
	}
	if m.c.after != nil {
		m.c.after(m)
	}
	return out
}

func (m *member) decide(cmd commands.Envelope) *Decision {
	m.c.tb.Helper()
	data, err := commands.Encode(cmd.Command)
	if err != nil {
		m.c.tb.Fatalf("encode %s: %v", cmd.Command.Kind(), err)
	}
	var d *Decision
	decoded, err := commands.Decode(cmd.Command.Kind(), commands.ContentMsgpack, data)
	if err != nil {
		d = m.live.RejectUnread(cmd, err.(*commands.Error)) //nolint:errorlint,forcetypeassert // Decode returns it bare
	} else {
		cmd.Command = decoded
		if d, err = m.live.Decide(cmd, m.c.defs); err != nil {
			m.c.tb.Fatalf("decide %s: %v", cmd.Command.Kind(), err)
		}
	}
	return d
}

// append stores a frame, takes it over in the live state and replays it in the
// replica.
func (m *member) append(f *events.Frame) {
	m.c.tb.Helper()
	data, err := events.EncodeFrame(f)
	if err != nil {
		m.c.tb.Fatalf("encode frame: %v", err)
	}
	hash := events.HashOf(data)
	m.log, m.hashes = append(m.log, data), append(m.hashes, hash)
	m.live.Committed(uint64(len(m.log)), hash, f)
	m.replay(m.replica, len(m.log))
	m.compare(m.replica)
}

// replay applies frame n, counted from 1, to a state.
func (m *member) replay(s *State, n int) {
	m.c.tb.Helper()
	f, err := events.DecodeFrame(m.log[n-1])
	if err != nil {
		m.c.tb.Fatalf("decode frame %d: %v", n, err)
	}
	s.ApplyFrame(uint64(n), m.hashes[n-1], f)
}

// compare checks that another state at the same sequence equals the live one.
func (m *member) compare(s *State) {
	m.c.tb.Helper()
	if want, got := encodeHeader(m.c.tb, m.live), encodeHeader(m.c.tb, s); !bytes.Equal(want, got) {
		m.c.tb.Fatalf("partition %s, frame %d: headers differ:\nlive     %q\nreplayed %q", m.id, m.live.LastSeq, want, got)
	}
	for _, id := range m.live.InstanceIDs() {
		want, got := m.bytesOf(m.live, id), m.bytesOf(s, id)
		if !bytes.Equal(want, got) {
			m.c.tb.Fatalf("partition %s, frame %d: instance %s differs:\nlive     %q\nreplayed %q", m.id, m.live.LastSeq, id, want, got)
		}
	}
}

// bytesOf returns an instance's bytes without bringing it back.
func (m *member) bytesOf(s *State, id ids.Instance) []byte {
	m.c.tb.Helper()
	if in, hot := s.instances[id]; hot {
		return encodeInstance(m.c.tb, in)
	}
	data, err := s.loader.LoadInstance(id, s.idle[id].seq, s.idle[id].place)
	if err != nil {
		m.c.tb.Fatal(err)
	}
	return data
}

func encodeHeader(tb testing.TB, s *State) []byte {
	tb.Helper()
	data, err := s.EncodeHeader()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func encodeInstance(tb testing.TB, in *Instance) []byte {
	tb.Helper()
	data, err := EncodeInstance(in)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// passivate sends an instance to the store.
func (m *member) passivate(id ids.Instance) {
	m.c.tb.Helper()
	in, hot := m.live.instances[id]
	if !hot {
		return
	}
	m.store.put(id, in.LastSeq, encodeInstance(m.c.tb, in))
	if !m.live.Passivate(id, in.LastSeq, 0) {
		m.c.tb.Fatalf("instance %s is not passivated", id)
	}
}

// own makes the envelope of a command that the owner gives itself.
func (m *member) own(o OwnCommand) commands.Envelope {
	return commands.Envelope{ID: m.c.commandID(), Tenant: o.Tenant, Instance: o.Instance, Command: o.Command}
}

// fire decides what is due, until nothing is.
func (c *cluster) fire() {
	c.tb.Helper()
	for range 100_000 {
		busy := false
		for _, m := range c.parts {
			for _, o := range m.live.Due(c.nowMS, 8) {
				busy = true
				m.do(m.own(o))
			}
		}
		if busy = c.deliver() || busy; !busy {
			return
		}
	}
	c.tb.Fatal("something stays due for ever")
}

// deliver brings every waiting command of an outbox to its partition once.
func (c *cluster) deliver() bool {
	c.tb.Helper()
	moved := false
	for _, m := range c.parts {
		for _, o := range m.live.Outbox() {
			if o.N > m.sent[o.To] {
				m.deliver(o)
				m.sent[o.To] = o.N
				m.acked[o.To] = o.N
				moved = true
			}
		}
	}
	return moved
}

// deliver decides a command of the outbox at its receiver.
func (m *member) deliver(o *events.OutboxAdded) *Decision {
	m.c.tb.Helper()
	cmd, err := commands.Decode(commands.Kind(o.Command), commands.ContentMsgpack, o.Payload)
	if err != nil {
		m.c.tb.Fatalf("command %s of the outbox: %v", o.Command, err)
	}
	to := m.c.parts[o.To]
	e := to.envelope(o.Instance, cmd)
	e.Tenant, e.Origin = "internal", &events.Origin{Partition: m.id, N: o.N}
	return to.do(e)[0]
}

// settle delivers until nothing is under way.
func (c *cluster) settle() {
	c.tb.Helper()
	for c.deliver() {
	}
	for _, m := range c.parts {
		for _, o := range m.live.Outbox() {
			m.acked[o.To] = m.sent[o.To] // its acknowledgement was late
		}
		if len(m.acked) > 0 {
			m.do() // record what was acknowledged
		}
	}
}

func (c *cluster) now() time.Time { return time.UnixMilli(c.nowMS).UTC() }
