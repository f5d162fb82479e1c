package lint

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
)

// WriteText writes the problems, one a line as compilers do, and a summary.
func (r Report) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, res := range r.Results {
		for _, p := range res.Problems {
			fmt.Fprintln(b, p) //nolint:errcheck // Flush gives the error
		}
	}
	fmt.Fprintf(b, "%d of %s as they stand\n", r.Deployable(), count(len(r.Results), "file deploys", "files deploy")) //nolint:errcheck // Flush gives the error
	for _, blocker := range r.Blockers() {
		alone := ""
		if blocker.Only > 0 {
			alone = fmt.Sprintf("; nothing else stops %d of them", blocker.Only)
		}
		fmt.Fprintf(b, "  %-28s stops %s with %s%s\n", //nolint:errcheck // Flush gives the error
			blocker.Code, count(blocker.Files, "file", "files"), count(blocker.Problems, "problem", "problems"), alone)
	}
	return b.Flush()
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// WriteJSON writes the report with its summary as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Report
		Deployable int       `json:"deployable"`
		Blockers   []Blocker `json:"blockers"`
	}{r, r.Deployable(), r.Blockers()})
}

// The part of SARIF 2.1.0 that is used (OASIS, sections 3.13 to 3.33).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		Default          struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"`
		} `json:"physicalLocation"`
		Logical []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
)

// uri makes a URI reference of a file name (RFC 3986): relative to where weir ran,
// or of the scheme file.
func uri(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path // a drive
		}
	}
	return u.String()
}

// WriteSARIF writes the problems in the format that code hosts show beside the
// lines. The version is that of weir; more are the codes of problems beside
// those of package bpmn.
func (r Report) WriteSARIF(w io.Writer, version string, more ...bpmn.CodeInfo) error {
	var run sarifRun
	run.Tool.Driver = sarifDriver{Name: "weir", Version: version, Rules: []sarifRule{}}
	index := map[string]int{}
	addRule := func(c bpmn.CodeInfo) {
		if _, ok := index[c.Code]; ok {
			return
		}
		index[c.Code] = len(run.Tool.Driver.Rules)
		rule := sarifRule{ID: c.Code, ShortDescription: sarifText{c.Meaning}}
		rule.Default.Level = string(c.Severity)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	for _, c := range append(bpmn.Codes(), more...) {
		addRule(c)
	}
	run.Results = []sarifResult{}
	for _, res := range r.Results {
		for _, p := range res.Problems {
			addRule(bpmn.CodeInfo{Code: p.Code, Severity: p.Severity, Meaning: p.Code}) // of no list
			result := sarifResult{RuleID: p.Code, RuleIndex: index[p.Code], Level: string(p.Severity), Message: sarifText{p.Message}}
			var at sarifLocation
			at.Physical.Artifact.URI = uri(p.File)
			if p.Line > 0 {
				at.Physical.Region = &sarifRegion{p.Line}
			}
			if p.ElementID != "" {
				at.Logical = []sarifLogical{{p.ElementID, "element"}}
			}
			result.Locations = []sarifLocation{at}
			run.Results = append(run.Results, result)
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}
