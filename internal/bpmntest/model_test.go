package bpmntest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// TestRandomModelsDeploy parses random models: the generator must make nothing
// that deployment refuses, and must reach every block.
func TestRandomModelsDeploy(t *testing.T) {
	types := map[bpmn.Type]int{}
	for seed := range uint64(300) {
		data := bpmntest.Random(rand.New(rand.NewPCG(seed, 1))).XML() //nolint:gosec // a test is to be the same each time
		defs, problems := bpmn.Parse(fmt.Sprintf("seed-%d.bpmn", seed), data, bpmn.Options{})
		if bpmn.HasErrors(problems) {
			t.Fatalf("seed %d is refused: %v\n%s", seed, problems, data)
		}
		for _, p := range defs.Processes {
			for _, e := range p.Elements {
				types[e.Type]++
			}
		}
	}
	for _, typ := range []bpmn.Type{
		bpmn.TypeStartEvent, bpmn.TypeEndEvent, bpmn.TypeCatchEvent, bpmn.TypeThrowEvent, bpmn.TypeBoundaryEvent, bpmn.TypeTask,
		bpmn.TypeServiceTask, bpmn.TypeSendTask, bpmn.TypeReceiveTask, bpmn.TypeUserTask, bpmn.TypeSubProcess, bpmn.TypeEventSubProcess, bpmn.TypeCallActivity,
		bpmn.TypeExclusiveGateway, bpmn.TypeParallelGateway, bpmn.TypeEventBasedGateway,
	} {
		if types[typ] == 0 {
			t.Errorf("no random model has a %s", typ)
		}
	}
}

// TestModelIsRead compares what was built with what the parser reads.
func TestModelIsRead(t *testing.T) {
	m := bpmntest.New()
	p := m.Process("order.more")
	work := p.Service("work", "pack").Retries("5").Header("box", `"small" <1>`).In("=a", "b").Out("=c", "d.e")
	gw := p.Exclusive("gw")
	p.Start("start").To(work).To(gw)
	gw.If("=x < 1", p.End("end1"))
	gw.Else(p.End("end2"))
	work.OnTimer("late", bpmntest.Duration("PT1H"), false).To(p.End("end3"))
	defs, problems := bpmn.Parse("t.bpmn", m.XML(), bpmn.Options{})
	if bpmn.HasErrors(problems) {
		t.Fatal(problems)
	}
	process := defs.Processes[0]
	if process.ID != "order.more" || defs.Dialect != bpmn.DialectZeebe {
		t.Errorf("process %q in dialect %s", process.ID, defs.Dialect)
	}
	e := process.Element("work")
	if e.Job.Headers["box"] != `"small" <1>` || len(e.Inputs) != 1 || e.Outputs[0].Target != "d.e" || len(e.Boundary) != 1 || e.Boundary[0].Interrupting {
		t.Errorf("service task %+v with job %+v", e, e.Job)
	}
	split := process.Element("gw")
	if len(split.Outgoing) != 2 || split.Default != process.Flow("gw-end2") || split.Outgoing[0].Condition.Text != "x < 1" && split.Outgoing[0].Condition.Text != "=x < 1" {
		t.Errorf("gateway %+v", split)
	}
}
