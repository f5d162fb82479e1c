package dmn_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// Models made to hang or to fill the memory end within the deadline, with a
// problem or an error that has a code.
func TestAttacks(t *testing.T) {
	lit := func(text string) string {
		return "<literalExpression><text>" + esc(text) + "</text></literalExpression>"
	}
	nest := func(n int, open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	loops := lit("for i in 1..2000 return i")
	tests := []struct {
		name, elements string
		want           dmn.Code // of a problem or of the error of decision d
	}{
		{"nested elements", "<decision id='d' name='d'>" + nest(5000, "<list>", "", "</list>") + "</decision>", dmn.CodeTooDeep},
		{"many elements", strings.Repeat("<description/>", 250_000), dmn.CodeTooLarge},
		{"text in many pieces", "<decision id='d' name='d'><literalExpression><text>" + strings.Repeat("a<!---->", 400_000) + "</text></literalExpression></decision>", dmn.CodeExpression},
		{"many names", "<decision id='d' name='d'><context>" + strings.Repeat("<contextEntry><variable name='a'/></contextEntry>", 5000) + "</context></decision>", dmn.CodeTooLarge},
		{"nested iterations", "<decision id='d' name='d'>" + nest(8, "<for iteratorVariable='i'><in>"+loops+"</in><return>", "<list/>", "</return></for>") + "</decision>", dmn.CodeLimit},
		{"nested filters", "<decision id='d' name='d'>" + nest(8, "<filter><in>"+loops+"</in><match>", lit("true"), "</match></filter>") + "</decision>", dmn.CodeLimit},
		{"nested tests", "<decision id='d' name='d'>" + nest(8, "<some iteratorVariable='i'><in>"+loops+"</in><satisfies>", lit("false"), "</satisfies></some>") + "</decision>", dmn.CodeLimit},
		{"endless recursion", "<decision id='d' name='d'><context><contextEntry><variable name='f'/><functionDefinition><formalParameter name='g'/>" + lit("g(g)") + "</functionDefinition></contextEntry><contextEntry>" + lit("f(f)") + "</contextEntry></context></decision>", dmn.CodeLimit},
		{"recursion through a service", "<decision id='d' name='d'><knowledgeRequirement><requiredKnowledge href='#s'/></knowledgeRequirement>" + lit("s(s)") + "</decision>" +
			"<inputData id='g' name='g'/><decision id='e' name='e'><informationRequirement><requiredInput href='#g'/></informationRequirement>" + lit("g(g)") + "</decision>" +
			"<decisionService id='s' name='s'><outputDecision href='#e'/><inputData href='#g'/></decisionService>", dmn.CodeLimit},
		{"large list", "<decision id='d' name='d'>" + lit("for a in 1..100000, b in 1..100000 return a") + "</decision>", dmn.CodeLimit},
		{"large string", "<decision id='d' name='d'>" + lit(`string join(for i in 1..1000 return string join(for j in 1..1000 return "0123456789"))`) + "</decision>", dmn.CodeLimit},
		{"slow regular expression", "<decision id='d' name='d'>" + lit(`matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")`) + "</decision>", ""},
		{"types that double", func() string {
			var b strings.Builder
			for i := range 60 {
				fmt.Fprintf(&b, `<itemDefinition name="t%d"><itemComponent name="a"><typeRef>t%d</typeRef></itemComponent><itemComponent name="b"><typeRef>t%d</typeRef></itemComponent></itemDefinition>`, i, i+1, i+1)
			}
			return b.String() + `<itemDefinition name="t60"><typeRef>string</typeRef></itemDefinition>` + onX("t0", "t0", lit("x"))
		}(), ""},
		{"long chain of decisions", func() string {
			var b strings.Builder
			b.WriteString("<decision id='d' name='d'><informationRequirement><requiredDecision href='#d0'/></informationRequirement>" + lit("1") + "</decision>")
			for i := range 5000 {
				fmt.Fprintf(&b, "<decision id='d%d' name='d%d'><informationRequirement><requiredDecision href='#d%d'/></informationRequirement>%s</decision>", i, i, i+1, lit("1"))
			}
			return b.String() + "<decision id='d5000' name='d5000'>" + lit("1") + "</decision>"
		}(), dmn.CodeLimit},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			got := dmn.Code("")
			m, problems := dmn.Parse("attack", document(test.elements))
			for _, p := range problems {
				if p.Code == test.want {
					got = p.Code
				}
			}
			if got == "" && m != nil {
				_, err := m.Evaluate("d", dmn.Input{Limits: feel.Limits{Steps: 200_000}})
				var e *dmn.Error
				if errors.As(err, &e) {
					got = e.Code
				}
			}
			if test.want != "" && got != test.want {
				t.Errorf("code %q, but expected %q; problems %v", got, test.want, problems)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
				t.Errorf("allocated %d MiB", used>>20)
			}
		})
	}
}
