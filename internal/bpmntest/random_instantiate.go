package bpmntest

// instantiated adds processes that a receive task or an event-based gateway
// starts.
func (g *generator) instantiated() {
	if g.chance(20) {
		p := g.model.Process("received")
		first, last := g.block(p, 1)
		p.Receive(g.id("receive"), "go", "").Attr("instantiate", "true").To(first)
		last.To(p.End(g.id("end")))
	}
	if g.chance(30) {
		p := g.model.Process("raced")
		gw, add := p.EventGateway(g.id("race")).Attr("instantiate", "true"), p.Exclusive
		if g.chance(50) {
			gw.Attr("eventGatewayType", "Parallel")
			add = p.Parallel
		}
		if g.chance(30) {
			p.Start(g.id("start")).To(gw)
		}
		merge := add(g.id("join"))
		if g.chance(30) {
			g.eventSubs(p, 1)
		}
		first, last := g.block(p, 1)
		gw.To(p.CatchMessage(g.id("catch"), "go", "")).To(first)
		last.To(merge)
		gw.To(p.Receive(g.id("receive"), "m1", "")).To(merge)
		merge.To(p.End(g.id("end")))
	}
}
