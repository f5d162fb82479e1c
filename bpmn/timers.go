package bpmn

import (
	"strings"
	"time"

	"github.com/weir-bpm/weir/expression/timers"
)

// timerKinds is the table of the three ways to say when a timer is due.
func (p *parser) timerKinds(d *EventDefinition) []timerKind {
	return []timerKind{
		{"timeDate", &d.TimerDate, func(text string) error {
			_, err := timers.ParseDate(text, time.UTC)
			if err != nil && p.dialect != DialectZeebe && strings.HasPrefix(text, "P") {
				_, err = timers.ParseDuration(text) // from now on, in the classic dialects
			}
			return err
		}},
		{"timeDuration", &d.TimerDuration, func(text string) error {
			_, err := timers.ParseDuration(text)
			return err
		}},
		{"timeCycle", &d.TimerCycle, func(text string) error {
			_, err := timers.ParseCycle(text, CycleOptions(p.dialect))
			return err
		}},
	}
}

type timerKind struct {
	name  string
	field **Expression
	check func(text string) error
}

// CycleOptions returns how a dialect reads the cycle of a timer: Flowable and
// Camunda 7 have the cron expressions of Quartz, the others those of Spring, and
// Zeebe counts the times that a cycle fired.
func CycleOptions(d Dialect) timers.CycleOptions {
	o := timers.CycleOptions{CountFired: d == DialectZeebe}
	switch d {
	case DialectFlowable:
		o.Cron = timers.Quartz
	case DialectCamunda:
		o.Cron = timers.Camunda
	case DialectZeebe, DialectPlain:
		o.Cron = timers.Spring
	}
	return o
}

// timerEvent parses a timer event definition; constant texts are checked now.
func (p *parser) timerEvent(n *node, _ *Element, d *EventDefinition) {
	count := 0
	for _, kind := range p.timerKinds(d) {
		for _, k := range n.all(nsModel, kind.name) {
			count++
			e := p.timerText(k, kind)
			if text, ok := e.Constant.(string); ok {
				text = strings.TrimSpace(text)
				e.Constant, e.Text = text, text
				if err := kind.check(text); err != nil {
					p.report(k, CodeTimerInvalid, "<%s> cannot be read: %v", kind.name, err)
				}
			}
			*kind.field = e
			if kind.name == "timeCycle" {
				p.timerEnd(k, d)
			}
		}
	}
	p.calendar(n, d)
	if count != 1 {
		p.report(n, CodeEventDefinition, "the timer has %d of <timeDate>, <timeDuration> and <timeCycle>; it needs one", count)
	}
}

// timerEnd reads flowable's end of a cycle.
func (p *parser) timerEnd(n *node, d *EventDefinition) {
	text := strings.TrimSpace(p.classic(n, "endDate"))
	if text == "" {
		return
	}
	d.TimerEnd = p.expression(n, DialectFlowable, text)
	if d.TimerEnd.Program != nil {
		return
	}
	if _, err := timers.ParseDate(text, time.UTC); err != nil {
		p.report(n, CodeTimerInvalid, "endDate cannot be read: %v", err)
	}
}

// calendar reads flowable's business calendar of a timer. The three that every
// Flowable has are what the kinds of timers mean by themselves.
func (p *parser) calendar(n *node, d *EventDefinition) {
	name := p.classic(n, "businessCalendarName")
	switch {
	case name == "", name == "dueDate" && d.TimerDate != nil, name == "duration" && d.TimerDuration != nil, name == "cycle" && d.TimerCycle != nil:
	default:
		p.report(n, CodeUnsupportedAttribute, "the business calendar %q is not known; remove businessCalendarName and write the date as an expression", name)
	}
}

// timerText reads a timer expression. Some tools write a language, such as
// XPath, on plain dates and durations too; these are constants all the same.
func (p *parser) timerText(n *node, kind timerKind) *Expression {
	if lang := n.attr("language"); lang != "" && languageOf(lang) == "" {
		n.attr("evaluatesToTypeRef")
		if text := strings.TrimSpace(n.text()); kind.check(text) == nil {
			return constant(text)
		}
	}
	return p.formal(n)
}

// dateOrDuration checks a constant due or follow-up date: a date, or a duration
// from the creation of the task on.
func (p *parser) dateOrDuration(n *node, what string, e *Expression) *Expression {
	if e == nil || e.Program != nil {
		return e
	}
	text, ok := e.Constant.(string)
	if !ok {
		return e // did not compile, which is reported
	}
	text = strings.TrimSpace(text)
	if _, err := timers.ParseDuration(text); err == nil {
		return constant(text)
	}
	if _, err := timers.ParseDate(text, time.UTC); err != nil {
		p.report(n, CodeTimerInvalid, "%s is %q: %v; write a date such as 2026-03-01T09:30:00Z or a duration such as P3D", what, text, err)
	}
	return constant(text)
}
