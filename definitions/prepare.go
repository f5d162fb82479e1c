package definitions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weir-bpm/weir/bpmn"
)

// ParseFunc reads a BPMN file; [bpmn.Parse] is one.
type ParseFunc func(file string, data []byte, opts bpmn.Options) (*bpmn.Definitions, []bpmn.Problem)

// File is a file to be deployed.
type File struct {
	Name    string
	Content []byte
}

// Kind is what a resource is.
type Kind string

// The kinds of resources.
const (
	KindBPMN Kind = "bpmn"
	KindDMN  Kind = "dmn"
	KindForm Kind = "form"
	// KindScript is a script that models of the same deployment name.
	KindScript Kind = "script"
)

// KindOf tells the kind of a resource by its name; false if it is none.
func KindOf(name string) (Kind, bool) {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".bpmn"), strings.HasSuffix(lower, ".xml"): // .bpmn20.xml too
		return KindBPMN, true
	case strings.HasSuffix(lower, ".dmn"):
		return KindDMN, true
	case strings.HasSuffix(lower, ".form"):
		return KindForm, true
	}
	if _, ok := bpmn.ScriptExtensions()[path.Ext(lower)]; ok {
		return KindScript, true
	}
	return "", false
}

// Prepared is a file that can be deployed.
type Prepared struct {
	Name    string
	Kind    Kind
	Content []byte
	Digest  string // SHA-256 of Content, in hex
	Bytes   int64
	// Choices are those of the deployment; only models have any.
	Choices
	// Processes are the executable processes of a BPMN file, in its order.
	Processes []PreparedProcess
	// Decisions are those of a DMN file, in its order.
	Decisions []PreparedDecision
	// References are what a BPMN file names of other files.
	References []bpmn.Reference
}

// PreparedDecision is a decision of a file.
type PreparedDecision struct {
	ID         string
	Name       string
	VersionTag string
	// Requirements is the id of the graph that the decision is part of.
	Requirements string
}

// PreparedProcess is an executable process of a file.
type PreparedProcess struct {
	ID         string
	Name       string
	VersionTag string
	// HistoryTTL is the text of [bpmn.Process.HistoryTTL], empty for none.
	HistoryTTL string
}

// PrepareOptions are the choices of [Prepare].
type PrepareOptions struct {
	// MaxFiles bounds the number of files; 0: 200.
	MaxFiles int
	// MaxFileBytes bounds one file; 0: 4 MiB.
	MaxFileBytes int
	// MaxBytes bounds all files together; 0: 32 MiB.
	MaxBytes int
	// BPMN are the node's own options of the parser. A node's [Cache] must have
	// the same, or it reads other models than were checked.
	BPMN bpmn.Options
	// Choices are those of the deployment.
	Choices Choices
	// Parse reads BPMN files; nil: [bpmn.Parse].
	Parse ParseFunc
}

// WithDefaults returns the options with zero fields replaced.
func (o PrepareOptions) WithDefaults() PrepareOptions {
	if o.MaxFiles == 0 {
		o.MaxFiles = 200
	}
	if o.MaxFileBytes == 0 {
		o.MaxFileBytes = 4 << 20
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 32 << 20
	}
	if o.BPMN.MaxBytes == 0 {
		o.BPMN.MaxBytes = o.MaxFileBytes
	}
	if o.Parse == nil {
		o.Parse = bpmn.Parse
	}
	return o
}

// maxNameBytes bounds the name of a resource.
const maxNameBytes = 255

// Prepare parses and checks the files of one deployment. It returns every
// problem of every file, in the order of the files, warnings included; if one
// of them is an error, nothing must be deployed and the result is nil. When ctx
// ends it stops, which is the returned error.
func Prepare(ctx context.Context, files []File, opts PrepareOptions) ([]Prepared, []bpmn.Problem, error) {
	opts = opts.WithDefaults()
	var problems []bpmn.Problem
	total := 0
	for _, f := range files {
		total += len(f.Content)
	}
	// Beyond these limits the files are not looked at: to parse them is what
	// the limits are against.
	switch {
	case len(files) == 0:
		problems = append(problems, problem("", CodeDeploymentEmpty, "the deployment has no file; add at least one"))
	case len(files) > opts.MaxFiles:
		problems = append(problems, problem("", CodeDeploymentTooMany, fmt.Sprintf("the deployment has %d files, but at most %d are allowed; split it", len(files), opts.MaxFiles)))
	case total > opts.MaxBytes:
		problems = append(problems, problem("", CodeDeploymentTooLarge, fmt.Sprintf("the deployment has %d bytes, but at most %d are allowed; split it", total, opts.MaxBytes)))
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	out := make([]Prepared, 0, len(files))
	for _, f := range files {
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		p, found := prepare(f, files, &opts)
		problems = append(problems, found...)
		out = append(out, p)
	}
	problems = append(problems, duplicates(out)...)
	if bpmn.HasErrors(problems) {
		return nil, problems, nil
	}
	return out, problems, nil
}

func prepare(f File, all []File, opts *PrepareOptions) (Prepared, []bpmn.Problem) {
	p := Prepared{Name: f.Name, Content: f.Content, Bytes: int64(len(f.Content))}
	if fault := nameFault(f.Name); fault != "" {
		return p, []bpmn.Problem{problem(f.Name, CodeResourceName, fault)}
	}
	kind, ok := KindOf(f.Name)
	if !ok {
		return p, []bpmn.Problem{problem(f.Name, CodeResourceUnsupported,
			"the name tells no kind of resource that can be deployed; use .bpmn, .bpmn20.xml or .xml for BPMN, .dmn for DMN, .form for forms, .js, .groovy, .feel or .juel for scripts")}
	}
	if len(f.Content) > opts.MaxFileBytes {
		return p, []bpmn.Problem{problem(f.Name, CodeResourceTooLarge, fmt.Sprintf("the file has %d bytes, but at most %d are allowed", len(f.Content), opts.MaxFileBytes))}
	}
	p.Kind, p.Digest = kind, DigestOf(f.Content)
	switch kind {
	case KindForm, KindScript:
		return p, nil
	case KindDMN:
		return prepareDecisions(p, all)
	case KindBPMN:
	}
	p.Choices = opts.Choices
	parse := opts.BPMN
	p.apply(&parse)
	scripts := map[string]string{}
	parse.Script = func(name string) (string, bool) {
		script, ok := scriptOf(all, name)
		if ok {
			scripts[name] = DigestOf(script.Content)
		}
		return string(script.Content), ok
	}
	for _, script := range all {
		if kind, ok := KindOf(script.Name); ok && kind == KindScript {
			parse.ScriptNames = append(parse.ScriptNames, script.Name)
		}
	}
	slices.Sort(parse.ScriptNames)
	defs, problems := opts.Parse(f.Name, f.Content, parse)
	if defs == nil {
		return p, problems
	}
	if len(scripts) > 0 {
		p.Scripts = scripts
	}
	p.References = defs.References()
	for _, process := range defs.Processes {
		if process.Executable {
			ready := PreparedProcess{ID: process.ID, Name: process.Name, VersionTag: process.VersionTag}
			if process.HistoryTTL != nil {
				ready.HistoryTTL = process.HistoryTTL.String()
			}
			p.Processes = append(p.Processes, ready)
		}
	}
	return p, problems
}

// scriptOf finds the script that a model names. Models may name folders, which
// the files of a deployment need not have.
func scriptOf(files []File, name string) (File, bool) {
	for _, known := range []string{name, path.Base(name)} {
		for _, f := range files {
			if kind, ok := KindOf(f.Name); ok && kind == KindScript && f.Name == known {
				return f, true
			}
		}
	}
	return File{}, false
}

func nameFault(name string) string {
	switch {
	case name == "":
		return "the file has no name; give it one"
	case len(name) > maxNameBytes:
		return fmt.Sprintf("the name has %d bytes, but at most %d are allowed", len(name), maxNameBytes)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "the name holds control characters or is no UTF-8; rename the file"
	}
	return ""
}

// duplicates finds what two files of a deployment both claim.
func duplicates(files []Prepared) []bpmn.Problem {
	var out []bpmn.Problem
	names := make(map[string]bool)
	process, decision := make(map[string]string), make(map[string]string)
	once := func(code, what string, defined map[string]string, id, file string) {
		first, taken := defined[id]
		if !taken {
			defined[id] = file
			return
		}
		fault := problem(file, code, fmt.Sprintf("the %s %q is defined by %s of the same deployment already; give one another id", what, id, first))
		fault.ElementID = id
		out = append(out, fault)
	}
	for _, f := range files {
		if names[f.Name] {
			out = append(out, problem(f.Name, CodeResourceDuplicate, "another file of the deployment has this name; rename one"))
		}
		names[f.Name] = true
		for _, p := range f.Decisions {
			once(CodeDecisionDuplicate, "decision", decision, p.ID, f.Name)
		}
		for _, p := range f.Processes {
			once(CodeProcessDuplicate, "process", process, p.ID, f.Name)
		}
	}
	return out
}

// DigestOf returns the name of a resource in [Resources]: its SHA-256 in hex.
func DigestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
