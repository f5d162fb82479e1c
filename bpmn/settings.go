package bpmn

import (
	"slices"
	"strings"
)

// Setting is a row of [Settings]: a choice that a deployment makes for all of
// its models, where the dialects' own rule is not wanted.
type Setting struct {
	Name string
	// Values are what it may be; the first is meant when it is not given,
	// unless Meaning says that the dialect decides.
	Values  []string
	Meaning string
	// Check says what is wrong with a value where Values are not all that there
	// are, but only their forms.
	Check func(value string) error
}

// The names of settings.
const (
	settingCompensationOrder = "compensation-order"
	settingErrorOrder        = "error-order"
	settingHistoryTTL        = "history-ttl"
	settingInputResults      = "input-results"
	settingTimerCatchUp      = "timer-catch-up"
	settingTimerCycle        = "timer-cycle"
)

// Settings lists what [Options.Settings] may hold, by name.
func Settings() []Setting {
	return []Setting{
		{Name: settingCompensationOrder, Values: []string{"reverse", "parallel"}, Meaning: "How the handlers of a compensation run: one after the other in reverse order of completion, as the standard has it, or all at once, as in Camunda 7 and Zeebe."},
		{Name: settingErrorOrder, Values: []string{"event-subprocess", "code"}, Meaning: "Which catches an error or escalation in a scope that has both: an event subprocess that catches all, or a boundary event with the code. The dialect decides: code in zeebe, else event-subprocess."},
		{Name: settingHistoryTTL, Values: []string{"DURATION", "none"}, Check: checkHistoryTTL, Meaning: "How long the read models keep instances that have ended, as an ISO 8601 duration such as P30D or a number of days; none is for ever. It replaces historyTimeToLive of the models."},
		{Name: settingInputResults, Values: []string{"local", "outwards"}, Meaning: "Where a result goes that has the name of an input of its element, if the element has no outputs: into that local variable, which ends with the element, as in Zeebe and Camunda 7; or past it to the nearest scope outside."},
		{Name: settingTimerCatchUp, Values: []string{"once", "each"}, Meaning: "What a cycle does after an outage: fire once and go on from now, or fire for each time that has passed. The server's --timer-catch-up decides where it is not given."},
		{Name: settingTimerCycle, Values: []string{"fixed", "reevaluate"}, Meaning: "When the expression of a cycle on a boundary event or event subprocess is evaluated: once, when the timer is armed; or again each time it fires, as Camunda 7 does with reevaluateTimeCycleWhenDue. A cycle that has become another one counts from then on."},
	}
}

// CatchUpEach says whether a cycle fires for each time that passed while the
// engine was down, and whether the deployment has chosen; see the setting
// timer-catch-up.
func (p *Process) CatchUpEach() (each, chosen bool) {
	value := p.Setting(settingTimerCatchUp)
	return value == "each", value != ""
}

// ReevaluatesCycles says that the expression of a cycle is evaluated again each
// time its timer fires; see the setting timer-cycle.
func (p *Process) ReevaluatesCycles() bool { return p.Setting(settingTimerCycle) == "reevaluate" }

// Setting returns what the deployment says about a setting, "" if nothing.
func (p *Process) Setting(name string) string { return p.Settings[name] }

// CodeFirst says that a boundary event with the code of an error or escalation
// comes before an event subprocess of the same scope that catches all, as in
// Zeebe; see the setting error-order.
func (p *Process) CodeFirst() bool {
	switch p.Setting(settingErrorOrder) {
	case "":
		return p.Dialect == DialectZeebe
	case "code":
		return true
	}
	return false
}

// checkSettings refuses settings that nothing would look at.
func (p *parser) checkSettings() {
	table := Settings()
	for _, name := range sortedKeys(p.opts.Settings) {
		value := p.opts.Settings[name]
		i := slices.IndexFunc(table, func(s Setting) bool { return s.Name == name })
		switch {
		case i < 0:
			known := make([]string, len(table))
			for i, s := range table {
				known[i] = s.Name
			}
			p.report(nil, CodeOptionInvalid, "the option %q is not known; expected one of: %s", name, strings.Join(known, ", "))
		case table[i].Check != nil:
			if err := table[i].Check(value); err != nil {
				p.report(nil, CodeOptionInvalid, "the option %s is %q; expected %s: %v", name, value, strings.Join(table[i].Values, " or "), err)
			}
		case !slices.Contains(table[i].Values, value):
			p.report(nil, CodeOptionInvalid, "the option %s is %q; expected %s", name, value, strings.Join(table[i].Values, " or "))
		}
	}
}
