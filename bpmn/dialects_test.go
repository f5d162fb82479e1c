package bpmn

import (
	"strings"
	"testing"
)

// Goal: nothing of the dialects is silently ignored. Method: an example of every
// attribute and element; each is read, refused with a way out, warned of, or kept
// out for a stated reason.
func TestDialectSupport(t *testing.T) {
	seen := map[string]bool{}
	counts := map[string]int{}
	for _, row := range DialectSupport() {
		key := string(row.Dialect) + " " + row.On + " " + row.Name
		if seen[key] {
			t.Errorf("%s is listed twice", key)
		}
		seen[key] = true
		counts[row.Becomes]++
		switch row.Becomes {
		case BecomesExecuted:
		case BecomesMetadata, BecomesWarned, BecomesRefused:
			if strings.TrimSpace(row.Note) == "" {
				t.Errorf("%s is %s without a reason", key, row.Becomes)
			}
		default:
			t.Errorf("%s becomes %q", key, row.Becomes)
		}
		if testing.Verbose() {
			t.Logf("%-9s %-60s %s", row.Becomes, key, row.Note)
		}
	}
	if counts[BecomesExecuted] < 100 {
		t.Errorf("expected most rows to be executed, but got %v", counts)
	}
}
