package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/variables"
)

// A command that says that it comes through the form has its values made those of
// the fields' types, its constraints checked and the defaults of fields that are
// not given filled in. Without that word a command sets variables, as in the
// engines where forms come from.

// submission is what came through a form.
type submission struct {
	d    *decider
	form *bpmn.Form
	// env evaluates defaults; its Lookup also knows what a field had before.
	env    *expression.Env
	given  variables.Document
	checks bool
	out    variables.Document
	faults []string
}

// submitted returns the variables that a form gives. All faults of all fields are
// in one answer.
func (d *decider) submitted(form *bpmn.Form, env *expression.Env, given variables.Document) (variables.Document, *commands.Error) {
	s := &submission{d: d, form: form, env: env, given: given, checks: true, out: variables.Document{}}
	if form.Validates != nil {
		v, f := d.evalIn(env, form.Validates)
		if f == nil {
			s.checks, f = d.truth(form.Validates, v)
		}
		if f != nil {
			return nil, f.asRejection()
		}
	}
	// A default sees the fields before it as they are now.
	outside := env.Lookup
	env.Lookup = func(name string) (any, bool) {
		if v, ok := s.out[name]; ok {
			return v, true
		}
		return outside(name)
	}
	fields := map[string]bool{}
	for i := range form.Fields {
		fields[form.Fields[i].ID] = true
		s.field(&form.Fields[i])
	}
	if len(s.faults) > 0 {
		return nil, commands.Reject(commands.CodeFormInvalid, "%s", truncate(strings.Join(s.faults, "; "), maxFormFaults))
	}
	for _, name := range sortedKeys(given) {
		if !fields[name] { // what is no field is a variable all the same
			s.out[name] = given[name]
		}
	}
	return s.out, nil
}

func (s *submission) fault(f *bpmn.FormField, format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf("field %s: ", f.ID)+fmt.Sprintf(format, args...))
}

func (s *submission) field(f *bpmn.FormField) {
	value, given := s.given[f.ID]
	if given && f.ReadOnly {
		s.fault(f, "is read-only")
		return
	}
	if text, ok := value.(string); ok && text == "" && f.Type != "" && f.Type != bpmn.FieldString {
		value = nil // an empty input of a page
	}
	if !given && f.Default != nil {
		v, fault := s.d.evalIn(s.env, f.Default)
		if fault != nil {
			s.fault(f, "its default: %s", fault.message)
			return
		}
		value, given = v, v != nil
	}
	if !given {
		if s.checks && f.Required && !s.set(f) {
			s.fault(f, "is required")
		}
		return
	}
	converted, why := s.d.converted(f, value)
	if why == "" && s.checks {
		why = broken(f, converted)
	}
	if why != "" {
		s.fault(f, "%s", why)
		return
	}
	s.out[f.Variable] = converted
}

// set says whether the variable of a field has a value already, with which
// camunda's form fields are content.
func (s *submission) set(f *bpmn.FormField) bool {
	if f.Property {
		return false
	}
	v, ok := s.env.Lookup(f.Variable)
	return ok && v != nil && v != ""
}

// converted makes a value one of the field's type, or says why it is none.
func (d *decider) converted(f *bpmn.FormField, v any) (any, string) {
	if v == nil {
		return nil, ""
	}
	wrong := func(want string) (any, string) {
		text, err := variables.ToJSON(v)
		if err != nil {
			text = []byte("?")
		}
		return nil, fmt.Sprintf("expected %s, but got %s", want, truncate(string(text), 100))
	}
	switch f.Type {
	case bpmn.FieldString:
		switch x := v.(type) {
		case string:
			return x, ""
		case bool, int64, *apd.Decimal:
			text, err := variables.ToJSON(x)
			if err == nil {
				return string(text), ""
			}
		}
		return wrong("a text")
	case bpmn.FieldLong, bpmn.FieldDouble:
		if text, ok := v.(string); ok {
			if n, err := variables.ParseNumber(strings.TrimSpace(text)); err == nil {
				v = n
			}
		}
		switch v.(type) {
		case int64:
			return v, ""
		case *apd.Decimal:
			if f.Type == bpmn.FieldDouble {
				return v, ""
			}
		}
		if f.Type == bpmn.FieldLong {
			return wrong("a whole number")
		}
		return wrong("a number")
	case bpmn.FieldBoolean:
		switch x := v.(type) {
		case bool:
			return x, ""
		case string:
			if yes := strings.EqualFold(x, "true"); yes || strings.EqualFold(x, "false") {
				return yes, ""
			}
		}
		return wrong("true or false")
	case bpmn.FieldDate:
		text, ok := v.(string)
		if !ok {
			return wrong("a date such as " + f.Pattern)
		}
		t, err := time.ParseInLocation(f.Layout, strings.TrimSpace(text), d.zone())
		if err != nil {
			// What a default or a program gives is written as all dates are.
			if t, err = timers.ParseDate(text, d.zone()); err != nil {
				return wrong("a date such as " + f.Pattern)
			}
		}
		return t.Format(time.RFC3339Nano), ""
	case bpmn.FieldEnum:
		text, ok := v.(string)
		if !ok || !slices.ContainsFunc(f.Values, func(x bpmn.FormValue) bool { return x.ID == text }) {
			return wrong("one of the values of the field")
		}
		return text, ""
	}
	return v, ""
}

// broken says which constraint of a field a value breaks, "" for none.
func broken(f *bpmn.FormField, v any) string {
	if f.Required && (v == nil || v == "") {
		return "is required"
	}
	if f.Min != nil || f.Max != nil {
		var n *apd.Decimal
		switch x := v.(type) {
		case int64:
			n = apd.New(x, 0)
		case *apd.Decimal:
			n = x
		}
		switch {
		case v == nil:
		case n == nil:
			return "expected a number, since it has a smallest or largest value"
		case f.Min != nil && n.Cmp(f.Min) < 0:
			return fmt.Sprintf("%s is less than %s", n.Text('f'), f.Min.Text('f'))
		case f.Max != nil && n.Cmp(f.Max) > 0:
			return fmt.Sprintf("%s is more than %s", n.Text('f'), f.Max.Text('f'))
		}
	}
	if text, ok := v.(string); ok {
		switch n := utf8.RuneCountInString(text); {
		case f.MinLength != nil && n < *f.MinLength:
			return fmt.Sprintf("has %d characters; expected at least %d", n, *f.MinLength)
		case f.MaxLength != nil && n > *f.MaxLength:
			return fmt.Sprintf("has %d characters; expected at most %d", n, *f.MaxLength)
		}
	}
	return ""
}

// submittedTask is submitted for the form of a user task.
func (d *decider) submittedTask(in *Instance, el *Element, node *bpmn.Element, given variables.Document) (variables.Document, *commands.Error) {
	if node.Form == nil {
		return given, nil
	}
	return d.submitted(node.Form, d.env(in, el), given)
}

// submittedStart is submitted for the form of a start event; there are no
// variables before but those that are given. key is the business key.
func (d *decider) submittedStart(start *bpmn.Element, c *commands.StartInstance, ref events.DefinitionRef) (vars variables.Document, key string, rejection *commands.Error) {
	form := start.Form
	if form == nil {
		return c.Variables, c.BusinessKey, nil
	}
	given := c.Variables
	env := &expression.Env{
		Lookup:  func(name string) (any, bool) { v, ok := given[name]; return v, ok },
		Visible: func() map[string]any { return given },
		Now:     time.UnixMilli(d.cmd.TimeMS).UTC(), Zone: d.cfg.Zone, Seed: seed(d.cmd.ID, events.RootKey),
		Execution: expression.Execution{
			InstanceID: string(d.cmd.Instance), BusinessKey: c.BusinessKey, DefinitionID: ref.ID(), ProcessID: ref.ProcessID, ElementID: start.ID, Tenant: d.cmd.Tenant,
		},
	}
	vars, rejection = d.submitted(form, env, given)
	key = c.BusinessKey
	for i := range form.Fields {
		if f := &form.Fields[i]; f.ID == form.BusinessKey && key == "" {
			key, _ = vars[f.Variable].(string)
		}
	}
	return vars, key, rejection
}

// formFields are the fields of a form as those see them who show it. A default
// that is an expression is shown as it is now, if it can be evaluated.
func (d *decider) formFields(in *Instance, el *Element, form *bpmn.Form) []events.FormField {
	if form == nil {
		return nil
	}
	out := make([]events.FormField, 0, len(form.Fields))
	for i := range form.Fields {
		f := &form.Fields[i]
		if f.Hidden {
			continue
		}
		field := events.FormField{ID: f.ID, Label: f.Label, Type: f.Type, DatePattern: f.Pattern, Required: f.Required, ReadOnly: f.ReadOnly}
		if f.Variable != f.ID {
			field.Variable = f.Variable
		}
		for _, v := range f.Values {
			field.Values = append(field.Values, events.FormValue{ID: v.ID, Name: v.Name})
		}
		if f.Min != nil {
			field.Min = f.Min.Text('f')
		}
		if f.Max != nil {
			field.Max = f.Max.Text('f')
		}
		field.MinLength, field.MaxLength = f.MinLength, f.MaxLength
		if f.Default != nil {
			if v, fault := d.eval(in, el, f.Default); fault == nil && v != nil {
				if shown, why := d.converted(f, v); why == "" {
					if text, err := variables.ToJSON(shown); err == nil && len(text) <= maxShownDefault {
						field.Default = string(text)
					}
				}
			}
		}
		out = append(out, field)
	}
	return out
}

// maxFormFaults bounds the text that tells what is wrong with a form.
const maxFormFaults = 4096

// maxShownDefault bounds the JSON of a default that a task takes along.
const maxShownDefault = 4096
