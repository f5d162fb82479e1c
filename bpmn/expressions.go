package bpmn

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// expression reads a text by the rules of the dialect it belongs to: zeebe
// marks FEEL with a leading "=", camunda and flowable mark JUEL with ${} or
// #{}, plain BPMN knows both. Any other text is a constant.
func (p *parser) expression(n *node, d Dialect, text string, opts ...expression.Option) *Expression {
	feel, isFEEL := strings.CutPrefix(strings.TrimSpace(text), "=")
	juel := strings.Contains(text, "${") || strings.Contains(text, "#{")
	switch {
	case isFEEL && (d == DialectZeebe || d == DialectPlain):
		return p.compile(n, expression.FEEL, feel, opts...)
	case juel && d != DialectZeebe:
		return p.compile(n, expression.JUEL, strings.TrimSpace(text), opts...)
	}
	return &Expression{Text: text, Constant: text}
}

// optional is expression for a text that may be absent.
func (p *parser) optional(n *node, d Dialect, text string) *Expression {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return p.expression(n, d, text)
}

// compile compiles a text and reports what is wrong with it. The result is not
// nil, so that parsing goes on.
func (p *parser) compile(n *node, lang expression.Language, text string, opts ...expression.Option) *Expression {
	e := &Expression{Text: strings.TrimSpace(text), Language: lang}
	if p.process != nil && !p.process.Executable {
		e.Constant = e.Text // never evaluated; the text is kept for the picture
		return e
	}
	program, err := expression.Compile(lang, text, append(slices.Clip(p.opts.Expressions), opts...)...)
	if err != nil {
		code := CodeExpressionSyntax
		var ee *expression.Error
		if errors.As(err, &ee) {
			switch ee.Code {
			case expression.CodeLanguage:
				code = CodeExpressionLanguage
			case expression.CodeNeedsJava:
				code = CodeImplementationClass
			}
		}
		p.report(n, code, "%v", err)
		return e
	}
	e.Program = program
	return e
}

// formal reads a tFormalExpression: its language attribute decides, else the
// dialect of the definition.
func (p *parser) formal(n *node) *Expression {
	n.attr("evaluatesToTypeRef")
	text, lang := n.text(), n.attr("language")
	if resource := p.classic(n, "resource"); resource != "" {
		if x := p.script(n, cmp.Or(lang, string(expression.JUEL)), resource, text); x != nil {
			return x
		}
		return &Expression{}
	}
	if lang != "" {
		return p.inLanguage(n, lang, text)
	}
	return p.expression(n, p.dialect, strings.TrimSpace(text))
}

// inLanguage compiles a text in the language of a language or scriptFormat
// attribute.
func (p *parser) inLanguage(n *node, name, text string, opts ...expression.Option) *Expression {
	lang := languageOf(name)
	if lang == "" {
		p.report(n, CodeExpressionLanguage,
			"the language %q is not available; write it in FEEL, JUEL, JavaScript or Groovy", name)
		return &Expression{Text: text}
	}
	if lang == expression.FEEL {
		text = strings.TrimPrefix(strings.TrimSpace(text), "=")
	}
	return p.compile(n, lang, text, opts...)
}

// languageOf maps what models write as language or script format.
func languageOf(name string) expression.Language {
	switch l := strings.ToLower(strings.TrimSpace(name)); {
	case l == "feel" || strings.Contains(l, "omg.org/spec/feel") || strings.Contains(l, "omg.org/spec/dmn") && strings.Contains(l, "feel"):
		return expression.FEEL
	case l == "juel" || l == "uel" || strings.Contains(l, "java.sun.com/products/jsp") || strings.Contains(l, "juel"):
		return expression.JUEL
	case l == "javascript" || l == "js" || l == "ecmascript" || l == "text/javascript" || l == "application/javascript" ||
		l == "graal.js" || l == "nashorn":
		return expression.JavaScript
	case l == "groovy" || strings.Contains(l, "groovy.codehaus.org"):
		return expression.Groovy
	}
	return ""
}

// condition reads an expression that has to give true or false. In plain BPMN a
// text without mark is in the expression language of the definitions; XPath,
// which the standard has as default and tools write unasked, stands for FEEL.
func (p *parser) condition(n *node) *Expression {
	e := p.formal(n)
	text, constant := e.Constant.(string)
	if !constant {
		return e
	}
	text = strings.TrimSpace(text)
	if text == "true" || text == "false" {
		return &Expression{Text: text, Constant: text == "true"}
	}
	if text == "" {
		p.report(n, CodeConditionConstant, "the condition is empty; write an expression or remove it")
		return e
	}
	if p.dialect == DialectPlain {
		lang := languageOf(p.root.attr("expressionLanguage"))
		if lang == "" {
			lang = expression.FEEL
		}
		return p.compile(n, lang, text)
	}
	way := "${" + text + "}"
	if p.dialect == DialectZeebe {
		way = "=" + text
	}
	p.report(n, CodeConditionConstant, "the condition %q is constant text in the dialect %s; write %s", text, p.dialect, way)
	return e
}

// number makes an integer of a constant expression.
func (p *parser) number(n *node, what string, e *Expression) *Expression {
	if e == nil || e.Program != nil {
		return e
	}
	text, ok := e.Constant.(string)
	if !ok {
		return e // did not compile, which is reported
	}
	i, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		p.report(n, CodeAttributeValue, "%s is %q; expected a whole number or an expression", what, text)
		return e
	}
	return &Expression{Text: e.Text, Constant: i}
}
