package bpmn

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/variables"
)

// Form is the form of a user task or start event where the model says its fields:
// camunda's formData, or the formProperty of both families. It is immutable.
type Form struct {
	Fields []FormField
	// BusinessKey is the field of a start form that gives the business key.
	BusinessKey string
	// Validates is flowable's formFieldValidation: false leaves the constraints
	// unchecked, though not who may write; nil checks them.
	Validates *Expression
}

// The types of form fields. Values of another type pass as they are.
const (
	FieldString  = "string"
	FieldLong    = "long"
	FieldDouble  = "double"
	FieldBoolean = "boolean"
	FieldDate    = "date"
	FieldEnum    = "enum"
)

// FormField is a field of a form.
type FormField struct {
	ID    string
	Label string
	Type  string
	// Pattern is how a date is written, as in Java, and Layout the same for Go.
	Pattern, Layout string
	// Default is the value of a field that is not given; nil for none.
	Default *Expression
	// Variable receives the value; it is the id unless the model says otherwise.
	Variable string
	// Values are what a field of type enum may be.
	Values []FormValue
	// Required refuses an empty value, ReadOnly any value that is given. Hidden
	// keeps the field from those who look at the form.
	Required, ReadOnly, Hidden bool
	// Property says that the field is a formProperty, which must be given though
	// its variable is set.
	Property bool
	// Min and Max bound numbers, MinLength and MaxLength the characters of texts.
	Min, Max             *apd.Decimal
	MinLength, MaxLength *int
}

// FormValue is one of the values of an enum.
type FormValue struct{ ID, Name string }

// maxFormBytes bounds the texts of a form, which its tasks take along.
const maxFormBytes = 64 << 10

// formOf reads the form of an element, nil if the model says no fields.
func (p *parser) formOf(n *node) *Form {
	form := &Form{}
	for i, data := range p.classicExts(n, "formData") {
		if i > 0 {
			p.report(data, CodeElementRepeated, "<%s> occurs more than once in one element; keep one", data.el.FullTag())
			break
		}
		form.BusinessKey = data.attr("businessKey")
		for _, k := range data.all(data.ns, "formField") {
			p.addField(k, form, p.formField(k))
		}
	}
	for _, k := range p.classicExts(n, "formProperty") {
		p.addField(k, form, p.formProperty(k))
	}
	if validates := p.classic(n, "formFieldValidation"); validates != "" {
		form.Validates = p.optional(n, DialectFlowable, validates)
	}
	if len(form.Fields) == 0 {
		return nil
	}
	if size := form.size(); size > maxFormBytes {
		p.report(n, CodeAttributeValue, "the form takes %d bytes; expected at most %d, which its tasks take along", size, maxFormBytes)
	}
	return form
}

func (p *parser) addField(n *node, form *Form, f FormField) {
	if f.ID == "" {
		p.report(n, CodeAttributeValue, "a field of the form has no id; add one, it is the name of its variable")
		return
	}
	for i := range form.Fields {
		if form.Fields[i].ID == f.ID {
			p.report(n, CodeAttributeValue, "the form has two fields with the id %q; rename one", f.ID)
			return
		}
	}
	form.Fields = append(form.Fields, f)
}

// formField reads a field of camunda's formData.
func (p *parser) formField(n *node) FormField {
	f := FormField{ID: n.attr("id"), Label: n.attr("label"), Type: n.attr("type"), Pattern: n.attr("datePattern")}
	f.Variable = f.ID
	f.Default = p.optional(n, DialectCamunda, n.attr("defaultValue"))
	f.Values = p.formValues(n)
	for _, k := range n.all(n.ns, "properties") {
		k.keepOut() // for the client
	}
	for _, v := range n.all(n.ns, "validation") {
		for _, c := range v.all(n.ns, "constraint") {
			p.constraint(c, &f)
		}
	}
	p.fieldType(n, &f)
	return f
}

// formProperty reads the older kind of field, which flowable has too.
func (p *parser) formProperty(n *node) FormField {
	f := FormField{ID: n.attr("id"), Label: n.attr("name"), Type: n.attr("type"), Pattern: n.attr("datePattern"), Property: true}
	f.Default = p.optional(n, DialectCamunda, n.attr("default"))
	f.Required = p.boolean(n, "required", false)
	f.ReadOnly = !p.boolean(n, "writable", true)
	f.Hidden = !p.boolean(n, "readable", true)
	f.Variable = f.ID
	if v := n.attr("variable"); v != "" {
		f.Variable = v
	}
	if text := strings.TrimSpace(n.attr("expression")); text != "" {
		name, ok := strings.CutPrefix(text, "${")
		if !ok {
			name, ok = strings.CutPrefix(text, "#{")
		}
		name, closed := strings.CutSuffix(name, "}")
		if ok && closed && isName(strings.TrimSpace(name)) {
			f.Variable = strings.TrimSpace(name)
		} else {
			p.report(n, CodeAttributeValue, "the expression of the field %q is %q; expected the name of a variable, such as ${amount}", f.ID, text)
		}
	}
	f.Values = p.formValues(n)
	p.fieldType(n, &f)
	return f
}

func (p *parser) formValues(n *node) []FormValue {
	var out []FormValue
	for _, k := range n.all(n.ns, "value") {
		out = append(out, FormValue{ID: k.attr("id"), Name: k.attr("name")})
	}
	return out
}

// fieldType checks the type of a field and what depends on it.
func (p *parser) fieldType(n *node, f *FormField) {
	switch f.Type {
	case "", FieldString, FieldLong, FieldDouble, FieldBoolean:
	case FieldEnum:
		if len(f.Values) == 0 {
			p.report(n, CodeAttributeValue, "the field %q is an enum without values; add <value id=\"…\"/>", f.ID)
		}
	case FieldDate:
		if f.Pattern == "" {
			f.Pattern = "dd/MM/yyyy"
		}
		layout, unknown := dateLayout(f.Pattern)
		if unknown != "" {
			p.report(n, CodeAttributeValue, "the date pattern of the field %q is %q; %q is not known, expected y, M, d, H, h, m, s, a, z or text in quotes", f.ID, f.Pattern, unknown)
		}
		f.Layout = layout
	default:
		p.report(n, CodeAttributeNoEffect, "the type of the form field %q is %q; its values pass as they are, known are string, long, double, boolean, date and enum", f.ID, f.Type)
	}
}

// constraint reads a constraint of camunda's form fields.
func (p *parser) constraint(n *node, f *FormField) {
	name, config := n.attr("name"), strings.TrimSpace(n.attr("config"))
	switch name {
	case "required":
		f.Required = config != "false"
	case "readonly":
		f.ReadOnly = config != "false"
	case "min":
		f.Min = p.bound(n, f, name, config)
	case "max":
		f.Max = p.bound(n, f, name, config)
	case "minlength":
		f.MinLength = p.length(n, f, name, config)
	case "maxlength":
		f.MaxLength = p.length(n, f, name, config)
	default:
		p.report(n, CodeAttributeNoEffect, "the constraint %q of the form field %q is not checked: it is Java code; let the client check it", name, f.ID)
	}
}

func (p *parser) bound(n *node, f *FormField, name, config string) *apd.Decimal {
	v, err := variables.ParseNumber(config)
	if err != nil {
		p.report(n, CodeAttributeValue, "the constraint %s of the form field %q is %q; expected a number", name, f.ID, config)
		return nil
	}
	switch v := v.(type) {
	case int64:
		return apd.New(v, 0)
	case *apd.Decimal:
		return v
	}
	return nil
}

func (p *parser) length(n *node, f *FormField, name, config string) *int {
	v, err := variables.ParseNumber(config)
	size, ok := v.(int64)
	if err != nil || !ok || size < 0 || size > 1<<31-1 {
		p.report(n, CodeAttributeValue, "the constraint %s of the form field %q is %q; expected a number of characters", name, f.ID, config)
		return nil
	}
	length := int(size)
	return &length
}

// dateLayout is the Go layout for a pattern of Java's SimpleDateFormat. It reads
// numbers with or without leading zeros, as Java does. unknown is what has no
// counterpart.
func dateLayout(pattern string) (layout, unknown string) {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		end := i
		for end < len(pattern) && pattern[end] == c {
			end++
		}
		n := end - i
		switch {
		case c == '\'':
			text, rest, closed := strings.Cut(pattern[i+1:], "'")
			if !closed || strings.ContainsAny(text, "0123456789") || len(text) > 1 && text != "at" && text != "um" {
				return "", pattern[i:]
			}
			b.WriteString(text)
			i = len(pattern) - len(rest)
			continue
		case c == 'y' && n == 2:
			b.WriteString("06")
		case c == 'y':
			b.WriteString("2006")
		case c == 'M' && n <= 2:
			b.WriteString("1")
		case c == 'M' && n == 3:
			b.WriteString("Jan")
		case c == 'M':
			b.WriteString("January")
		case c == 'd' && n <= 2:
			b.WriteString("2")
		case c == 'H' && n <= 2:
			b.WriteString("15")
		case c == 'h' && n <= 2:
			b.WriteString("3")
		case c == 'm' && n <= 2:
			b.WriteString("4")
		case c == 's' && n <= 2:
			b.WriteString("5")
		case c == 'S' && n <= 3 && i > 0 && (pattern[i-1] == '.' || pattern[i-1] == ','):
			b.WriteString(strings.Repeat("0", n))
		case c == 'a':
			b.WriteString("PM")
		case c == 'E' && n <= 3:
			b.WriteString("Mon")
		case c == 'E':
			b.WriteString("Monday")
		case c == 'Z':
			b.WriteString("-0700")
		case c == 'X':
			b.WriteString("Z07:00")
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			return "", pattern[i:end]
		default:
			b.WriteString(pattern[i:end])
		}
		i = end
	}
	return b.String(), ""
}

func (f *Form) size() int64 {
	if f == nil {
		return 0
	}
	total := int64(len(f.BusinessKey)) + f.Validates.size()
	for i := range f.Fields {
		x := &f.Fields[i]
		total += 256 + int64(len(x.ID)+len(x.Label)+len(x.Type)+len(x.Pattern)+len(x.Layout)+len(x.Variable)) + x.Default.size()
		for _, v := range x.Values {
			total += 32 + int64(len(v.ID)+len(v.Name))
		}
	}
	return total
}
