package bpmn

import (
	"slices"
	"strings"
)

// scriptText returns the text of a script: inline, or of the file of the
// deployment that camunda:resource names, which comes before it. It is false if
// there is none, which has been reported.
func (p *parser) scriptText(n *node, resource, inline string) (text string, ok bool) {
	if resource == "" {
		return inline, true
	}
	if strings.Contains(resource, "${") || strings.Contains(resource, "#{") {
		p.report(n, CodeUnsupportedAttribute, "the resource %q of the script is an expression; name the file", resource)
		return "", false
	}
	name := ScriptName(resource)
	if p.opts.Script != nil {
		if text, ok := p.opts.Script(name); ok {
			if !slices.Contains(p.defs.Scripts, name) {
				p.defs.Scripts = append(p.defs.Scripts, name)
			}
			return text, true
		}
	}
	p.report(n, CodeScriptMissing, "the script %q is not in the deployment; deploy the file together with the model, or write its text into the model", name)
	return "", false
}

// ScriptName returns the name of the file that a camunda:resource names: one of
// the deployment, or of the class path, for which a file of the deployment has to
// stand in here.
func ScriptName(resource string) string {
	for _, prefix := range []string{"deployment://", "classpath://"} {
		if name, ok := strings.CutPrefix(resource, prefix); ok {
			return name
		}
	}
	return resource
}

// extensionScript compiles a camunda:script.
func (p *parser) extensionScript(n *node, format string) *Expression {
	text, ok := p.scriptText(n, n.attr("resource"), n.text())
	if !ok {
		return &Expression{Text: text}
	}
	return p.inLanguage(n, format, text)
}
