package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// print writes a value: as JSON for programs, else by the function for people.
func (a *app) print(v any, human func()) error {
	if !a.json {
		human()
		return nil
	}
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, string(data))
	return err
}

// table writes rows in columns.
func (a *app) table(header string, rows [][]string) {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(header, " ", "\t"))
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	_ = w.Flush() //nolint:errcheck // the terminal is gone
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

func problemLine(p commands.Problem) string {
	where := p.File
	if p.Line > 0 {
		where += fmt.Sprintf(":%d", p.Line)
	}
	if p.ElementID != "" {
		where += " " + p.ElementID
	}
	return fmt.Sprintf("%s: %s: %s [%s]", where, p.Severity, p.Message, p.Code)
}

// when writes a time for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// short writes a JSON value on one line of a bounded length.
func short(raw json.RawMessage, limit int) string {
	var buf bytes.Buffer
	if json.Compact(&buf, raw) != nil {
		return "?"
	}
	s := buf.String()
	if len(s) <= limit {
		return s
	}
	cut := limit - 1
	for cut > 0 && !utf8.RuneStart(s[cut]) { // not in the middle of a character
		cut--
	}
	return s[:cut] + "…"
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// readVars reads variables from --vars: JSON, or @file.
func readVars(text string) (variables.Document, error) {
	if text == "" {
		return nil, nil
	}
	data := []byte(text)
	if name, ok := strings.CutPrefix(text, "@"); ok {
		var err error
		if data, err = os.ReadFile(name); err != nil {
			return nil, usageError{err}
		}
	}
	doc, err := variables.DocumentFromJSON(data)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, usagef("--vars: expected a JSON object with variables by name, but the text ends in the middle of it")
	case err != nil:
		return nil, usagef("--vars: %w", err)
	}
	return doc, nil
}
