package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// eventSubTraces are event subprocesses: armed with their scope, interrupting
// and not, nested, in every kind of scope.
func eventSubTraces() []trace {
	// A process with work and an event subprocess whose start is given.
	listening := func(start func(in *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			start(in).To(in.Service("handle", "handle")).To(in.End("handled"))
		}
	}
	message := func(interrupting bool) func(in *bpmntest.Scope) *bpmntest.Node {
		return func(in *bpmntest.Scope) *bpmntest.Node { return in.OnMessage("heard", "stop", "=key", interrupting) }
	}
	timer := func(t bpmntest.Timer, interrupting bool) func(in *bpmntest.Scope) *bpmntest.Node {
		return func(in *bpmntest.Scope) *bpmntest.Node { return in.OnTimer("due", t, interrupting) }
	}
	return []trace{
		{name: "eventSubProcess/message-interrupting", model: listening(message(true)), run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", `{"why":"bored"}`)
			s.message("stop", "k", "") // nobody waits any more
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/message-non-interrupting", model: listening(message(false)), run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", `{"n":1}`)
			s.message("stop", "k", `{"n":2}`)
			s.complete("work", "") // the scope goes on until both handlers have ended
			s.complete("handle", "")
			s.message("stop", "k", `{"n":3}`)
			s.complete("handle", "")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/never-triggered", model: listening(message(true)), run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/canceled", model: listening(message(false)), run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", "")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "eventSubProcess/timer-interrupting", model: listening(timer(bpmntest.Duration("PT1H"), true)), run: func(s *script) {
			id := s.start("p", "")
			s.advance("PT1H")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/timer-cycle", model: listening(timer(bpmntest.Cycle("R2/PT1H"), false)), run: func(s *script) {
			id := s.start("p", "")
			s.advance("PT1H")
			s.advance("PT1H")
			s.advance("PT1H")
			s.complete("handle", "")
			s.complete("work", "")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/timer-date", model: listening(timer(bpmntest.Date("=when"), false)), run: func(s *script) {
			s.start("p", `{"when":"2026-01-02T00:00:00Z"}`)
			s.advance("P1D")
		}},
		{name: "eventSubProcess/expression-fails-at-start", model: listening(message(true)), run: func(s *script) {
			// The process cannot listen, so it does not begin.
			id := s.start("p", "")
			s.set(id, 0, false, `{"key":"k"}`)
			s.resolve("p")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/started-by-a-message", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.StartMessage("start", "go").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnMessage("heard", "stop", "=key", true).To(in.End("handled"))
		}, run: func(s *script) {
			s.message("go", "", `{"key":"k"}`)
			s.message("stop", "k", "")
		}},
		{name: "eventSubProcess/buffered-message-before-the-first-step", model: func(m *bpmntest.Model) {
			// The message is there when the process begins: what the start event
			// has brought into motion is interrupted.
			p := m.Process("p")
			p.Start("start").To(p.Task("task")).To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnMessage("heard", "stop", "=key", true).To(in.Service("handle", "handle")).To(in.End("handled"))
		}, run: func(s *script) {
			s.publish(commands.PublishMessage{Name: "stop", CorrelationKey: "k", TTLMS: 3600_000})
			id := s.start("p", `{"key":"k"}`)
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/tokens-before-a-join", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split, join := p.Parallel("split"), p.Parallel("join")
			p.Start("start").To(split)
			split.To(p.Service("a", "a")).To(join)
			split.To(p.Task("b")).To(join)
			join.To(p.End("end"))
			in := p.EventSub("handler")
			in.OnTimer("due", bpmntest.Duration("PT1H"), true).To(in.End("handled"))
		}, run: func(s *script) { id := s.start("p", ""); s.advance("PT1H"); s.ended(id) }},
		{name: "eventSubProcess/boundary-stays-armed", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.End("end"))
			box.OnTimer("late", bpmntest.Duration("PT2H"), true).To(p.End("end1"))
			box.OnMessage("ping", "ping", "=key", false).To(p.Task("pong")).To(p.End("end2"))
			b := box.Inside()
			b.Start("in").To(b.Service("work", "work")).To(b.End("out"))
			first := b.EventSub("first")
			first.OnMessage("heard", "stop", "=key", true).To(first.Service("handle", "handle")).To(first.End("handled"))
			second := b.EventSub("second")
			second.OnTimer("due", bpmntest.Cycle("R/PT30M"), false).To(second.End("tick"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.advance("PT30M")
			s.message("stop", "k", "") // closes the other event subprocess of the scope
			s.message("ping", "k", "")
			s.advance("PT1H30M")
			s.ended(id)
		}},
		{name: "eventSubProcess/subprocess-goes-on-behind", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box").Out("=result", "out")
			p.Start("start").To(box).To(p.Service("after", "after")).To(p.End("end"))
			b := box.Inside()
			b.Start("in").To(b.Service("work", "work")).To(b.End("out"))
			sub := b.EventSub("handler").Self().In("=1", "local").Out("=local + n", "result").Inside()
			sub.OnMessage("heard", "stop", "=key", true).Out("=why.n", "n").To(sub.End("handled"))
		}, run: func(s *script) {
			s.start("p", `{"key":"k"}`)
			s.message("stop", "k", `{"why":{"n":2}}`)
		}},
		{name: "eventSubProcess/nested", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			outer := p.EventSub("outer")
			outer.OnMessage("heard", "one", "=key", true).To(outer.Service("handle", "handle")).To(outer.End("handled"))
			inner := outer.EventSub("inner")
			inner.OnMessage("heard2", "two", "=key", false).To(inner.Service("more", "more")).To(inner.End("done"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("one", "k", "")
			s.message("two", "k", "")
			s.complete("handle", "")
			s.complete("more", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/called-process", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			call := p.Call("call", "child")
			p.Start("start").To(call).To(p.Service("after", "after")).To(p.End("end"))
			c := m.Process("child")
			c.Start("cstart").To(c.Service("work", "work")).To(c.End("cend"))
			in := c.EventSub("handler")
			in.OnMessage("heard", "stop", "=key", true).To(in.End("handled"))
		}, run: func(s *script) {
			s.start("caller", `{"key":"k"}`)
			s.message("stop", "k", `{"why":"x"}`)
		}},
		{name: "eventSubProcess/turns-of-a-loop", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box").Each(bpmntest.Loop{Collection: "=keys", Item: "key"})
			p.Start("start").To(box).To(p.End("end"))
			b := box.Inside()
			b.Start("in").To(b.Service("work", "work")).To(b.End("out"))
			in := b.EventSub("handler")
			in.OnMessage("heard", "stop", "=key", true).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", `{"keys":["k1","k2"]}`)
			s.message("stop", "k2", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/interrupts-an-incident", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split, join := p.Exclusive("split"), p.Parallel("join")
			p.Start("start").To(split).To(join)
			split.Else(p.Task("never")).To(join)
			join.To(p.End("end"))
			in := p.EventSub("handler")
			in.OnTimer("due", bpmntest.Duration("PT1H"), true).To(in.End("handled"))
		}, run: func(s *script) { id := s.start("p", ""); s.advance("PT1H"); s.ended(id) }},
		{name: "eventSubProcess/inputs-fail", model: func(m *bpmntest.Model) {
			// What the message brought is kept until the event subprocess can begin.
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler").Self().In("=assert(a, a != null)", "b").Inside()
			in.OnMessage("heard", "stop", "=key", true).To(in.Service("handle", "handle")).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", `{"why":"x"}`)
			s.set(id, 0, false, `{"a":1}`)
			s.resolve("handler")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/terminate-inside", model: func(m *bpmntest.Model) {
			// Terminate ends the event subprocess that it is in, and no more.
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			split := in.Parallel("split")
			in.OnMessage("heard", "stop", "=key", false).To(split)
			split.To(in.Service("handle", "handle")).To(in.End("handled"))
			split.To(in.User("decide")).To(in.EndTerminate("stop1"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", "")
			s.user("decide", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/terminate-outside", model: func(m *bpmntest.Model) {
			// Terminate in the scope ends its running event subprocesses too.
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.EndTerminate("stop1"))
			in := p.EventSub("handler")
			in.OnMessage("heard", "stop", "=key", false).To(in.Service("handle", "handle")).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("stop", "k", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/ad-hoc", model: func(m *bpmntest.Model) {
			// Interrupted, the ad-hoc subprocess begins nothing more, and needs no
			// condition to complete.
			p := m.Process("p")
			box := p.AdHoc("box", `=["a","b"]`, "=done").Attr("ordering", "Sequential")
			p.Start("start").To(box).To(p.End("end"))
			b := box.Inside()
			b.Service("a", "a")
			b.Service("b", "b")
			first, second := b.EventSub("first"), b.EventSub("second")
			first.OnMessage("heard", "ping", "=key", false).To(first.Service("note", "note")).To(first.End("noted"))
			second.OnMessage("heard2", "stop", "=key", true).To(second.Service("handle", "handle")).To(second.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k","done":false}`)
			s.message("ping", "k", "")
			s.complete("note", "")
			s.message("stop", "k", "")
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "eventSubProcess/stop-of-a-loop-that-was-paused", cfg: Config{MaxSteps: 200}, model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box").Each(bpmntest.Loop{Cardinality: "5", Until: "=true"})
			p.Start("start").To(box).To(p.End("end"))
			b := box.Inside()
			b.Start("in").To(b.Service("work", "work")).To(b.End("out"))
		}, run: func(s *script) {
			// The first turn ends the loop before the command that begins the
			// others has come.
			id := s.c.instanceID(0)
			m := s.c.at(id)
			m.do(m.envelope(id, &commands.StartInstance{ProcessID: "p"}))
			_, job := s.job("work")
			m.do(m.envelope(id, &commands.CompleteJob{JobID: job}))
			s.c.settle()
			s.ended(id)
		}},
	}
}
