package httpworker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// request is an HTTP request as a task asks for it.
type request struct {
	method  string
	url     *url.URL
	header  http.Header
	body    []byte
	timeout time.Duration // 0: the worker's
	follow  bool          // redirects
}

// newRequest reads the input variables of the REST connector.
func newRequest(job *commands.Job) (*request, error) {
	in := job.Variables
	for _, name := range []string{"url", "headers", "queryParameters", "authentication", "body"} {
		if hasSecret(in[name]) {
			return nil, fmt.Errorf("%s names a secret ({{secrets.…}}), and secrets are not available; give the value by a process variable", name)
		}
	}
	for _, name := range []string{"storeResponse", "skipEncoding", "ignoreNullValues"} {
		if on, err := truth(in, name, false); err != nil {
			return nil, err
		} else if on {
			return nil, fmt.Errorf("%s is not available; remove it", name)
		}
	}
	req := &request{header: http.Header{}}
	var err error
	if req.method, err = method(in["method"]); err != nil {
		return nil, err
	}
	if req.url, err = target(in["url"]); err != nil {
		return nil, err
	}
	if err = req.setHeaders(in["headers"]); err != nil {
		return nil, err
	}
	if err = req.addQuery(in["queryParameters"]); err != nil {
		return nil, err
	}
	if err = req.authenticate(in["authentication"]); err != nil {
		return nil, err
	}
	if err = req.setBody(in["body"]); err != nil {
		return nil, err
	}
	if req.timeout, err = timeouts(in); err != nil {
		return nil, err
	}
	if req.follow, err = truth(in, "followRedirects", true); err != nil {
		return nil, err
	}
	if req.header.Get("Idempotency-Key") == "" {
		req.header.Set("Idempotency-Key", job.JobID)
	}
	return req, nil
}

// hasSecret finds the placeholders that Connectors replace by secrets.
func hasSecret(v any) bool {
	switch v := v.(type) {
	case string:
		_, rest, found := strings.Cut(v, "{{")
		return found && strings.HasPrefix(strings.TrimSpace(rest), "secrets.")
	case []any:
		for _, item := range v {
			if hasSecret(item) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if hasSecret(item) {
				return true
			}
		}
	}
	return false
}

func method(v any) (string, error) {
	if v == nil || v == "" {
		return http.MethodGet, nil
	}
	text, ok := v.(string)
	text = strings.ToUpper(strings.TrimSpace(text))
	if !ok || strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' }) || text == http.MethodConnect {
		return "", fmt.Errorf("method is %s; expected one such as GET or POST", printed(v))
	}
	return text, nil
}

func target(v any) (*url.URL, error) {
	text, ok := v.(string)
	if text = strings.TrimSpace(text); !ok || text == "" {
		return nil, fmt.Errorf("url is %s; expected a text such as https://example.org/orders", printed(v))
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("url cannot be read; expected one such as https://example.org/orders")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("url has the scheme %q and the host %q; expected http or https and a host", u.Scheme, u.Host)
	}
	return u, nil
}

// object reads an input that holds names and values; null is an empty one.
func object(name string, v any) (map[string]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return v, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("%s is a value of type %s; expected a context with names and values", name, variables.TypeName(v))
}

// each calls f with the texts of a value: of a list one for each item, of null
// none.
func each(v any, f func(text string) error) error {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for _, item := range items {
		if item == nil {
			continue
		}
		text, err := scalar(item)
		if err != nil {
			return err
		}
		if err := f(text); err != nil {
			return err
		}
	}
	return nil
}

// scalar is a value as text: itself, or as JSON.
func scalar(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	data, err := variables.ToJSON(v)
	return string(data), err
}

func (r *request) setHeaders(v any) error {
	headers, err := object("headers", v)
	if err != nil {
		return err
	}
	for _, name := range variables.Document(headers).Names() {
		err := each(headers[name], func(text string) error { return r.addHeader(name, text) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *request) addHeader(name, text string) error {
	if !token(name) || strings.ContainsAny(text, "\r\n\x00") {
		return fmt.Errorf("the header %q is none: its name or value has a sign that headers do not take", name)
	}
	switch key := http.CanonicalHeaderKey(name); key {
	case "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te":
		return fmt.Errorf("the header %s is the transport's; remove it", key)
	}
	r.header.Add(name, text)
	return nil
}

// token is RFC 9110, 5.6.2.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}

func (r *request) addQuery(v any) error {
	parameters, err := object("queryParameters", v)
	if err != nil || len(parameters) == 0 {
		return err
	}
	query := url.Values{}
	for _, name := range variables.Document(parameters).Names() {
		err := each(parameters[name], func(text string) error { query.Add(name, text); return nil })
		if err != nil {
			return err
		}
	}
	r.appendQuery(query)
	return nil
}

// appendQuery keeps what the URL has as it is written.
func (r *request) appendQuery(q url.Values) {
	if r.url.RawQuery != "" && len(q) > 0 {
		r.url.RawQuery += "&"
	}
	r.url.RawQuery += q.Encode()
}

func (r *request) authenticate(v any) error {
	auth, err := object("authentication", v)
	if err != nil {
		return err
	}
	text := func(name string) string {
		s, ok := auth[name].(string)
		if !ok && err == nil {
			err = fmt.Errorf("authentication.%s is %s; expected a text", name, variables.TypeName(auth[name]))
		}
		return s
	}
	kind, _ := auth["type"].(string) //nolint:errcheck // another type is none of the kinds
	switch {
	case auth["type"] == nil, kind == "noAuth", kind == "":
		return nil
	case kind == "basic":
		user, password := text("username"), ""
		if auth["password"] != nil && auth["password"] != "SPEC_PASSWORD_EMPTY_PATTERN" {
			password = text("password")
		}
		if err == nil {
			req := http.Request{Header: r.header}
			req.SetBasicAuth(user, password)
		}
		return err
	case kind == "bearer":
		if bearer := text("token"); err == nil {
			r.header.Del("Authorization")
			err = r.addHeader("Authorization", "Bearer "+bearer)
		}
		return err
	case kind == "apiKey":
		name, value := text("name"), text("value")
		switch place := auth["apiKeyLocation"]; {
		case err != nil:
		case place == nil, place == "headers":
			r.header.Del(name)
			err = r.addHeader(name, value)
		case place == "query":
			r.appendQuery(url.Values{name: {value}})
		default:
			err = fmt.Errorf("authentication.apiKeyLocation is %s; expected headers or query", printed(place))
		}
		return err
	}
	return fmt.Errorf("authentication.type is %s, which is not available; expected noAuth, basic, bearer or apiKey, or let a worker of yours do the job", printed(auth["type"]))
}

func (r *request) setBody(v any) error {
	if v == nil {
		return nil
	}
	kind := r.header.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(kind) //nolint:errcheck // then it is no type that matters here
	fields, isMap := v.(map[string]any)
	switch {
	case strings.HasPrefix(media, "multipart/"):
		return fmt.Errorf("a body of type %s is not available; send JSON or a form", media)
	case media == "application/x-www-form-urlencoded" && isMap:
		form := url.Values{}
		for _, name := range variables.Document(fields).Names() {
			err := each(fields[name], func(text string) error { form.Add(name, text); return nil })
			if err != nil {
				return err
			}
		}
		r.body = []byte(form.Encode())
		return nil
	}
	text, err := scalar(v)
	if err != nil {
		return err
	}
	r.body = []byte(text)
	if kind == "" {
		r.header.Set("Content-Type", "application/json")
	}
	return nil
}

// timeouts adds up the two that the connector knows: the whole exchange may
// take as long as both.
func timeouts(in map[string]any) (time.Duration, error) {
	var sum time.Duration
	for _, name := range []string{"connectionTimeoutInSeconds", "readTimeoutInSeconds"} {
		part := 20 * time.Second
		if v := in[name]; v != nil && v != "" {
			text, err := scalar(v)
			if err != nil {
				return 0, err
			}
			n, err := variables.ParseNumber(strings.TrimSpace(text))
			seconds, ok := n.(int64)
			if err != nil || !ok || seconds < 0 || seconds > 86_400 {
				return 0, fmt.Errorf("%s is %s; expected a whole number of seconds", name, printed(v))
			}
			if seconds == 0 {
				return 0, nil // no limit of its own
			}
			part = time.Duration(seconds) * time.Second
		}
		sum += part
	}
	return sum, nil
}

func truth(in map[string]any, name string, otherwise bool) (bool, error) {
	switch v := in[name]; v {
	case nil, "":
		return otherwise, nil
	case true, "true":
		return true, nil
	case false, "false":
		return false, nil
	default:
		return false, fmt.Errorf("%s is %s; expected true or false", name, printed(v))
	}
}

// printed shows a value in a message.
func printed(v any) string {
	data, err := variables.ToJSON(v)
	if err != nil {
		return err.Error()
	}
	if len(data) > 100 {
		return strings.ToValidUTF8(string(data[:100]), "") + "…"
	}
	return string(data)
}

// response is an answer.
type response struct {
	status   int
	protocol string
	header   http.Header
	body     string
}

// send sends a request and reads the whole answer. Its errors say nothing of
// the query.
func (w *Worker) send(ctx context.Context, r *request) (*response, error) {
	limit := w.cfg.Timeout
	if r.timeout > 0 {
		limit = min(limit, r.timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	resp, err := w.exchange(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, shown(r.url), cause(err))
	}
	return resp, nil
}

func (w *Worker) exchange(ctx context.Context, r *request) (*response, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header = r.header.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "weir")
	}
	c := http.Client{Transport: w.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		return w.redirect(r, next, via)
	}}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, w.cfg.MaxResponseBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(data)) > w.cfg.MaxResponseBytes {
		return nil, hopeless("the answer has more than %d bytes, the limit of the worker", w.cfg.MaxResponseBytes)
	}
	if !utf8.Valid(data) {
		return nil, hopeless("the answer, of type %q, is no UTF-8 text", resp.Header.Get("Content-Type"))
	}
	return &response{status: resp.StatusCode, protocol: resp.Proto, header: resp.Header, body: string(data)}, nil
}

// redirect decides whether a redirect is followed. What the task set as headers
// is for the server it named: another one does not get it.
func (w *Worker) redirect(r *request, next *http.Request, via []*http.Request) error {
	if !r.follow || w.cfg.MaxRedirects < 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > w.cfg.MaxRedirects {
		return fmt.Errorf("more than %d redirects", w.cfg.MaxRedirects)
	}
	if next.URL.Scheme != r.url.Scheme || !strings.EqualFold(next.URL.Host, r.url.Host) {
		for name := range next.Header {
			switch name {
			case "Accept", "Accept-Language", "Content-Type", "User-Agent":
			default:
				delete(next.Header, name)
			}
		}
	}
	return nil
}
