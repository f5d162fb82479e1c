package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// sendTraces are messages that the engine publishes itself, and messages to
// everybody.
func sendTraces() []trace {
	waits := func(m *bpmntest.Model) {
		p := m.Process("wait")
		p.Start("start").To(p.CatchMessage("catch", "answer", "=key")).To(p.End("end"))
	}
	send := func(add func(p *bpmntest.Scope, id, message string) *bpmntest.Node, publish string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("tell")
			n := add(p, "send", "answer").Ext(publish).In("=n + 1", "m")
			p.Start("begin").To(n)
			if n.IsEnd() {
				return
			}
			n.To(p.End("done"))
		}
	}
	const plain = `<zeebe:publishMessage correlationKey="=key"/>`
	job := `<zeebe:taskDefinition type="mail"/>`
	return []trace{
		{name: "send/throw-event", run: func(s *script) {
			s.deploy(waits)
			s.deploy(send((*bpmntest.Scope).ThrowMessage, plain))
			id := s.start("wait", `{"key":"k"}`)
			s.start("tell", `{"key":"k","n":1}`)
			s.ended(id)
			s.start("tell", `{"key":"k","n":1}`) // nobody waits
		}},
		{name: "send/throw-event-fails", model: send((*bpmntest.Scope).ThrowMessage, plain), run: func(s *script) {
			id := s.start("tell", `{"key":"","n":1}`)
			s.set(id, 0, false, `{"key":"k"}`)
			s.resolve("send")
		}},
		{name: "send/throw-event-as-job", model: send((*bpmntest.Scope).ThrowMessage, job), run: func(s *script) {
			s.start("tell", `{"n":1}`)
			s.complete("send", "")
		}},
		{name: "send/end-event-buffered", run: func(s *script) {
			s.deploy(waits)
			s.deploy(send((*bpmntest.Scope).EndMessage, `<zeebe:publishMessage correlationKey="=key" messageId="=&quot;id-&quot; + key" timeToLive="PT1H"/>`))
			s.start("tell", `{"key":"k","n":1}`)
			s.start("tell", `{"key":"k","n":1}`) // the same id: published once
			s.ended(s.start("wait", `{"key":"k"}`))
			s.advance("PT1H")
		}},
		{name: "send/end-event-as-job", model: send((*bpmntest.Scope).EndMessage, job), run: func(s *script) {
			s.start("tell", `{"n":1}`)
			s.complete("send", "")
		}},
		{name: "send/task-across-partitions", parts: 2, run: func(s *script) {
			s.deploy(waits)
			s.deploy(send((*bpmntest.Scope).SendMessage, plain))
			key := keyInPartition(s, "answer", 1)
			id := s.start("wait", `{"key":"`+key+`"}`)
			s.start("tell", `{"key":"`+key+`","n":1}`)
			s.ended(id)
		}},
		{name: "message/broadcast", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.CatchMessage("catch", "news", "")).To(p.End("end"))
			h := m.Process("heard")
			h.StartMessage("begin", "news").To(h.End("done"))
		}, run: func(s *script) {
			a, b := s.start("wait", ""), s.start("wait", "")
			s.publish(commands.PublishMessage{Name: "news", Broadcast: true})
			s.ended(a, b)
		}},
	}
}
