package engine

import (
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// publishAlone publishes a message and leaves what follows in the outbox.
func (s *script) publishAlone(name, key string) {
	s.t.Helper()
	s.say("publish %s key=%q, alone", name, key)
	m := s.c.parts[ids.MessageHome(testTenant, name, key, len(s.c.parts))]
	m.do(m.envelope(s.c.instanceID(m.id), &commands.PublishMessage{Name: name, CorrelationKey: key}))
}

// endedTraces are interruptions of more than one decision ends one by one.
func endedTraces() []trace {
	few := Config{MaxEnded: 4}
	// Four turns with a job each, or something else to wait for, and a boundary
	// event that interrupts them.
	each := func(wait func(in *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("each")
			box := p.Sub("box").Each(bpmntest.Loop{Cardinality: "4"})
			p.Start("start").To(box).To(p.End("end"))
			in := box.Inside()
			in.Start("in").To(wait(in)).To(in.End("out"))
			box.OnMessage("stop", "stop", "=key", true).To(p.Service("after", "after")).To(p.End("end1"))
		}
	}
	job := func(in *bpmntest.Scope) *bpmntest.Node { return in.Service("work", "work") }
	return []trace{
		{name: "interruption/recorded-in-parts", cfg: few, model: each(job), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			_, job := s.job("work")
			s.fail("work", "no")
			m := s.c.at(id)
			// What has been interrupted is gone at once, before it is recorded.
			s.publishAlone("stop", "k")
			m.do(m.envelope(id, &commands.CompleteJob{JobID: job}))
			s.rejected(commands.CodeJobNotFound)
			s.c.settle()
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "interruption/instance-ends-after-the-last", cfg: few, model: each(job), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			s.publishAlone("stop", "k")
			m := s.c.at(id)
			_, after := s.job("after")
			m.do(m.envelope(id, &commands.CompleteJob{JobID: after}))
			if !m.live.Has(id) {
				s.t.Fatal("the instance has ended before what was inside it was recorded")
			}
			s.c.settle()
			s.ended(id)
		}},
		{name: "interruption/canceled-in-parts", cfg: few, model: each(job), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			m := s.c.at(id)
			m.do(m.envelope(id, &commands.CancelInstance{Reason: "no more"}))
			m.do(m.envelope(id, &commands.CancelInstance{Reason: "again"}))
			s.rejected(commands.CodeInstanceFinished)
			s.c.settle()
			s.ended(id)
		}},
		{name: "interruption/message-to-what-has-gone", cfg: few, model: each(func(in *bpmntest.Scope) *bpmntest.Node {
			return in.CatchMessage("wait", "ping", "=key")
		}), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			s.publishAlone("stop", "k")
			s.message("ping", "k", "") // its home still knows the waits
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "interruption/call-activities", cfg: few, model: func(m *bpmntest.Model) {
			child := m.Process("child")
			child.Start("c1").To(child.Service("work", "work")).To(child.End("c2"))
			each(func(in *bpmntest.Scope) *bpmntest.Node { return in.Call("call", "child") })(m)
		}, run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			s.message("stop", "k", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "interruption/terminate-end", cfg: few, model: func(m *bpmntest.Model) {
			p := m.Process("each")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.Service("many", "many").Each(bpmntest.Loop{Cardinality: "5"})).To(p.End("end"))
			split.To(p.Service("one", "one")).To(p.EndTerminate("stop"))
		}, run: func(s *script) {
			id := s.start("each", "")
			s.complete("one", "")
			s.ended(id)
		}},
		{name: "interruption/listeners-have-a-say", cfg: few, model: each(func(in *bpmntest.Scope) *bpmntest.Node {
			return in.Service("work", "work").Listen("end", "${execution.setVariable('over', true)}")
		}), run: func(s *script) {
			id := s.start("each", `{"key":"k"}`)
			s.message("stop", "k", "")
			s.complete("after", "")
			s.ended(id)
		}},
	}
}

// rowTraces are signals and messages that multiply.
func rowTraces() []trace {
	return []trace{
		{name: "limits/command-that-does-not-fit", model: func(m *bpmntest.Model) {
			// What the runner does with a command whose events fit into no frame.
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work").Each(bpmntest.Loop{Cardinality: "3"})).To(p.End("end"))
		}, cfg: Config{MaxSteps: 200}, run: func(s *script) {
			id := s.c.instanceID(0)
			m := s.c.at(id)
			m.do(m.envelope(id, &commands.StartInstance{ProcessID: "p"}))
			o := m.live.Outbox()[0]
			cmd, err := commands.Decode(commands.Kind(o.Command), commands.ContentMsgpack, o.Payload)
			if err != nil {
				s.t.Fatal(err)
			}
			e := m.envelope(o.Instance, cmd)
			e.Tenant, e.Origin, e.TimeMS = "internal", &events.Origin{Partition: 0, N: o.N}, s.c.nowMS
			d := m.live.RejectUndecidable(e, commands.Reject(commands.CodeDecisionTooLarge, "too large"))
			s.record(m, e, d)
			m.append(&events.Frame{Epoch: 1, Prev: m.live.LastHash, EffectsDone: m.live.LastSeq, Transitions: d.Transitions, FirstCommand: e.Seq, LastCommand: e.Seq})
			m.sent[0], m.acked[0] = o.N, o.N
			s.resolve("p")
			for range 3 {
				s.complete("work", "")
			}
			s.ended(id)
		}},
		{name: "signal/multiplies", cfg: Config{MaxHops: 4}, model: func(m *bpmntest.Model) {
			// The limits of a test are small: what may be in a row is too.
			p := m.Process("p")
			p.StartSignal("start", "boom").To(p.ThrowSignal("a", "boom")).To(p.ThrowSignal("b", "boom")).To(p.End("end"))
		}, run: func(s *script) { s.broadcast("boom", "") }},
	}
}

// mixedTraces are elements of different families together.
func mixedTraces() []trace {
	loop := func(gateway func(p *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("loop")
			merge, turn, again := gateway(p), p.Task("turn").Out("=i + 1", "i"), p.Exclusive("again")
			p.Start("start").To(merge)
			merge.If("=true", turn) // also when a complex one resets
			turn.To(again)
			again.If("=i >= limit", p.End("end"))
			again.Else(merge)
		}
	}
	mended := func(s *script) {
		id := s.start("loop", `{"i":0,"limit":1000}`)
		s.set(id, 0, false, `{"limit":8}`)
		m := s.c.at(id)
		for m.live.Has(id) {
			inc := m.live.Instance(id).Incidents[0]
			s.say("resolve incident of %s", inc.ElementID)
			s.send(id, &commands.ResolveIncident{IncidentID: ids.Join(id, inc.Key)})
		}
		s.ended(id)
	}
	return []trace{
		{name: "inclusiveGateway/loop-over-step-limit", cfg: Config{MaxSteps: 20}, model: loop(func(p *bpmntest.Scope) *bpmntest.Node { return p.Inclusive("merge") }), run: mended},
		{name: "complexGateway/loop-over-step-limit", cfg: Config{MaxSteps: 20}, model: loop(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Complex("merge", "=activationCount >= 1")
		}), run: mended},
		{name: "inclusiveGateway/compensation-handler-is-no-token", model: func(m *bpmntest.Model) {
			// The handler that undoes a does not bring a token to the join, nor
			// does the join wait for it; what follows the throw does.
			p := m.Process("choice")
			split, join := p.Inclusive("split"), p.Inclusive("join")
			p.Start("start").To(split)
			a := p.Service("a", "a")
			a.OnCompensate("undoA", p.Service("ua", "ua"))
			split.If("=true", a).To(join)
			split.If("=true", p.Service("b", "b")).To(p.ThrowCompensation("undo", "a")).To(join)
			join.To(p.Service("after", "after")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("choice", "")
			s.complete("a", "")
			s.complete("b", "") // undo waits for ua, and the join for undo
			s.complete("ua", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/compensation-goes-on-behind-it", model: func(m *bpmntest.Model) {
			// A handler still runs when no token can come to the join any more:
			// the throw event did not wait for it.
			p := m.Process("choice")
			split, join := p.Inclusive("split"), p.Inclusive("join")
			p.Start("start").To(split)
			a := p.Task("a")
			a.OnCompensate("undoA", p.Service("ua", "ua"))
			split.If("=true", a).To(join)
			split.If("=true", p.Task("b")).To(p.ThrowCompensationNoWait("undo", "a")).To(join)
			join.To(p.Service("after", "after")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("choice", "")
			s.complete("after", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/turns-of-a-transaction", model: func(m *bpmntest.Model) {
			// The second turn is canceled, and with it all turns: what the first
			// has done is undone too, and the third never begins.
			p := m.Process("book")
			tx := p.Transaction("tx").Each(bpmntest.Loop{Collection: "=trips", Item: "trip", Sequential: true})
			p.Start("start").To(tx).To(p.ThrowCompensation("undo", "tx")).To(p.End("end"))
			in := tx.Inside()
			gw := in.Exclusive("gw")
			a, b := in.Task("a"), in.Service("b", "b")
			in.Start("in").To(a).To(b).To(gw)
			gw.If(`=how = "cancel"`, in.EndCancel("cancel"))
			gw.Else(in.End("out"))
			a.OnCompensate("undoA", in.Service("ua", "ua").In("=trip", "which"))
			b.OnCompensate("undoB", in.Service("ub", "ub").In("=trip", "which"))
			tx.OnCancel("canceled").To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("book", `{"trips":["rome","oslo","bonn"],"how":""}`)
			s.complete("b", "")
			s.complete("b", `{"how":"cancel"}`)
			s.complete("ub", "")
			s.complete("ua", "")
			s.complete("ub", "")
			s.complete("ua", "")
			s.ended(id)
		}},
		{name: "compensation/parallel-turns-of-a-transaction", model: func(m *bpmntest.Model) {
			// One turn is canceled while another one has completed and a third
			// waits: both that did something are undone, and the third ends.
			p := m.Process("book")
			tx := p.Transaction("tx").Each(bpmntest.Loop{Collection: "=trips", Item: "trip"})
			p.Start("start").To(tx).To(p.End("end"))
			in := tx.Inside()
			gw, b := in.Exclusive("gw"), in.Service("b", "b")
			in.Start("in").To(b).To(gw)
			gw.If(`=how = "cancel"`, in.EndCancel("cancel"))
			gw.Else(in.End("out"))
			b.OnCompensate("undoB", in.Service("ub", "ub").In("=trip", "which"))
			tx.OnCancel("canceled").To(p.Service("after", "after")).To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("book", `{"trips":["rome","oslo","bonn"],"how":""}`)
			s.complete("b", "")
			s.complete("b", `{"how":"cancel"}`)
			s.complete("ub", "")
			s.complete("ub", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "compensation/parallel-transactions", model: func(m *bpmntest.Model) {
			// None is canceled; later all turns are undone together, newest first.
			p := m.Process("book")
			tx := p.Transaction("tx").Each(bpmntest.Loop{Collection: "=trips", Item: "trip"})
			p.Start("start").To(tx).To(p.ThrowCompensation("undo", "tx")).To(p.End("end"))
			in := tx.Inside()
			b := in.Service("b", "b")
			in.Start("in").To(b).To(in.End("out"))
			b.OnCompensate("undoB", in.Service("ub", "ub").In("=trip", "which"))
		}, run: func(s *script) {
			id := s.start("book", `{"trips":["rome","oslo"]}`)
			s.complete("b", "")
			s.complete("b", "")
			s.complete("ub", "")
			s.complete("ub", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/compensation", model: func(m *bpmntest.Model) {
			// What was done in an ad-hoc subprocess is undone from inside, while it
			// is active, and from outside after it has completed.
			p := m.Process("care")
			adhoc := p.AdHoc("adhoc", `=["wash"]`, "")
			p.Start("start").To(adhoc).To(p.ThrowCompensation("undo", "adhoc")).To(p.End("end"))
			in := adhoc.Inside()
			wash := in.Service("wash", "wash")
			wash.OnCompensate("undoWash", in.Service("unwash", "unwash"))
			in.ThrowCompensation("again", "")
		}, run: func(s *script) {
			id := s.start("care", "")
			m := s.c.at(id)
			activate := func(elements ...string) {
				in := m.live.Instance(id)
				i := slices.IndexFunc(in.Elements, func(el *Element) bool { return el.ElementID == "adhoc" })
				c := &commands.ActivateAdHoc{ElementInstanceID: ids.Join(id, in.Elements[i].Key)}
				for _, e := range elements {
					c.Activities = append(c.Activities, commands.Activity{ElementID: e})
				}
				s.say("activate %v", elements)
				m.do(m.envelope(id, c))
				s.c.settle()
			}
			if got := m.live.Instance(id); len(got.Jobs) != 1 {
				s.t.Fatal("expected the job of wash")
			}
			activate("wash") // once more, so that it goes on when the first is done
			s.complete("wash", "")
			activate("again")
			s.complete("unwash", "")
			s.complete("wash", "")
			s.complete("unwash", "")
			s.ended(id)
		}},
	}
}
