package engine

import "github.com/weir-bpm/weir/internal/bpmntest"

// historyTraces are the ends of instances that the read models may forget: only
// the root says when, however it ended.
func historyTraces() []trace {
	model := func(ttl string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			child := m.Process("child").Attr("camunda:historyTimeToLive", "1")
			child.Start("cstart").To(child.Service("work", "work")).To(child.End("cend"))
			p := m.Process("p")
			if ttl != "" {
				p.Attr("camunda:historyTimeToLive", ttl)
			}
			p.Start("start").To(p.Call("call", "child")).To(p.End("end"))
		}
	}
	return []trace{
		{name: "history/days", model: model("30"), run: func(s *script) {
			id := s.start("p", "")
			s.advance("PT1H")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "history/month", model: model("P1M"), run: func(s *script) {
			id := s.start("p", "")
			s.cancel(id)
		}},
		{name: "history/option", model: model("7"), run: func(s *script) {
			s.c.defs.settings = map[string]string{"history-ttl": "PT1H"}
			s.deploy(model("30"))
			s.start("p", "")
			s.complete("work", "")
			s.c.defs.settings = map[string]string{"history-ttl": "none"}
			s.deploy(model("31")) // other bytes make another version
			s.start("p", "")
			s.complete("work", "")
		}},
		{name: "history/for-ever", model: model(""), run: func(s *script) {
			s.start("p", "")
			s.complete("work", "")
		}},
	}
}
