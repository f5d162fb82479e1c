package script

import "testing"

// BenchmarkCall is the goal of the package: a script call on a reused
// runtime takes at most 25 µs.
func BenchmarkCall(b *testing.B) {
	for _, s := range []struct{ name, source string }{
		{"condition", `amount > 100 && status === 'open'`},
		{"result", `var total = 0; for (var i = 0; i < items.length; i++) { total += items[i].price * items[i].count; } total;`},
		{"setVariable", `execution.setVariable('greeting', 'Hello ' + customer.name + '!'); execution.setVariable('vip', amount > 100);`},
		{"array", `items.filter(i => i.price > 2).map(i => i.name).join(', ')`},
	} {
		b.Run(s.name, func(b *testing.B) {
			benchCall(b, "javascript", s.source)
		})
	}
}

// BenchmarkGroovy is the same for rewritten Groovy.
func BenchmarkGroovy(b *testing.B) {
	benchCall(b, "groovy", "def total = 0\nfor (i in items) { total += i.price * i.count }\nexecution.setVariable('total', total)\ntotal > 50")
}

func benchCall(b *testing.B, format, source string) {
	b.Helper()
	p, err := Compile(format, source, Options{})
	if err != nil {
		b.Fatal(err)
	}
	vars := Map{
		"amount": int64(120), "status": "open", "customer": map[string]any{"name": "Ada", "id": int64(7)},
		"items": []any{
			map[string]any{"name": "nut", "price": int64(2), "count": int64(10)},
			map[string]any{"name": "bolt", "price": int64(3), "count": int64(4)},
			map[string]any{"name": "gear", "price": int64(12), "count": int64(1)},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.Eval(&EvalContext{Vars: vars}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompile is parse, rewrite and compile of a short script.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("javascript", `var total = amount * 2; execution.setVariable('total', total); total > 100`, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNewRealm is what the pool saves.
func BenchmarkNewRealm(b *testing.B) {
	for b.Loop() {
		if _, err := newRealm(); err != nil {
			b.Fatal(err)
		}
	}
}
