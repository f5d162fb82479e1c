package bpmntest

import (
	"fmt"
	"strings"
)

// Listen adds an execution listener of camunda with an expression, such as
// `${execution.setVariable('a', 1)}`.
func (n *Node) Listen(event, expression string) *Node { return n.Ext(listener(event, expression)) }

// ListenJob adds an execution listener of zeebe, which is a job.
func (n *Node) ListenJob(event, jobType string) *Node {
	n.listenerJobs = append(n.listenerJobs, listenerJob(event, jobType))
	return n
}

// Listen adds an execution listener to a process.
func (s *Scope) Listen(event, expression string) *Scope {
	s.ext = append(s.ext, listener(event, expression))
	return s
}

// ListenJob adds an execution listener of zeebe to a process.
func (s *Scope) ListenJob(event, jobType string) *Scope {
	s.listenerJobs = append(s.listenerJobs, listenerJob(event, jobType))
	return s
}

// ListenTask adds a task listener of camunda with an expression.
func (n *Node) ListenTask(event, expression string) *Node {
	return n.Ext(fmt.Sprintf(`<camunda:taskListener event="%s" expression="%s"/>`, event, escape(expression)))
}

// ListenTaskJob adds a task listener of zeebe, which is a job.
func (n *Node) ListenTaskJob(event, jobType string) *Node {
	n.taskListeners = append(n.taskListeners, fmt.Sprintf(`<zeebe:taskListener eventType="%s" type="%s"/>`, event, escape(jobType)))
	return n
}

// Ext adds extension elements of a process as they stand.
func (s *Scope) Ext(xml string) *Scope {
	s.ext = append(s.ext, xml)
	return s
}

// OnTake is To with an execution listener of camunda on the flow.
func (n *Node) OnTake(next *Node, expression string) *Node {
	n.flow(next, "").ext = listener("take", expression)
	return next
}

func listener(event, expression string) string {
	return fmt.Sprintf(`<camunda:executionListener event="%s" expression="%s"/>`, event, escape(expression))
}

func listenerJob(event, jobType string) string {
	return fmt.Sprintf(`<zeebe:executionListener eventType="%s" type="%s"/>`, event, escape(jobType))
}

// listenerJobsXML is the extension element of listener jobs, "" without any.
func listenerJobsXML(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "<zeebe:executionListeners>" + strings.Join(list, "") + "</zeebe:executionListeners>"
}

// extensions writes the extension elements of a process or flow, if any.
func extensions(b *strings.Builder, parts ...string) {
	if text := strings.Join(parts, ""); text != "" {
		b.WriteString("<bpmn:extensionElements>" + text + "</bpmn:extensionElements>")
	}
}
