package definitions

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// The goal is that every node that has read the log up to a sequence answers
// alike, and answers what the log says. Histories are random and come from
// Decide, the answers are compared with a naive second fold of maps.

// history is a random log of deployments with what a naive fold makes of it.
type history struct {
	rnd    *rand.Rand
	index  *Index // what Decide asks
	naive  naive
	frames []*events.Frame
}

type naive struct {
	latest   map[[2]string]int
	versions map[string]events.DefinitionRef // tenant/process/version
	tags     map[[3]string]int
	deployed map[[3]string]int // tenant, deployment, process
}

func newHistory(seed uint64) *history {
	return &history{
		rnd:   rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // test data
		index: NewIndex(),
		naive: naive{map[[2]string]int{}, map[string]events.DefinitionRef{}, map[[3]string]int{}, map[[3]string]int{}},
	}
}

var tenants = []string{"default", "acme"}

func command(n int) ids.Command {
	return ids.NewCommand(time.UnixMilli(int64(n)), rand.New(rand.NewPCG(uint64(n), 3))) //nolint:gosec // test data
}

// prepared makes a file of BPMN whose content is a number.
func prepared(name string, content int, tag string, processes ...string) Prepared {
	f := Prepared{Name: name, Kind: KindBPMN, Digest: DigestOf(fmt.Append(nil, name, content)), Bytes: int64(content)}
	for _, id := range processes {
		f.Processes = append(f.Processes, PreparedProcess{ID: id, Name: "Process " + id, VersionTag: tag})
	}
	return f
}

// step appends a frame: mostly a deployment, sometimes something else of the
// log's owner.
func (h *history) step(t *testing.T) {
	t.Helper()
	seq := uint64(len(h.frames) + 1)
	f := &events.Frame{Epoch: 1}
	if h.rnd.IntN(5) > 0 {
		tenant := tenants[h.rnd.IntN(len(tenants))]
		var files []Prepared
		for _, i := range h.rnd.Perm(6)[:1+h.rnd.IntN(3)] {
			tag := []string{"", "", "stable", "beta"}[h.rnd.IntN(4)]
			processes := []string{fmt.Sprintf("p%d", 2*i), fmt.Sprintf("p%d", 2*i+1)}[:h.rnd.IntN(3)]
			// Content decides what is in a file.
			content := 10*h.rnd.IntN(3) + 4*len(processes) + len(tag)%4
			files = append(files, prepared(fmt.Sprintf("f%d.bpmn", i), content, tag, processes...))
		}
		o, problems := Decide(h.index, DeployRequest{Tenant: tenant, Name: "d", Command: command(len(h.frames)), Resources: files})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if o.Append() {
			f.Transitions = []events.Transition{{Events: []events.Event{o.Deployment}}}
			h.naive.add(o.Deployment)
		}
	} else {
		f.Transitions = []events.Transition{{Events: []events.Event{&events.CommandRejected{}}}}
	}
	h.frames = append(h.frames, f)
	if err := h.index.Apply(seq, f); err != nil {
		t.Fatal(err)
	}
}

func (n *naive) add(d *events.DeploymentCreated) {
	for _, p := range d.Processes {
		n.deployed[[3]string{d.Tenant, d.Deployment, p.ProcessID}] = p.Version
		if p.Unchanged {
			continue
		}
		n.latest[[2]string{d.Tenant, p.ProcessID}] = p.Version
		n.versions[fmt.Sprint(d.Tenant, "/", p.ProcessID, "/", p.Version)] = events.DefinitionRef{
			ProcessID: p.ProcessID, Version: p.Version, Digest: p.Digest, Deployment: d.Deployment,
		}
		if p.VersionTag != "" {
			n.tags[[3]string{d.Tenant, p.ProcessID, p.VersionTag}] = p.Version
		}
	}
}

// check compares the answers of an index with the naive fold.
func (n *naive) check(t *testing.T, x *Index) {
	t.Helper()
	expect := func(what string, got events.DefinitionRef, ok bool, tenant, id string, version int) {
		t.Helper()
		want := n.versions[fmt.Sprint(tenant, "/", id, "/", version)]
		if ok != (version > 0) || got != want {
			t.Fatalf("%s of %s/%s: expected %+v, but got %+v, %v", what, tenant, id, want, got, ok)
		}
	}
	for _, tenant := range append(tenants, "nobody") {
		for i := range 13 {
			id := fmt.Sprintf("p%d", i)
			latest := n.latest[[2]string{tenant, id}]
			got, ok := x.Latest(tenant, id)
			expect("latest", got, ok, tenant, id, latest)
			for v := range latest {
				got, ok := x.Version(tenant, id, v+1)
				expect("version", got, ok, tenant, id, v+1)
			}
			for _, v := range []int{-1, 0, latest + 1} {
				got, ok := x.Version(tenant, id, v)
				expect("no version", got, ok, tenant, id, 0)
			}
			for _, tag := range []string{"stable", "beta", "none", ""} {
				got, ok := x.VersionTag(tenant, id, tag)
				expect("tag "+tag, got, ok, tenant, id, n.tags[[3]string{tenant, id, tag}])
			}
		}
	}
	for key, version := range n.deployed {
		got, ok := x.InDeployment(key[0], key[1], key[2])
		expect("in deployment", got, ok, key[0], key[2], version)
		if _, ok := x.InDeployment("nobody", key[1], key[2]); ok {
			t.Fatal("expected another tenant not to see the deployment")
		}
	}
}

func TestIndexEqualsNaiveFold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		h := newHistory(seed)
		for range 120 {
			h.step(t)
			h.naive.check(t, h.index)
		}
		if f := h.index.Figures(); f.Versions < 40 || f.Versions != len(h.naive.versions) || f.HighWater != 120 {
			t.Errorf("seed %d: expected %d versions, and many, but got %+v", seed, len(h.naive.versions), f)
		}
	}
}

// TestDigestAfterEveryPrefix has nodes that read in batches of their own, with
// redelivered frames and through the codec.
func TestDigestAfterEveryPrefix(t *testing.T) {
	t.Parallel()
	h := newHistory(42)
	digests := []string{NewIndex().Digest()}
	for range 200 {
		h.step(t)
		digests = append(digests, h.index.Digest())
	}
	for node := range uint64(4) {
		rnd := rand.New(rand.NewPCG(node, 9)) //nolint:gosec // test data
		x := NewIndex()
		for at := 0; at < len(h.frames); {
			to := min(at+1+rnd.IntN(40), len(h.frames))
			for i := max(0, at-rnd.IntN(3)); i < to; i++ {
				raw, err := events.EncodeFrame(h.frames[i])
				if err != nil {
					t.Fatal(err)
				}
				f, err := events.DecodeFrame(raw)
				if err != nil {
					t.Fatal(err)
				}
				if err := x.Apply(uint64(i+1), f); err != nil { //nolint:gosec // small
					t.Fatal(err)
				}
			}
			at = to
			if x.HighWater() != uint64(at) || x.Digest() != digests[at] { //nolint:gosec // small
				t.Fatalf("node %d at %d: expected digest %s, but got %s", node, at, digests[at], x.Digest())
			}
		}
	}
	seen := map[string]bool{}
	for _, d := range digests {
		seen[d] = true
	}
	if len(seen) != len(digests) {
		t.Errorf("expected another digest at each sequence, but %d of %d differ", len(seen), len(digests))
	}
}

// TestDigestShowsEveryField changes one field of a history at a time.
func TestDigestShowsEveryField(t *testing.T) {
	t.Parallel()
	digestOf := func(change func(d *events.DeploymentCreated)) string {
		d := &events.DeploymentCreated{
			Tenant: "t", Deployment: DeploymentID(command(1)), Name: "n",
			Resources: []events.DeployedResource{{Name: "r.bpmn", Digest: DigestOf([]byte("r")), Bytes: 1}},
			Processes: []events.DeployedDefinition{{ProcessID: "p", Name: "n", Version: 1, VersionTag: "v", Resource: "r.bpmn", Digest: DigestOf([]byte("r")), Dialect: "zeebe"}},
			Decisions: []events.DeployedDecision{{DecisionID: "p", Name: "n", Version: 1, VersionTag: "v", Requirements: "g", Resource: "r.bpmn", Digest: DigestOf([]byte("r"))}},
		}
		change(d)
		x := NewIndex()
		if err := x.Apply(1, frame(d)); err != nil {
			t.Fatal(err)
		}
		return x.Digest()
	}
	changes := []func(d *events.DeploymentCreated){
		func(*events.DeploymentCreated) {},
		func(d *events.DeploymentCreated) { d.Tenant = "u" },
		func(d *events.DeploymentCreated) { d.Deployment = DeploymentID(command(2)) },
		func(d *events.DeploymentCreated) { d.Name = "m" },
		func(d *events.DeploymentCreated) { d.Resources[0].Name = "s.bpmn" },
		func(d *events.DeploymentCreated) { d.Resources[0].Digest = DigestOf([]byte("s")) },
		func(d *events.DeploymentCreated) { d.Resources[0].Bytes = 2 },
		func(d *events.DeploymentCreated) { d.Resources[0].Unchanged = true },
		func(d *events.DeploymentCreated) { d.Resources = nil },
		func(d *events.DeploymentCreated) { d.Processes[0].ProcessID = "q" },
		func(d *events.DeploymentCreated) { d.Processes[0].Name = "m" },
		func(d *events.DeploymentCreated) { d.Processes[0].VersionTag = "w" },
		func(d *events.DeploymentCreated) { d.Processes[0].Resource = "s.bpmn" },
		func(d *events.DeploymentCreated) { d.Processes[0].Digest = DigestOf([]byte("s")) },
		func(d *events.DeploymentCreated) { d.Processes[0].Dialect = "" },
		func(d *events.DeploymentCreated) { d.Processes[0].ClassMap = map[string]string{"a": "job:b"} },
		func(d *events.DeploymentCreated) { d.Processes[0].Settings = map[string]string{"a": "job:b"} },
		func(d *events.DeploymentCreated) { d.Processes = nil },
		func(d *events.DeploymentCreated) { d.Decisions[0].DecisionID = "q" },
		func(d *events.DeploymentCreated) { d.Decisions[0].Name = "m" },
		func(d *events.DeploymentCreated) { d.Decisions[0].VersionTag = "w" },
		func(d *events.DeploymentCreated) { d.Decisions[0].Requirements = "m" },
		func(d *events.DeploymentCreated) { d.Decisions[0].Resource = "s.bpmn" },
		func(d *events.DeploymentCreated) { d.Decisions[0].Digest = DigestOf([]byte("s")) },
		func(d *events.DeploymentCreated) { d.Decisions = nil },
	}
	seen := map[string]int{}
	for i, change := range changes {
		got := digestOf(change)
		if first, ok := seen[got]; ok {
			t.Errorf("changes %d and %d: expected different digests", first, i)
		}
		seen[got] = i
	}
}

func frame(ds ...*events.DeploymentCreated) *events.Frame {
	f := &events.Frame{}
	for _, d := range ds {
		f.Transitions = append(f.Transitions, events.Transition{Events: []events.Event{d}})
	}
	return f
}

func TestApplyRefusesWhatDoesNotFollow(t *testing.T) {
	t.Parallel()
	base := func() *Index {
		x := NewIndex()
		o, _ := Decide(x, DeployRequest{Tenant: "t", Command: command(1), Resources: []Prepared{prepared("a.bpmn", 1, "", "a")}})
		if err := x.Apply(1, frame(o.Deployment)); err != nil {
			t.Fatal(err)
		}
		return x
	}
	next := func() *events.DeploymentCreated {
		return &events.DeploymentCreated{
			Tenant: "t", Deployment: DeploymentID(command(2)),
			Resources: []events.DeployedResource{{Name: "a.bpmn", Digest: DigestOf([]byte("x"))}},
			Processes: []events.DeployedDefinition{{ProcessID: "a", Version: 2, Digest: DigestOf([]byte("x"))}},
		}
	}
	if err := base().Apply(2, frame(next())); err != nil {
		t.Fatalf("expected the unchanged one to follow, but got %v", err)
	}
	for name, test := range map[string]struct {
		seq    uint64
		change func(d *events.DeploymentCreated)
	}{
		"gap":                  {3, func(*events.DeploymentCreated) {}},
		"version left out":     {2, func(d *events.DeploymentCreated) { d.Processes[0].Version = 3 }},
		"version again":        {2, func(d *events.DeploymentCreated) { d.Processes[0].Version = 1 }},
		"keeps what is not":    {2, func(d *events.DeploymentCreated) { d.Processes[0].Unchanged = true }},
		"deployment again":     {2, func(d *events.DeploymentCreated) { d.Deployment = DeploymentID(command(1)) }},
		"deployment id":        {2, func(d *events.DeploymentCreated) { d.Deployment = "first" }},
		"resource digest":      {2, func(d *events.DeploymentCreated) { d.Resources[0].Digest = "00" }},
		"process digest":       {2, func(d *events.DeploymentCreated) { d.Processes[0].Digest = strings.Repeat("G", 64) }},
		"process twice in one": {2, func(d *events.DeploymentCreated) { d.Processes = append(d.Processes, d.Processes[0]) }},
	} {
		x := base()
		before := x.Digest()
		d := next()
		test.change(d)
		good := next()
		good.Deployment = DeploymentID(command(7))
		good.Processes = nil
		if err := x.Apply(test.seq, frame(good, d)); !errors.Is(err, ErrInconsistent) {
			t.Errorf("%s: expected ErrInconsistent, but got %v", name, err)
		}
		if x.Digest() != before || x.HighWater() != 1 {
			t.Errorf("%s: expected the index to stay as it was", name)
		}
	}
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	seq := uint64(0)
	deploy := func(tenant string, files ...Prepared) {
		seq++
		o, problems := Decide(x, DeployRequest{Tenant: tenant, Command: command(int(seq)), Resources: files}) //nolint:gosec // small
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if err := x.Apply(seq, frame(o.Deployment)); err != nil {
			t.Fatal(err)
		}
	}
	deploy("t", prepared("b.bpmn", 1, "one", "b", "a"))
	deploy("u", prepared("b.bpmn", 1, "", "z"))
	deploy("t", prepared("b.bpmn", 2, "two", "b"))
	var got []string
	for _, d := range x.Processes("t") {
		got = append(got, fmt.Sprint(d.ID(), " ", d.VersionTag, " ", d.Seq, " ", d.Resource, " ", d.Name, " ", d.Tenant))
	}
	want := []string{"a:1 one 1 b.bpmn Process a t", "b:2 two 3 b.bpmn Process b t"}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, but got %q", want, got)
	}
	if x.Processes("nobody") != nil {
		t.Error("expected no process of an unknown tenant")
	}
}

// TestHundredThousandVersions bounds the memory of a large index.
func TestHundredThousandVersions(t *testing.T) {
	// Not parallel: it measures the heap.
	before := heapBytes()
	x := largeIndex(t, 100_000, 1000)
	used := heapBytes() - before
	t.Logf("100,000 versions of 1,000 processes: %.1f MB, %d bytes each", float64(used)/1e6, used/100_000)
	if used > 32<<20 {
		t.Errorf("expected at most 32 MB, but got %d", used)
	}
	begin := time.Now()
	x.Digest()
	t.Logf("digest in %v", time.Since(begin))
	if f := x.Figures(); f.Versions != 100_000 {
		t.Errorf("expected 100,000 versions, but got %+v", f)
	}
	runtime.KeepAlive(x)
}

func heapBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // fits
}

// largeIndex deploys versions one by one over a number of processes.
func largeIndex(tb testing.TB, versions, processes int) *Index {
	tb.Helper()
	x := NewIndex()
	for i := range versions {
		name := fmt.Sprintf("order-handling-%d", i%processes)
		r := DeployRequest{Tenant: "default", Command: command(i), Resources: []Prepared{prepared(name+".bpmn", i, "", name)}}
		o, problems := Decide(x, r)
		if len(problems) > 0 || !o.Append() {
			tb.Fatalf("expected a new version, but got %+v, %v", o, problems)
		}
		if err := x.Apply(uint64(i+1), frame(o.Deployment)); err != nil { //nolint:gosec // small
			tb.Fatal(err)
		}
	}
	return x
}

// TestReadersDuringApply is for the race detector.
func TestReadersDuringApply(t *testing.T) {
	t.Parallel()
	h := newHistory(5)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for h.index.HighWater() < 100 {
			h.index.Latest("default", "p1")
			h.index.Processes("acme")
			h.index.Digest()
		}
	}()
	for range 100 {
		h.step(t)
	}
	<-done
}
