package juel

// Form is a row of [Syntax]: something that the language has.
type Form struct {
	Syntax  string
	Meaning string
	// Example is a text over [TableContext], and Result its value as JSON.
	Example, Result string
}

// Syntax lists the forms of the language, in a fixed order. The documentation is
// made from it and a test evaluates each example.
func Syntax() []Form {
	return []Form{
		{"${…} #{…}", "an expression; both mean the same", "#{amount}", "250"},
		{"text ${…} text", "a text with the values in place; null is nothing", "${customer.name} owes ${amount}${nothing}.", `"Ada owes 250."`},
		{`\${ \#{ \\`, "the characters themselves, outside of expressions", `\${amount}`, `"${amount}"`},
		{"12 1.5 1.5e3", "numbers, exact", "${1.50}", "1.5"},
		{`'text' "text"`, `texts; \' \" and \\ stand for the characters`, `${'it\'s'}`, `"it's"`},
		{"true false null", "the constants", "${null}", "null"},
		{"name", "a variable; an error if there is none", "${status}", `"open"`},
		{"a.b a['b']", "the property of an object; null if there is none, or if a is null", "${customer.address.city}", "null"},
		{"a[0]", "the item of a list; null behind its end", "${items[1]}", `"ink"`},
		{"a.b(c)", "a method, see the table of methods", "${items.contains('ink')}", "true"},
		{"f(a) ns:f(a)", "a function, see the table of functions", "${var:getOrDefault(nowhere, 1)}", "1"},
		{"bean.f(a)", "a Go function of the application, or a helper of Flowable", "${flwMathUtils.abs(-1)}", "1"},
		{"execution task authenticatedUserId", "the current execution and task, and who acts", "${execution.businessKey}", `"order-7"`},
		{"+ - *", "numbers; null and '' are 0, and a text is read as a number", "${'5' + 1}", "6"},
		{"/ div", "division with up to 34 digits", "${7 div 2}", "3.5"},
		{"% mod", "the rest of a division, with the sign of the dividend", "${-7 % 4}", "-3"},
		{"== eq != ne", "equality; with a number on one side both are numbers, with a boolean both are booleans, with a text both are texts; null equals null only", "${'250' eq amount}", "true"},
		{"< lt > gt <= le >= ge", "order of numbers, texts, booleans or dates; null has none", "${amount ge 250}", "true"},
		{"date < date", "dates, also against ISO texts", "${due > now()}", "true"},
		{"&& and || or", "logic; the second operand counts only if it matters; null and '' are false, other texts are true only if they read true", "${status == 'open' and customer.vip}", "true"},
		{"! not", "the opposite", "${not customer.vip}", "false"},
		{"empty", "whether a value is null, or an empty text, list or object", "${empty nothing}", "true"},
		{"a ? b : c", "b if a is true, else c", "${amount > 100 ? 'large' : 'small'}", `"large"`},
		{"(a)", "what belongs together", "${(1 + 2) * 3}", "9"},
	}
}
