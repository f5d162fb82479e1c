package bpmn

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/variables"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Goal: the model of each element family is what its file says. Method: a dump
// of every field that is set, and of all problems, compared with a golden file.
// Families that the engine does not execute yet are parsed all the same.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "models", "*.bpmn"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".bpmn")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file) //nolint:gosec // the name comes from the glob above
			if err != nil {
				t.Fatal(err)
			}
			p := parse(filepath.Base(file), data, Options{})
			if strings.HasPrefix(name, "modeler_") && HasErrors(p.problems) {
				t.Errorf("a model as the modeller writes it does not deploy: %v", p.problems)
			}
			got := dump(p)
			golden := strings.TrimSuffix(file, ".bpmn") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden) //nolint:gosec // beside the file of the glob above
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the dump differs from %s (run with -update and explain the change):\n%s", golden, firstDifference(got, want))
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "<end>", "<end>"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a, b)
		}
	}
	return ""
}

func dump(p *parser) []byte {
	var b bytes.Buffer
	if p.defs != nil {
		fmt.Fprintf(&b, "definitions dialect=%s\n", p.defs.Dialect)
		for _, pr := range p.defs.Processes {
			fmt.Fprintf(&b, "process %s executable=%v", pr.ID, pr.Executable)
			dumpFields(&b, reflect.ValueOf(*pr), "ID", "Executable", "Line", "Dialect", "Settings", "Scope", "Elements", "Flows", "byID", "flowID")
			b.WriteByte('\n')
			if len(pr.Scope.Listeners)+len(pr.Scope.Properties) > 0 {
				fmt.Fprintf(&b, "  scope%s\n", fields(*pr.Scope))
			}
			for _, c := range pr.Scope.Children {
				dumpElement(&b, c, "  ")
			}
			for _, f := range pr.Flows {
				fmt.Fprintf(&b, "  flow %s: %s -> %s", f.ID, f.Source.ID, f.Target.ID)
				if f.Condition != nil {
					fmt.Fprintf(&b, " if %s", expr(f.Condition))
				}
				b.WriteByte('\n')
			}
		}
	}
	for _, pr := range p.problems {
		fmt.Fprintln(&b, pr)
	}
	return b.Bytes()
}

func dumpElement(b *bytes.Buffer, e *Element, indent string) {
	fmt.Fprintf(b, "%s%s %s line=%d%s\n", indent, e.Type, e.ID, e.Line, fields(*e))
	for _, c := range e.Children {
		dumpElement(b, c, indent+"  ")
	}
}

func fields(e Element) string {
	var b bytes.Buffer
	dumpFields(&b, reflect.ValueOf(e), "ID", "Type", "Line", "Index", "Scope", "Children", "Incoming", "Outgoing", "Boundary")
	return b.String()
}

// dumpFields writes every exported field that is not zero.
func dumpFields(b *bytes.Buffer, v reflect.Value, skip ...string) {
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		if slices.Contains(skip, name) || f.IsZero() || !v.Type().Field(i).IsExported() {
			continue
		}
		fmt.Fprintf(b, " %s=%s", name, value(f))
	}
}

func value(f reflect.Value) string {
	switch x := f.Interface().(type) {
	case *Expression:
		return expr(x)
	case *Element:
		return x.ID
	case *SequenceFlow:
		return x.ID
	case map[string]string:
		var parts []string
		for _, k := range sortedKeys(x) {
			parts = append(parts, k+":"+x[k])
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	switch f.Kind() {
	case reflect.Pointer:
		return value(f.Elem())
	case reflect.Struct:
		var b bytes.Buffer
		dumpFields(&b, f, "Line")
		return "{" + strings.TrimSpace(b.String()) + "}"
	case reflect.Slice:
		var parts []string
		for i := range f.Len() {
			parts = append(parts, value(f.Index(i)))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.String:
		return fmt.Sprintf("%q", f.String())
	default:
		return fmt.Sprint(f.Interface())
	}
}

// expr writes a constant as JSON and an expression as its text with what it reads.
func expr(e *Expression) string {
	if e.Program != nil {
		return fmt.Sprintf("<%s reads %v>", e.Text, e.Program.Variables())
	}
	j, err := variables.ToJSON(e.Constant)
	if err != nil {
		return err.Error()
	}
	return string(j)
}
