package dmn

import (
	"errors"
	"fmt"
	"time"

	"github.com/weir-bpm/weir/expression/feel"
)

// Input is what one evaluation sees of the world. Equal inputs give equal
// results: nothing is read from a clock or a random source.
type Input struct {
	// Variables are input data by name, as JSON values (package variables).
	// Strings stand for dates, times and durations where the type of the input
	// data says so. Input data of an imported model is an entry of a context
	// under the name of the import, or else taken by its own name.
	Variables map[string]any
	// Values are further inputs as FEEL values; they win over Variables and are
	// taken as they are.
	Values map[string]feel.Value
	// Now is what now() and today() give, in Location if that is not nil.
	Now      time.Time
	Location *time.Location
	// Seed starts random number() and uuid().
	Seed uint64
	// Limits bounds the evaluation as a whole.
	Limits feel.Limits
	// NoMatchIsNull makes null of a table without a matching rule and without
	// defaults whatever its hit policy, as Camunda 8 does; the standard has an
	// empty list for COLLECT and 0 for its COUNT.
	NoMatchIsNull bool
	// AllVariables lets each decision see all inputs by name, whether it declares
	// them or not, as Camunda 7, Zeebe and Flowable do and [DialectCamunda] does of
	// itself; names that are declared come first. In the standard a decision sees
	// what it requires.
	AllVariables bool
	// NoTrace leaves the trace out, for speed.
	NoTrace bool
}

// Result is the outcome of an evaluation.
type Result struct {
	// Value is the result as a FEEL value.
	Value feel.Value
	// Messages are the errors and warnings of the evaluation in order. A
	// message of severity error says why a part is null that should not be.
	Messages []Message
	// Trace tells how the result came about; nil with Input.NoTrace.
	Trace *Trace

	outputs  []namedValue
	decision *Decision
	rows     [][]feel.Value
}

// Message is a finding of an evaluation.
type Message struct {
	Severity Severity `json:"severity"`
	Code     Code     `json:"code"`
	// ElementID is the id of the element that the message is about.
	ElementID string `json:"element_id,omitempty"`
	Text      string `json:"text"`
}

// Output returns the result as a JSON value (package variables).
func (r *Result) Output() any { return r.Value.ToAny() }

// List returns the result as Camunda 7 has it (DmnDecisionResult): one entry for
// each rule that counts, with its outputs by name; a single one, under the name
// of the variable, for a decision without a table. Values are JSON values. An
// output without a name goes by the name of the decision's variable.
func (r *Result) List() []map[string]any {
	if r.decision == nil {
		return []map[string]any{{"": r.Output()}}
	}
	variable, t := r.decision.variable, r.decision.table
	if t == nil {
		return []map[string]any{{variable: r.Output()}}
	}
	name := func(i int) string {
		if n := t.outputs[i].name; n != "" {
			return n
		}
		return variable
	}
	if t.agg != aggregateNone {
		if r.Value.IsNull() {
			return nil
		}
		return []map[string]any{{name(0): r.Output()}}
	}
	list := make([]map[string]any, len(r.rows))
	for i, row := range r.rows {
		list[i] = make(map[string]any, len(row))
		for j, v := range row {
			list[i][name(j)] = v.ToAny()
		}
	}
	return list
}

// Several says whether more than one rule of the decision's table may count, by
// its hit policy.
func (r *Result) Several() bool {
	return r.decision != nil && r.decision.table != nil && r.decision.table.hit.multi() && r.decision.table.agg == aggregateNone
}

// OutputOf returns the value of one output decision, by name, of an evaluated
// decision service.
func (r *Result) OutputOf(name string) (feel.Value, bool) {
	for _, o := range r.outputs {
		if o.name == name {
			return o.value, true
		}
	}
	return feel.Value{}, false
}

// Failed tells whether a message is an error.
func (r *Result) Failed() bool {
	for _, m := range r.Messages {
		if m.Severity == SeverityError {
			return true
		}
	}
	return false
}

// Evaluate evaluates a decision, a decision service or a business knowledge
// model by id, else by name. An error is an *Error: nothing of that name, a
// limit, and in the Camunda dialect a violated hit policy.
func (m *Model) Evaluate(idOrName string, in Input) (*Result, error) {
	if d, ok := m.Decision(idOrName); ok {
		return d.Evaluate(in)
	}
	if s, ok := m.Service(idOrName); ok {
		return s.Evaluate(in)
	}
	if k, ok := m.Knowledge(idOrName); ok {
		return k.Evaluate(in)
	}
	return nil, &Error{Code: CodeUnknownDecision, Element: idOrName, Message: fmt.Sprintf("there is no decision %q; the model has %s", idOrName, m.invocables())}
}

// Evaluate evaluates the decision with all that it requires. The result is
// never nil: with an error it holds the messages and the trace up to there.
func (d *Decision) Evaluate(in Input) (*Result, error) {
	run := newRun(&in)
	run.asked = d.table
	res, err := run.result(func() (feel.Value, error) { return run.root(d.model).decision(d) })
	res.decision, res.rows = d, run.rows
	return res, err
}

// Evaluate invokes the decision service with its input data and input
// decisions given by name. The result is that of its output decision, or a
// context of them if there are several (DMN 1.5, 10.4).
func (s *Service) Evaluate(in Input) (*Result, error) {
	run := newRun(&in)
	return run.result(func() (feel.Value, error) { return s.invoke(run) })
}

func (s *Service) invoke(run *run) (feel.Value, error) {
	outer := run.root(s.model)
	inner := outer.fork()
	// Inputs that the service forgot to list are taken from outside; Parse warns.
	inner.source = outer.source
	for _, ref := range s.inputs {
		v, err := outer.input(ref)
		if err != nil {
			return feel.Null(), err
		}
		inner.at(ref).presetInput(ref.target.(*inputData), v)
	}
	for _, ref := range s.inputDecisions {
		c := ref.target.core()
		v, _ := outer.at(ref).given(c)
		inner.at(ref).presetDecision(ref.target.(*Decision), v)
	}
	return inner.service(s, &run.outputs)
}

// Evaluate invokes the business knowledge model with its parameters given by
// name.
func (k *Knowledge) Evaluate(in Input) (*Result, error) {
	run := newRun(&in)
	return run.result(func() (feel.Value, error) { return k.invoke(run) })
}

func (k *Knowledge) invoke(run *run) (feel.Value, error) {
	e := run.root(k.model)
	fn := e.function(k)
	if fn.Kind() != feel.KindFunction {
		return feel.Null(), nil
	}
	var args []feel.NamedArg
	for i, name := range k.fn.params {
		v, json, ok := e.lookup(name)
		if !ok {
			continue
		}
		if json {
			v = k.fn.types[i].read(v)
		}
		args = append(args, feel.NamedArg{Name: name, Value: v})
	}
	v, err := feel.InvokeNamed(run.ctx, fn, args...)
	if err != nil {
		err = run.fault(k.id, err)
	}
	run.warnings(k.id)
	return v, err
}

// run is one evaluation.
type run struct {
	in       *Input
	ctx      *feel.EvalContext
	messages []Message
	trace    *Trace
	current  *DecisionTrace // of the decision being evaluated, nil without trace
	outputs  []namedValue
	nested   int // decisions being evaluated
	steps    int // turns of boxed iterations
	// asked is the table of the decision that the evaluation is for, rows are
	// the outputs of its rules that count.
	asked *table
	rows  [][]feel.Value
}

type namedValue struct {
	name  string
	value feel.Value
}

// maxMessages bounds the messages kept of one evaluation.
const maxMessages = 200

// maxNested bounds decisions that evaluate each other through services.
const maxNested = 200

func newRun(in *Input) *run {
	r := &run{in: in, ctx: &feel.EvalContext{Now: in.Now, Location: in.Location, Seed: in.Seed, Limits: in.Limits}}
	if !in.NoTrace {
		r.trace = &Trace{}
	}
	return r
}

func (r *run) root(m *Model) *env {
	return &env{run: r, model: m, source: r.in}
}

// result evaluates and collects the outcome. The whole is one evaluation of
// FEEL, so that all expressions in it share its limits.
func (r *run) result(evaluate func() (feel.Value, error)) (*Result, error) {
	whole := feel.NewFunction("", nil, func(*feel.EvalContext, []feel.Value) (feel.Value, error) {
		v, err := evaluate()
		return v, asFeel(err)
	})
	v, err := feel.Invoke(r.ctx, whole)
	if err != nil {
		err = r.fault("", err)
	}
	return &Result{Value: v, Messages: r.messages, Trace: r.trace, outputs: r.outputs}, err
}

// step counts a turn of a boxed iteration, which FEEL does not see.
func (r *run) step(element string) error {
	limit := r.in.Limits.Steps
	if limit <= 0 {
		limit = 1_000_000
	}
	if r.steps++; r.steps > limit {
		return &Error{Code: CodeLimit, Element: element, Message: fmt.Sprintf("expected at most %d turns of boxed iterations", limit)}
	}
	return nil
}

func (r *run) message(sev Severity, code Code, element, format string, args ...any) {
	if len(r.messages) >= maxMessages {
		return
	}
	r.messages = append(r.messages, Message{Severity: sev, Code: code, ElementID: element, Text: fmt.Sprintf(format, args...)})
}

// warnings moves the warnings of expressions to the messages.
func (r *run) warnings(element string) {
	list := r.ctx.Warnings()
	if len(list) == 0 {
		return
	}
	for _, w := range list {
		r.message(SeverityWarning, CodeFeel, element, "%s", w.String())
	}
	r.ctx.ResetWarnings()
}

// fault makes an error of an expression one of this package. It is an
// error of the FEEL package too, so that functions pass it on.
func (r *run) fault(element string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	code := CodeHook
	var fe *feel.Error
	if errors.As(err, &fe) {
		code = CodeLimit
		if fe.Code == feel.CodeAssert || fe.Code == feel.CodeInternal {
			code = CodeFeel
		}
	}
	return &Error{Code: code, Element: element, Message: "the evaluation was ended", Err: err}
}

// asFeel wraps an error for its way through a FEEL function, where any other
// kind of error would turn into null.
func asFeel(err error) error {
	if err == nil {
		return nil
	}
	var fe *feel.Error
	if errors.As(err, &fe) {
		return &feel.Error{Code: fe.Code, Msg: fe.Msg, Err: err}
	}
	return &feel.Error{Code: feel.CodeAssert, Msg: "the decision model ended the evaluation", Err: err}
}

// violation handles what the standard makes null and Camunda an error.
func (e *env) violation(code Code, element, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	e.run.message(SeverityError, code, element, "%s", text)
	if e.model.dialect == DialectCamunda {
		return &Error{Code: code, Element: element, Message: text}
	}
	return nil
}

// show gives a value for messages. It is written only when the message is kept.
func show(v feel.Value) fmt.Stringer { return shown{v} }

type shown struct{ value feel.Value }

func (s shown) String() string { return clip(s.value.JSON()) }
