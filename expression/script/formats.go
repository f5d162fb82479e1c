package script

import "strings"

// Support says how a script format is run.
type Support string

// The ways in which a format is run.
const (
	// Native formats are run by this package.
	Native Support = "native"
	// Subset formats are run by this package as far as their table says.
	Subset Support = "subset"
	// Engine formats are run by what Options.Engines carries.
	Engine Support = "engine"
	// Refused formats are known and not run; Note says what to do.
	Refused Support = "refused"
)

// Format is one line of the table of script formats.
type Format struct {
	// Name as written in scriptFormat or language, in lower case.
	Name string
	// Language is the canonical name.
	Language string
	Support  Support
	Note     string
}

// Formats is the table of every script format that is known, in the order of
// the documentation. Names compare without regard to case.
func Formats() []Format {
	const js = "ECMAScript 2015 and later, without modules, generators and async functions"
	const groovy = "the subset of GroovyFeatures; anything else is refused when the model is deployed"
	const job = "not run in the engine; use a job worker (service task with a job type), or rewrite it in JavaScript or FEEL"
	return []Format{
		{"javascript", "javascript", Native, js},
		{"js", "javascript", Native, js},
		{"ecmascript", "javascript", Native, js},
		{"application/javascript", "javascript", Native, js},
		{"text/javascript", "javascript", Native, js},
		{"application/ecmascript", "javascript", Native, js},
		{"text/ecmascript", "javascript", Native, js},
		{"graal.js", "javascript", Native, js},
		{"nashorn", "javascript", Native, js},
		{"groovy", "groovy", Subset, groovy},
		{"text/groovy", "groovy", Subset, groovy},
		{"application/groovy", "groovy", Subset, groovy},
		{"application/x-groovy", "groovy", Subset, groovy},
		{"feel", "feel", Engine, "run by expression/feel"},
		{"juel", "juel", Engine, "run by expression/juel"},
		{"python", "python", Refused, job},
		{"jython", "python", Refused, job},
		{"ruby", "ruby", Refused, job},
		{"jruby", "ruby", Refused, job},
		{"kotlin", "kotlin", Refused, job},
		{"scala", "scala", Refused, job},
		{"lua", "lua", Refused, job},
		{"beanshell", "beanshell", Refused, job},
		{"java", "java", Refused, job},
		{"freemarker", "freemarker", Refused, "templates are not run; build text with FEEL or a JavaScript template literal"},
		{"velocity", "velocity", Refused, "templates are not run; build text with FEEL or a JavaScript template literal"},
		{"xquery", "xquery", Refused, "variables are JSON values; use FEEL or JavaScript"},
		{"xslt", "xslt", Refused, "variables are JSON values; use FEEL or JavaScript"},
	}
}

// LookupFormat finds a format by the name that a model gives.
func LookupFormat(name string) (Format, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}
