package bpmntest

// multiple adds an event with several definitions: one that catches, one that
// throws, or one on an activity.
func (g *generator) multiple(s *Scope, depth int) (first, last *Node) {
	either := func() string {
		all := ""
		if g.chance(60) {
			all += s.messageXML("m1", "=key")
		}
		if g.chance(30) {
			all += ConditionXML("=choice = 3", "")
		}
		if g.chance(40) {
			all += s.SignalXML(g.signal(), "")
		}
		return all + g.timer(false).xml()
	}
	switch g.rnd.IntN(4) {
	case 0:
		throw := s.event("intermediateThrowEvent", g.id("tell"), s.SignalXML("s1", "")+s.SignalXML("s2", ""))
		f, l := g.block(s, depth)
		throw.To(f)
		return throw, l
	case 1:
		box := s.Sub(g.id("sub"))
		in := box.Inside()
		f, l := g.block(in, depth)
		in.Start(g.id("start")).To(f)
		merge := s.Exclusive(g.id("merge"))
		box.To(merge)
		if g.chance(50) {
			l.To(in.event("endEvent", g.id("end"), in.SignalXML("s1", "")+in.EscalationXML("up")))
			box.OnEvent(g.id("watch"), either()+s.EscalationXML("up"), true).To(merge)
			return box, merge
		}
		l.To(in.End(g.id("end")))
		watch := box.OnEvent(g.id("watch"), either(), false)
		if g.chance(40) {
			watch.Attr("parallelMultiple", "true")
		}
		watch.To(s.Task(g.id("seen"))).To(s.End(g.id("end")))
		return box, merge
	case 2:
		box := s.Sub(g.id("sub"))
		in := box.Inside()
		f, l := g.block(in, depth)
		in.Start(g.id("start")).To(f)
		l.To(in.End(g.id("end")))
		sub := in.EventSub(g.id("handler"))
		on := sub.eventStart(g.id("on"), either(), g.chance(50))
		if g.chance(40) {
			on.Attr("parallelMultiple", "true")
		}
		on.To(sub.End(g.id("end")))
		return box, box
	}
	catch := s.event("intermediateCatchEvent", g.id("either"), either())
	if g.chance(75) {
		catch.Attr("parallelMultiple", "true")
	}
	return catch, catch
}
