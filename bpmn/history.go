package bpmn

import (
	"errors"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/expression/timers"
)

// historyNone is the value of the setting history-ttl that keeps instances for
// ever.
const historyNone = "none"

// historyTime reads camunda's historyTimeToLive, unless the deployment has chosen
// otherwise.
func (p *parser) historyTime(n *node, pr *Process) {
	pr.HistoryTimeToLive = strings.TrimSpace(p.classic(n, "historyTimeToLive"))
	if pr.HistoryTimeToLive != "" {
		ttl, err := parseHistoryTTL(pr.HistoryTimeToLive)
		if err != nil {
			p.report(n, CodeAttributeValue, "historyTimeToLive is %q; expected a number of days or a duration such as P30D", pr.HistoryTimeToLive)
		} else {
			pr.HistoryTTL = ttl
		}
	}
	switch chosen := pr.Setting(settingHistoryTTL); chosen {
	case "":
	case historyNone:
		pr.HistoryTTL = nil
	default:
		if ttl, err := parseHistoryTTL(chosen); err == nil { // else checkSettings has reported it
			pr.HistoryTTL = ttl
		}
	}
}

// parseHistoryTTL reads a number of days, or a duration that does not go back.
func parseHistoryTTL(text string) (*timers.Duration, error) {
	if days, err := strconv.ParseUint(text, 10, 20); err == nil {
		return &timers.Duration{Days: int64(days)}, nil //nolint:gosec // of 20 bits
	}
	d, err := timers.ParseDuration(text)
	if err != nil {
		return nil, err
	}
	if d.Months < 0 || d.Days < 0 || d.Seconds < 0 || d.Nanos < 0 {
		return nil, errors.New("it goes back in time")
	}
	return &d, nil
}

func checkHistoryTTL(value string) error {
	if value == historyNone {
		return nil
	}
	_, err := parseHistoryTTL(value)
	return err
}
