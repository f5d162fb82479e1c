package httpworker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// task does one job of a flowable or camunda model.
func (w *Worker) task(ctx context.Context, job *commands.Job) (map[string]any, error) {
	if job.VariablesOmitted {
		return nil, hopeless("%s", tooLarge)
	}
	in, err := object(bpmn.HTTPVariable, job.Variables[bpmn.HTTPVariable])
	if err != nil {
		return nil, hopeless("%v", err)
	}
	switch dialect := job.Headers[bpmn.HTTPHeader]; dialect {
	case bpmn.HTTPFlowable:
		return w.flowable(ctx, job, in)
	case bpmn.HTTPConnector:
		return w.camunda(ctx, job, in)
	default:
		return nil, hopeless("the header %s is %q; expected %s or %s", bpmn.HTTPHeader, dialect, bpmn.HTTPFlowable, bpmn.HTTPConnector)
	}
}

// plain makes a request of what both dialects have.
func plain(job *commands.Job, verb, address, body any) (*request, error) {
	r := &request{header: http.Header{}, follow: true}
	var err error
	if r.method, err = method(verb); err != nil {
		return nil, err
	}
	if r.url, err = target(address); err != nil {
		return nil, err
	}
	if body != nil && body != "" {
		text, err := scalar(body)
		if err != nil {
			return nil, err
		}
		r.body = []byte(text)
	}
	r.header.Set("Idempotency-Key", job.JobID)
	return r, nil
}

// describeBody says what a body without type is, as these engines do.
func (r *request) describeBody() {
	if r.body != nil && r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", "text/plain; charset=UTF-8")
	}
}

// camunda does a request of the http-connector: every status is an answer.
func (w *Worker) camunda(ctx context.Context, job *commands.Job, in map[string]any) (map[string]any, error) {
	r, err := plain(job, in["method"], in["url"], in["payload"])
	if err == nil {
		err = r.setHeaders(in["headers"])
	}
	if err != nil {
		return nil, hopeless("%v", err)
	}
	r.describeBody()
	answer, err := w.send(ctx, r)
	if err != nil {
		return nil, final(err)
	}
	return map[string]any{"statusCode": int64(answer.status), "response": answer.body, "headers": answer.variable()["headers"]}, nil
}

// final keeps an error that is for the server's address from being tried again.
func final(err error) error {
	var refused *refusedAddress
	if errors.As(err, &refused) {
		return hopeless("%v", err)
	}
	return err
}

// flowableTask is the rest of what a flowable task says, beside the request.
type flowableTask struct {
	prefix, variable                     string
	fail, handle                         []string
	ignore, save, asJSON, disallowFollow bool
}

func newFlowableTask(job *commands.Job, in map[string]any) (*flowableTask, error) {
	f := &flowableTask{}
	var err error
	for name, to := range map[string]*bool{
		"ignoreException": &f.ignore, "saveResponseParameters": &f.save, "saveResponseVariableAsJson": &f.asJSON, "disallowRedirects": &f.disallowFollow,
	} {
		if *to, err = truth(in, name, false); err != nil {
			return nil, err
		}
	}
	texts := map[string]string{}
	for _, name := range []string{"resultVariablePrefix", "responseVariableName", "failStatusCodes", "handleStatusCodes"} {
		if in[name] != nil {
			if texts[name], err = scalar(in[name]); err != nil {
				return nil, err
			}
		}
	}
	if f.prefix = strings.TrimSpace(texts["resultVariablePrefix"]); f.prefix == "" {
		f.prefix = job.ElementID
	}
	if f.variable = strings.TrimSpace(texts["responseVariableName"]); f.variable == "" {
		f.variable = f.prefix + "ResponseBody"
	}
	if f.fail, err = statusCodes("failStatusCodes", texts["failStatusCodes"]); err != nil {
		return nil, err
	}
	f.handle, err = statusCodes("handleStatusCodes", texts["handleStatusCodes"])
	return f, err
}

// statusCodes reads a list such as 400, 404, 5XX.
func statusCodes(field, text string) ([]string, error) {
	var out []string
	for _, code := range strings.Split(text, ",") {
		code = strings.ToUpper(strings.TrimSpace(code))
		if code == "" {
			continue
		}
		digits := strings.TrimSuffix(code, "XX")
		if n, err := strconv.Atoi(digits); err != nil || len(code) != 3 || len(digits) == 2 || n < 1 {
			return nil, fmt.Errorf("%s has %q; expected status codes such as 404 or 5XX", field, code)
		}
		out = append(out, code)
	}
	return out, nil
}

// matches says whether a status is listed. Only errors, and redirects that are
// not followed, are looked at.
func (f *flowableTask) matches(codes []string, status int) bool {
	if status < http.StatusMultipleChoices || status < http.StatusBadRequest && !f.disallowFollow {
		return false
	}
	code := strconv.Itoa(status)
	return slices.Contains(codes, code) || slices.Contains(codes, code[:1]+"XX")
}

func (w *Worker) flowable(ctx context.Context, job *commands.Job, in map[string]any) (map[string]any, error) {
	f, err := newFlowableTask(job, in)
	var r *request
	if err == nil {
		r, err = flowableRequest(job, in)
	}
	if err != nil {
		return nil, hopeless("%v", err)
	}
	r.follow = !f.disallowFollow
	answer, err := w.send(ctx, r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err // the worker stops; another one does the job
		}
		return f.failed(map[string]any{}, final(err))
	}
	out, err := f.results(answer)
	switch {
	case err != nil:
		return f.failed(out, hopeless("%v", err))
	case f.matches(f.handle, answer.status):
		return nil, &client.BPMNError{Code: "HTTP" + strconv.Itoa(answer.status), Message: describe(r.method, shown(r.url), answer).Error(), Variables: out}
	case f.matches(f.fail, answer.status):
		return f.failed(out, describe(r.method, shown(r.url), answer))
	}
	return out, nil
}

// failed fails the attempt, or with ignoreException says why in a variable.
func (f *flowableTask) failed(out map[string]any, err error) (map[string]any, error) {
	if !f.ignore {
		return nil, err
	}
	out[f.prefix+"ErrorMessage"] = strings.ToValidUTF8(err.Error(), "\ufffd")
	return out, nil
}

func flowableRequest(job *commands.Job, in map[string]any) (*request, error) {
	r, err := plain(job, in["requestMethod"], in["requestUrl"], in["requestBody"])
	if err != nil {
		return nil, err
	}
	lines, ok := in["requestHeaders"].(string)
	if !ok && in["requestHeaders"] != nil {
		return nil, fmt.Errorf("requestHeaders is of type %s; expected lines such as Accept: text/plain", variables.TypeName(in["requestHeaders"]))
	}
	for _, line := range strings.Split(lines, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errors.New("requestHeaders has a line without colon; expected lines such as Accept: text/plain")
		}
		name = strings.TrimSpace(name)
		if http.CanonicalHeaderKey(name) == "Idempotency-Key" {
			r.header.Del(name)
		}
		if err := r.addHeader(name, strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	r.describeBody()
	switch encoding := in["requestBodyEncoding"]; {
	case encoding == nil, encoding == "":
	case !strings.EqualFold(printed(encoding), `"UTF-8"`):
		return nil, fmt.Errorf("requestBodyEncoding is %s; only UTF-8 is available", printed(encoding))
	}
	if v := in["requestTimeout"]; v != nil && v != "" {
		text, err := scalar(v)
		if err != nil {
			return nil, err
		}
		ms, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || ms < 0 || ms > 86_400_000 {
			return nil, fmt.Errorf("requestTimeout is %s; expected milliseconds", printed(v))
		}
		r.timeout = time.Duration(ms) * time.Millisecond
	}
	return r, nil
}

// results are the variables of an answer.
func (f *flowableTask) results(r *response) (map[string]any, error) {
	out := map[string]any{}
	if f.save {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(r.header)) {
			for _, value := range r.header[name] {
				lines = append(lines, name+": "+strings.ToValidUTF8(value, "\ufffd"))
			}
		}
		out[f.prefix+"ResponseProtocol"] = r.protocol
		out[f.prefix+"ResponseStatusCode"] = int64(r.status)
		out[f.prefix+"ResponseReason"] = http.StatusText(r.status)
		out[f.prefix+"ResponseHeaders"] = strings.Join(lines, "\n")
	}
	switch {
	case !f.asJSON:
		out[f.variable] = r.body
	case strings.TrimSpace(r.body) == "":
		out[f.variable] = nil
	default:
		v, err := variables.FromJSON([]byte(r.body))
		if err != nil {
			return out, fmt.Errorf("the answer, of type %q, is no JSON: %w", r.header.Get("Content-Type"), err)
		}
		out[f.variable] = v
	}
	return out, nil
}
