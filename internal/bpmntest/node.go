package bpmntest

import (
	"fmt"
	"strings"
)

// Node is a flow node being built.
type Node struct {
	scope    *Scope
	tag, id  string
	jobType  string
	retries  string
	attrs    []string
	ext      []string
	mappings []string
	headers  []string
	// listenerJobs are execution listeners of zeebe.
	listenerJobs []string
	// taskListeners are task listeners of zeebe.
	taskListeners []string
	body          string
	fallback      *flow // the default flow
	inside        *Scope
}

// ID is the node's id.
func (n *Node) ID() string { return n.id }

// Inside is the scope of a subprocess.
func (n *Node) Inside() *Scope { return n.inside }

// To adds a flow to the next node, with the id `<from>-<to>`, and returns that
// node. A second flow between the two gets `<from>-<to>-2`.
func (n *Node) To(next *Node) *Node {
	n.flow(next, "")
	return next
}

// If is To with a condition, such as "=amount > 10".
func (n *Node) If(condition string, next *Node) *Node {
	n.flow(next, condition)
	return next
}

// IfSkip is If with a skip expression of flowable.
func (n *Node) IfSkip(condition, skip string, next *Node) *Node {
	n.flow(next, condition).skip = skip
	return next
}

// Else is To over the default flow.
func (n *Node) Else(next *Node) *Node {
	n.fallback = n.flow(next, "")
	return next
}

func (n *Node) flow(next *Node, condition string) *flow {
	id := n.id + "-" + next.id
	same := 1
	for _, f := range n.scope.flows {
		if f.from == n && f.to == next {
			same++
		}
	}
	if same > 1 {
		id = fmt.Sprintf("%s-%d", id, same)
	}
	f := &flow{id: id, from: n, to: next, condition: condition}
	n.scope.flows = append(n.scope.flows, f)
	return f
}

// OnTimer attaches a timer boundary event and returns it.
func (n *Node) OnTimer(id string, t Timer, interrupting bool) *Node {
	return n.boundary(id, t.xml(), interrupting)
}

// OnMessage attaches a message boundary event and returns it.
func (n *Node) OnMessage(id, name, key string, interrupting bool) *Node {
	return n.boundary(id, n.scope.messageXML(name, key), interrupting)
}

// OnError attaches an error boundary event and returns it; an empty code
// catches all.
func (n *Node) OnError(id, code string) *Node {
	return n.boundary(id, n.scope.errorXML(code), true)
}

func (n *Node) boundary(id, definition string, interrupting bool) *Node {
	b := n.scope.event("boundaryEvent", id, definition).Attr("attachedToRef", n.id)
	if !interrupting {
		b.Attr("cancelActivity", "false")
	}
	return b
}

// In adds an input mapping, Out an output mapping; sources are FEEL with "=".
func (n *Node) In(source, target string) *Node  { return n.mapping("input", source, target) }
func (n *Node) Out(source, target string) *Node { return n.mapping("output", source, target) }

func (n *Node) mapping(kind, source, target string) *Node {
	n.mappings = append(n.mappings, fmt.Sprintf(`<zeebe:%s source="%s" target="%s"/>`, kind, escape(source), escape(target)))
	return n
}

// Header adds a static header for the worker.
func (n *Node) Header(key, value string) *Node {
	n.headers = append(n.headers, fmt.Sprintf(`<zeebe:header key="%s" value="%s"/>`, escape(key), escape(value)))
	return n
}

// Retries sets how many attempts the job has.
func (n *Node) Retries(text string) *Node {
	n.retries = text
	return n
}

// Attr adds an attribute; the name may have one of the prefixes zeebe and
// camunda.
func (n *Node) Attr(name, value string) *Node {
	n.attrs = append(n.attrs, fmt.Sprintf(`%s="%s"`, name, escape(value)))
	return n
}

// Ext adds extension elements as they stand.
func (n *Node) Ext(xml string) *Node {
	n.ext = append(n.ext, xml)
	return n
}

func (n *Node) write(b *strings.Builder) {
	fmt.Fprintf(b, `<bpmn:%s id="%s"`, n.tag, escape(n.id))
	for _, a := range n.attrs {
		b.WriteString(" " + a)
	}
	if n.fallback != nil {
		fmt.Fprintf(b, ` default="%s"`, escape(n.fallback.id))
	}
	b.WriteString(">")
	n.writeExtensions(b)
	for _, f := range n.scope.flows {
		if f.to == n {
			fmt.Fprintf(b, "<bpmn:incoming>%s</bpmn:incoming>", escape(f.id))
		}
	}
	for _, f := range n.scope.flows {
		if f.from == n {
			fmt.Fprintf(b, "<bpmn:outgoing>%s</bpmn:outgoing>", escape(f.id))
		}
	}
	b.WriteString(n.body)
	if n.inside != nil {
		b.WriteString("\n")
		n.inside.write(b)
	}
	fmt.Fprintf(b, "</bpmn:%s>\n", n.tag)
}

func (n *Node) writeExtensions(b *strings.Builder) {
	ext := n.ext
	if n.jobType != "" {
		retries := ""
		if n.retries != "" {
			retries = fmt.Sprintf(` retries="%s"`, escape(n.retries))
		}
		ext = append(ext, fmt.Sprintf(`<zeebe:taskDefinition type="%s"%s/>`, escape(n.jobType), retries))
	}
	if len(n.headers) > 0 {
		ext = append(ext, "<zeebe:taskHeaders>"+strings.Join(n.headers, "")+"</zeebe:taskHeaders>")
	}
	if len(n.mappings) > 0 {
		ext = append(ext, "<zeebe:ioMapping>"+strings.Join(n.mappings, "")+"</zeebe:ioMapping>")
	}
	if len(n.taskListeners) > 0 {
		ext = append(ext, "<zeebe:taskListeners>"+strings.Join(n.taskListeners, "")+"</zeebe:taskListeners>")
	}
	if jobs := listenerJobsXML(n.listenerJobs); jobs != "" {
		ext = append(ext, jobs)
	}
	if len(ext) > 0 {
		b.WriteString("<bpmn:extensionElements>" + strings.Join(ext, "") + "</bpmn:extensionElements>")
	}
}
