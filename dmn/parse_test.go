package dmn_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	utf16text "unicode/utf16"

	"github.com/weir-bpm/weir/dmn"
)

const dmn15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"

// document wraps elements into definitions; the elements begin at line 2.
func document(elements string, attrs ...string) []byte {
	return []byte(`<definitions xmlns="` + dmn15 + `" id="defs" name="test" namespace="urn:test" ` + strings.Join(attrs, " ") + ">\n" + elements + "\n</definitions>")
}

// parse parses elements that must have no errors.
func parse(t testing.TB, elements string, opts ...dmn.Options) *dmn.Model {
	t.Helper()
	m, problems := dmn.Parse("test.dmn", document(elements), opts...)
	if dmn.HasErrors(problems) {
		t.Fatalf("problems: %v", problems)
	}
	return m
}

func literal(id, text string) string {
	return fmt.Sprintf(`<decision id="%s" name="%s"><literalExpression><text>%s</text></literalExpression></decision>`, id, id, text)
}

func TestParseProblems(t *testing.T) {
	table := func(attrs, inner string) string {
		return `<decision id="d" name="d"><decisionTable id="t" ` + attrs + `>` + inner + `</decisionTable></decision>`
	}
	const column = `<input id="i"><inputExpression><text>1</text></inputExpression></input><output id="o"/>`
	tests := []struct {
		name string
		doc  []byte
		opts dmn.Options
		want string // code, element and line of each problem
	}{
		{"not xml", []byte("<definitions"), dmn.Options{}, "dmn.xml  1"},
		{"empty", nil, dmn.Options{}, "dmn.xml  1"},
		{"doctype", []byte("<!DOCTYPE x [<!ENTITY a \"b\">]>\n<x/>"), dmn.Options{}, "dmn.doctype  1"},
		{"entity", document("<decision name='d'>\n&foo;</decision>"), dmn.Options{}, "dmn.xml  3"},
		{"too many bytes", document(strings.Repeat(" ", 200)), dmn.Options{Limits: dmn.Limits{Bytes: 100}}, "dmn.too_large  0"},
		{"too many elements", document(strings.Repeat("<description/>", 10)), dmn.Options{Limits: dmn.Limits{Elements: 10}}, "dmn.too_large  2"},
		{"too deep", document(strings.Repeat("<description>", 120)), dmn.Options{}, "dmn.too_deep  2"},
		{"too many names", document("<decision id='d' name='d'><context id='c'>" + strings.Repeat("<contextEntry><variable name='a'/></contextEntry>", 11) + "</context></decision>"), dmn.Options{Limits: dmn.Limits{Names: 10}}, "dmn.too_large c 2"},
		{"other root", []byte(`<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="b"/>`), dmn.Options{}, "dmn.namespace b 1"},
		{"unknown element", document("<decisoin id='x'/>"), dmn.Options{}, "dmn.unsupported_element x 2"},
		{"unknown nested element", document("<inputData id='x' name='x'>\n<varable id='v'/></inputData>"), dmn.Options{}, "dmn.unsupported_element v 3"},
		{"no name", document("<inputData id='x'/>"), dmn.Options{}, "dmn.missing_name x 2"},
		{"same id", document("<inputData id='x' name='a'/>\n<inputData id='x' name='b'/>"), dmn.Options{}, "dmn.duplicate_id x 3"},
		{"same name", document("<inputData id='x' name='a'/>\n<inputData id='y' name='a'/>"), dmn.Options{}, "dmn.duplicate_name y 3"},
		{"variable named otherwise", document("<inputData id='x' name='a'><variable name='b'/></inputData>"), dmn.Options{}, "dmn.name_mismatch x 2"},
		{"no logic", document("<decision id='x' name='a'/>"), dmn.Options{}, "dmn.no_logic x 2"},
		{"bad href", document("<decision id='x' name='a'><informationRequirement id='r'>\n<requiredInput href='y'/></informationRequirement><literalExpression/></decision>"), dmn.Options{}, "dmn.unresolved_reference requiredInput 3"},
		{"href to nothing", document("<decision id='x' name='a'><informationRequirement id='r'>\n<requiredInput href='#y'/></informationRequirement><literalExpression/></decision>"), dmn.Options{}, "dmn.unresolved_reference requiredInput 3"},
		{"href to another kind", document("<decision id='x' name='a'><informationRequirement id='r'>\n<requiredInput href='#y'/></informationRequirement><literalExpression/></decision>" + literal("y", "1")), dmn.Options{}, "dmn.wrong_reference requiredInput 3"},
		{"href to unknown namespace", document("<decision id='x' name='a'><informationRequirement id='r'>\n<requiredInput href='urn:other#y'/></informationRequirement><literalExpression/></decision>"), dmn.Options{}, "dmn.unresolved_reference requiredInput 3"},
		{"empty requirement", document("<decision id='x' name='a'>\n<informationRequirement id='r'/><literalExpression/></decision>"), dmn.Options{}, "dmn.incomplete r 3"},
		{"cycle of decisions", document("<decision id='x' name='a'><informationRequirement><requiredDecision href='#y'/></informationRequirement><literalExpression/></decision>\n" +
			"<decision id='y' name='b'><informationRequirement><requiredDecision href='#x'/></informationRequirement><literalExpression/></decision>"), dmn.Options{}, "dmn.cycle y 3"},
		{"function that requires itself", document("<businessKnowledgeModel id='x' name='a'><encapsulatedLogic><literalExpression/></encapsulatedLogic>" +
			"<knowledgeRequirement><requiredKnowledge href='#x'/></knowledgeRequirement></businessKnowledgeModel>"), dmn.Options{}, "dmn.cycle x 2"},
		{"import without models", document("<import id='m' name='m' namespace='urn:m' importType='" + dmn15 + "'/>"), dmn.Options{}, "dmn.import m 2"},
		{"import of another type", document("<import id='m' name='m' namespace='urn:m' importType='http://www.w3.org/2001/XMLSchema'/>"), dmn.Options{}, "dmn.unsupported_element m 2"},
		{"unknown type", document("<inputData id='x' name='a'><variable name='a' typeRef='tNone'/></inputData>"), dmn.Options{}, "dmn.unknown_type x 2"},
		{"type of itself", document("<itemDefinition id='t' name='t'><typeRef>t</typeRef></itemDefinition>"), dmn.Options{}, "dmn.type_cycle t 2"},
		{"type of two kinds", document("<itemDefinition id='t' name='t'><typeRef>string</typeRef><itemComponent name='a'/></itemDefinition>"), dmn.Options{}, "dmn.item_definition t 2"},
		{"two types of one name", document("<itemDefinition id='t' name='t'/>\n<itemDefinition id='u' name='t'/>"), dmn.Options{}, "dmn.duplicate_name u 3"},
		{"bad expression", document("<decision id='d' name='d'>\n<literalExpression id='l'><text>1 +</text></literalExpression></decision>"), dmn.Options{}, "dmn.expression l 3"},
		{"bad allowed values", document("<itemDefinition id='t' name='t'><typeRef>string</typeRef>\n<allowedValues id='v'><text>\"a</text></allowedValues></itemDefinition>"), dmn.Options{}, "dmn.expression v 3"},
		{"other language", document("<decision id='d' name='d'>\n<literalExpression id='l' expressionLanguage='juel'><text>${a}</text></literalExpression></decision>"), dmn.Options{}, "dmn.expression_language l 3"},
		{"java function", document("<businessKnowledgeModel id='x' name='a'>\n<encapsulatedLogic id='f' kind='Java'><context/></encapsulatedLogic></businessKnowledgeModel>"), dmn.Options{}, "dmn.function_kind f 3"},
		{"unknown hit policy", document(table(`hitPolicy="BEST"`, column)), dmn.Options{}, "dmn.hit_policy t 2"},
		{"unknown aggregation", document(table(`hitPolicy="COLLECT" aggregation="AVG"`, column)), dmn.Options{}, "dmn.aggregation t 2"},
		{"aggregation without collect", document(table(`aggregation="SUM"`, column)), dmn.Options{}, "dmn.aggregation t 2"},
		{"aggregation of two outputs", document(table(`hitPolicy="COLLECT" aggregation="SUM"`, "<output name='a'/><output name='b'/>")), dmn.Options{}, "dmn.aggregation t 2"},
		{"priority without values", document(table(`hitPolicy="PRIORITY"`, column)), dmn.Options{}, "dmn.output_values t 2"},
		{"no output", document(table("", "")), dmn.Options{}, "dmn.incomplete t 2"},
		{"input without expression", document(table("", "<input id='i'/><output/>")), dmn.Options{}, "dmn.incomplete i 2"},
		{"outputs without names", document(table("", "<output id='o' name='a'/><output id='p'/>")), dmn.Options{}, "dmn.missing_name p 2"},
		{"rule too short", document(table("", column+"\n<rule id='r'><outputEntry><text>1</text></outputEntry></rule>")), dmn.Options{}, "dmn.rule_width r 3"},
		{"rule too long", document(table("", column+"\n<rule id='r'><inputEntry/><outputEntry/><outputEntry/></rule>")), dmn.Options{}, "dmn.rule_width r 3"},
		{"row too short", document("<decision id='d' name='d'><relation><column name='a'/>\n<row id='r'/></relation></decision>"), dmn.Options{}, "dmn.rule_width r 3"},
		{"context entry without name", document("<decision id='d' name='d'><context>\n<contextEntry id='e'/><contextEntry/></context></decision>"), dmn.Options{}, "dmn.missing_name e 3"},
		{"iteration without variable", document("<decision id='d' name='d'><for id='f'><in><literalExpression/></in><return><literalExpression/></return></for></decision>"), dmn.Options{}, "dmn.missing_name f 2"},
		{"conditional without else", document("<decision id='d' name='d'><conditional id='c'><if><literalExpression/></if><then><literalExpression/></then></conditional></decision>"), dmn.Options{}, "dmn.incomplete c 2"},
		{"invocation of nothing", document("<decision id='d' name='d'><invocation id='c'/></decision>"), dmn.Options{}, "dmn.incomplete c 2"},
		{"service without output", document("<decisionService id='s' name='s'/>"), dmn.Options{}, "dmn.incomplete s 2"},
		{"old version", []byte(`<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" id="b"/>`), dmn.Options{}, "dmn.old_version b 1"},
		{"every problem at once", document("<inputData id='x'/>\n<decision id='y' name='y'/>\n<decisoin/>"), dmn.Options{}, "dmn.missing_name x 2; dmn.no_logic y 3; dmn.unsupported_element decisoin 4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems := dmn.Parse("f.dmn", test.doc, test.opts)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %s %d", p.Code, p.ElementID, p.Line))
				if p.File != "f.dmn" {
					t.Errorf("file %q", p.File)
				}
				if len(p.Message) < 30 || !strings.HasSuffix(p.Message, ".") && !strings.HasSuffix(p.Message, ").") {
					t.Errorf("message %q is no sentence", p.Message)
				}
			}
			if s := strings.Join(got, "; "); s != test.want {
				t.Errorf("problems %q, but expected %q\n%v", s, test.want, problems)
			}
		})
	}
}

// Every code constant has to be in the list that the documentation is made of.
func TestCodesComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range dmn.Codes() {
		if listed[string(c.Code)] {
			t.Errorf("code %s is listed twice", c.Code)
		}
		listed[string(c.Code)] = true
		if c.Meaning == "" || c.Remedy == "" {
			t.Errorf("code %s has no meaning or remedy", c.Code)
		}
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		code, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		declared++
		if !listed[code] {
			t.Errorf("code %s is not in Codes()", code)
		}
		return true
	})
	if declared != len(listed) {
		t.Errorf("%d codes are declared, but %d listed", declared, len(listed))
	}
}

func TestEncodings(t *testing.T) {
	doc := string(document("<decision id='d' name='d'><literalExpression><text>\"\u00e4\"</text></literalExpression></decision>"))
	latin := strings.ReplaceAll(doc, "\u00e4", "\xe4")
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range utf16text.Encode([]rune(`<?xml version="1.0" encoding="UTF-16"?>` + doc)) {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, data := range map[string]string{
		"utf-8":             doc,
		"mark":              "\ufeff" + doc,
		"declared utf8":     `<?xml version="1.0" encoding="utf8"?>` + doc,
		"declared latin":    `<?xml version="1.0" encoding="ISO-8859-1"?>` + latin,
		"declared cp1252":   `<?xml version="1.0" encoding="windows-1252"?>` + latin,
		"utf-16 with marks": string(utf16),
	} {
		m, problems := dmn.Parse(name, []byte(data))
		if m == nil {
			t.Errorf("%s: %v", name, problems)
			continue
		}
		if got := output(t, m, "d", nil); got != "\"\u00e4\"" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for name, data := range map[string]string{
		"not utf-8": latin, "unknown": `<?xml version="1.0" encoding="EBCDIC"?>` + doc, "text behind": doc + "x", "cut": string(utf16[:len(utf16)-41]),
	} {
		if m, problems := dmn.Parse(name, []byte(data)); m != nil || len(problems) != 1 || problems[0].Code != dmn.CodeXML {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, space := range []string{
		"http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/",
		"https://www.omg.org/spec/DMN/20191111/MODEL/", "https://www.omg.org/spec/DMN/20211108/MODEL/", dmn15,
	} {
		doc := strings.ReplaceAll(string(document(literal("d", "1 + 1"))), dmn15, space)
		m, problems := dmn.Parse("v.dmn", []byte(doc))
		if dmn.HasErrors(problems) {
			t.Errorf("%s: %v", space, problems)
			continue
		}
		if got := output(t, m, "d", nil); got != "2" {
			t.Errorf("%s: got %s", space, got)
		}
	}
}
