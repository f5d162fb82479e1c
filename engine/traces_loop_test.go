package engine

import (
	"fmt"
	"testing"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// loopTraces are multi-instance activities and standard loops.
func loopTraces() []trace {
	work := func(l bpmntest.Loop, more ...func(p *bpmntest.Scope, work *bpmntest.Node)) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("each")
			n := p.Service("work", "work").Each(l)
			p.Start("start").To(n).To(p.End("end"))
			for _, f := range more {
				f(p, n)
			}
		}
	}
	collect := bpmntest.Loop{Collection: "=items", Item: "item", Output: "results", OutputElement: "=result"}
	sequential := collect
	sequential.Sequential = true
	until := func(l bpmntest.Loop, condition string) bpmntest.Loop {
		l.Until = condition
		return l
	}
	boundary := func(p *bpmntest.Scope, n *bpmntest.Node) {
		n.OnError("broken", "E1").To(p.Service("mend", "mend")).To(p.End("end1"))
		n.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end2"))
		n.OnMessage("ping", "ping", "=key", false).To(p.End("end3"))
	}
	const items = `{"items":["a","b","c"],"key":"k"}`
	return []trace{
		{name: "multiInstance/parallel", model: work(collect), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":1}`)
			s.complete("work", `{"other":2}`)
			s.complete("work", `{"result":{"x":3}}`)
			s.ended(id)
		}},
		{name: "multiInstance/sequential", model: work(sequential), run: func(s *script) {
			id := s.start("each", items)
			s.set(id, 1, false, `{"items":[]}`) // the loop goes on over what it was
			s.complete("work", `{"result":1}`)
			s.complete("work", `{"result":2}`)
			s.complete("work", `{"result":3}`)
			s.ended(id)
		}},
		{name: "multiInstance/until-parallel", model: work(until(collect, "=numberOfCompletedInstances + numberOfTerminatedInstances >= 2 and numberOfActiveInstances = 1 and numberOfInstances = 3")), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":1}`)
			s.complete("work", `{"result":2}`)
			s.ended(id)
		}},
		{name: "multiInstance/until-sees-the-turn", model: work(until(sequential, `=result = "stop" and item = "b" and loopCounter = 2 and results[2] = "stop"`)), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":"stop"}`)
			s.complete("work", `{"result":"stop"}`)
			s.ended(id)
		}},
		{name: "multiInstance/until-fails", model: work(until(collect, "=done")), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":1}`)
			s.set(id, 1, false, `{"done":true}`)
			s.resolve("work")
			s.ended(id)
		}},
		{name: "multiInstance/empty", model: work(collect), run: func(s *script) { s.ended(s.start("each", `{"items":[]}`)) }},
		{name: "multiInstance/no-list", model: work(collect, boundary), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			s.set(id, 1, false, `{"items":{"a":1}}`)
			s.resolve("work")
			s.set(id, 1, false, `{"items":["a"]}`)
			s.resolve("work")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiInstance/boundary-error", model: work(collect, boundary), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":1}`)
			s.throw("work", "E1", `{"why":"x"}`)
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "multiInstance/boundary-timer-and-message", model: work(collect, boundary), run: func(s *script) {
			id := s.start("each", items)
			s.message("ping", "k", "")
			s.advance("PT1H")
			s.ended(id)
		}},
		{name: "multiInstance/incident-of-a-turn", model: work(sequential), run: func(s *script) {
			id := s.start("each", `{"items":[1,2]}`)
			s.throw("work", "E9", "")
			s.resolve("work")
			s.complete("work", `{"result":1}`)
			s.complete("work", `{"result":2}`)
			s.ended(id)
		}},
		{name: "multiInstance/cancel", model: work(collect, boundary), run: func(s *script) {
			id := s.start("each", items)
			s.complete("work", `{"result":1}`)
			s.cancel(id)
			s.ended(id)
		}},
		{name: "multiInstance/results-do-not-fit", model: work(sequential), cfg: Config{MaxInstanceBytes: 200}, run: func(s *script) {
			id := s.start("each", `{"items":[1,2]}`)
			s.set(id, 1, false, fmt.Sprintf(`{"note":"%0100d"}`, 0))
			s.complete("work", `{"result":"0123456789"}`)
			s.complete("work", `{"result":"0123456789"}`)
			s.set(id, 1, false, `{"note":""}`)
			s.resolve("work")
			s.ended(id)
		}},
		{name: "multiInstance/in-parts", cfg: Config{MaxSteps: 200}, model: work(bpmntest.Loop{Cardinality: "5"}), run: func(s *script) {
			id := s.start("each", "")
			for range 5 {
				s.complete("work", "")
			}
			s.ended(id)
		}},
		{name: "multiInstance/in-parts-without-waiting", cfg: Config{MaxSteps: 200}, model: func(m *bpmntest.Model) {
			p := m.Process("each")
			p.Start("start").To(p.Task("a").Each(bpmntest.Loop{Cardinality: "3"})).
				To(p.Task("b").Each(bpmntest.Loop{Cardinality: "3", Sequential: true})).To(p.End("end"))
		}, run: func(s *script) { s.ended(s.start("each", "")) }},
		{name: "multiInstance/too-many", cfg: Config{MaxTurns: 10}, model: work(bpmntest.Loop{Cardinality: "=n"}), run: func(s *script) {
			id := s.start("each", `{"n":11}`)
			s.set(id, 1, false, `{"n":-1}`)
			s.resolve("work")
			s.set(id, 1, false, `{"n":0}`)
			s.resolve("work")
			s.ended(id)
		}},
		{name: "multiInstance/subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("each")
			box := p.Sub("box").Each(bpmntest.Loop{Collection: "=rows", Item: "row", Output: "sums", OutputElement: "=sum(cells)"})
			p.Start("start").To(box).To(p.End("end"))
			in := box.Inside()
			cell := in.Service("cell", "cell").Each(bpmntest.Loop{Collection: "=row", Item: "cell", Output: "cells", OutputElement: "=cell * 2"})
			split := in.Exclusive("split")
			in.Start("in").To(split)
			split.If("=count(row) > 2", in.EndTerminate("stop"))
			split.Else(cell)
			cell.To(in.End("out"))
			box.OnError("broken", "E1").To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("each", `{"rows":[[1,2],[1,2,3],[5]]}`)
			s.complete("cell", "")
			s.complete("cell", "")
			s.complete("cell", "")
			s.ended(id)
		}},
		{name: "multiInstance/camunda", model: func(m *bpmntest.Model) {
			p := m.Process("each").Attr("camunda:versionTag", "1")
			call := p.Call("review", "reviewed").Each(bpmntest.Loop{
				Attrs: `camunda:collection="items" camunda:elementVariable="item"`, Cardinality: "${max}",
				Until: "${nrOfCompletedInstances / nrOfInstances >= 0.5 && nrOfActiveInstances == 1}",
			})
			p.Start("start").To(call).To(p.End("end"))
			r := m.Process("reviewed")
			r.Start("rstart").To(r.Service("work", "work")).To(r.End("rend"))
		}, run: func(s *script) {
			id := s.start("each", `{"items":["a","b"],"max":3}`) // more than there are items
			s.set(id, 1, false, `{"items":["a","b","c","d"]}`)
			s.resolve("review")
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiInstance/camunda-sequential-counters", model: func(m *bpmntest.Model) {
			p := m.Process("each").Attr("camunda:versionTag", "1")
			n := p.Service("work", "work").Each(bpmntest.Loop{
				Sequential: true, Attrs: `camunda:collection="${items}" camunda:elementVariable="item"`,
				Until: "${loopCounter == 1 && nrOfActiveInstances == 1 && nrOfCompletedInstances == 2 && nrOfInstances == 3}",
			})
			p.Start("start").To(n).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("each", `{"items":["a","b","c"]}`)
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiInstance/flowable", model: func(m *bpmntest.Model) {
			p := m.Process("each")
			n := p.Service("work", "work").Each(bpmntest.Loop{
				Attrs: `flowable:collection="items" flowable:elementVariable="item" flowable:elementIndexVariable="i"`,
				Ext: `<flowable:variableAggregation target="reviews" createOverviewVariable="true">` +
					`<flowable:variable source="approved"/><flowable:variable target="who" sourceExpression="${item}-${i}"/></flowable:variableAggregation>`,
				Until: "${reviews[0].approved == false}",
			})
			p.Start("start").To(n).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("each", `{"items":["a","b","c"]}`)
			s.complete("work", `{"approved":true}`)
			s.complete("work", `{"approved":false}`)
			s.complete("work", `{"approved":false}`)
			s.ended(id)
		}},
		{name: "multiInstance/of-the-standard", model: func(m *bpmntest.Model) {
			p := m.Process("each")
			p.Start("start").To(p.Service("work", "work").Each(bpmntest.Loop{
				Inner: `<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef>` +
					`<bpmn:inputDataItem name="item"/><bpmn:outputDataItem name="result"/>`,
			})).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("each", `{"items":["a","b"]}`)
			s.complete("work", `{"result":1}`)
			s.complete("work", `{"result":2}`)
			s.ended(id)
		}},
		{name: "standardLoop/after", model: func(m *bpmntest.Model) {
			p := m.Process("again")
			work := p.Service("work", "work").While("=not(done) and loopCounter < 3", false, 0)
			p.Start("start").To(work).To(p.End("end"))
			work.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("again", `{"done":true}`)
			s.complete("work", `{"done":false}`)
			s.complete("work", `{"done":true}`)
			s.ended(id)
		}},
		{name: "standardLoop/before", model: func(m *bpmntest.Model) {
			p := m.Process("again")
			p.Start("start").To(p.Service("work", "work").While("=loopCounter < n", true, 0)).To(p.End("end"))
		}, run: func(s *script) {
			s.ended(s.start("again", `{"n":0}`))
			id := s.start("again", `{"n":2}`)
			s.complete("work", `{"n":"x"}`)
			s.set(id, 1, false, `{"n":2}`)
			s.resolve("work")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "standardLoop/maximum", model: func(m *bpmntest.Model) {
			p := m.Process("again")
			p.Start("start").To(p.Service("work", "work").While("", false, 2)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("again", "")
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "standardLoop/without-end", cfg: Config{MaxSteps: 10}, model: func(m *bpmntest.Model) {
			p := m.Process("again")
			p.Start("start").To(p.Task("work").While("=go", false, 0)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("again", `{"go":true}`)
			s.set(id, 1, false, `{"go":false}`)
			s.resolve("work")
			s.ended(id)
		}},
	}
}

// TestManyTurns runs a loop over 10,000 items: it begins in parts, and what one
// completion writes does not grow with the loop.
func TestManyTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n = 10_000
	s := newScript(t, 1, Config{})
	s.c.record = nil
	s.deploy(func(m *bpmntest.Model) {
		p := m.Process("each")
		work := p.Service("work", "work").Each(bpmntest.Loop{Collection: "=for i in 1..n return i", Item: "item", Output: "results", OutputElement: "=item * 2"})
		work.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		p.Start("start").To(work).To(p.End("end"))
	})
	m := s.c.parts[0]
	id := s.start("each", fmt.Sprintf(`{"n":%d}`, n))
	if got := len(m.live.Instance(id).Jobs); got != n {
		t.Fatalf("%d jobs, expected %d", got, n)
	}
	most := 0
	for _, frame := range m.log {
		most = max(most, len(frame))
	}
	if most > 200_000 {
		t.Errorf("the largest frame of the beginning has %d bytes", most)
	}
	for range 3 {
		s.complete("work", "")
		if size := len(m.log[len(m.log)-1]); size > 1000 {
			t.Errorf("the frame of one completion has %d bytes", size)
		}
	}
	s.advance("PT1H")
	s.ended(id)
}
