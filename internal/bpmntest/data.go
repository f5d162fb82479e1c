package bpmntest

import "fmt"

// DataObject adds a data object with the value that it begins with, in
// flowable's way; typ is one of XML Schema, such as string.
func (s *Scope) DataObject(id, name, typ, value string) *Node {
	return s.add("dataObject", id).Attr("name", name).Attr("itemSubjectRef", "xsd:"+typ).
		Ext(fmt.Sprintf("<flowable:value>%s</flowable:value>", escape(value)))
}

// AssignIn and AssignOut add a data association with one assignment.
func (n *Node) AssignIn(from, to string) *Node { return n.assign("dataInputAssociation", from, to) }

func (n *Node) AssignOut(from, to string) *Node { return n.assign("dataOutputAssociation", from, to) }

func (n *Node) assign(tag, from, to string) *Node {
	n.body += fmt.Sprintf("<bpmn:%s><bpmn:assignment><bpmn:from>%s</bpmn:from><bpmn:to>%s</bpmn:to></bpmn:assignment></bpmn:%s>", tag, escape(from), escape(to), tag)
	return n
}
