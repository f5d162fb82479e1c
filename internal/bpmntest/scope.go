package bpmntest

import (
	"fmt"
	"strings"
)

// Scope is a process or subprocess being built.
type Scope struct {
	model *Model
	id    string
	attrs string
	// ext and listenerJobs are the extension elements of a process.
	ext, listenerJobs []string

	nodes []*Node
	flows []*flow
	self  *Node // the subprocess
	// artifacts are written as they stand, such as associations.
	artifacts []string
}

// Attr adds an attribute to a process, such as camunda:versionTag; the prefix
// also decides the dialect of the file.
func (s *Scope) Attr(name, value string) *Scope {
	s.attrs += fmt.Sprintf(` %s="%s"`, name, escape(value))
	return s
}

type flow struct {
	id        string
	from, to  *Node
	condition string
	ext       string // extension elements
	skip      string // flowable's skipExpression
}

// Timer is a timer definition.
type Timer struct{ tag, text string }

// Date, Duration and Cycle make timers of a text or of an expression.
func Date(text string) Timer     { return Timer{"timeDate", text} }
func Duration(text string) Timer { return Timer{"timeDuration", text} }
func Cycle(text string) Timer    { return Timer{"timeCycle", text} }

func (t Timer) xml() string {
	return fmt.Sprintf(`<bpmn:timerEventDefinition><bpmn:%s xsi:type="bpmn:tFormalExpression">%s</bpmn:%s></bpmn:timerEventDefinition>`, t.tag, escape(t.text), t.tag)
}

func (s *Scope) messageXML(name, key string) string {
	return fmt.Sprintf(`<bpmn:messageEventDefinition messageRef="%s"/>`, s.model.messageID(name, key))
}

func (s *Scope) errorXML(code string) string {
	if code == "" {
		return `<bpmn:errorEventDefinition/>`
	}
	return fmt.Sprintf(`<bpmn:errorEventDefinition errorRef="%s"/>`, s.model.errorID(code))
}

func (s *Scope) add(tag, id string) *Node {
	n := &Node{scope: s, tag: tag, id: id}
	s.nodes = append(s.nodes, n)
	return n
}

func (s *Scope) event(tag, id, definition string) *Node {
	n := s.add(tag, id)
	n.body = definition
	return n
}

// The nodes. A key is a FEEL expression such as "=orderId"; empty is none.

// Start adds a none start event.
func (s *Scope) Start(id string) *Node { return s.add("startEvent", id) }

// StartMessage adds a message start event.
func (s *Scope) StartMessage(id, name string) *Node {
	return s.event("startEvent", id, s.messageXML(name, ""))
}

// StartTimer adds a timer start event.
func (s *Scope) StartTimer(id string, t Timer) *Node { return s.event("startEvent", id, t.xml()) }

// End adds a none end event.
func (s *Scope) End(id string) *Node { return s.add("endEvent", id) }

// EndError adds an error end event.
func (s *Scope) EndError(id, code string) *Node { return s.event("endEvent", id, s.errorXML(code)) }

// EndTerminate adds a terminate end event.
func (s *Scope) EndTerminate(id string) *Node {
	return s.event("endEvent", id, `<bpmn:terminateEventDefinition/>`)
}

// Task adds an undefined task, Manual a manual one, Throw a none throw event.
func (s *Scope) Task(id string) *Node   { return s.add("task", id) }
func (s *Scope) Manual(id string) *Node { return s.add("manualTask", id) }
func (s *Scope) Throw(id string) *Node  { return s.add("intermediateThrowEvent", id) }

// Service adds a service task with a job type.
func (s *Scope) Service(id, jobType string) *Node { return s.JobTask("serviceTask", id, jobType) }

// Send adds a send task with a job type.
func (s *Scope) Send(id, jobType string) *Node { return s.JobTask("sendTask", id, jobType) }

// JobTask adds a task of any BPMN name with a job type.
func (s *Scope) JobTask(tag, id, jobType string) *Node {
	n := s.add(tag, id)
	n.jobType = jobType
	return n
}

// User adds a user task.
func (s *Scope) User(id string) *Node { return s.add("userTask", id).Ext(`<zeebe:userTask/>`) }

// Receive adds a receive task.
func (s *Scope) Receive(id, name, key string) *Node {
	return s.add("receiveTask", id).Attr("messageRef", s.model.messageID(name, key))
}

// CatchMessage adds an intermediate message event.
func (s *Scope) CatchMessage(id, name, key string) *Node {
	return s.event("intermediateCatchEvent", id, s.messageXML(name, key))
}

// CatchTimer adds an intermediate timer event.
func (s *Scope) CatchTimer(id string, t Timer) *Node {
	return s.event("intermediateCatchEvent", id, t.xml())
}

// Exclusive, Parallel and EventGateway add gateways.
func (s *Scope) Exclusive(id string) *Node    { return s.add("exclusiveGateway", id) }
func (s *Scope) Parallel(id string) *Node     { return s.add("parallelGateway", id) }
func (s *Scope) EventGateway(id string) *Node { return s.add("eventBasedGateway", id) }

// Node adds a flow node of any BPMN name.
func (s *Scope) Node(tag, id string) *Node { return s.add(tag, id) }

// Sub adds an embedded subprocess; what is inside is added to its [Node.Inside].
func (s *Scope) Sub(id string) *Node { return s.SubOf("subProcess", id) }

// SubOf adds a subprocess of any BPMN name, such as transaction.
func (s *Scope) SubOf(tag, id string) *Node {
	n := s.add(tag, id)
	n.inside = &Scope{model: s.model, id: id, self: n}
	return n
}

// Call adds a call activity.
func (s *Scope) Call(id, processID string) *Node {
	return s.add("callActivity", id).Ext(fmt.Sprintf(`<zeebe:calledElement processId="%s"/>`, escape(processID)))
}

func (s *Scope) write(b *strings.Builder) {
	for _, n := range s.nodes {
		n.write(b)
	}
	for _, f := range s.flows {
		fmt.Fprintf(b, `<bpmn:sequenceFlow id="%s" sourceRef="%s" targetRef="%s"`, escape(f.id), escape(f.from.id), escape(f.to.id))
		if f.skip != "" {
			fmt.Fprintf(b, ` flowable:skipExpression="%s"`, escape(f.skip))
		}
		b.WriteString(">")
		extensions(b, f.ext)
		if f.condition != "" {
			fmt.Fprintf(b, `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">%s</bpmn:conditionExpression>`, escape(f.condition))
		}
		b.WriteString("</bpmn:sequenceFlow>\n")
	}
	for _, a := range s.artifacts {
		b.WriteString(a + "\n")
	}
}
