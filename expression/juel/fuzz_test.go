package juel

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/variables"
)

func seeds(f *testing.F) {
	for _, form := range Syntax() {
		f.Add(form.Example)
	}
	for _, row := range Table() {
		f.Add(row.Example)
	}
	for _, c := range Codes() {
		f.Add(c.Example)
	}
}

// checked reports whether err is nil or a whole *Error.
func checked(t *testing.T, text string, err error) bool {
	if err == nil {
		return true
	}
	var e *Error
	if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Message == "" {
		t.Errorf("%q: %#v", text, err)
	}
	return false
}

// Compiling ends without a panic, and twice in the same way.
func FuzzCompile(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Compile(text, Options{})
		again, err2 := Compile(text, Options{})
		if checked(t, text, err) {
			if err2 != nil || !reflect.DeepEqual(e.Variables(), again.Variables()) {
				t.Errorf("%q compiles in two ways", text)
			}
			if !strings.ContainsAny(text, `$#\`) && !e.Literal() {
				t.Errorf("%q is no literal", text)
			}
		}
		_, err = CompileBare(text, Options{})
		checked(t, text, err)
	})
}

// Evaluating ends without a panic and within its limits, gives a variable
// value, the same each time, and changes no variable.
func FuzzEval(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		limits := Limits{Steps: 100_000, Text: 10_000, Items: 1000}
		e, err := Compile(text, Options{AllowWrites: true, Limits: limits})
		if !checked(t, text, err) {
			return
		}
		ctx := TableContext()
		before := variables.Document(ctx.Execution.Variables())
		want, err := before.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		v, err := e.Eval(ctx)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%q takes %s", text, took)
		}
		ok := checked(t, text, err)
		if after, err := before.MarshalJSON(); err != nil || string(after) != string(want) {
			t.Fatalf("%q changes the variables to %s", text, after)
		}
		if !ok {
			return
		}
		b, err := variables.ToJSON(v)
		if err != nil {
			t.Fatalf("%q gives no variable value: %v", text, err)
		}
		if n, err := variables.Normalize(v); err != nil || !variables.Equal(n, v) {
			t.Errorf("%q gives %s, which is not in its one form: %v, %v", text, b, n, err)
		}
		again, err := e.Eval(ctx)
		if err != nil || !variables.Equal(v, again) {
			t.Errorf("%q gives %s and then %v, %v", text, b, again, err)
		}
	})
}
