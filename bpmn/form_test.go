package bpmn

import (
	"strings"
	"testing"
	"time"
)

// Goal: what a form says and cannot mean is told at deploy, by the field.
func TestFormProblems(t *testing.T) {
	camunda := func(field string) string {
		return between(`<userTask id="t"><extensionElements><camunda:formData>` + field + `</camunda:formData></extensionElements></userTask>`)
	}
	flowable := func(property string) string {
		return between(`<userTask id="t"><extensionElements>` + property + `</extensionElements></userTask>`)
	}
	constraint := func(text string) string {
		return camunda(`<camunda:formField id="f" type="long"><camunda:validation><camunda:constraint ` + text + `/></camunda:validation></camunda:formField>`)
	}
	for _, test := range []struct{ name, model, code, text string }{
		{"no id", camunda(`<camunda:formField type="long"/>`), CodeAttributeValue, "has no id"},
		{"an id twice", camunda(`<camunda:formField id="f"/><camunda:formField id="f"/>`), CodeAttributeValue, "two fields"},
		{"an empty enum", camunda(`<camunda:formField id="f" type="enum"/>`), CodeAttributeValue, "without values"},
		{"a pattern", camunda(`<camunda:formField id="f" type="date" datePattern="QQ yyyy"/>`), CodeAttributeValue, `"QQ" is not known`},
		{"a type", camunda(`<camunda:formField id="f" type="money"/>`), CodeAttributeNoEffect, `is "money"`},
		{"a number", constraint(`name="min" config="low"`), CodeAttributeValue, "expected a number"},
		{"a length", constraint(`name="maxlength" config="-1"`), CodeAttributeValue, "number of characters"},
		{"a validator", constraint(`name="validator" config="com.acme.V"`), CodeAttributeNoEffect, "Java code"},
		{"a default", camunda(`<camunda:formField id="f" defaultValue="${1 +}"/>`), CodeExpressionSyntax, ""},
		{"too much", camunda(`<camunda:formField id="f" label="` + strings.Repeat("x", maxFormBytes) + `"/>`), CodeAttributeValue, "bytes"},
		{"an expression", flowable(`<flowable:formProperty id="f" expression="${a.b}"/>`), CodeAttributeValue, "name of a variable"},
		{"a boolean", flowable(`<flowable:formProperty id="f" required="perhaps"/>`), CodeAttributeValue, "true or false"},
		{"two forms", flowable(`<camunda:formData><camunda:formField id="f"/></camunda:formData><camunda:formData/>`), CodeElementRepeated, "more than once"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := Parse("m.bpmn", []byte(test.model), Options{})
			for _, p := range problems {
				if p.Code == test.code && strings.Contains(p.Message, test.text) && p.ElementID == "t" && p.Line == 3 {
					return
				}
			}
			t.Errorf("expected %s about %q at t, but got %v", test.code, test.text, problems)
		})
	}
}

// Goal: dates are read as Java reads them, with or without leading zeros.
func TestDateLayout(t *testing.T) {
	for _, test := range []struct{ pattern, text, want string }{
		{"dd/MM/yyyy", "1/3/2026", "2026-03-01T00:00:00Z"},
		{"dd/MM/yyyy", "01/03/2026", "2026-03-01T00:00:00Z"},
		{"yyyy-MM-dd'T'HH:mm:ss", "2026-03-01T09:05:07", "2026-03-01T09:05:07Z"},
		{"d MMM yy, h:mm a", "2 Mar 26, 7:05 PM", "2026-03-02T19:05:00Z"},
		{"EEEE, d MMMM yyyy", "Sunday, 1 March 2026", "2026-03-01T00:00:00Z"},
		{"yyyy-MM-dd HH:mm:ss.SSS", "2026-03-01 01:02:03.045", "2026-03-01T01:02:03.045Z"},
		{"yyyy-MM-dd'T'HH:mmXXX", "2026-03-01T01:02+01:00", "2026-03-01T00:02:00Z"},
		{"yyyy-MM-dd HH:mmZ", "2026-03-01 01:02+0100", "2026-03-01T00:02:00Z"},
	} {
		layout, unknown := dateLayout(test.pattern)
		got, err := time.ParseInLocation(layout, test.text, time.UTC)
		if unknown != "" || err != nil || got.UTC().Format(time.RFC3339Nano) != test.want {
			t.Errorf("%q as %q (%q): got %v, %v; expected %s", test.text, test.pattern, layout, got, err, test.want)
		}
	}
	for _, pattern := range []string{"ww", "yyyy 'week 1'", "dd'", "SSS", "DDD", "kk"} {
		if layout, unknown := dateLayout(pattern); unknown == "" {
			t.Errorf("%q: expected it refused, but got %q", pattern, layout)
		}
	}
}
