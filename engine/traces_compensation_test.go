package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// compensationTraces are compensation and transactions.
func compensationTraces() []trace {
	// Three activities with handlers, then a throw event or end event.
	chain := func(after func(p *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("trip")
			a, b, c := p.Service("a", "a"), p.Service("b", "b"), p.Task("c")
			p.Start("start").To(a).To(b).To(c).To(after(p))
			a.OnCompensate("undoA", p.Service("ua", "ua"))
			b.OnCompensate("undoB", p.User("ub"))
			c.OnCompensate("undoC", p.Task("uc"))
		}
	}
	done := func(s *script) {
		s.start("trip", "")
		s.complete("a", "")
		s.complete("b", "")
	}
	// A subprocess with a local variable, whose activities can be undone.
	nested := func(m *bpmntest.Model) {
		p := m.Process("trip")
		box := p.Sub("box").In("=1", "local").In("=1", "kept")
		p.Start("start").To(box).To(p.Task("between")).To(p.ThrowCompensation("undo", "")).To(p.Service("after", "after")).To(p.End("end"))
		in := box.Inside()
		a, b := in.Service("a", "a"), in.Service("b", "b")
		in.Start("in").To(a).To(b).To(in.End("out"))
		a.OnCompensate("undoA", in.Service("ua", "ua"))
		b.OnCompensate("undoB", in.Service("ub", "ub").In("=local", "seen"))
		box.OnError("broken", "E1").To(p.End("end2")) // not for errors while it is undone
	}
	tx := func(m *bpmntest.Model) {
		p := m.Process("book")
		box := p.Transaction("tx")
		p.Start("start").To(box).To(p.End("end"))
		box.OnCancel("canceled").To(p.Service("after", "after")).To(p.End("end1"))
		box.OnError("failed", "").To(p.End("end2"))
		in := box.Inside()
		split, gw := in.Parallel("split"), in.Exclusive("gw")
		a, b := in.Service("a", "a"), in.Service("b", "b")
		in.Start("in").To(split)
		split.To(a).To(b).To(gw)
		split.To(in.User("beside")).To(in.End("out2"))
		gw.If(`=how = "cancel"`, in.EndCancel("cancel"))
		gw.If(`=how = "error"`, in.EndError("fail", "E1"))
		gw.Else(in.End("out"))
		a.OnCompensate("undoA", in.Service("ua", "ua"))
		b.OnCompensate("undoB", in.Service("ub", "ub"))
	}
	return []trace{
		{name: "compensation/throw-all", model: chain(func(p *bpmntest.Scope) *bpmntest.Node {
			t := p.ThrowCompensation("undo", "")
			t.To(p.ThrowCompensation("again", "")).To(p.Service("after", "after")).To(p.End("end"))
			return t
		}), run: func(s *script) {
			done(s)
			s.user("ub", `{"how":"by hand"}`)
			s.complete("ua", "")
			s.complete("after", "") // nothing is undone twice
		}},
		{name: "compensation/throw-one", model: chain(func(p *bpmntest.Scope) *bpmntest.Node {
			t := p.ThrowCompensation("undo", "a")
			t.To(p.End("end"))
			return t
		}), run: func(s *script) { done(s); s.complete("ua", "") }},
		{name: "compensation/throw-without-wait", model: chain(func(p *bpmntest.Scope) *bpmntest.Node {
			t := p.ThrowCompensationNoWait("undo", "")
			t.To(p.Service("after", "after")).To(p.End("end"))
			return t
		}), run: func(s *script) { done(s); s.complete("after", ""); s.user("ub", ""); s.complete("ua", "") }},
		{name: "compensation/end", model: chain(func(p *bpmntest.Scope) *bpmntest.Node { return p.EndCompensation("undo", "") }), run: func(s *script) {
			done(s)
			s.user("ub", "")
			s.complete("ua", "")
		}},
		{name: "compensation/nothing-to-undo", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a")
			p.Start("start").To(p.ThrowCompensation("undo", "")).To(a).To(p.End("end"))
			a.OnCompensate("undoA", p.Service("ua", "ua"))
		}, run: func(s *script) { id := s.start("trip", ""); s.complete("a", ""); s.ended(id) }},
		{name: "compensation/loop", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a, gw := p.Service("a", "a"), p.Exclusive("gw")
			p.Start("start").To(a).To(gw)
			gw.If("=more", a)
			gw.Else(p.EndCompensation("undo", "a"))
			a.OnCompensate("undoA", p.Service("ua", "ua"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", `{"more":true}`)
			s.complete("a", `{"more":true}`)
			s.complete("a", `{"more":false}`)
			s.complete("ua", "")
			s.complete("ua", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/handler-fails", model: chain(func(p *bpmntest.Scope) *bpmntest.Node { return p.EndCompensation("undo", "") }), run: func(s *script) {
			done(s)
			s.user("ub", "")
			for range 3 {
				s.fail("ua", "no line")
				s.advance("PT1M")
			}
			s.resolve("ua")
			s.complete("ua", "")
		}},
		{name: "compensation/nested-with-snapshot", model: nested, run: func(s *script) {
			id := s.start("trip", `{"local":10}`)
			s.complete("a", `{"local":2}`) // of the subprocess
			s.complete("b", "")
			s.set(id, 1, true, `{"outer":5}`)
			s.complete("ub", `{"local":3,"outer":6}`)
			s.complete("ua", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "compensation/error-in-handler", model: nested, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.complete("b", "")
			s.throw("ub", "E1", "")
			s.resolve("ub")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "compensation/locals-of-the-activity", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a").In("=5", "mine")
			p.Start("start").To(a).To(p.EndCompensation("undo", ""))
			a.OnCompensate("undoA", p.Service("ua", "ua").In("=mine + 1", "seen"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", `{"mine":7}`)
			s.complete("ua", `{"mine":8}`)
			s.ended(id)
		}},
		{name: "compensation/locals-of-the-activity-in-camunda", model: func(m *bpmntest.Model) {
			// The handler sees the process alone: what the inputs made has ended
			// with the activity.
			p := m.Process("trip").Attr("camunda:versionTag", "1")
			external := func(id, inputs string) *bpmntest.Node {
				return p.Node("serviceTask", id).Attr("camunda:type", "external").Attr("camunda:topic", id).
					Ext("<camunda:inputOutput>" + inputs + "</camunda:inputOutput>")
			}
			a := external("a", `<camunda:inputParameter name="mine">5</camunda:inputParameter>`)
			p.Start("start").To(a).To(p.EndCompensation("undo", ""))
			a.OnCompensate("undoA", external("ua", `<camunda:inputParameter name="seen">${mine + 1}</camunda:inputParameter>`))
		}, run: func(s *script) {
			id := s.start("trip", `{"mine":1}`)
			s.complete("a", `{"mine":7}`)
			s.complete("ua", `{"mine":8}`) // of the process
			s.ended(id)
		}},
		{name: "compensation/drawn-as-non-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a")
			p.Start("start").To(a).To(p.EndCompensation("undo", ""))
			a.OnCompensate("undoA", p.Service("ua", "ua")).Attr("cancelActivity", "false")
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/in-parallel", run: func(s *script) {
			s.c.defs.settings = map[string]string{"compensation-order": "parallel"}
			s.deploy(chain(func(p *bpmntest.Scope) *bpmntest.Node {
				t := p.ThrowCompensation("undo", "")
				t.To(p.Service("after", "after")).To(p.End("end"))
				return t
			}))
			done(s)
			s.complete("ua", "") // before the handler of b, which completed later
			s.user("ub", "")
			s.complete("after", "")
		}},
		{name: "compensation/interrupted", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.ThrowCompensation("more", "")).To(p.Service("after", "after")).To(p.End("end1"))
			in := box.Inside()
			a, b := in.Service("a", "a"), in.Service("b", "b")
			in.Start("in").To(a).To(b).To(in.EndCompensation("undo", ""))
			a.OnCompensate("undoA", in.Service("ua", "ua"))
			b.OnCompensate("undoB", in.Service("ub", "ub"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.complete("b", "")
			s.advance("PT1H")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "compensation/own-handler-of-a-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.EndCompensation("undo", "box"))
			in := box.Inside()
			a := in.Service("a", "a")
			in.Start("in").To(a).To(in.End("out"))
			a.OnCompensate("undoA", in.Service("ua", "ua"))
			box.OnCompensate("undoBox", p.Service("ubox", "ubox"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.complete("ubox", "")
			s.ended(id)
		}},
		{name: "compensation/event-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			box := p.Sub("box").In("=1", "local")
			p.Start("start").To(box).To(p.EndCompensation("undo", "box"))
			in := box.Inside()
			a, b := in.Service("a", "a"), in.Service("b", "b")
			in.Start("in").To(a).To(b).To(in.End("out"))
			a.OnCompensate("undoA", in.Service("ua", "ua"))
			b.OnCompensate("undoB", in.Service("ub", "ub"))
			sub := in.EventSub("white")
			sub.OnCompensation("wstart").To(sub.Service("before", "before").In("=local", "seen")).To(sub.ThrowCompensation("one", "a")).To(sub.End("wend"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.complete("b", "")
			s.complete("before", "")
			s.complete("ua", "") // and not b, which the model did not ask for
			s.ended(id)
		}},
		{name: "compensation/thrown-in-an-event-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a")
			p.Start("start").To(a).To(p.Service("b", "b")).To(p.End("end"))
			a.OnCompensate("undoA", p.Service("ua", "ua"))
			sub := p.EventSub("mend")
			sub.OnError("mstart", "E1").To(sub.EndCompensation("undo", ""))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.throw("b", "E1", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/multi-instance", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a").Each(bpmntest.Loop{Sequential: true, Collection: "=items", Item: "item"})
			p.Start("start").To(a).To(p.EndCompensation("undo", "a"))
			a.OnCompensate("undoA", p.Service("ua", "ua").In("=item", "seen"))
		}, run: func(s *script) {
			id := s.start("trip", `{"items":["x","y"]}`)
			s.complete("a", "")
			s.complete("a", "")
			s.complete("ua", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/handler-is-a-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("trip")
			a := p.Service("a", "a")
			p.Start("start").To(a).To(p.EndCompensation("undo", ""))
			h := p.Sub("h")
			in := h.Inside()
			in.Start("in").To(in.Service("ua", "ua")).To(in.End("out"))
			a.OnCompensate("undoA", h)
			h.OnError("failed", "E1").To(p.Service("mend", "mend")).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("a", "")
			s.throw("ua", "E1", "") // the path of its error event goes on by itself
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "compensation/call-activity", model: func(m *bpmntest.Model) {
			called := m.Process("called")
			w := called.Service("w", "w")
			called.Start("cstart").To(w).To(called.End("cend"))
			w.OnCompensate("undoW", called.Service("uw", "uw"))
			p := m.Process("trip")
			c := p.Call("call", "called")
			p.Start("start").To(c).To(p.EndCompensation("undo", ""))
			c.OnCompensate("undoC", p.Service("uc", "uc"))
		}, run: func(s *script) {
			id := s.start("trip", "")
			s.complete("w", "")
			s.complete("uc", "") // not the activities of the called process
			s.ended(id)
		}},
		{name: "transaction/complete", model: tx, run: func(s *script) {
			id := s.start("book", "")
			s.complete("a", "")
			s.complete("b", `{"how":"well"}`)
			s.user("beside", "")
			s.ended(id)
		}},
		{name: "transaction/cancel", model: tx, run: func(s *script) {
			id := s.start("book", "")
			s.complete("a", "")
			s.complete("b", `{"how":"cancel"}`)
			s.complete("ub", "")
			s.complete("ua", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "transaction/error", model: tx, run: func(s *script) {
			id := s.start("book", "")
			s.complete("a", "")
			s.complete("b", `{"how":"error"}`)
			s.ended(id)
		}},
		{name: "transaction/canceled-twice", model: func(m *bpmntest.Model) {
			p := m.Process("book")
			box := p.Transaction("tx")
			p.Start("start").To(box).To(p.End("end"))
			box.OnCancel("canceled").To(p.End("end1"))
			in := box.Inside()
			split := in.Parallel("split")
			a, b, c := in.Service("a", "a"), in.Service("b", "b"), in.Service("c", "c")
			in.Start("in").To(split)
			split.To(a).To(in.ThrowCompensation("undo", "a")).To(in.End("out"))
			split.To(b).To(in.EndCancel("cancel1"))
			split.To(c).To(in.EndCancel("cancel2"))
			a.OnCompensate("undoA", in.Service("ua", "ua"))
			b.OnCompensate("undoB", in.Service("ub", "ub"))
			c.OnCompensate("undoC", in.Service("uc", "uc"))
		}, run: func(s *script) {
			id := s.start("book", "")
			s.complete("a", "") // is being undone by a throw event
			s.complete("b", "") // now the transaction is canceled, and c with it
			s.complete("ua", "")
			s.complete("ub", "")
			s.ended(id)
		}},
		{name: "transaction/nested", model: func(m *bpmntest.Model) {
			p := m.Process("book")
			box := p.Transaction("outer")
			p.Start("start").To(box).To(p.End("end"))
			box.OnCancel("canceled").To(p.End("end1"))
			o := box.Inside()
			inner := o.Transaction("inner")
			o.Start("ostart").To(inner).To(o.EndCancel("cancel"))
			inner.OnCancel("canceledInner").To(o.End("oend"))
			in := inner.Inside()
			a, gw := in.Service("a", "a"), in.Exclusive("gw")
			in.Start("istart").To(a).To(gw)
			gw.If("=fail", in.EndCancel("cancelInner"))
			gw.Else(in.End("iend"))
			a.OnCompensate("undoA", in.Service("ua", "ua"))
		}, run: func(s *script) {
			one := s.start("book", "")
			s.complete("a", `{"fail":false}`)
			s.complete("ua", "")
			s.ended(one)
			two := s.start("book", "")
			s.complete("a", `{"fail":true}`)
			s.complete("ua", "")
			s.ended(two)
		}},
	}
}
