package bpmntest

import "fmt"

// Form gives a user task or start event a form of camunda: fields are triples of
// id, type and what stands inside the field.
func (n *Node) Form(fields ...string) *Node {
	text := "<camunda:formData>"
	for i := 0; i < len(fields); i += 3 {
		text += fmt.Sprintf(`<camunda:formField id="%s" type="%s" label="%s">%s</camunda:formField>`, fields[i], fields[i+1], fields[i], fields[i+2])
	}
	return n.Ext(text + "</camunda:formData>")
}

// formed gives some user tasks a form, by their ids, so that what others choose at
// random stays as it is.
func formed(n *Node) *Node {
	if n.id[len(n.id)-1]%3 != 0 {
		return n
	}
	return n.Form("amount", "long", `<camunda:validation><camunda:constraint name="min" config="1"/></camunda:validation>`, "kind", "enum", `<camunda:value id="a" name="A"/>`)
}
