package script

// Feature is one line of the table of what a language of this package
// supports. Tests run each example; the documentation is made from the table.
type Feature struct {
	Name string
	// Example is a script. It sees the variables amount = 4, name = "Ada",
	// order = {"id": 7, "total": 12.5}, items = [{"name": "nut", "price": 2},
	// {"name": "gear", "price": 12}] and nothing = null.
	Example string
	// Result is the result as JSON text; empty when the example is refused.
	Result string
	// Refused is the code that Compile gives, for what is not supported.
	Refused Code
	// Note says where it differs from the language, or the way out.
	Note string
}

// GroovyFeatures is the table of the Groovy subset.
func GroovyFeatures() []Feature {
	const class = "call a job worker (service task with a job type) for what needs Java classes"
	return []Feature{
		{Name: "def", Example: "def x = 2\nx * amount", Result: "8", Note: "local to the script, never stored"},
		{Name: "typed variables", Example: "int x = 7 / 2\nString s = 5\ndouble d = 1.5\ns + x + d", Result: `"531.5"`, Note: "the value is cast as Groovy does; an int outside its range is an error and does not wrap"},
		{Name: "type arguments", Example: "List<String> l = ['a']\nMap<String, Object> m = [a: l]\nm.a[0]", Result: `"a"`, Note: "read over"},
		{Name: "undeclared variables", Example: "x = amount + 1\nx", Result: "5", Note: "process variables; stored with autoStoreVariables only"},
		{Name: "return", Example: "if (amount > 3) { return 'big' }\n'small'", Result: `"big"`, Note: "the value of the last statement is the result without it"},
		{Name: "if, else", Example: "if (amount > 9) 'big' else if (amount > 3) 'middle' else 'small'", Result: `"middle"`},
		{Name: "while", Example: "def n = 0\nwhile (n < 5) { n++; if (n == 3) break }\nn", Result: "3"},
		{Name: "for in", Example: "def s = 0\nfor (i in items) { s += i.price }\ns", Result: "14"},
		{Name: "for ( : )", Example: "def s = ''\nfor (String c : ['a', 'b']) { s += c }\ns", Result: `"ab"`},
		{Name: "for ( ; ; )", Example: "def s = 0\nfor (int i = 0; i < 4; i++) { s += i }\ns", Result: "6"},
		{Name: "try, catch, finally", Example: "def s = ''\ntry { nothing.x } catch (Exception e) { s = 'caught' } finally { s += '!' }\ns", Result: `"caught!"`, Note: "one catch, of Exception"},
		{Name: "throw", Example: "try { throw new RuntimeException('no') } catch (e) { e.message }", Result: `"no"`},
		{Name: "BpmnError", Example: "if (amount > 9) throw new org.camunda.bpm.engine.delegate.BpmnError('TOO_BIG')\n'fine'", Result: `"fine"`, Note: "of Camunda, Operaton, Flowable and Activiti; ends the script with the BPMN error"},
		{Name: "methods", Example: "def twice(x) { x * 2 }\ntwice(amount)", Result: "8", Note: "they see no local variables of the script, as in Groovy"},
		{Name: "closures", Example: "def add = { a, b = 1 -> a + b }\nadd(amount) + add.call(1, 2)", Result: "8"},
		{Name: "it", Example: "[1, 2].collect { it * amount }", Result: "[4,8]"},
		{Name: "lists", Example: "def l = [1, 2]\nl << 3\nl.add(4)\nl[-1] + l[0] + l.size()", Result: "9"},
		{Name: "maps", Example: "def m = [a: 1, 'b c': 2, (name): 3]\nm.d = 4\nm['e'] = 5\nm", Result: `{"Ada":3,"a":1,"b c":2,"d":4,"e":5}`, Note: "keys are texts; they keep their order but for whole numbers, which come first"},
		{Name: "empty map", Example: "[:]", Result: "{}"},
		{Name: "ranges", Example: "(1..4).sum() + (1..<4).sum()", Result: "16", Note: "whole numbers only"},
		{Name: "list of members", Example: "items.name", Result: `["nut","gear"]`},
		{Name: "spread *.", Example: "items*.price", Result: "[2,12]"},
		{Name: "safe navigation ?.", Example: "nothing?.a?.b", Result: "null"},
		{Name: "elvis ?:", Example: "nothing ?: 'none'", Result: `"none"`},
		{Name: "ternary", Example: "amount > 3 ? 'yes' : 'no'", Result: `"yes"`},
		{Name: "truth", Example: "![] && ![:] && !'' && !0 && !nothing && 'x'", Result: "true", Note: "&& and || give true or false"},
		{Name: "equality", Example: "[1, [a: 2]] == [1.0, [a: 2]] && 1 != '1'", Result: "true", Note: "deep for lists and maps"},
		{Name: "comparison", Example: "'a' < 'b' && 2 <= 2.0 && (3 <=> 2) == 1", Result: "true"},
		{Name: "in", Example: "2 in [1, 2] && 'a' in [a: 1]", Result: "true"},
		{Name: "decimals", Example: "0.1 + 0.2 == 0.3 && 10 / 4 == 2.5", Result: "true", Note: "exact, as BigDecimal; also for double. Trailing zeros are not kept"},
		{Name: "division", Example: "1 / 3", Result: "0.3333333333", Note: "ten digits, as Groovy"},
		{Name: "whole division", Example: "7.intdiv(2) + 7 % 4", Result: "6"},
		{Name: "power", Example: "2 ** 70", Result: "1180591620717411303424", Note: "integers do not wrap"},
		{Name: "casts", Example: "('5' as int) + (int) 2.9", Result: "7"},
		{Name: "texts with ${}", Example: "\"${name} has $order.id and ${amount + 1}\"", Result: `"Ada has 7 and 5"`},
		{Name: "long texts", Example: "'''a\nb''' + \"\"\"${name}\"\"\"", Result: `"a\nbAda"`},
		{Name: "text methods", Example: "name.toUpperCase().padRight(5, '.') + name.substring(1) + name.replace('a', 'o') + 'a,b'.split(',').size()", Result: `"ADA..daAdo2"`},
		{Name: "text to number", Example: "'5'.toInteger() + '1.5'.toBigDecimal() + Integer.parseInt('2')", Result: "8.5"},
		{Name: "collection methods", Example: "items.findAll { it.price > 1 }.sort { -it.price }.collect { it.name }.join(', ')", Result: `"gear, nut"`},
		{Name: "map methods", Example: "def s = ''\norder.each { k, v -> s += \"$k=$v;\" }\ns + order.containsKey('id') + order.keySet().size()", Result: `"id=7;total=12.5;true2"`},
		{Name: "groupBy, inject", Example: "items.groupBy { it.price > 5 }.size() + [1, 2, 3].inject(0) { a, b -> a + b }", Result: "8"},
		{Name: "eachWithIndex", Example: "def s = ''\nitems.eachWithIndex { e, i -> s += i + e.name }\ns", Result: `"0nut1gear"`},
		{Name: "times", Example: "def n = 0\n3.times { n += it }\nn", Result: "3"},
		{Name: "Math", Example: "Math.max(amount, 9) + Math.abs(-1) + Math.round(2.5)", Result: "13"},
		{Name: "println", Example: "println \"a $name\"\nprintln()\nprint('x')\nnull", Result: "null", Note: "collected for the operator; print ends the line too"},
		{Name: "System", Example: "System.out.println(name)\nSystem.currentTimeMillis() == new Date().getTime()", Result: "true", Note: "as println; the time comes from the engine"},
		{Name: "execution", Example: "execution.setVariable('copy', order.total)\nexecution.getVariable('copy') + amount", Result: "16.5"},
		{Name: "process instance", Example: "def p = execution.getProcessInstance()\np.setVariable('copy', p.getVariable('amount') + 1)\nexecution.getVariable('copy')", Result: "5", Note: "fails where a nearer scope has a variable of the name"},
		{Name: "new collections", Example: "def l = new ArrayList()\nl.add(new HashMap())\nl", Result: "[{}]"},
		{Name: "Date", Example: "new Date(0)", Result: `"1970-01-01T00:00:00.000Z"`, Note: "the time comes from the engine"},
		{Name: "JsonSlurper, JsonOutput", Example: "import groovy.json.JsonOutput\nimport groovy.json.JsonSlurper\nJsonOutput.toJson(new JsonSlurper().parseText('{\"a\":[1]}'))", Result: `"{\"a\":[1]}"`},

		{Name: "class", Example: "class A { }", Refused: CodeUnsupported, Note: "write closures and maps"},
		{Name: "other imports", Example: "import java.util.Random", Refused: CodeUnsupported, Note: class},
		{Name: "Java classes", Example: "java.lang.System.exit(0)", Refused: CodeUnsupported, Note: class},
		{Name: "other static calls", Example: "System.exit(0)", Refused: CodeUnsupported, Note: class},
		{Name: "new of other classes", Example: "new File('x')", Refused: CodeUnsupported, Note: class},
		{Name: "reflection", Example: "name.class.forName('x')", Refused: CodeUnsupported, Note: "there are no classes"},
		{Name: "metaprogramming", Example: "name.metaClass.x = 1", Refused: CodeUnsupported, Note: "write closures and maps"},
		{Name: "unknown methods", Example: "name.execute()", Refused: CodeUnsupported, Note: "refused when deployed unless some value has the method"},
		{Name: "unknown functions", Example: "evaluate('1')", Refused: CodeUnsupported, Note: "define a closure"},
		{Name: "calls without parentheses", Example: "execution.setVariable 'a', 1", Refused: CodeUnsupported, Note: "write f(x); println is the exception"},
		{Name: "switch", Example: "switch (amount) { case 1: break }", Refused: CodeUnsupported, Note: "use if and else if"},
		{Name: "do while", Example: "do { } while (false)", Refused: CodeUnsupported, Note: "use while"},
		{Name: "assert", Example: "assert amount == 4", Refused: CodeUnsupported, Note: "use if and throw"},
		{Name: "instanceof", Example: "name instanceof String", Refused: CodeUnsupported, Note: "compare values"},
		{Name: "regular expression operators", Example: "name ==~ 'A.*'", Refused: CodeUnsupported, Note: "use matches('...')"},
		{Name: "slashy strings", Example: "def p = /a/", Refused: CodeUnsupported, Note: "write it in quotes"},
		{Name: "bit operators", Example: "amount & 1", Refused: CodeUnsupported, Note: "compute with / and %"},
		{Name: "several definitions", Example: "def (a, b) = [1, 2]", Refused: CodeUnsupported, Note: "define one by one"},
		{Name: "spread arguments", Example: "[*[1], 2]", Refused: CodeUnsupported, Note: "add lists with +"},
		{Name: "named arguments", Example: "def f = { it }\nf(a: 1)", Refused: CodeUnsupported, Note: "pass a map"},
		{Name: "annotations", Example: "@Field def x = 1", Refused: CodeUnsupported, Note: "leave them out"},
		{Name: "method references", Example: "name.&length", Refused: CodeUnsupported, Note: "write a closure"},
		{Name: "arrays", Example: "int[] a = [1]", Refused: CodeUnsupported, Note: "use a list"},
		{Name: "this", Example: "this.x", Refused: CodeUnsupported, Note: "name the variables"},
	}
}

// JavaScriptFeatures is the table of JavaScript: what of the language and its
// built-ins is there, and what is not.
func JavaScriptFeatures() []Feature {
	return []Feature{
		{Name: "lists as in Java", Example: "items.get(0).name + items.size() + items.contains(3) + items.isEmpty()", Result: `"nut2falsefalse"`, Note: "lists of variables are arrays that have these methods too"},
		{Name: "process variables as globals", Example: "amount * 2", Result: "8"},
		{Name: "missing variables", Example: "typeof missing", Result: `"undefined"`, Note: "reading one is a ReferenceError; execution.getVariable gives null"},
		{Name: "the result", Example: "if (amount > 3) { 'big' } else { 'small' }", Result: `"big"`, Note: "the completion value: that of the last expression"},
		{Name: "execution", Example: "execution.setVariable('n', amount + 1); execution.getVariable('n')", Result: "5"},
		{Name: "let, const, arrows", Example: "const f = (a, b = 2) => a + b; f(amount)", Result: "6"},
		{Name: "classes", Example: "class A { #x = 1; get x() { return this.#x } static of() { return new A() } } A.of().x", Result: "1"},
		{Name: "destructuring, spread", Example: "const { id, ...rest } = order; [id, ...[rest.total]]", Result: "[7,12.5]"},
		{Name: "templates", Example: "`${name} ${amount}`", Result: `"Ada 4"`, Note: "at most 16 parts, no tags"},
		{Name: "optional chaining", Example: "nothing?.a ?? 'none'", Result: `"none"`},
		{Name: "regular expressions", Example: "name.replace(/(?<first>A)d/, '$<first>_')", Result: `"A_a"`, Note: "with look-around and back references, without the flags u, v and d; one match has a time limit"},
		{Name: "Date", Example: "new Date(2024, 0, 31, 12).toISOString()", Result: `"2024-01-31T12:00:00.000Z"`, Note: "time and zone come from the engine"},
		{Name: "Math.random", Example: "Math.random() === Math.random()", Result: "false", Note: "seeded by the engine, so that replay is exact"},
		{Name: "JSON", Example: "JSON.stringify(JSON.parse('{\"a\":[1,2]}'))", Result: `"{\"a\":[1,2]}"`},
		{Name: "Map, Set", Example: "[...new Set([1, 1, 2])].length + new Map([[1, 2]]).get(1)", Result: "4"},
		{Name: "print, console", Example: "print('a', amount); console.log('b')", Result: "null", Note: "collected for the operator"},
		{Name: "BpmnError", Example: "try { throw new BpmnError('E1', 'no') } catch (e) { e.errorCode }", Result: `"E1"`, Note: "ends the script with the BPMN error when not caught; the Java classes of the other engines are read as this one"},
		{Name: "exact numbers", Example: "var big = order.total; big", Result: "12.5", Note: "numbers that a double cannot hold are handed on unchanged and compute as the nearest double"},

		{Name: "eval", Example: "eval('1')", Refused: CodeUnsupported, Note: "code is fixed when the model is deployed"},
		{Name: "generators", Example: "function* f() { }", Refused: CodeUnsupported, Note: "use plain functions"},
		{Name: "async, Promise", Example: "async function f() { }", Refused: CodeUnsupported, Note: "model waiting with events of the process"},
		{Name: "with", Example: "with (order) { id }", Refused: CodeUnsupported, Note: "write order.id"},
		{Name: "BigInt", Example: "1n", Refused: CodeUnsupported, Note: "FEEL computes with large integers"},
		{Name: "Proxy, Reflect", Example: "new Proxy({}, {})", Refused: CodeUnsupported, Note: "objects are plain data"},
		{Name: "typed arrays", Example: "new Uint8Array(1)", Refused: CodeUnsupported, Note: "use arrays of numbers"},
		{Name: "tagged templates", Example: "name`x`", Refused: CodeUnsupported, Note: "call the function"},
		{Name: "Java classes", Example: "new java.util.HashMap()", Refused: CodeUnsupported, Note: "use objects, or a job worker"},
		{Name: "Java.type", Example: "Java.type('java.util.HashMap')", Refused: CodeUnsupported, Note: "use objects, or a job worker"},
		{Name: "require", Example: "require('fs')", Refused: CodeUnsupported, Note: "call a job worker"},
		{Name: "Spin", Example: "S(order).prop('id')", Refused: CodeUnsupported, Note: "variables are JSON values; write order.id"},
	}
}
