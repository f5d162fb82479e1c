package engine

import (
	"fmt"
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// broadcast sends a signal to its home.
func (s *script) broadcast(name, vars string) *commands.Result {
	s.t.Helper()
	s.say("signal %s %s", name, vars)
	m := s.c.parts[ids.SignalHome(testTenant, name, len(s.c.parts))]
	m.do(m.envelope(s.c.instanceID(m.id), &commands.BroadcastSignal{Name: name, Variables: doc(s.t, vars)}))
	result := s.last
	s.c.fire()
	s.c.settle()
	return result
}

// evaluate evaluates conditional start events.
func (s *script) evaluate(process, vars string) {
	s.t.Helper()
	s.say("evaluate conditions %s %s", process, vars)
	m := s.c.parts[ids.ConditionHome(testTenant, len(s.c.parts))]
	m.do(m.envelope(s.c.instanceID(m.id), &commands.Evaluate{ProcessID: process, Variables: doc(s.t, vars)}))
	result := s.last
	s.c.settle()
	s.last = result
}

// signalTraces are signal events at every position.
func signalTraces() []trace {
	waits := func(m *bpmntest.Model) {
		p := m.Process("wait")
		p.Start("start").To(p.CatchSignal("catch", "news")).To(p.End("end"))
	}
	starts := func(m *bpmntest.Model) {
		p := m.Process("heard")
		p.StartSignal("begin", "news").To(p.Service("work", "work")).To(p.End("end"))
	}
	handler := func(interrupting bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnSignal("stop", "stop", interrupting).To(in.Service("handle", "handle")).To(in.End("handled"))
		}
	}
	throws := func(m *bpmntest.Model) {
		p := m.Process("tell")
		p.Start("start").To(p.ThrowSignal("throw", "news").In("=n", "n")).To(p.End("end"))
	}
	return []trace{
		{name: "signal/start", model: starts, run: func(s *script) {
			s.broadcast("news", `{"n":1}`)
			s.broadcast("other", `{"n":1}`)
		}},
		{name: "signal/start-changes-with-a-redeploy", model: starts, run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("heard")
				p.StartSignal("begin", "news-v2").To(p.End("end"))
			})
			s.broadcast("news", "")
			s.broadcast("news-v2", "")
		}},
		{name: "signal/catch-everybody", model: waits, run: func(s *script) {
			a, b := s.start("wait", ""), s.start("wait", `{"n":0}`)
			s.broadcast("news", `{"n":1}`)
			s.ended(a, b)
			s.start("wait", "") // a signal is not kept
		}},
		{name: "signal/thrown-without-catchers", model: throws, run: func(s *script) { s.start("tell", `{"n":1}`) }},
		{name: "signal/thrown-across-partitions", parts: 3, run: func(s *script) {
			s.deploy(waits)
			s.deploy(starts)
			s.deploy(throws)
			var all []ids.Instance
			for p := range 3 {
				id := s.c.instanceID(ids.Partition(p))
				s.say("start wait in partition %d", p)
				s.send(id, &commands.StartInstance{ProcessID: "wait"})
				all = append(all, id)
			}
			s.start("tell", `{"n":1,"m":2}`)
			s.ended(all...)
		}},
		{name: "signal/end-to-the-other-branch", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split, join := p.Parallel("split"), p.End("end")
			p.Start("start").To(split)
			split.To(p.EndSignal("tell", "go"))
			split.To(p.CatchSignal("catch", "go")).To(join)
		}, run: func(s *script) { s.ended(s.start("p", "")) }},
		{name: "signal/boundary-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnSignal("stop", "stop", true).Out("=why", "reason").To(p.End("stopped"))
		}, run: func(s *script) {
			s.start("p", "")
			s.broadcast("stop", `{"why":"rain"}`)
		}},
		{name: "signal/boundary-non-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnSignal("ping", "ping", false).To(p.End("pong"))
		}, run: func(s *script) {
			s.start("p", "")
			s.broadcast("ping", "")
			s.broadcast("ping", "")
			s.complete("work", "")
			s.broadcast("ping", "")
		}},
		{name: "signal/event-gateway", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			gw := p.EventGateway("race")
			p.Start("start").To(gw)
			gw.To(p.CatchSignal("signal", "go")).To(p.End("end"))
			gw.To(p.CatchTimer("timer", bpmntest.Duration("PT1H"))).To(p.End("late"))
		}, run: func(s *script) {
			s.start("p", "")
			s.broadcast("go", `{"n":1}`)
		}},
		{name: "signal/name-expression", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.CatchSignal("catch", `="news-" + topic`)).To(p.End("end"))
		}, run: func(s *script) {
			s.start("p", `{"topic":"a"}`)
			s.start("p", "") // null: an incident at the event
			s.broadcast("news-a", "")
			id, _ := at(s, "incident", "catch", func(in *Instance) []*Incident { return in.Incidents }, func(*Incident) bool { return true })
			s.set(id, 0, false, `{"topic":"b"}`)
			s.resolve("catch")
			s.broadcast("news-b", "")
		}},
		{name: "signal/loop-gets-it-once", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			catch := p.CatchSignal("catch", "tick")
			p.Start("start").To(catch).To(catch)
		}, run: func(s *script) {
			s.start("p", "")
			s.broadcast("tick", "")
			s.broadcast("tick", "")
		}},
		{name: "signal/endless-across-partitions", parts: 2, cfg: Config{MaxHops: 3}, model: func(m *bpmntest.Model) {
			// s1 has its home in partition 1, the instance is in partition 0.
			p := m.Process("p")
			throw, catch := p.ThrowSignal("throw", signalInPartition(1)), p.EventSub("again")
			p.Start("start").To(throw).To(p.Service("work", "work")).To(p.End("end"))
			catch.OnSignal("heard", signalInPartition(1), false).To(catch.EndSignal("tell", signalInPartition(1)))
		}, run: func(s *script) { s.start("p", "") }},
		{name: "signal/in-turns", cfg: Config{MaxDecisionBytes: 1000}, model: waits, run: func(s *script) {
			for range 3 {
				s.start("wait", "")
			}
			s.broadcast("news", `{"text":"`+string(make160())+`"}`)
		}},
		{name: "signal/event-subprocess-interrupting", model: handler(true), run: func(s *script) {
			s.start("p", "")
			s.broadcast("stop", `{"why":"rain"}`)
			s.broadcast("stop", "") // the handler is not interrupted by itself
			s.complete("handle", "")
		}},
		{name: "signal/event-subprocess-non-interrupting", model: handler(false), run: func(s *script) {
			s.start("p", "")
			s.broadcast("stop", "")
			s.broadcast("stop", "")
			s.complete("work", "")
		}},
		{name: "signal/camunda-payload", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("camunda:versionTag", "1")
			p.Start("start").To(p.Event("intermediateThrowEvent", "bare", p.SignalXML("bare", ""))).
				To(p.Event("intermediateThrowEvent", "throw", p.SignalXML("news",
					`<bpmn:extensionElements><camunda:in source="n" target="m"/><camunda:in sourceExpression="${n + 1}" target="k"/><camunda:in businessKey="${key}"/></bpmn:extensionElements>`))).
				To(p.End("end"))
			h := m.Process("heard")
			h.StartSignal("begin", "news").To(h.Event("intermediateCatchEvent", "stay", h.SignalXML("never", ""))).To(h.End("done"))
		}, run: func(s *script) { s.start("p", `{"n":1,"key":"b1"}`) }},
		{name: "signal/flowable-process-instance-scope", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.ThrowSignal("tell", "go")).To(p.End("told"))
			split.To(p.CatchSignal("catch", "go")).To(p.End("end"))
			q := m.Process("q")
			q.Start("begin").To(q.CatchSignal("hear", "go")).To(q.End("heard"))
			m.SignalScope("processInstance")
		}, run: func(s *script) {
			s.start("q", "")
			s.ended(s.start("p", ""))
			s.broadcast("go", "") // a broadcast does not reach it
		}},
	}
}

// signalInPartition is the name of a signal with its home in one of two
// partitions.
func signalInPartition(p ids.Partition) string {
	for i := 1; ; i++ {
		if name := fmt.Sprintf("s%d", i); ids.SignalHome(testTenant, name, 2) == p {
			return name
		}
	}
}

// TestSignalToMany sends a signal to passivated instances, more than one
// decision takes.
func TestSignalToMany(t *testing.T) {
	c := newCluster(t, 2, Config{})
	m := bpmntest.New()
	p := m.Process("wait")
	p.Start("start").To(p.CatchSignal("catch", "news")).To(p.End("end"))
	c.deploy(m)
	const n = 1000
	var all []ids.Instance
	for i := range n {
		id := c.instanceID(ids.Partition(i % 2))
		m := c.at(id)
		m.do(m.envelope(id, &commands.StartInstance{ProcessID: "wait"}))
		m.passivate(id)
		all = append(all, id)
	}
	home := c.parts[ids.SignalHome(testTenant, "news", 2)]
	largest := 0
	c.after = func(m *member) { largest = max(largest, len(m.log[len(m.log)-1])) }
	home.do(home.envelope(c.instanceID(home.id), &commands.BroadcastSignal{Name: "news", Variables: doc(t, `{"n":1}`)}))
	c.settle()
	for _, id := range all {
		if c.at(id).live.Has(id) {
			t.Fatalf("instance %s still waits", id)
		}
	}
	if largest > 100_000 {
		t.Errorf("the largest frame has %d bytes", largest)
	}
	for _, m := range c.parts {
		if len(m.live.signals) != 0 {
			t.Errorf("partition %s still knows waits %v", m.id, m.live.signals)
		}
	}
}

// TestSignalSpreadsInTurns sends more than a frame takes to many partitions.
func TestSignalSpreadsInTurns(t *testing.T) {
	c := newCluster(t, 5, Config{MaxDecisionBytes: 1000})
	m := bpmntest.New()
	for i := range 4 {
		p := m.Process(fmt.Sprintf("heard%d", i))
		p.StartSignal(fmt.Sprintf("begin%d", i), "news").To(p.Service(fmt.Sprintf("work%d", i), "work")).To(p.End(fmt.Sprintf("end%d", i)))
	}
	p := m.Process("wait")
	p.Start("start").To(p.CatchSignal("catch", "news")).To(p.End("end"))
	c.deploy(m)
	for i := range 5 {
		id := c.instanceID(ids.Partition(i))
		c.at(id).do(c.at(id).envelope(id, &commands.StartInstance{ProcessID: "wait"}))
	}
	home := c.parts[ids.SignalHome(testTenant, "news", 5)]
	home.do(home.envelope(c.instanceID(home.id), &commands.BroadcastSignal{Name: "news", Variables: doc(t, `{"text":"`+string(make160())+`"}`)}))
	c.settle()
	started := 0
	for _, m := range c.parts {
		for _, id := range m.live.InstanceIDs() {
			if in := m.live.Instance(id); in.Definition.ProcessID == "wait" {
				t.Errorf("instance %s still waits", id)
			} else {
				started++
			}
		}
	}
	if started != 4 {
		t.Errorf("%d instances were started, expected 4", started)
	}
}
