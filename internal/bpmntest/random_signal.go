package bpmntest

import "fmt"

// signals adds a branch that throws a signal and one that waits for it or for
// another, which a command may send.
func (g *generator) signals(s *Scope, depth int) (first, last *Node) {
	split, join := s.Parallel(g.id("split")), s.Parallel(g.id("join"))
	f, l := g.block(s, depth)
	throw := s.ThrowSignal(g.id("throw"), g.signal())
	if g.chance(50) {
		throw.In("=choice", "heard")
	}
	split.To(throw).To(f)
	l.To(join)
	if g.chance(30) {
		split.To(s.EndSignal(g.id("tell"), g.signal()))
	}
	split.To(s.CatchSignal(g.id("hear"), g.signal())).To(join)
	return split, join
}

func (g *generator) signal() string { return fmt.Sprintf("s%d", 1+g.rnd.IntN(2)) }

// alert adds an activity that signals and conditions watch.
func (g *generator) alert(s *Scope, depth int) (first, last *Node) {
	box := s.Sub(g.id("sub"))
	in := box.Inside()
	f, l := g.block(in, depth)
	in.Start(g.id("start")).To(f)
	l.To(in.End(g.id("end")))
	merge := s.Exclusive(g.id("merge"))
	box.To(merge)
	switch g.rnd.IntN(6) {
	case 4:
		sub := in.EventSub(g.id("handler"))
		sub.OnSignal(g.id("alarm"), g.signal(), g.chance(50)).To(sub.Task(g.id("handle"))).To(sub.End(g.id("end")))
	case 5:
		sub := in.EventSub(g.id("handler"))
		sub.OnCondition(g.id("when"), "=choice = 3", g.chance(50)).To(sub.Service(g.id("job"), "work")).To(sub.End(g.id("end")))
	case 0:
		box.OnSignal(g.id("alarm"), g.signal(), true).To(merge)
	case 1:
		box.OnSignal(g.id("ping"), g.signal(), false).To(s.Task(g.id("pong"))).To(s.End(g.id("end")))
	case 2:
		box.OnCondition(g.id("enough"), "=choice = 3", true).To(merge)
	case 3:
		box.OnCondition(g.id("when"), "=choice = 2", false).Out("=choice", g.id("then")).To(s.End(g.id("end")))
	}
	return box, merge
}

// waiting adds a wait for a condition or a signal, alone or behind a gateway.
func (g *generator) waiting(s *Scope, depth int) (first, last *Node) {
	condition := "=choice > 0"
	if g.chance(10) {
		condition = "=key" // neither true nor false
	}
	catch := s.CatchCondition(g.id("until"), condition)
	if g.chance(50) {
		return catch, catch
	}
	gw, merge := s.EventGateway(g.id("race")), s.Exclusive(g.id("merge"))
	f, l := g.block(s, depth)
	gw.To(catch).To(f)
	l.To(merge)
	gw.To(s.CatchSignal(g.id("hear"), g.signal())).To(merge)
	return gw, merge
}

// send adds what publishes a message, which nothing but catch events waits for:
// an event subprocess that sends what it begins with would never rest.
func (g *generator) send(s *Scope, _ int) (first, last *Node) {
	const name = "m4"
	add := s.ThrowMessage
	if g.chance(30) {
		add = s.SendMessage
	}
	n := add(g.id("send"), name)
	publish := `correlationKey="=key"`
	if g.chance(40) {
		publish += ` timeToLive="PT5H" messageId="same"`
	}
	n.Ext("<zeebe:publishMessage " + publish + "/>")
	if g.chance(40) {
		n.In("=choice", "sent")
	}
	if g.chance(60) {
		return n, n.To(s.CatchMessage(g.id("catch"), name, "=key"))
	}
	return n, n
}

// signaled adds processes that a signal or a condition starts.
func (g *generator) signaled() {
	if g.chance(40) {
		p := g.model.Process("signaled")
		first, last := g.block(p, 1)
		p.StartSignal(g.id("start"), "s3").To(first)
		last.To(p.End(g.id("end")))
	}
	if g.chance(30) {
		p := g.model.Process("conditioned")
		first, last := g.block(p, 1)
		p.StartCondition(g.id("start"), "=choice = 1").To(first)
		last.To(p.End(g.id("end")))
	}
}
