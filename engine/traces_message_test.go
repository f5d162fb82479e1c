package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// messageTraces are correlation and starting by message, in one partition and
// across two.
func messageTraces() []trace {
	started := func(m *bpmntest.Model) {
		p := m.Process("order")
		p.StartMessage("start", "ordered").To(p.Service("work", "work")).To(p.End("end"))
	}
	keyless := func(m *bpmntest.Model) {
		p := m.Process("wait")
		p.Start("start").To(p.CatchMessage("catch", "news", "")).To(p.End("end"))
	}
	keyed := func(m *bpmntest.Model) {
		p := m.Process("wait")
		p.Start("start").To(p.CatchMessage("catch", "answer", "=key")).To(p.End("end"))
	}
	pinged := func(m *bpmntest.Model) {
		p := m.Process("p")
		work := p.Service("work", "work")
		p.Start("start").To(work).To(p.End("end"))
		work.OnMessage("ping", "ping", "=key", false).To(p.End("pinged"))
	}
	across := func(s *script) string { return keyInPartition(s, "answer", 1) }
	return []trace{
		{name: "message/start-with-key", model: started, run: func(s *script) {
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000, Variables: doc(s.t, `{"n":1}`)})
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000, Variables: doc(s.t, `{"n":2}`)})
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k"})
			s.rejected(commands.CodeMessageNoReceiver)
			s.complete("work", "") // now the second one starts
			s.complete("work", "")
		}},
		{name: "message/start-without-key", model: started, run: func(s *script) {
			s.message("ordered", "", `{"n":1}`)
			s.message("ordered", "", `{"n":2}`)
		}},
		{name: "message/start-buffered-before-deploy", run: func(s *script) {
			s.publish(commands.PublishMessage{Name: "ordered", TTLMS: 60_000})
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000})
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000})
			s.deploy(started)
		}},
		{name: "message/start-buffered-in-turns", cfg: Config{MaxDecisionBytes: 400}, run: func(s *script) {
			for range 4 {
				s.publish(commands.PublishMessage{Name: "ordered", TTLMS: 60_000, Variables: doc(s.t, `{"text":"`+string(make160())+`"}`)})
			}
			s.deploy(started)
		}},
		{name: "message/start-cancel-releases-the-key", model: started, run: func(s *script) {
			r := s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000})
			s.publish(commands.PublishMessage{Name: "ordered", CorrelationKey: "k", TTLMS: 60_000})
			s.cancel(instanceOf(s, r.Receivers[0]))
		}},
		{name: "message/buffered", model: keyed, run: func(s *script) {
			s.publish(commands.PublishMessage{Name: "answer", CorrelationKey: "k", TTLMS: 60_000, MessageID: "a", Variables: doc(s.t, `{"n":1}`)})
			s.publish(commands.PublishMessage{Name: "answer", CorrelationKey: "k", TTLMS: 60_000, MessageID: "a"})
			s.rejected(commands.CodeMessageDuplicate)
			id := s.start("wait", `{"key":"k"}`)
			s.ended(id)
			s.start("wait", `{"key":"k"}`) // the process has had the message
			s.advance("PT1M")
		}},
		{name: "message/expires", model: keyed, run: func(s *script) {
			s.publish(commands.PublishMessage{Name: "answer", CorrelationKey: "k", TTLMS: 60_000})
			s.advance("PT1M")
			s.start("wait", `{"key":"k"}`)
		}},
		{name: "message/no-receiver", model: keyed, run: func(s *script) {
			s.message("answer", "k", "")
			s.rejected(commands.CodeMessageNoReceiver)
		}},
		{name: "message/ambiguous", model: keyless, run: func(s *script) {
			a := s.start("wait", "")
			b := s.start("wait", "")
			s.message("news", "", "")
			s.rejected(commands.CodeMessageAmbiguous)
			s.publish(commands.PublishMessage{Name: "news", InstanceID: string(b)})
			s.ended(b)
			s.message("news", "", "")
			s.ended(a)
		}},
		{name: "message/business-key", model: keyless, run: func(s *script) {
			for _, key := range []string{"b1", "b2"} {
				id := s.c.instanceID(0)
				s.say("start wait with the business key %s", key)
				s.send(id, &commands.StartInstance{ProcessID: "wait", BusinessKey: key})
			}
			s.publish(commands.PublishMessage{Name: "news", BusinessKey: "b2"})
			s.message("news", "", "")
		}},
		{name: "message/once-per-process", run: func(s *script) {
			s.deploy(keyed)
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("other")
				p.Start("start").To(p.CatchMessage("catch", "answer", "=key")).To(p.End("end"))
			})
			a, b, c := s.start("wait", `{"key":"k"}`), s.start("other", `{"key":"k"}`), s.start("wait", `{"key":"k"}`)
			s.message("answer", "k", "")
			s.ended(a, b)
			s.message("answer", "k", "")
			s.ended(c)
		}},
		{name: "message/across-partitions", parts: 2, model: keyed, run: func(s *script) {
			key := across(s)
			id := s.start("wait", `{"key":"`+key+`"}`)
			s.message("answer", key, `{"ok":true}`)
			s.ended(id)
		}},
		{name: "message/across-partitions-canceled-meanwhile", parts: 2, model: keyed, run: func(s *script) {
			// The message is on its way to the first waiter when that one is
			// canceled; the second one gets it, though it has no time to live.
			key := across(s)
			a := s.start("wait", `{"key":"`+key+`"}`)
			b := s.start("wait", `{"key":"`+key+`"}`)
			s.say("publish and cancel the first receiver before it has the message")
			home := s.c.parts[1]
			home.do(home.envelope(s.c.instanceID(1), &commands.PublishMessage{Name: "answer", CorrelationKey: key}))
			at := s.c.at(a)
			at.do(at.envelope(a, &commands.CancelInstance{}))
			s.c.fire()
			s.c.settle()
			s.ended(a, b)
		}},
		{name: "message/across-partitions-non-interrupting", parts: 2, model: pinged, run: func(s *script) {
			// The home has not heard of the first when the others come.
			key := keyInPartition(s, "ping", 1)
			id := s.start("p", `{"key":"`+key+`"}`)
			s.say("publish three before the instance has one")
			home := s.c.parts[1]
			for range 3 {
				home.do(home.envelope(s.c.instanceID(1), &commands.PublishMessage{Name: "ping", CorrelationKey: key}))
				s.rejected("")
			}
			s.c.settle()
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "message/buffered-for-a-non-interrupting-event", model: pinged, run: func(s *script) {
			for _, n := range []string{"1", "2", "3"} {
				s.publish(commands.PublishMessage{Name: "ping", CorrelationKey: "k", TTLMS: 60_000, Variables: doc(s.t, `{"n":`+n+`}`)})
			}
			s.start("p", `{"key":"k"}`) // it has them all, the oldest first
			s.message("ping", "k", `{"n":4}`)
		}},
		{name: "message/too-many-bytes", cfg: Config{MaxVariablesBytes: 200}, model: keyed, run: func(s *script) {
			s.start("wait", `{"key":"k"}`)
			s.message("answer", "k", `{"text":"`+string(make160())+string(make160())+`"}`)
			s.rejected(commands.CodeVariablesTooLarge)
		}},
		{name: "message/start-changes-with-a-redeploy", model: started, run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("order")
				p.StartMessage("start", "ordered-v2").To(p.End("end"))
			})
			s.message("ordered", "", "")
			s.rejected(commands.CodeMessageNoReceiver)
			s.message("ordered-v2", "", "")
		}},
	}
}
