package dmn

// Feature is a part of DMN and what becomes of it here. Example is a model
// part whose decision "d" gives Result; for what is refused, Refused is the
// code that Parse gives for the example. The tests evaluate every example, and
// the documentation is made of this table.
type Feature struct {
	Name    string
	Section string // of DMN 1.5
	Note    string
	Example string // elements within definitions
	Result  string // JSON
	Refused Code
}

// Features lists the parts of DMN in the order of the documentation.
func Features() []Feature {
	lit := func(text string) string { return "<literalExpression><text>" + text + "</text></literalExpression>" }
	decision := func(logic string) string { return `<decision id="d" name="d">` + logic + `</decision>` }
	table := func(attrs, output, outputs string) string {
		t := `<decisionTable ` + attrs + `><input><inputExpression><text>7</text></inputExpression></input><output name="o">` + output + `</output>`
		for _, o := range []string{outputs[:1], outputs[1:]} {
			t += `<rule><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>` + o + `</text></outputEntry></rule>`
		}
		return decision(t + `</decisionTable>`)
	}
	const twoOne = `<outputValues><text>2, 1</text></outputValues>`
	needs := func(kind, href, logic string) string {
		return decision(`<` + kind + `Requirement><required` + map[string]string{"knowledge": "Knowledge", "information": "Decision"}[kind] + ` href="` + href + `"/></` + kind + `Requirement>` + logic)
	}
	return []Feature{
		{Name: "literal expression", Section: "7.3.4", Example: decision(lit("1 + 1")), Result: `2`},
		{Name: "context", Section: "10.2.1.4", Note: "with or without a result entry", Example: decision(`<context><contextEntry><variable name="a"/>` + lit("1") + `</contextEntry><contextEntry>` + lit("a + 1") + `</contextEntry></context>`), Result: `2`},
		{Name: "list", Section: "10.2.1.5", Example: decision(`<list>` + lit("1") + lit("2") + `</list>`), Result: `[1,2]`},
		{Name: "relation", Section: "10.2.1.6", Example: decision(`<relation><column name="a"/><row>` + lit("1") + `</row></relation>`), Result: `[{"a":1}]`},
		{Name: "invocation", Section: "10.2.1.3", Example: decision(`<invocation>` + lit("abs") + `<binding><parameter name="n"/>` + lit("-3") + `</binding></invocation>`), Result: `3`},
		{Name: "function definition", Section: "10.2.1.7", Note: "of kind FEEL", Example: decision(`<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="a"/>` + lit("a * 2") + `</functionDefinition></contextEntry><contextEntry>` + lit("f(4)") + `</contextEntry></context>`), Result: `8`},
		{Name: "function of kind Java or PMML", Section: "10.2.1.7", Note: "write it in FEEL", Example: decision(`<functionDefinition kind="Java"><context/></functionDefinition>`), Refused: CodeFunctionKind},
		{Name: "conditional", Section: "10.2.1.8", Example: decision(`<conditional><if>` + lit("true") + `</if><then>` + lit("1") + `</then><else>` + lit("2") + `</else></conditional>`), Result: `1`},
		{Name: "filter", Section: "10.2.1.9", Example: decision(`<filter><in>` + lit("[1, 2, 3]") + `</in><match>` + lit("item &gt; 1") + `</match></filter>`), Result: `[2,3]`},
		{Name: "for", Section: "10.2.1.10", Example: decision(`<for iteratorVariable="i"><in>` + lit("[1, 2]") + `</in><return>` + lit("i * 2") + `</return></for>`), Result: `[2,4]`},
		{Name: "every", Section: "10.2.1.10", Example: decision(`<every iteratorVariable="i"><in>` + lit("[1, 2]") + `</in><satisfies>` + lit("i &gt; 1") + `</satisfies></every>`), Result: `false`},
		{Name: "some", Section: "10.2.1.10", Example: decision(`<some iteratorVariable="i"><in>` + lit("[1, 2]") + `</in><satisfies>` + lit("i &gt; 1") + `</satisfies></some>`), Result: `true`},
		{Name: "hit policy UNIQUE", Section: "8.2.11", Note: "several matches: null, in models of Camunda an error", Example: table("", "", "12"), Result: `null`},
		{Name: "hit policy ANY", Section: "8.2.11", Note: "different outputs: null, in models of Camunda an error", Example: table(`hitPolicy="ANY"`, "", "11"), Result: `1`},
		{Name: "hit policy PRIORITY", Section: "8.2.11", Note: "the order is that of outputValues or of the allowed values of the type", Example: table(`hitPolicy="PRIORITY"`, twoOne, "12"), Result: `2`},
		{Name: "hit policy FIRST", Section: "8.2.11", Example: table(`hitPolicy="FIRST"`, "", "12"), Result: `1`},
		{Name: "hit policy RULE ORDER", Section: "8.2.11", Example: table(`hitPolicy="RULE ORDER"`, "", "12"), Result: `[1,2]`},
		{Name: "hit policy OUTPUT ORDER", Section: "8.2.11", Example: table(`hitPolicy="OUTPUT ORDER"`, twoOne, "12"), Result: `[2,1]`},
		{Name: "hit policy COLLECT", Section: "8.2.11", Note: "no match: an empty list", Example: table(`hitPolicy="COLLECT"`, "", "12"), Result: `[1,2]`},
		{Name: "aggregation SUM", Section: "8.2.11", Example: table(`hitPolicy="COLLECT" aggregation="SUM"`, "", "12"), Result: `3`},
		{Name: "aggregation MIN", Section: "8.2.11", Example: table(`hitPolicy="COLLECT" aggregation="MIN"`, "", "12"), Result: `1`},
		{Name: "aggregation MAX", Section: "8.2.11", Example: table(`hitPolicy="COLLECT" aggregation="MAX"`, "", "12"), Result: `2`},
		{Name: "aggregation COUNT", Section: "8.2.11", Note: "no match: 0", Example: table(`hitPolicy="COLLECT" aggregation="COUNT"`, "", "12"), Result: `2`},
		{Name: "default output", Section: "8.2.12", Example: decision(`<decisionTable><output><defaultOutputEntry><text>5</text></defaultOutputEntry></output></decisionTable>`), Result: `5`},
		{Name: "input values", Section: "8.2.4", Note: "another value: null, in models of Camunda a warning", Example: decision(`<decisionTable><input><inputExpression><text>7</text></inputExpression><inputValues><text>[1..5]</text></inputValues></input><output/><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>`), Result: `null`},
		{Name: "output values", Section: "8.2.6", Note: "another value: null, in models of Camunda a warning", Example: table(`hitPolicy="FIRST"`, twoOne, "32"), Result: `null`},
		{Name: "business knowledge model", Section: "6.3.9", Example: `<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="a"/>` + lit("a + 1") + `</encapsulatedLogic></businessKnowledgeModel>` + needs("knowledge", "#k", lit("k(1)")), Result: `2`},
		{Name: "decision service", Section: "6.3.10", Note: "as a function and evaluated directly", Example: `<decision id="e" name="e">` + lit("4") + `</decision><decisionService id="s" name="s"><outputDecision href="#e"/></decisionService>` + needs("knowledge", "#s", lit("s() + 1")), Result: `5`},
		{Name: "required decision", Section: "6.3.13", Example: `<decision id="e" name="e">` + lit("4") + `</decision>` + needs("information", "#e", lit("e + 1")), Result: `5`},
		{Name: "circle of requirements", Section: "6.3.13", Example: needs("information", "#d", lit("1")), Refused: CodeCycle},
		{Name: "item definition", Section: "7.3.2", Note: "components, collections, allowed values, type constraints, functions", Example: `<itemDefinition name="t"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text></allowedValues></itemDefinition><decision id="d" name="d"><variable name="d" typeRef="t"/>` + lit("-1") + `</decision>`, Result: `null`},
		{Name: "import of a model", Section: "6.3.3", Note: "found by Options.Import", Example: `<import name="m" namespace="urn:none" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>` + decision(lit("1")), Refused: CodeImport},
		{Name: "import of another kind", Section: "6.3.3", Note: "describe the types by item definitions", Example: `<import name="m" namespace="urn:none" importType="http://www.w3.org/2001/XMLSchema"/>` + decision(lit("1")), Refused: CodeUnsupported},
		{Name: "imported values", Section: "7.3.4", Note: "write the values into the expression", Example: decision(`<literalExpression><importedValues namespace="urn:none" importType="x"><importedElement>a</importedElement></importedValues></literalExpression>`), Refused: CodeUnsupported},
		{Name: "expression languages other than FEEL", Section: "7.3.4", Note: "as registered by Options.Expressions", Example: decision(`<literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>`), Refused: CodeLanguage},
	}
}
