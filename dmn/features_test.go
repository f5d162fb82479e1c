package dmn_test

import (
	"testing"

	"github.com/weir-bpm/weir/dmn"
)

// Every line of the table of features holds.
func TestFeatures(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range dmn.Features() {
		t.Run(f.Name, func(t *testing.T) {
			if seen[f.Name] || f.Section == "" {
				t.Error("listed twice or without a section")
			}
			seen[f.Name] = true
			m, problems := dmn.Parse("feature", document(f.Example))
			if f.Refused != "" {
				for _, p := range problems {
					if p.Code == f.Refused && p.Severity == dmn.SeverityError {
						return
					}
				}
				t.Fatalf("not refused with %s, but %v", f.Refused, problems)
			}
			if dmn.HasErrors(problems) {
				t.Fatal(problems)
			}
			if got := output(t, m, "d", nil); got != f.Result {
				t.Errorf("got %s, but expected %s", got, f.Result)
			}
		})
	}
}
