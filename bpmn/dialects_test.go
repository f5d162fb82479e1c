package bpmn

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
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

// Goal: whoever writes a dialect finds each of its names in the table. Method: the
// names are in a file, each has a row whose name or marked place in the example
// holds it.
func TestDialectNames(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "dialect_names.txt"))
	if err != nil {
		t.Fatal(err)
	}
	words := func(text string) []string {
		return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	named := map[string]bool{}
	for _, x := range slices.Concat(dialectExamples(), rareExamples()) {
		list := words(x.name)
		if parts := strings.Split(x.example, "§"); len(parts) == 3 {
			list = append(list, words(parts[1])...)
		} else {
			t.Errorf("the example of %s %s has no marked place", x.dialect, x.name)
		}
		for _, name := range list {
			named[string(x.dialect)+" "+x.on+": "+name] = true
		}
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		where, names, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("expected <dialect> <where>: names, got %q", line)
		}
		for _, name := range strings.Fields(names) {
			if !named[where+": "+name] {
				t.Errorf("no row for %s: %s", where, name)
			}
		}
	}
}
