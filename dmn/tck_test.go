package dmn_test

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// This runs the DMN Technology Compatibility Kit, or any part of it: each case
// of each *-test-*.xml below a folder. WEIR_TCK names the folder; without it,
// the part beside the project is taken. WEIR_TCK_REPORT names a file that the
// failures are written to.
//
// A case fails unless each of its results equals what is expected; numbers are
// compared with a tolerance of 1E-8, as the kit's own runner does. A case
// listed in testdata/tck-exceptions.txt must fail: an exception that passes is
// stale, and fails the test.

const tckDefault = "../../shared/tck"

type tckSuite struct {
	ModelName string    `xml:"modelName"`
	Cases     []tckCase `xml:"testCase"`
}

type tckCase struct {
	ID        string      `xml:"id,attr"`
	Type      string      `xml:"type,attr"`
	Invocable string      `xml:"invocableName,attr"`
	Inputs    []tckValue  `xml:"inputNode"`
	Results   []tckResult `xml:"resultNode"`
}

type tckResult struct {
	Name     string   `xml:"name,attr"`
	Error    bool     `xml:"errorResult,attr"`
	Expected tckValue `xml:"expected"`
}

type tckValue struct {
	Name       string     `xml:"name,attr"`
	Nil        bool       `xml:"http://www.w3.org/2001/XMLSchema-instance nil,attr"`
	Simple     *tckSimple `xml:"value"`
	Components []tckValue `xml:"component"`
	List       *tckList   `xml:"list"`
}

type tckList struct {
	Nil   bool       `xml:"http://www.w3.org/2001/XMLSchema-instance nil,attr"`
	Items []tckValue `xml:"item"`
}

type tckSimple struct {
	Nil  bool   `xml:"http://www.w3.org/2001/XMLSchema-instance nil,attr"`
	Type string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
	Text string `xml:",chardata"`
}

// value reads a value of the kit.
func (v *tckValue) value() (feel.Value, error) {
	switch {
	case v.Nil:
		return feel.Null(), nil
	case v.List != nil:
		if v.List.Nil {
			return feel.Null(), nil
		}
		items := make([]feel.Value, len(v.List.Items))
		for i := range items {
			var err error
			if items[i], err = v.List.Items[i].value(); err != nil {
				return feel.Null(), err
			}
		}
		return feel.List(items...), nil
	case len(v.Components) > 0:
		c := feel.NewContext(len(v.Components))
		for i := range v.Components {
			e, err := v.Components[i].value()
			if err != nil {
				return feel.Null(), err
			}
			c.Set(v.Components[i].Name, e)
		}
		return c.Value(), nil
	case v.Simple != nil:
		return v.Simple.value()
	}
	return feel.Null(), nil
}

func (s *tckSimple) value() (feel.Value, error) {
	if s.Nil {
		return feel.Null(), nil
	}
	_, typ, found := strings.Cut(s.Type, ":")
	if !found {
		typ = s.Type
	}
	text := strings.TrimSpace(s.Text)
	switch typ {
	case "string", "":
		return feel.String(s.Text), nil
	case "boolean":
		switch text {
		case "true", "1":
			return feel.Bool(true), nil
		case "false", "0":
			return feel.Bool(false), nil
		}
	case "decimal", "double", "float", "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger":
		d, _, err := apd.NewFromString(text)
		if err == nil && d.Form == apd.Finite {
			return feel.Decimal(d), nil
		}
	case "date", "time", "dateTime", "duration", "dayTimeDuration", "yearMonthDuration":
		if tv, ok := feel.ParseTemporal(text); ok {
			return tv, nil
		}
	}
	return feel.Null(), fmt.Errorf("value %q of type %q can not be read", s.Text, s.Type)
}

// tckEqual compares a result with what is expected.
func tckEqual(want, got feel.Value) bool {
	if want.Kind() != got.Kind() {
		return false
	}
	switch want.Kind() {
	case feel.KindNull:
		return true
	case feel.KindNumber:
		a, _ := want.AsDecimal()
		b, _ := got.AsDecimal()
		var diff apd.Decimal
		ctx := apd.BaseContext.WithPrecision(80)
		if _, err := ctx.Sub(&diff, a, b); err != nil {
			return false
		}
		return diff.Abs(&diff).Cmp(apd.New(1, -8)) <= 0
	case feel.KindList:
		if want.Len() != got.Len() {
			return false
		}
		for i := range want.Len() {
			if !tckEqual(want.At(i), got.At(i)) {
				return false
			}
		}
		return true
	case feel.KindContext:
		if want.Len() != got.Len() {
			return false
		}
		for _, k := range want.Keys() {
			w, _ := want.Get(k)
			g, ok := got.Get(k)
			if !ok || !tckEqual(w, g) {
				return false
			}
		}
		return true
	default:
		return feel.Equal(want, got).IsTrue()
	}
}

// tckExceptions reads the list of excepted cases with their reasons.
func tckExceptions(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/tck-exceptions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, ok := strings.Cut(line, " ")
		if !ok || strings.TrimSpace(reason) == "" {
			t.Errorf("exception %q has no reason", id)
		}
		out[id] = strings.TrimSpace(reason)
	}
	return out
}

// tckImports finds the models of a folder by namespace.
func tckImports(dir string) func(namespace, location string) (string, []byte, bool) {
	return func(namespace, _ string) (string, []byte, bool) {
		files, err := filepath.Glob(filepath.Join(dir, "*.dmn"))
		if err != nil {
			return "", nil, false
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			var root struct {
				Namespace string `xml:"namespace,attr"`
			}
			if xml.Unmarshal(data, &root) == nil && root.Namespace == namespace {
				return filepath.Base(file), data, true
			}
		}
		return "", nil, false
	}
}

func TestTCK(t *testing.T) {
	dir := os.Getenv("WEIR_TCK")
	if dir == "" {
		dir = tckDefault
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("the DMN TCK is not at %s: set WEIR_TCK to a folder with it", dir)
		}
	} else if _, err := os.Stat(dir); err != nil {
		t.Fatalf("WEIR_TCK: %v", err)
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), "-test-") && strings.HasSuffix(d.Name(), ".xml") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no *-test-*.xml below %s", dir)
	}
	sort.Strings(files)
	r := &tckRun{exceptions: tckExceptions(t), seen: map[string]bool{}, dir: dir}
	for _, file := range files {
		r.file(t, file)
	}
	// Exceptions of suites that this folder does not hold are not stale.
	for id := range r.exceptions {
		if suite, _, _ := strings.Cut(id, "/"); r.seen[suite] && !r.seen[id] {
			t.Errorf("exception %s: there is no such case; remove the line", id)
		}
	}
	t.Logf("TCK total: %d of %d cases pass, %d excepted, %d fail", r.passed, r.total, r.excepted, len(r.failures))
	if report := os.Getenv("WEIR_TCK_REPORT"); report != "" {
		if err := os.WriteFile(report, []byte(strings.Join(r.failures, "\n")+"\n"), 0o600); err != nil {
			t.Error(err)
		}
	}
}

type tckRun struct {
	dir                     string
	exceptions              map[string]string
	seen                    map[string]bool
	failures                []string
	total, passed, excepted int
}

func (r *tckRun) file(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	var suite tckSuite
	if err := xml.Unmarshal(data, &suite); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	dir := filepath.Dir(file)
	name := filepath.Base(dir)
	path := filepath.Join(dir, strings.TrimSpace(suite.ModelName))
	source, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	model, problems := dmn.Parse(filepath.Base(path), source, dmn.Options{Import: tckImports(dir)})
	r.seen[name] = true
	passed := 0
	for _, c := range suite.Cases {
		id := name + "/" + c.ID
		if len(suite.Cases) > 0 && r.seen[id] {
			id = strings.TrimSuffix(filepath.Base(file), ".xml") + "/" + c.ID
		}
		r.seen[id] = true
		r.total++
		why := tckWhy(model, problems, &c)
		_, excepted := r.exceptions[id]
		switch {
		case why == "" && excepted:
			t.Errorf("%s passes; remove it from the exceptions", id)
		case why == "":
			passed++
			r.passed++
		case excepted:
			r.excepted++
		default:
			r.failures = append(r.failures, id+": "+why)
			t.Errorf("%s: %s", id, why)
		}
	}
	t.Logf("%-45s %4d of %4d", strings.TrimSuffix(filepath.Base(file), ".xml"), passed, len(suite.Cases))
}

// tckWhy runs a case and says why it fails, "" when it passes.
func tckWhy(model *dmn.Model, problems []dmn.Problem, c *tckCase) string {
	if model == nil {
		return fmt.Sprintf("the model can not be read: %v", problems)
	}
	in := dmn.Input{Values: map[string]feel.Value{}, Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC}
	for i := range c.Inputs {
		v, err := c.Inputs[i].value()
		if err != nil {
			return err.Error()
		}
		in.Values[c.Inputs[i].Name] = v
	}
	var why []string
	for i := range c.Results {
		res := &c.Results[i]
		want, err := res.Expected.value()
		if err != nil {
			return err.Error()
		}
		got, messages, err := tckEvaluate(model, c, res.Name, in)
		switch {
		case err != nil && !res.Error:
			why = append(why, fmt.Sprintf("%s: %v", res.Name, err))
		case err == nil && !tckEqual(want, got):
			why = append(why, fmt.Sprintf("%s: expected %s, but got %s %v%s", res.Name, want.JSON(), got.JSON(), messages, tckProblems(model, res.Name, problems)))
		}
	}
	return strings.Join(why, "; ")
}

// tckProblems gives the problems of the element, to explain a null.
func tckProblems(model *dmn.Model, name string, problems []dmn.Problem) string {
	var out []string
	for _, p := range problems {
		if p.Severity == dmn.SeverityError && len(out) < 3 {
			out = append(out, p.String())
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " with problems such as " + strings.Join(out, "; ")
}

func tckEvaluate(model *dmn.Model, c *tckCase, name string, in dmn.Input) (feel.Value, []dmn.Message, error) {
	var res *dmn.Result
	var err error
	switch c.Type {
	case "decisionService":
		s, ok := model.Service(c.Invocable)
		if !ok {
			return feel.Null(), nil, fmt.Errorf("no decision service %q", c.Invocable)
		}
		if res, err = s.Evaluate(in); err != nil {
			return feel.Null(), nil, err
		}
		if v, ok := res.OutputOf(name); ok {
			return v, res.Messages, nil
		}
	case "bkm":
		k, ok := model.Knowledge(c.Invocable)
		if !ok {
			return feel.Null(), nil, fmt.Errorf("no business knowledge model %q", c.Invocable)
		}
		if res, err = k.Evaluate(in); err != nil {
			return feel.Null(), nil, err
		}
	default:
		if res, err = model.Evaluate(name, in); err != nil {
			return feel.Null(), nil, err
		}
	}
	return res.Value, res.Messages, nil
}
