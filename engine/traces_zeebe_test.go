package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// zeebeTraces are what models of Camunda 8 have and others have not.
func zeebeTraces() []trace {
	return []trace{
		{name: "serviceTask/linked-resources", model: func(m *bpmntest.Model) {
			p := m.Process("robots")
			work := p.Service("work", "robot").Header("speed", "slow").Ext(`<zeebe:linkedResources>` +
				`<zeebe:linkedResource resourceId="invoice" resourceType="RPA" linkName="RPAScript" bindingType="deployment"/>` +
				`<zeebe:linkedResource resourceId="=rules" resourceType="list" linkName="rules" bindingType="versionTag" versionTag="v2"/>` +
				`</zeebe:linkedResources>`)
			p.Start("start").To(work).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("robots", `{"rules":""}`)
			s.set(id, 1, false, `{"rules":"strict"}`)
			s.resolve("work")
			s.complete("work", "")
			s.ended(id)
		}},
	}
}
