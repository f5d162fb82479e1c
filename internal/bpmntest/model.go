package bpmntest

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Model is a BPMN file being built.
type Model struct {
	processes   []*Scope
	messages    []message
	errors      []string
	escalations []string
	errorTexts  map[string]string // messages of errors, by code
	// zeebe says that the file names the platform of zeebe, which decides its
	// dialect whatever else it holds.
	zeebe   bool
	signals []string
	// signalAttrs are attributes of all signals.
	signalAttrs string
}

type message struct{ name, key string }

// New returns a file without processes.
func New() *Model { return &Model{} }

// Process adds an executable process.
func (m *Model) Process(id string) *Scope {
	s := &Scope{model: m, id: id}
	m.processes = append(m.processes, s)
	return s
}

// messageID returns the id of the root element for a message, making it if
// there is none. An empty key is none.
func (m *Model) messageID(name, key string) string {
	for i, other := range m.messages {
		if other.name == name && other.key == key {
			return fmt.Sprintf("Message_%d", i+1)
		}
	}
	m.messages = append(m.messages, message{name, key})
	return fmt.Sprintf("Message_%d", len(m.messages))
}

func (m *Model) errorID(code string) string {
	for i, other := range m.errors {
		if other == code {
			return fmt.Sprintf("Error_%d", i+1)
		}
	}
	m.errors = append(m.errors, code)
	return fmt.Sprintf("Error_%d", len(m.errors))
}

// XML returns the file.
func (m *Model) XML() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn"
  xmlns:flowable="http://flowable.org/bpmn"
  id="Definitions_1" targetNamespace="http://example.com/bpmn"`)
	if m.zeebe {
		b.WriteString(` xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud"`)
	}
	b.WriteString(">\n")
	for i, msg := range m.messages {
		fmt.Fprintf(&b, `<bpmn:message id="Message_%d" name="%s">`, i+1, escape(msg.name))
		if msg.key != "" {
			fmt.Fprintf(&b, `<bpmn:extensionElements><zeebe:subscription correlationKey="%s"/></bpmn:extensionElements>`, escape(msg.key))
		}
		b.WriteString("</bpmn:message>\n")
	}
	for i, code := range m.errors {
		message := ""
		if text := m.errorTexts[code]; text != "" {
			message = fmt.Sprintf(" camunda:errorMessage=\"%s\"", escape(text))
		}
		fmt.Fprintf(&b, "<bpmn:error id=\"Error_%d\" name=\"%s\" errorCode=\"%s\"%s/>\n", i+1, escape(code), escape(code), message)
	}
	for i, code := range m.escalations {
		fmt.Fprintf(&b, "<bpmn:escalation id=\"Escalation_%d\" name=\"%s\" escalationCode=\"%s\"/>\n", i+1, escape(code), escape(code))
	}
	for i, name := range m.signals {
		fmt.Fprintf(&b, "<bpmn:signal id=\"Signal_%d\" name=\"%s\"%s/>\n", i+1, escape(name), m.signalAttrs)
	}
	for _, p := range m.processes {
		fmt.Fprintf(&b, "<bpmn:process id=\"%s\" isExecutable=\"true\"%s>\n", escape(p.id), p.attrs)
		extensions(&b, append(p.ext, listenerJobsXML(p.listenerJobs))...)
		p.write(&b)
		b.WriteString("</bpmn:process>\n")
	}
	b.WriteString("</bpmn:definitions>\n")
	return []byte(b.String())
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a strings.Builder does not fail
	}
	return b.String()
}
