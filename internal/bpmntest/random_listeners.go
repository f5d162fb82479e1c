package bpmntest

import "fmt"

// listened gives an activity listeners in place and as jobs, and the flow behind
// it one for the take. With a value of choice that is no number some fail.
func (g *generator) listened(s *Scope, _ int) (first, last *Node) {
	var n *Node
	switch g.rnd.IntN(4) {
	case 0:
		n = s.Task(g.id("listened"))
	case 1:
		n = s.Throw(g.id("listened"))
	case 2:
		n = s.Sub(g.id("listened"))
		in := n.Inside()
		in.Start(g.id("start")).To(g.activity(in)).To(in.End(g.id("end")))
	default:
		n = s.Service(g.id("listened"), "work")
	}
	if g.chance(50) {
		n.In("=choice", g.id("local"))
	}
	if g.chance(60) {
		n.Listen("start", fmt.Sprintf(`${execution.setVariable('%s', choice + 1)}`, g.id("seen")))
	}
	if g.chance(40) {
		n.ListenJob("start", "listen")
	}
	if g.chance(60) {
		n.Listen("end", fmt.Sprintf(`${execution.setVariable('choice', choice %% 3)}${execution.setVariableLocal('%s', key)}`, g.id("own")))
	}
	if g.chance(40) { // fails when it is interrupted
		n.Listen("end", `${execution.isCanceled() ? nowhere : key}`)
	}
	if g.chance(40) {
		n.ListenJob("end", "listen").ListenJob("end", "listen")
	}
	if g.chance(30) {
		n.ListenJob("cancel", []string{"listen", "listen", "=key"}[g.rnd.IntN(3)])
	}
	if g.chance(30) {
		n.Out("=choice", g.id("out"))
	}
	if n.tag != "intermediateThrowEvent" {
		if g.chance(25) {
			n.OnTimer(g.id("late"), g.timer(true), false).Listen("start", `${execution.setVariable('late', true)}`).To(s.End(g.id("end")))
		}
		if g.chance(25) {
			after := s.Throw(g.id("after"))
			n.OnError(g.id("error"), "").ListenJob("start", "listen").To(after)
			n.OnTake(after, `${execution.setVariable('taken', execution.getCurrentTransitionId())}`)
			return n, after
		}
	}
	after := s.Throw(g.id("after"))
	n.OnTake(after, `${execution.setVariable('taken', choice * 2)}`)
	return n, after
}

// supervised is a user task with listeners in place and as jobs.
func (g *generator) supervised(s *Scope, _ int) (first, last *Node) {
	n := s.User(g.id("supervised"))
	if g.chance(50) {
		n.Ext(`<zeebe:assignmentDefinition assignee="=key"/>`)
	}
	for _, event := range []string{"create", "assignment", "update", "complete", "delete"} {
		if g.chance(30) {
			n.ListenTask(event, []string{
				`${task.setPriority(choice * 10)}`, `${task.setAssignee('ann')}`, `${task.addCandidateGroup(key)}`,
				fmt.Sprintf(`${task.setVariable('%s', task.priority + choice)}`, g.id("seen")),
			}[g.rnd.IntN(4)])
		}
	}
	for _, event := range []string{"creating", "assigning", "updating", "completing", "canceling"} {
		if g.chance(30) {
			n.ListenTaskJob(event, "listen")
		}
	}
	if g.chance(30) {
		n.Ext(fmt.Sprintf(`<camunda:taskListener id="%s" event="timeout" expression="${task.setAssignee(key)}">`+
			`<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT5H</bpmn:timeCycle></bpmn:timerEventDefinition></camunda:taskListener>`, g.id("timeout")))
	}
	n = g.watched(s, n)
	return n, n
}

// listenedProcess gives a process listeners of its own.
func (g *generator) listenedProcess(p *Scope) {
	if g.chance(15) {
		p.Listen("start", `${execution.setVariable('began', key)}`)
	}
	if g.chance(10) {
		p.ListenJob("start", "listen")
	}
	if g.chance(10) {
		p.ListenJob("cancel", "listen")
	}
	if g.chance(15) {
		p.Listen("end", `${execution.setVariable('over', choice + 1)}`)
	}
	if g.chance(10) {
		p.ListenJob("end", "listen")
	}
}
