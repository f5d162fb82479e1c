package script

import (
	"errors"
	"testing"
	"time"
)

// fuzzOne: any source compiles or gives a coded error, and any program ends
// with a value of the shared set or a coded error, never by a fault of the
// interpreter, and gives the same again.
func fuzzOne(t *testing.T, format, source string, pool *Pool) {
	start := time.Now()
	p, err := Compile(format, source, Options{Pool: pool, Limits: Limits{
		Deadline: time.Second, Steps: 50_000, Memory: 1 << 20, MaxString: 10_000, MaxArray: 5_000, MaxSource: 2_000, RegexTime: 20 * time.Millisecond,
	}})
	var first any
	for i := range 2 {
		if err != nil {
			break
		}
		var v any
		v, _, err = p.Eval(&EvalContext{Vars: featureVars()})
		if err == nil && i == 1 && !same(first, v) {
			t.Fatalf("%q gives %v, then %v", source, first, v)
		}
		first = v
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Fatalf("%q took %v", source, took)
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Code == CodeInternal || e.Message == "") {
		t.Fatalf("%q: %v", source, err)
	}
}

func FuzzJavaScript(f *testing.F) {
	for _, c := range JavaScriptFeatures() {
		f.Add(c.Example)
	}
	for _, a := range attacks() {
		f.Add(a.source)
	}
	pool := NewPool(1)
	f.Fuzz(func(t *testing.T, source string) { fuzzOne(t, "js", source, pool) })
}

func FuzzGroovy(f *testing.F) {
	for _, c := range GroovyFeatures() {
		f.Add(c.Example)
	}
	pool := NewPool(1)
	f.Fuzz(func(t *testing.T, source string) { fuzzOne(t, "groovy", source, pool) })
}
