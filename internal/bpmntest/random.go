package bpmntest

import (
	"fmt"
	"math/rand/v2"
)

// Random builds a random model of everything that the engine executes. Its
// processes are main, which a command starts, heard (the message "go"), timed
// (a timer) and the ones they call. Expressions read the variables key (a
// correlation key), choice (0 to 2), and what the model sets itself.
func Random(rnd *rand.Rand) *Model {
	g := &generator{rnd: rnd, model: New()}
	g.model.zeebe = true
	for i := 2; i >= 0; i-- {
		id := "main"
		if i > 0 {
			id = fmt.Sprintf("called%d", i)
		}
		p := g.model.Process(id)
		g.listenedProcess(p)
		first, last := g.block(p, 3)
		p.Start(g.id("start")).To(first)
		last.To(g.end(p, i > 0))
		if g.chance(25) {
			g.eventSubs(p, 1)
		}
		g.callable = append(g.callable, id)
	}
	if g.chance(60) {
		p := g.model.Process("heard")
		first, last := g.block(p, 1)
		p.StartMessage(g.id("start"), "go").To(first)
		last.To(p.End(g.id("end")))
	}
	if g.chance(40) {
		p := g.model.Process("timed")
		first, last := g.block(p, 1)
		p.StartTimer(g.id("start"), g.timer(true)).To(p.Task(g.id("begin")).Out("=0", "choice").Out(`="k1"`, "key")).To(first)
		last.To(p.End(g.id("end")))
	}
	g.signaled()
	g.instantiated()
	return g.model
}

type generator struct {
	rnd      *rand.Rand
	model    *Model
	n        int
	callable []string
	looped   bool // a call activity runs several times
}

func (g *generator) id(prefix string) string {
	g.n++
	return fmt.Sprintf("%s_%d", prefix, g.n)
}

func (g *generator) chance(percent int) bool { return g.rnd.IntN(100) < percent }

// blocks are the kinds of blocks; a new element of the engine adds one.
func blocks() []func(g *generator, s *Scope, depth int) (first, last *Node) {
	return []func(g *generator, s *Scope, depth int) (first, last *Node){
		(*generator).sequence, (*generator).exclusive, (*generator).parallel, (*generator).loop,
		(*generator).sub, (*generator).call, (*generator).eventGateway,
		(*generator).turns, (*generator).adHoc, (*generator).quantities,
		(*generator).listened, (*generator).supervised,
		(*generator).signals, (*generator).alert, (*generator).waiting,
		(*generator).listening, (*generator).throwing,
		(*generator).send,
		(*generator).inclusive, (*generator).complex, (*generator).implicit,
		(*generator).undone, (*generator).transaction, (*generator).data,
		(*generator).multiple, (*generator).places, (*generator).triggered,
	}
}

// block adds nodes with one way in and one way out.
func (g *generator) block(s *Scope, depth int) (first, last *Node) {
	if depth <= 0 || g.chance(35) {
		n := g.activity(s)
		return n, n
	}
	all := blocks()
	return all[g.rnd.IntN(len(all))](g, s, depth-1)
}

func (g *generator) sequence(s *Scope, depth int) (first, last *Node) {
	first, last = g.block(s, depth)
	for range 1 + g.rnd.IntN(2) {
		f, l := g.block(s, depth)
		last.To(f)
		last = l
	}
	return first, last
}

func (g *generator) exclusive(s *Scope, depth int) (first, last *Node) {
	split, merge := s.Exclusive(g.id("gw")), s.Exclusive(g.id("merge"))
	for i := range 1 + g.rnd.IntN(2) {
		f, l := g.block(s, depth)
		split.If(fmt.Sprintf("=choice = %d", i), f)
		l.To(merge)
	}
	if g.chance(85) {
		f, l := g.block(s, depth)
		split.Else(f)
		l.To(merge)
	} else {
		split.If("=choice = 2", merge) // with another choice it is stuck
	}
	return split, merge
}

func (g *generator) parallel(s *Scope, depth int) (first, last *Node) {
	split, join := s.Parallel(g.id("split")), s.Parallel(g.id("join"))
	for range 2 + g.rnd.IntN(2) {
		f, l := g.block(s, depth)
		split.To(f)
		l.To(join)
	}
	if g.chance(20) { // and one that ends the others
		f, l := g.block(s, 0)
		split.To(f)
		l.To(s.EndTerminate(g.id("terminate")))
	}
	return split, join
}

// loop runs a block two or three times.
func (g *generator) loop(s *Scope, depth int) (first, last *Node) {
	counter := g.id("count")
	begin := s.Task(g.id("begin")).Out("=0", counter)
	merge, gw := s.Exclusive(g.id("merge")), s.Exclusive(g.id("again"))
	count := s.Task(g.id("turn")).Out("="+counter+" + 1", counter)
	f, l := g.block(s, depth)
	begin.To(merge).To(f)
	l.To(count).To(gw)
	after := s.Throw(g.id("after"))
	gw.If(fmt.Sprintf("=%s < %d", counter, 2+g.rnd.IntN(2)), merge)
	gw.Else(after)
	return begin, after
}

func (g *generator) sub(s *Scope, depth int) (first, last *Node) {
	box := s.Sub(g.id("sub"))
	if g.chance(40) {
		box.In("=choice", g.id("local"))
	}
	in := box.Inside()
	f, l := g.block(in, depth)
	in.Start(g.id("start")).To(f)
	l.To(g.end(in, true))
	return g.guarded(s, box)
}

func (g *generator) call(s *Scope, depth int) (first, last *Node) {
	if len(g.callable) == 0 {
		return g.block(s, depth)
	}
	c := s.Call(g.id("call"), g.callable[g.rnd.IntN(len(g.callable))])
	if g.chance(50) {
		c.In("=choice", "passed").Out("=choice", g.id("returned"))
	}
	return g.guarded(s, c)
}

func (g *generator) eventGateway(s *Scope, depth int) (first, last *Node) {
	gw, merge := s.EventGateway(g.id("race")), s.Exclusive(g.id("merge"))
	f, l := g.block(s, depth)
	gw.To(s.CatchMessage(g.id("catch"), "m1", "=key")).To(f)
	l.To(merge)
	gw.To(s.CatchTimer(g.id("timer"), g.timer(false))).To(merge)
	if g.chance(40) {
		gw.To(s.Receive(g.id("receive"), "m2", "=key")).To(merge)
	}
	return gw, merge
}

// end is the end of a scope that may also end it with an error or terminate.
func (g *generator) end(s *Scope, inner bool) *Node {
	switch {
	case inner && g.chance(15):
		return s.EndEscalation(g.id("escalated"), fmt.Sprintf("X%d", g.rnd.IntN(2)))
	case inner && g.chance(25):
		gw := s.Exclusive(g.id("how"))
		gw.If("=choice = 1", s.EndError(g.id("error"), fmt.Sprintf("E%d", g.rnd.IntN(2))))
		terminate := s.EndTerminate(g.id("terminate"))
		switch g.rnd.IntN(8) {
		case 0:
			terminate.Definition(`flowable:terminateAll="true"`)
		case 1:
			terminate.Definition(`flowable:terminateMultiInstance="true"`)
		}
		gw.If("=choice = 2", terminate)
		gw.Else(s.End(g.id("end")))
		return gw
	case g.chance(10):
		return s.EndTerminate(g.id("terminate"))
	}
	return s.End(g.id("end"))
}

// activity adds a task or catch event.
func (g *generator) activity(s *Scope) *Node {
	switch g.rnd.IntN(10) {
	case 8:
		return g.work(s)
	case 0, 1, 2:
		n := s.Service(g.id("job"), "work").Retries(fmt.Sprint(1 + g.rnd.IntN(3)))
		if g.chance(25) {
			n.In("=choice + 1", g.id("in")).Out("=choice", g.id("out"))
		}
		return g.watched(s, n)
	case 3:
		return g.watched(s, formed(s.User(g.id("user"))))
	case 4:
		return g.watched(s, s.Receive(g.id("receive"), "m1", "=key"))
	case 5:
		return s.CatchMessage(g.id("catch"), fmt.Sprintf("m%d", 1+g.rnd.IntN(3)), []string{"=key", "=key", ""}[g.rnd.IntN(3)])
	case 6:
		return s.CatchTimer(g.id("timer"), g.timer(false))
	case 7:
		return s.Send(g.id("send"), "mail")
	}
	return s.Task(g.id("task"))
}

// watched gives an activity boundary events whose paths end of themselves.
func (g *generator) watched(s *Scope, n *Node) *Node {
	if g.chance(25) {
		n.OnTimer(g.id("late"), g.reminder(), false).To(s.Task(g.id("remind"))).To(s.End(g.id("end")))
	}
	if g.chance(15) {
		n.OnMessage(g.id("ping"), "m3", "=key", false).To(s.Service(g.id("pong"), "work")).To(s.End(g.id("end")))
	}
	return n
}

// guarded gives a scope boundary events that interrupt it, and joins their
// paths with the regular one.
func (g *generator) guarded(s *Scope, n *Node) (first, last *Node) {
	merge := s.Exclusive(g.id("merge"))
	n.To(merge)
	if g.chance(40) {
		n.OnTimer(g.id("timeout"), g.timer(false), true).To(merge)
	}
	if g.chance(30) {
		n.OnMessage(g.id("stop"), "m2", "=key", true).To(merge)
	}
	if g.chance(40) {
		n.OnError(g.id("exact"), "E1").To(s.Task(g.id("mend"))).To(merge)
	}
	if g.chance(30) {
		n.OnError(g.id("any"), "").To(merge)
	}
	if g.chance(25) {
		n.OnEscalation(g.id("raised"), "X1", true).To(merge)
	}
	if g.chance(25) {
		n.OnEscalation(g.id("noted"), "", false).To(s.Task(g.id("note"))).To(s.End(g.id("end")))
	}
	return n, merge
}

// reminder is a timer that may fire again and again; its cycle may come from
// variables, which may not give one.
func (g *generator) reminder() Timer {
	if g.chance(12) {
		return Cycle(`="R" + string(choice) + "/PT2H"`)
	}
	return g.timer(true)
}

func (g *generator) timer(cycle bool) Timer {
	hours := 1 + g.rnd.IntN(20)
	switch {
	case cycle && g.chance(70):
		return Cycle(fmt.Sprintf("R%d/PT%dH", 1+g.rnd.IntN(4), hours))
	case g.chance(20):
		return Date(fmt.Sprintf("2026-01-%02dT12:00:00Z", 1+hours))
	}
	return Duration(fmt.Sprintf("PT%dH", hours))
}
