package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
)

func decimal(s string) *apd.Decimal {
	d, _, err := apd.NewFromString(s)
	if err != nil {
		panic(err)
	}
	return d
}

// featureVars are the variables that the examples of the tables see.
func featureVars() Map {
	return Map{
		"amount": int64(4), "name": "Ada", "nothing": nil,
		"order": map[string]any{"id": int64(7), "total": decimal("12.5")},
		"items": []any{
			map[string]any{"name": "nut", "price": int64(2)},
			map[string]any{"name": "gear", "price": int64(12)},
		},
	}
}

// jsonText writes a process value; keys are in order.
func jsonText(v any) string {
	switch x := v.(type) {
	case *apd.Decimal:
		return x.Text('f')
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = jsonText(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for _, k := range sortedKeys(x) {
			parts = append(parts, jsonText(k)+":"+jsonText(x[k]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(err)
		}
		return string(b)
	}
}

// TestFeatures walks the tables that the documentation is made from.
func TestFeatures(t *testing.T) {
	for language, table := range map[string][]Feature{"javascript": JavaScriptFeatures(), "groovy": GroovyFeatures()} {
		pool := NewPool(1)
		for _, f := range table {
			t.Run(language+"/"+f.Name, func(t *testing.T) {
				if (f.Result == "") == (f.Refused == "") {
					t.Fatal("a feature has either a result or a code")
				}
				p, err := Compile(language, f.Example, Options{Pool: pool})
				if f.Refused != "" {
					var e *Error
					if !errors.As(err, &e) || e.Code != f.Refused || e.Line != 1+strings.Count(f.Example, "\n") || e.Message == "" {
						t.Fatalf("expected %s in the last line, but %v", f.Refused, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // the second time on the reused runtime
					v, _, err := p.Eval(&EvalContext{Vars: featureVars(), Hidden: func(string) bool { return false }})
					if err != nil {
						t.Fatal(err)
					}
					if got := jsonText(v); got != f.Result {
						t.Errorf("expected %s, but %s", f.Result, got)
					}
				}
			})
		}
	}
}
