// Package lint checks BPMN files without a server: it collects files from
// folders, says which of them would deploy as they stand and what stops the
// others, and writes that as text, JSON or SARIF 2.1.0.
package lint

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
)

// File is one file to check.
type File struct {
	Name string
	Data []byte
}

// Extensions are the endings of the names of models.
func Extensions() []string { return []string{".bpmn", ".bpmn20.xml", ".bpmn2.xml"} }

// Collect reads files, and from folders, at any depth, those whose name has one
// of the extensions; nil: [Extensions]. Each file is there once, in order of its
// name. Of a file larger than the limit only so much is read that checking it
// finds this out.
func Collect(paths, extensions []string, opts bpmn.Options) ([]File, error) {
	if extensions == nil {
		extensions = Extensions()
	}
	var names []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if !d.IsDir() && (name == path || hasExtension(name, extensions)) {
				names = append(names, filepath.Clean(name))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("collect models from %s: %w", path, err)
		}
	}
	slices.Sort(names)
	limit := int64(opts.WithDefaults().MaxBytes) + 1
	var files []File
	for _, name := range slices.Compact(names) {
		data, err := read(name, limit)
		if err != nil {
			return nil, fmt.Errorf("read model %s: %w", name, err)
		}
		files = append(files, File{Name: filepath.ToSlash(name), Data: data})
	}
	return files, nil
}

func hasExtension(name string, extensions []string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(extensions, func(ext string) bool { return strings.HasSuffix(lower, ext) })
}

// FromReader reads one file, such as standard input, within the limit of
// [Collect].
func FromReader(name string, r io.Reader, opts bpmn.Options) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(opts.WithDefaults().MaxBytes)+1))
	if err != nil {
		return File{}, fmt.Errorf("read model %s: %w", name, err)
	}
	return File{Name: name, Data: data}, nil
}

func read(name string, limit int64) (data []byte, err error) {
	f, err := os.Open(name) //nolint:gosec // the caller names the files to check
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return io.ReadAll(io.LimitReader(f, limit))
}

// Result is what was found about one file.
type Result struct {
	Name string `json:"name"`
	// Deploys says that no problem is an error.
	Deploys bool `json:"deploys"`
	// Dialect and Processes are known of files that deploy: what the file is
	// read as, and the ids of its executable processes.
	Dialect   bpmn.Dialect   `json:"dialect,omitempty"`
	Processes []string       `json:"processes,omitempty"`
	Problems  []bpmn.Problem `json:"problems"`
}

// Report is what was found about all files.
type Report struct {
	Results []Result `json:"files"`
}

// Check parses and validates files.
func Check(files []File, opts bpmn.Options) Report {
	r := Report{Results: make([]Result, 0, len(files))}
	for _, f := range files {
		own := opts
		if own.Script == nil {
			own = WithScripts(f.Name, opts)
		}
		defs, problems := bpmn.Parse(f.Name, f.Data, own)
		res := Result{Name: f.Name, Deploys: defs != nil, Problems: problems}
		if problems == nil {
			res.Problems = []bpmn.Problem{}
		}
		if defs != nil {
			res.Dialect = defs.Dialect
			for _, p := range defs.Processes {
				if p.Executable {
					res.Processes = append(res.Processes, p.ID)
				}
			}
		}
		r.Results = append(r.Results, res)
	}
	return r
}

// WithScripts returns the options with the scripts of a model on the disk: those
// in its folder, which it may compute the name of, and those above it.
func WithScripts(model string, opts bpmn.Options) bpmn.Options {
	opts.Script, opts.ScriptNames = scriptsAbove(model, opts), scriptsBeside(model)
	return opts
}

// scriptsAbove finds the scripts that a model names: in its folder by their last
// name, or from one of the folders above it by their whole one.
func scriptsAbove(model string, opts bpmn.Options) func(name string) (string, bool) {
	limit := int64(opts.WithDefaults().MaxBytes)
	return func(name string) (string, bool) {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return "", false
		}
		dir := filepath.Dir(filepath.FromSlash(model))
		for _, rel := range []string{path.Base(name), name} {
			for d := dir; ; d = filepath.Dir(d) {
				if data, err := read(filepath.Join(d, filepath.FromSlash(rel)), limit+1); err == nil {
					return string(data), int64(len(data)) <= limit
				}
				if rel != name || d == filepath.Dir(d) {
					break
				}
			}
		}
		return "", false
	}
}

// scriptsBeside lists the scripts in the folder of a model, in order of their
// names.
func scriptsBeside(model string) []string {
	entries, err := os.ReadDir(filepath.Dir(filepath.FromSlash(model)))
	if err != nil {
		return nil // the model came from elsewhere
	}
	var out []string
	for _, e := range entries {
		if _, ok := bpmn.ScriptExtensions()[strings.ToLower(filepath.Ext(e.Name()))]; ok && !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// Together adds what only all files together show, when they are checked as one
// deployment. A deployment is all or nothing: with one error no file deploys.
func (r Report) Together(problems []bpmn.Problem) Report {
	for _, p := range problems {
		i := slices.IndexFunc(r.Results, func(res Result) bool { return res.Name == p.File })
		if i < 0 {
			r.Results = append(r.Results, Result{Name: p.File})
			i = len(r.Results) - 1
		}
		r.Results[i].Problems = append(r.Results[i].Problems, p)
	}
	if slices.ContainsFunc(r.Results, func(res Result) bool { return bpmn.HasErrors(res.Problems) }) {
		for i := range r.Results {
			r.Results[i].Deploys = false
		}
	}
	return r
}

// Deployable counts the files that deploy as they stand.
func (r Report) Deployable() int {
	n := 0
	for _, res := range r.Results {
		if res.Deploys {
			n++
		}
	}
	return n
}

// Blocker is a code that stops files.
type Blocker struct {
	Code     string `json:"code"`
	Files    int    `json:"files"`
	Problems int    `json:"problems"`
	// Only counts the files that nothing else stops.
	Only int `json:"only"`
	// Example is one of the problems.
	Example bpmn.Problem `json:"example"`
}

// Blockers lists what stops files, that which stops most first.
func (r Report) Blockers() []Blocker {
	byCode := map[string]*Blocker{}
	for _, res := range r.Results {
		seen := map[string]bool{}
		for _, p := range res.Problems {
			if p.Severity != bpmn.SeverityError {
				continue
			}
			b := byCode[p.Code]
			if b == nil {
				b = &Blocker{Code: p.Code, Example: p}
				byCode[p.Code] = b
			}
			b.Problems++
			if !seen[p.Code] {
				seen[p.Code] = true
				b.Files++
			}
		}
		if len(seen) == 1 {
			for code := range seen {
				byCode[code].Only++
			}
		}
	}
	out := make([]Blocker, 0, len(byCode))
	for _, b := range byCode {
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b Blocker) int {
		return cmp.Or(cmp.Compare(b.Files, a.Files), cmp.Compare(b.Problems, a.Problems), cmp.Compare(a.Code, b.Code))
	})
	return out
}
