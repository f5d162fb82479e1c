package httpworker

import (
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/expression/feel"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/variables"
)

// outcome is what the headers of a job say about its end.
type outcome struct {
	variable string           // resultVariable
	result   *feel.Expression // resultExpression
	errors   *feel.Expression // errorExpression
	backoff  *time.Duration   // retryBackoff
}

// newOutcome reads the headers before anything is sent, so that a fault in them
// does not come after the effect.
func newOutcome(headers map[string]string) (*outcome, error) {
	o := &outcome{variable: strings.TrimSpace(headers["resultVariable"])}
	var err error
	if o.result, err = compile("resultExpression", headers["resultExpression"], nil); err != nil {
		return nil, err
	}
	if o.errors, err = compile("errorExpression", headers["errorExpression"], errorFunctions()); err != nil {
		return nil, err
	}
	if text := strings.TrimSpace(headers["retryBackoff"]); text != "" {
		backoff, err := duration(text)
		if err != nil {
			return nil, hopeless("the header retryBackoff: %v", err)
		}
		o.backoff = &backoff
	}
	return o, nil
}

func compile(header, text string, functions map[string]feel.Value) (*feel.Expression, error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "=")
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	e, err := feel.Compile(text, feel.CompileOptions{Dialect: feel.Camunda, Functions: functions})
	if err != nil {
		return nil, hopeless("the header %s: %v", header, err)
	}
	return e, nil
}

// duration reads an ISO 8601 duration as a wait from now on.
func duration(text string) (time.Duration, error) {
	d, err := timers.ParseDuration(text)
	if err != nil {
		return 0, err
	}
	var zero time.Time
	at, err := d.AddTo(zero, time.UTC)
	if err != nil {
		return 0, err
	}
	return max(at.Sub(zero), 0), nil
}

// errorFunctions are those with which an errorExpression says what happens. Each
// gives a context, which a model may also write itself.
func errorFunctions() map[string]feel.Value {
	made := func(kind string, names ...string) feel.Value {
		params := make([]feel.Param, len(names))
		for i, name := range names {
			params[i] = feel.Param{Name: name, Optional: i > 0 || kind == typeIgnore}
		}
		return feel.NewFunction(kind, params, func(_ *feel.EvalContext, args []feel.Value) (feel.Value, error) {
			out := map[string]any{"errorType": kind}
			for i, arg := range args {
				out[names[i]] = arg.ToAny()
			}
			return feel.FromAny(out), nil
		})
	}
	return map[string]feel.Value{
		typeBPMN:   made(typeBPMN, "code", "message", "variables"),
		typeJob:    made(typeJob, "message", "variables", "retries", "retryBackoff"),
		typeIgnore: made(typeIgnore, "variables"),
	}
}

// The errorType of what an errorExpression gives.
const (
	typeBPMN   = "bpmnError"
	typeJob    = "jobError"
	typeIgnore = "ignoreError"
)

// failure is a request that gave no answer, or one with an error status.
type failure struct {
	response *response // nil: there is none
	err      error
}

// success makes the job's variables of an answer.
func (o *outcome) success(job *commands.Job, r *response) (map[string]any, error) {
	answer := map[string]any{"response": r.variable()}
	if done, ignored, err := o.decide(job, answer); done {
		return ignored, err
	}
	out := map[string]any{}
	if o.variable != "" {
		out[o.variable] = answer["response"]
	}
	if o.result == nil {
		return out, nil
	}
	v, err := evaluate(o.result, answer)
	if err != nil {
		return nil, hopeless("the resultExpression failed after the request was done: %v", err)
	}
	doc, ok := v.(map[string]any)
	if !ok {
		return nil, hopeless("the resultExpression gives a value of type %s after the request was done; expected a context such as {order: response.body}", variables.TypeName(v))
	}
	for name, value := range doc {
		out[name] = value
	}
	return out, nil
}

// failed ends a job whose request failed, as the errorExpression says, else as a
// failed attempt.
func (o *outcome) failed(job *commands.Job, f *failure) (map[string]any, error) {
	scope := map[string]any{"error": map[string]any{"message": f.err.Error()}}
	if f.response != nil {
		r := f.response.variable()
		scope["response"] = r
		scope["error"] = map[string]any{
			"code": strconv.Itoa(f.response.status), "message": f.err.Error(), "variables": map[string]any{"response": r},
		}
	}
	if done, ignored, err := o.decide(job, scope); done {
		return ignored, err
	}
	var retry *client.RetryError
	var refused *refusedAddress
	switch {
	case errors.As(f.err, &refused):
		return nil, hopeless("%v", f.err)
	case errors.As(f.err, &retry):
		return nil, &client.RetryError{Err: f.err, Retries: retry.Retries, Backoff: retry.Backoff}
	}
	return nil, &client.RetryError{Err: f.err, Backoff: o.backoff}
}

// decide asks the errorExpression. It reports whether that ends the job.
func (o *outcome) decide(job *commands.Job, scope map[string]any) (done bool, out map[string]any, err error) {
	if o.errors == nil {
		return false, nil, nil
	}
	scope = withEntries(scope)
	scope["job"] = map[string]any{"retries": int64(job.Retries)}
	v, err := evaluate(o.errors, scope)
	if err != nil {
		return true, nil, hopeless("the errorExpression failed after the request was done: %v", err)
	}
	if v == nil {
		return false, nil, nil
	}
	d, ok := v.(map[string]any)
	if !ok {
		return true, nil, hopeless("the errorExpression gives a value of type %s; expected null or bpmnError(code, message)", variables.TypeName(v))
	}
	if len(d) == 0 {
		return false, nil, nil
	}
	vars, ok := d["variables"].(map[string]any)
	if !ok && d["variables"] != nil {
		return true, nil, hopeless("the variables that the errorExpression gives are of type %s; expected a context", variables.TypeName(d["variables"]))
	}
	message, err := optionalText(d, "message")
	if err != nil {
		return true, nil, err
	}
	switch kind := d["errorType"]; {
	case kind == typeIgnore:
		return true, vars, nil
	case kind == typeJob:
		out, err = o.jobError(d, message)
		return true, out, err
	case kind == nil, kind == typeBPMN:
		code, err := optionalText(d, "code")
		if err == nil && code == "" {
			err = hopeless("the errorExpression gives no code; expected bpmnError(code, message)")
		}
		if err != nil {
			return true, nil, err
		}
		return true, nil, &client.BPMNError{Code: code, Message: message, Variables: vars}
	}
	return true, nil, hopeless("the errorExpression gives the errorType %s; expected bpmnError, jobError or ignoreError", printed(d["errorType"]))
}

// jobError fails the attempt as the errorExpression says.
func (o *outcome) jobError(d map[string]any, message string) (map[string]any, error) {
	if d["variables"] != nil {
		return nil, hopeless("the errorExpression gives variables with jobError, but a failed attempt sets none; use bpmnError or ignoreError")
	}
	if message == "" {
		message = "the errorExpression failed the job"
	}
	e := &client.RetryError{Err: errors.New(message), Backoff: o.backoff}
	if v := d["retries"]; v != nil {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 1_000_000 {
			return nil, hopeless("the retries that the errorExpression gives are %s; expected a whole number", printed(v))
		}
		retries := int(n)
		e.Retries = &retries
	}
	text, err := optionalText(d, "retryBackoff")
	if err != nil {
		return nil, err
	}
	if text != "" {
		backoff, err := duration(text)
		if err != nil {
			return nil, hopeless("the retryBackoff that the errorExpression gives: %v", err)
		}
		e.Backoff = &backoff
	}
	return nil, e
}

func optionalText(d map[string]any, name string) (string, error) {
	switch v := d[name].(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	default:
		return "", hopeless("the %s that the errorExpression gives is of type %s; expected a text", name, variables.TypeName(v))
	}
}

// withEntries adds the entries of the answer by their own names, which
// expressions may read as well as through response.
func withEntries(scope map[string]any) map[string]any {
	out := map[string]any{}
	if r, ok := scope["response"].(map[string]any); ok {
		for name, v := range r {
			out[name] = v
		}
	}
	for name, v := range scope {
		out[name] = v
	}
	return out
}

func evaluate(e *feel.Expression, scope map[string]any) (any, error) {
	now := time.Now()
	v, err := e.Eval(&feel.EvalContext{
		Scope: feel.Vars(withEntries(scope)), Now: now, Location: time.UTC, Seed: uint64(now.UnixNano()), //nolint:gosec // any bits will do
	})
	if err != nil {
		return nil, err
	}
	return v.ToAny(), nil
}

// variable is the answer as the model sees it: {status, headers, body}. A body
// that is JSON is the value, any other one text, an empty one null.
func (r *response) variable() map[string]any {
	headers := map[string]any{}
	for name, values := range r.header {
		headers[name] = strings.ToValidUTF8(strings.Join(values, ", "), "\ufffd")
	}
	return map[string]any{"status": int64(r.status), "headers": headers, "body": r.value()}
}

func (r *response) value() any {
	text := strings.TrimSpace(r.body)
	if text == "" {
		return nil
	}
	media, _, _ := mime.ParseMediaType(r.header.Get("Content-Type")) //nolint:errcheck // then the text tells
	isJSON := media == "application/json" || strings.HasSuffix(media, "+json")
	if !isJSON && text[0] != '{' && text[0] != '[' {
		return r.body
	}
	v, err := variables.FromJSON([]byte(text))
	if err != nil {
		return r.body
	}
	return v
}

// describe is a failure with the beginning of the answer, which often says why.
func describe(method, url string, r *response) error {
	const most = 200
	text := strings.Join(strings.Fields(r.body), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	if text != "" {
		text = ": " + text
	}
	return fmt.Errorf("%s %s answered with status %d%s", method, url, r.status, text)
}
