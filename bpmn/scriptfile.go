package bpmn

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// script compiles a script: inline, or of the file of the deployment that
// camunda:resource names, which comes first. The result is nil if there is none,
// which has been reported.
func (p *parser) script(n *node, format, resource, inline string, opts ...expression.Option) *Expression {
	switch {
	case resource == "":
		return p.inLanguage(n, format, inline, opts...)
	case strings.Contains(resource, "${") || strings.Contains(resource, "#{"):
		return p.computedScript(n, format, resource, opts...)
	}
	name := ScriptName(resource)
	text, ok := p.scriptFile(name)
	if !ok {
		p.report(n, CodeScriptMissing, "the script %q is not in the deployment; deploy the file together with the model, or write its text into the model", name)
		return nil
	}
	return p.inLanguage(n, format, text, opts...)
}

// scriptFile reads a script of the deployment and notes that the model has it.
func (p *parser) scriptFile(name string) (text string, ok bool) {
	if p.opts.Script == nil {
		return "", false
	}
	if text, ok = p.opts.Script(name); ok && !slices.Contains(p.defs.Scripts, name) {
		p.defs.Scripts = append(p.defs.Scripts, name)
	}
	return text, ok
}

// ScriptName returns the name of the file that a camunda:resource names: one of
// the deployment, or of the class path, for which a file of the deployment has to
// stand in here.
func ScriptName(resource string) string {
	for _, prefix := range []string{"deployment://", "classpath://"} {
		if name, ok := strings.CutPrefix(resource, prefix); ok {
			return name
		}
	}
	return resource
}

// ScriptExtensions are the endings of the names of scripts, with the language of
// each.
func ScriptExtensions() map[string]expression.Language {
	return map[string]expression.Language{
		".js": expression.JavaScript, ".groovy": expression.Groovy, ".feel": expression.FEEL, ".juel": expression.JUEL,
	}
}

// computedScript compiles a script whose file an expression names when it runs:
// each script of the language in the deployment may be it.
func (p *parser) computedScript(n *node, format, resource string, opts ...expression.Option) *Expression {
	name := p.compile(n, expression.JUEL, resource)
	lang := languageOf(format)
	if lang == "" {
		return p.inLanguage(n, format, "") // reports it
	}
	f := &fileProgram{name: name.Program, scripts: map[string]expression.Program{}}
	for _, file := range p.opts.ScriptNames {
		if ScriptExtensions()[strings.ToLower(path.Ext(file))] != lang {
			continue
		}
		if text, ok := p.scriptFile(file); ok {
			f.scripts[path.Base(file)] = p.inLanguage(n, format, text, opts...).Program
		}
	}
	if len(f.scripts) == 0 {
		p.report(n, CodeScriptMissing, "the file of the script is computed (%s), and the deployment has no script in %s; deploy those that it may name together with the model", resource, format)
		return nil
	}
	return &Expression{Text: resource, Language: lang, Program: f}
}

// fileProgram runs the script whose file its name gives.
type fileProgram struct {
	name    expression.Program
	scripts map[string]expression.Program // by the last part of the name
}

func (f *fileProgram) Eval(env *expression.Env) (any, error) {
	if f.name == nil {
		return nil, errors.New("the name of the script cannot be evaluated")
	}
	v, err := f.name.Eval(env)
	if err != nil {
		return nil, err
	}
	name, _ := v.(string)
	program := f.scripts[path.Base(ScriptName(name))]
	if program == nil {
		return nil, fmt.Errorf("the deployment has no script %q in this language", name)
	}
	return program.Eval(env)
}

func (f *fileProgram) Variables() []string {
	var names []string
	if f.name != nil {
		names = f.name.Variables()
	}
	for _, file := range sortedKeys(f.scripts) {
		if program := f.scripts[file]; program != nil {
			names = append(names, program.Variables()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// extensionScript compiles a camunda:script.
func (p *parser) extensionScript(n *node, format string) *Expression {
	if x := p.script(n, format, n.attr("resource"), n.text()); x != nil {
		return x
	}
	return &Expression{}
}
