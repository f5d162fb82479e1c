package engine

import (
	"fmt"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// errorTraces say who catches errors and escalations.
func errorTraces() []trace {
	// A subprocess that throws, with event subprocesses and boundary events of
	// the given codes inside and around it.
	type catches struct{ subs, boundary []string }
	scope := func(zeebe bool, c catches) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			if !zeebe {
				p.Attr("camunda:versionTag", "1")
			}
			box := p.Sub("box")
			if zeebe {
				box.Out("=1", "done")
			}
			p.Start("start").To(box).To(p.End("end"))
			b := box.Inside()
			b.Start("in").To(b.EndError("boom", "E1"))
			for i, code := range c.subs {
				in := b.EventSub(fmt.Sprintf("sub%d", i))
				in.OnError(fmt.Sprintf("sub%d-start", i), code).To(in.End(fmt.Sprintf("sub%d-end", i)))
			}
			for i, code := range c.boundary {
				box.OnError(fmt.Sprintf("boundary%d", i), code).To(p.End(fmt.Sprintf("boundary%d-end", i)))
			}
		}
	}
	runs := func(s *script) { s.ended(s.start("p", "")) }
	return []trace{
		{name: "eventSubProcess/error-exact-before-all", model: scope(true, catches{subs: []string{"", "E1", "E2"}}), run: runs},
		{name: "eventSubProcess/error-all", model: scope(true, catches{subs: []string{"E2", ""}}), run: runs},
		{name: "eventSubProcess/error-before-boundary", model: scope(true, catches{subs: []string{"E1"}, boundary: []string{"", "E1"}}), run: runs},
		{name: "eventSubProcess/error-all-or-boundary-with-code-zeebe", model: scope(true, catches{subs: []string{""}, boundary: []string{"E1"}}), run: runs},
		{name: "eventSubProcess/error-all-or-boundary-with-code-camunda", model: scope(false, catches{subs: []string{""}, boundary: []string{"E1"}}), run: runs},
		{name: "eventSubProcess/error-other-code", model: scope(true, catches{subs: []string{"E2"}, boundary: []string{""}}), run: runs},
		{name: "eventSubProcess/error-thrown-inside", model: func(m *bpmntest.Model) {
			// Neither the event subprocess that throws nor another of its scope
			// catches: the scope is closed by then. The boundary event outside does.
			p := m.Process("p")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnError("outside", "E1").To(p.End("end1"))
			b := box.Inside()
			b.Start("in").To(b.EndError("boom", "E1"))
			one, two := b.EventSub("one"), b.EventSub("two")
			one.OnError("failed", "E1").To(one.EndError("again", "E1"))
			two.OnError("failed2", "").To(two.End("never"))
		}, run: runs},
		{name: "eventSubProcess/error-thrown-inside-a-non-interrupting-one", model: func(m *bpmntest.Model) {
			// The scope still listens: its error event subprocess catches.
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			one, two := p.EventSub("one"), p.EventSub("two")
			one.OnMessage("heard", "ping", "=key", false).To(one.EndError("boom", "E1"))
			two.OnError("failed", "E1").To(two.Service("mend", "mend")).To(two.End("mended"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("ping", "k", "")
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/error-of-a-job", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("camunda:versionTag", "1")
			work := p.Node("serviceTask", "work").Attr("camunda:type", "external").Attr("camunda:topic", "work")
			p.Start("start").To(work).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnError("failed", "E1").Definition(`camunda:errorCodeVariable="code" camunda:errorMessageVariable="message"`).
				To(in.User("mend")).To(in.End("mended"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.throw("work", "E1", `{"what":"glass"}`)
			s.user("mend", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/error-out-of-a-called-process", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			p.Start("start").To(p.Call("call", "child")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnError("failed", "E1").To(in.End("handled"))
			c := m.Process("child")
			c.Start("cstart").To(c.Service("work", "work")).To(c.EndError("boom", "E1"))
		}, run: func(s *script) {
			id := s.start("caller", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "endEvent/error-message", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("camunda:versionTag", "1")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnError("caught", "E1").Definition(`camunda:errorCodeVariable="code" camunda:errorMessageVariable="message"`).To(p.User("mend")).To(p.End("end1"))
			b := box.Inside()
			b.Start("in").To(b.EndError("boom", "E1"))
			m.ErrorMessage("E1", "${what} is broken")
		}, run: func(s *script) {
			s.start("p", `{"what":"glass"}`)
			id := s.start("p", "") // the message cannot be evaluated
			s.set(id, 0, false, `{"what":"wood"}`)
			s.resolve("boom")
		}},
		{name: "endEvent/error-code-expression", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnError("caught", "E7").To(p.End("end1"))
			b := box.Inside()
			b.Start("in").To(b.EndError("boom", `="E" + string(n)`))
		}, run: func(s *script) {
			s.ended(s.start("p", `{"n":7}`))
			id := s.start("p", `{"n":8}`)
			s.set(id, 0, false, `{"n":7}`)
			s.resolve("boom")
			s.ended(id)
		}},

		{name: "intermediateThrowEvent/escalation-caught-by-nobody", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.ThrowEscalation("tell", "X1")).To(p.EndEscalation("end", "X2"))
		}, run: runs},
		{name: "intermediateThrowEvent/escalation-boundary", model: escalating(false), run: func(s *script) {
			id := s.start("p", `{"x":1}`)
			s.complete("after", "")
			s.complete("noted", "")
			s.ended(id)
		}},
		{name: "intermediateThrowEvent/escalation-boundary-interrupting", model: escalating(true), run: func(s *script) {
			id := s.start("p", `{"x":1}`)
			s.complete("noted", "")
			s.ended(id)
		}},
		{name: "endEvent/escalation", model: func(m *bpmntest.Model) {
			// Exact before all; the rest of the subprocess is interrupted.
			p := m.Process("p")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnEscalation("any", "", false).To(p.End("end1"))
			box.OnEscalation("exact", "X1", true).To(p.End("end2"))
			b := box.Inside()
			split := b.Parallel("split")
			b.Start("in").To(split)
			split.To(b.Service("work", "work")).To(b.End("out"))
			split.To(b.EndEscalation("tell", "X1"))
		}, run: runs},
		{name: "eventSubProcess/escalation-non-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("camunda:versionTag", "1")
			p.Start("start").To(p.ThrowEscalation("tell", "X1")).To(p.ThrowEscalation("tell2", "X1")).To(p.User("work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnEscalation("told", "X1", false).Definition(`camunda:escalationCodeVariable="code"`).To(in.User("handle")).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.user("handle", "")
			s.user("work", "")
			s.user("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/escalation-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.Service("work", "work")).To(p.End("end"))
			split.To(p.ThrowEscalation("tell", "X1")).To(p.Task("never")).To(p.End("end1"))
			in := p.EventSub("handler")
			in.OnEscalation("told", "", true).To(in.Service("handle", "handle")).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/escalation-thrown-inside", model: func(m *bpmntest.Model) {
			// An event subprocess does not catch its own escalation.
			p := m.Process("p")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnEscalation("outside", "X1", false).To(p.End("end1"))
			b := box.Inside()
			b.Start("in").To(b.ThrowEscalation("tell", "X1")).To(b.End("out"))
			in := b.EventSub("handler")
			in.OnEscalation("told", "X1", false).To(in.ThrowEscalation("again", "X1")).To(in.End("handled"))
		}, run: runs},
		{name: "callActivity/escalation-out", model: func(m *bpmntest.Model) {
			p := m.Process("caller").Attr("camunda:versionTag", "1")
			call := p.Node("callActivity", "call").Attr("calledElement", "child").Ext(`<camunda:out source="y" target="result"/>`)
			p.Start("start").To(call).To(p.End("end"))
			call.OnEscalation("told", "X1", false).To(p.User("note")).To(p.End("end1"))
			c := m.Process("child")
			c.Start("cstart").To(c.ThrowEscalation("tell", "X1")).To(c.User("work")).To(c.End("cend"))
		}, run: func(s *script) {
			id := s.start("caller", "")
			s.user("note", "")
			s.user("work", `{"y":2}`)
			s.ended(id)
		}},
		{name: "callActivity/escalation-out-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			call := p.Call("call", "child")
			p.Start("start").To(call).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnEscalation("told", "", true).To(in.End("handled"))
			c := m.Process("child")
			c.Start("cstart").To(c.EndEscalation("tell", "X1"))
		}, run: func(s *script) { s.ended(s.start("caller", "")) }},

		{name: "intermediateThrowEvent/link", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.Task("a")).To(p.ThrowLink("to1", "next"))
			split.To(p.Task("b")).To(p.ThrowLink("to2", "next").Out("=1", "x"))
			p.CatchLink("from", "next").To(p.Service("work", "work")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "intermediateThrowEvent/link-terminated-on-its-way", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.ThrowLink("to", "next"))
			split.To(p.EndTerminate("stop"))
			p.CatchLink("from", "next").To(p.Service("work", "work")).To(p.End("end"))
		}, run: runs},
	}
}

func escalating(interrupting bool) func(m *bpmntest.Model) {
	return func(m *bpmntest.Model) {
		p := m.Process("p")
		box := p.Sub("box")
		p.Start("start").To(box).To(p.End("end"))
		box.OnEscalation("told", "X1", interrupting).To(p.Service("noted", "noted")).To(p.End("end1"))
		b := box.Inside()
		b.Start("in").To(b.ThrowEscalation("tell", "X1")).To(b.Service("after", "after")).To(b.End("out"))
	}
}
