package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// TestEveryEventHasAnApplier applies an empty event of each kind, as one of an
// instance and as one of the partition. It may not fit the state, but one of the
// two appliers must know it.
func TestEveryEventHasAnApplier(t *testing.T) {
	for _, kind := range events.Kinds() {
		if kind == "deployment.created" {
			continue // of the definitions log, not of a partition
		}
		t.Run(string(kind), func(t *testing.T) {
			known := false
			for _, id := range []ids.Instance{"", ids.Derive("", 0, 1)} {
				reason := applied(t, kind, id)
				known = known || !strings.Contains(reason, "is not one of")
			}
			if !known {
				t.Errorf("no applier knows %s", kind)
			}
		})
	}
}

// applied applies an empty event and returns why it did not fit.
func applied(t *testing.T, kind events.Kind, id ids.Instance) (reason string) {
	t.Helper()
	s := NewState(Config{}, nil)
	tr := &events.Transition{Instance: id, TimeMS: epochMS}
	if id != "" && kind != "instance.started" {
		s.apply(tr, &events.InstanceStarted{Definition: events.DefinitionRef{ProcessID: "p"}}, 1)
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *CorruptError:
			reason = r.Reason
		default:
			t.Fatalf("%s: panic %v", kind, r)
		}
	}()
	s.apply(tr, events.New(kind), 1)
	return ""
}

// TestEveryCommandHasADecider decides an empty command of each kind.
func TestEveryCommandHasADecider(t *testing.T) {
	for _, kind := range commands.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			c, err := commands.New(kind)
			if err != nil {
				t.Fatal(err)
			}
			m := newCluster(t, 1, Config{}).parts[0]
			d, err := m.live.Decide(commands.Envelope{ID: "C", Seq: 1, Tenant: testTenant, Instance: ids.Derive("", 0, 1), TimeMS: epochMS, Command: c}, m.c.defs)
			if err != nil {
				t.Fatal(err)
			}
			if d.Result.Code == commands.CodeCommandUnknown {
				t.Errorf("no decider knows %s", kind)
			}
		})
	}
}

// TestEveryExecutedElementHasABehaviour deploys a small model of each type of
// package bpmn: what is accepted must have a behaviour, and the other way round.
func TestEveryExecutedElementHasABehaviour(t *testing.T) {
	models := map[bpmn.Type]func(p *bpmntest.Scope) *bpmntest.Node{
		bpmn.TypeStartEvent:        func(p *bpmntest.Scope) *bpmntest.Node { return p.Task("x") }, // the one before it
		bpmn.TypeEndEvent:          func(p *bpmntest.Scope) *bpmntest.Node { return p.Task("x") },
		bpmn.TypeCatchEvent:        func(p *bpmntest.Scope) *bpmntest.Node { return p.CatchTimer("x", bpmntest.Duration("PT1S")) },
		bpmn.TypeThrowEvent:        func(p *bpmntest.Scope) *bpmntest.Node { return p.Throw("x") },
		bpmn.TypeBoundaryEvent:     boundaryModel,
		bpmn.TypeTask:              func(p *bpmntest.Scope) *bpmntest.Node { return p.Task("x") },
		bpmn.TypeManualTask:        func(p *bpmntest.Scope) *bpmntest.Node { return p.Manual("x") },
		bpmn.TypeServiceTask:       func(p *bpmntest.Scope) *bpmntest.Node { return p.Service("x", "t") },
		bpmn.TypeSendTask:          func(p *bpmntest.Scope) *bpmntest.Node { return p.Send("x", "t") },
		bpmn.TypeReceiveTask:       func(p *bpmntest.Scope) *bpmntest.Node { return p.Receive("x", "m", "=k") },
		bpmn.TypeUserTask:          func(p *bpmntest.Scope) *bpmntest.Node { return p.User("x") },
		bpmn.TypeScriptTask:        func(p *bpmntest.Scope) *bpmntest.Node { return p.JobTask("scriptTask", "x", "t") },
		bpmn.TypeBusinessRuleTask:  func(p *bpmntest.Scope) *bpmntest.Node { return p.JobTask("businessRuleTask", "x", "t") },
		bpmn.TypeSubProcess:        subModel("subProcess"),
		bpmn.TypeTransaction:       subModel("transaction"),
		bpmn.TypeAdHocSubProcess:   adHocModel,
		bpmn.TypeEventSubProcess:   eventSubModel,
		bpmn.TypeCallActivity:      func(p *bpmntest.Scope) *bpmntest.Node { return p.Call("x", "other") },
		bpmn.TypeExclusiveGateway:  func(p *bpmntest.Scope) *bpmntest.Node { return p.Exclusive("x") },
		bpmn.TypeParallelGateway:   func(p *bpmntest.Scope) *bpmntest.Node { return p.Parallel("x") },
		bpmn.TypeInclusiveGateway:  func(p *bpmntest.Scope) *bpmntest.Node { return p.Node("inclusiveGateway", "x") },
		bpmn.TypeComplexGateway:    func(p *bpmntest.Scope) *bpmntest.Node { return p.Node("complexGateway", "x") },
		bpmn.TypeEventBasedGateway: eventGatewayModel,
	}
	for _, typ := range elementTypes(t) {
		if typ == bpmn.TypeProcess {
			continue
		}
		t.Run(string(typ), func(t *testing.T) {
			build := models[typ]
			if build == nil {
				t.Fatalf("this test has no model with %s; add one", typ)
			}
			m := bpmntest.New()
			p := m.Process("p")
			x := build(p)
			p.Start("start").To(x).To(p.End("end"))
			defs, problems := bpmn.Parse("t.bpmn", m.XML(), bpmn.Options{})
			accepted := !bpmn.HasErrors(problems)
			if accepted && !slices.ContainsFunc(defs.Processes[0].Elements, func(e *bpmn.Element) bool { return e.Type == typ }) {
				t.Fatalf("the model of this test has no %s", typ)
			}
			if _, executed := behaviours[typ]; executed != accepted {
				t.Errorf("deployment accepts %s: %v, but it has a behaviour: %v; %v", typ, accepted, executed, problems)
			}
		})
	}
}

func boundaryModel(p *bpmntest.Scope) *bpmntest.Node {
	n := p.User("x")
	n.OnTimer("b", bpmntest.Duration("PT1S"), true).To(p.End("end1"))
	return n
}

func subModel(tag string) func(p *bpmntest.Scope) *bpmntest.Node {
	return func(p *bpmntest.Scope) *bpmntest.Node {
		n := p.SubOf(tag, "x")
		in := n.Inside()
		in.Start("in").To(in.End("out"))
		return n
	}
}

func adHocModel(p *bpmntest.Scope) *bpmntest.Node {
	n := p.SubOf("adHocSubProcess", "x")
	n.Inside().Task("in")
	return n
}

func eventSubModel(p *bpmntest.Scope) *bpmntest.Node {
	sub := p.SubOf("subProcess", "sub").Attr("triggeredByEvent", "true")
	in := sub.Inside()
	in.StartTimer("in", bpmntest.Duration("PT1S")).To(in.End("out"))
	return p.Task("x")
}

func eventGatewayModel(p *bpmntest.Scope) *bpmntest.Node {
	gw, x := p.EventGateway("gw"), p.Task("x")
	x.To(gw)
	gw.To(p.CatchTimer("a", bpmntest.Duration("PT1S"))).To(p.End("end1"))
	gw.To(p.CatchTimer("b", bpmntest.Duration("PT2S"))).To(p.End("end2"))
	return x
}

// elementTypes reads the constants of type bpmn.Type from the source, so that a
// new one cannot be forgotten.
func elementTypes(t *testing.T) []bpmn.Type {
	t.Helper()
	var out []bpmn.Type
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "bpmn", "model.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if name, ok := v.Type.(*ast.Ident); !ok || name.Name != "Type" {
			return true
		}
		text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value) //nolint:forcetypeassert // constants of text
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bpmn.Type(text))
		return true
	})
	if len(out) < 20 {
		t.Fatalf("only %d types were found in bpmn/model.go", len(out))
	}
	return out
}

// TestPureImports keeps the engine away from whatever could make it depend on
// more than the log: networks, databases, files.
func TestPureImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		for _, banned := range []string{"os", "net", "io/fs", "math/rand", "crypto/rand", "context", "sync", "log", "database/sql"} {
			if path == banned || strings.HasPrefix(path, banned+"/") {
				t.Errorf("the engine imports %s", path)
			}
		}
	}
	deps, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(deps)) {
		for _, banned := range []string{"github.com/nats-io/", "github.com/jackc/", "net/http", "github.com/weir-bpm/weir/engine/", "github.com/weir-bpm/weir/projector", "github.com/weir-bpm/weir/streams"} {
			if strings.HasPrefix(path, banned) {
				t.Errorf("the engine depends on %s", path)
			}
		}
	}
}
