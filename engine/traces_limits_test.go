package engine

import (
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// limitTraces are loops without a wait state through everything that may be on
// their way, and processes that call themselves. Each stops with an incident, and
// goes on when the variable that drives it was mended.
func limitTraces() []trace {
	// A loop with the turn counted in i, until it is the limit.
	loop := func(way func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("loop")
			merge, gw := p.Exclusive("merge"), p.Exclusive("gw")
			turn := p.Task("turn").Out("=i + 1", "i")
			p.Start("start").To(merge).To(turn)
			way(p, turn).To(gw)
			gw.If("=i >= limit", p.End("end"))
			gw.Else(merge)
		}
	}
	mended := func(s *script) {
		id := s.start("loop", `{"i":0,"limit":1000}`)
		in := s.c.at(id).live.Instance(id)
		if n := len(in.Incidents); n < 1 || n > 2 { // one for each token
			s.t.Fatalf("%d incidents:\n%s", n, s.out.String())
		}
		s.set(id, 1, false, `{"limit":0}`)
		for len(in.Incidents) > 0 {
			s.resolve(in.Incidents[0].ElementID)
		}
		s.ended(id)
	}
	few := Config{MaxSteps: 20}
	down := func(build func(p *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("down")
			gw := p.Exclusive("gw")
			p.Start("start").To(gw)
			gw.If("=go", build(p).In("=go", "go"))
			gw.Else(p.Service("work", "work").To(p.End("rests")))
		}
	}
	return []trace{
		{name: "limits/loop-through-inclusive", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			split, join := p.Inclusive("split"), p.Inclusive("join")
			turn.To(split)
			split.If("=i > 0", p.Task("a")).To(join)
			split.If("=i > 1", p.Task("b")).To(join)
			return join
		}), run: mended},
		{name: "limits/loop-through-complex", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			split, join := p.Parallel("split"), p.Complex("join", "=activationCount >= 2")
			turn.To(split)
			split.To(p.Task("a")).To(join)
			split.To(p.Task("b")).To(join)
			return join
		}), run: mended},
		{name: "limits/loop-through-parallel", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			split, join := p.Parallel("split"), p.Parallel("join")
			turn.To(split)
			split.To(join)
			split.To(join)
			return join
		}), run: mended},
		{name: "limits/loop-through-a-link", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			turn.To(p.ThrowLink("there", "on"))
			return p.CatchLink("here", "on")
		}), run: mended},
		{name: "limits/loop-through-a-subprocess", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			box := p.Sub("box")
			in := box.Inside()
			in.Start("in").To(in.End("out"))
			turn.To(box)
			return box
		}), run: mended},
		{name: "limits/loop-through-an-error", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			box := p.Sub("box")
			in := box.Inside()
			in.Start("in").To(in.EndError("out", "E"))
			turn.To(box)
			return box.OnError("caught", "E")
		}), run: mended},
		{name: "limits/loop-through-an-escalation", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			box := p.Sub("box")
			in := box.Inside()
			in.Start("in").To(in.EndEscalation("out", "X"))
			turn.To(box)
			return box.OnEscalation("caught", "X", true)
		}), run: mended},
		{name: "limits/loop-through-compensation", cfg: few, model: loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
			done := p.Task("done")
			done.OnCompensate("undo", p.Task("undone"))
			turn.To(done)
			throw := p.ThrowCompensation("compensate", "")
			done.To(throw)
			return throw
		}), run: mended},
		{name: "limits/loop-through-a-call", cfg: few, run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("child")
				p.Start("in").To(p.End("out"))
			})
			s.deploy(loop(func(p *bpmntest.Scope, turn *bpmntest.Node) *bpmntest.Node {
				call := p.Call("call", "child")
				turn.To(call)
				return call
			}))
			id := s.start("loop", `{"i":0,"limit":1000}`)
			s.set(id, 1, false, `{"limit":0}`)
			for _, other := range s.c.parts[0].live.InstanceIDs() {
				for _, inc := range s.c.parts[0].live.Instance(other).Incidents {
					s.resolve(inc.ElementID)
				}
			}
			s.ended(id)
		}},
		{name: "limits/conditional-event-on-what-it-writes", cfg: few, model: func(m *bpmntest.Model) {
			p := m.Process("loop")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			sub := p.EventSub("handler")
			sub.OnCondition("on", "=i < limit", false).To(sub.Task("turn").Out("=i + 1", "i")).To(sub.End("handled"))
		}, run: func(s *script) {
			id := s.start("loop", `{"i":0,"limit":1000}`)
			if n := len(s.c.at(id).live.Instance(id).Incidents); n != 1 {
				s.t.Errorf("%d incidents, expected one", n)
			}
			s.cancel(id)
		}},
		{name: "limits/calls-of-itself", cfg: Config{MaxCallTree: 4}, model: down(func(p *bpmntest.Scope) *bpmntest.Node {
			both, join := p.Parallel("both"), p.Parallel("join")
			both.To(p.Call("left", "down").In("=go", "go")).To(join)
			both.To(p.Call("right", "down").In("=go", "go")).To(join)
			join.To(p.End("end"))
			return both
		}), run: func(s *script) {
			id := s.start("down", `{"go":true}`)
			s.cancel(id)
			s.ended(id)
		}},
		{name: "limits/calls-of-itself-in-a-loop", cfg: Config{MaxCallTree: 5}, model: down(func(p *bpmntest.Scope) *bpmntest.Node {
			call := p.Call("call", "down").Each(bpmntest.Loop{Cardinality: "2"})
			call.To(p.End("end"))
			return call
		}), run: func(s *script) {
			id := s.start("down", `{"go":true}`)
			s.cancel(id)
			s.ended(id)
		}},
		{name: "limits/room-for-a-call-again", cfg: Config{MaxCallTree: 2}, model: func(m *bpmntest.Model) {
			c := m.Process("child")
			c.Start("in").To(c.Service("work", "work")).To(c.End("out"))
			p := m.Process("parent")
			split, join := p.Parallel("split"), p.Parallel("join")
			p.Start("start").To(split)
			for _, id := range []string{"a", "b", "c"} {
				split.To(p.Call(id, "child")).To(join)
			}
			join.To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("parent", "")
			s.complete("work", "")
			s.resolve("c")
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "limits/canceled-in-parts-with-a-waiting-join", cfg: Config{MaxEnded: 1}, model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split, join := p.Inclusive("split"), p.Inclusive("join")
			p.Start("start").To(split)
			split.If("=true", p.Service("a", "a")).To(join)
			split.If("=true", p.Service("b", "b")).To(join)
			split.If("=true", p.Service("c", "c")).To(join)
			join.To(p.Service("never", "never")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.complete("a", "")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "limits/turns-in-a-row", cfg: Config{MaxSteps: 200, MaxTurnsInRow: 6}, model: func(m *bpmntest.Model) {
			p := m.Process("loop")
			p.Start("start").To(p.Task("turn").Each(bpmntest.Loop{Cardinality: "9"})).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("loop", "")
			s.resolve("turn") // and another six
			s.ended(id)
		}},
	}
}

// TestTreeOfCalls runs processes that call themselves tenfold, at once or one
// after the other: what they lead to has an end, with incidents, and canceling the
// outermost instance ends all of it.
func TestTreeOfCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, sequential := range []bool{false, true} {
		s := newScript(t, 1, Config{MaxCallTree: 300, MaxTurnsInRow: 3000})
		s.c.after = nil
		s.deploy(func(m *bpmntest.Model) {
			p := m.Process("down")
			p.Start("start").To(p.Call("call", "down").Each(bpmntest.Loop{Cardinality: "10", Sequential: sequential})).To(p.End("end"))
		})
		s.c.record = nil
		id := s.start("down", "")
		incidents := map[commands.Code]int{}
		all := s.c.parts[0].live.InstanceIDs()
		for _, id := range all {
			for _, inc := range s.c.parts[0].live.Instance(id).Incidents {
				incidents[inc.Code]++
			}
		}
		t.Logf("sequential=%v: %d instances, incidents %v", sequential, len(all), incidents)
		if len(all) > 301 || len(incidents) == 0 {
			t.Errorf("%d instances are active, with incidents %v", len(all), incidents)
		}
		s.send(id, &commands.CancelInstance{})
		if left := s.c.parts[0].live.InstanceIDs(); len(left) > 0 {
			t.Errorf("%d instances are left: %v", len(left), left[:min(3, len(left))])
		}
		checkInvariants(t, s.c.parts[0])
	}
}
