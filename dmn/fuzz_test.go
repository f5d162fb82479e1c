package dmn_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// FuzzParse reads any bytes as a model and evaluates each of its decisions and
// services on few variables under tight limits: nothing panics or hangs, an
// unreadable model has an error, and every result marshals to JSON. The corpus
// is in testdata/fuzz/FuzzParse.
func FuzzParse(f *testing.F) {
	f.Add([]byte(shipping))
	f.Add(document(graph))
	f.Add(document(dish, camunda7))
	f.Add(document(onX("number", "tX", tableXML(`hitPolicy="OUTPUT ORDER"`, `<output name="a"><outputValues><text>1,2</text></outputValues></output>`, "< 5 -> 1", "[1..9] -> 2"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := dmn.Options{
			Limits: dmn.Limits{Bytes: 1 << 16, Elements: 2000, Depth: 50, Imports: 3},
			Import: func(string, string) (string, []byte, bool) { return "again", data, true },
		}
		m, problems := dmn.Parse("fuzz", data, opts)
		if m == nil {
			if !dmn.HasErrors(problems) {
				t.Fatalf("no model and no error: %v", problems)
			}
			return
		}
		in := dmn.Input{
			Variables: map[string]any{"x": int64(3), "n": int64(1), "temperature": int64(9)},
			Limits:    feel.Limits{Steps: 20_000, Depth: 64, ListSize: 1000, StringSize: 1 << 16, Regex: 10 * time.Millisecond},
		}
		check := func(res *dmn.Result, err error) {
			if res == nil {
				t.Fatalf("no result, error %v", err)
			}
			if _, err := json.Marshal(res); err != nil {
				t.Fatalf("result: %v", err)
			}
		}
		for _, d := range m.Decisions() {
			check(d.Evaluate(in))
		}
		for _, s := range m.Services() {
			check(s.Evaluate(in))
		}
	})
}
