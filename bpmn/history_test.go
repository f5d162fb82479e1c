package bpmn

import "testing"

// Goal: how long instances are kept, from the attribute and the deployment's
// choice, which wins.
func TestHistoryTTL(t *testing.T) {
	for _, test := range []struct{ attribute, option, want string }{
		{"", "", ""},
		{"180", "", "P180D"},
		{"P30D", "", "P30D"},
		{"P1M", "", "P1M"},
		{"0", "", "PT0S"},
		{"", "P7D", "P7D"},
		{"180", "7", "P7D"},
		{"180", "PT1H", "PT1H"},
		{"180", "none", ""},
	} {
		opts := Options{}
		if test.option != "" {
			opts.Settings = map[string]string{"history-ttl": test.option}
		}
		attr := ""
		if test.attribute != "" {
			attr = ` camunda:historyTimeToLive="` + test.attribute + `"`
		}
		model := definitionsTag + `<process id="p" isExecutable="true"` + attr + `><startEvent id="s"/></process></definitions>`
		defs, problems := Parse("m.bpmn", []byte(model), opts)
		if HasErrors(problems) {
			t.Errorf("%+v: %v", test, problems)
			continue
		}
		got := ""
		if ttl := defs.Processes[0].HistoryTTL; ttl != nil {
			got = ttl.String()
		}
		if got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
