package httpworker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// echo answers with what it was asked, /status/N with that status.
func echo(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) //nolint:errcheck // the comparison tells
	rw.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/status/404":
		rw.WriteHeader(http.StatusNotFound)
	case "/status/503":
		rw.WriteHeader(http.StatusServiceUnavailable)
	case "/exact":
		_, _ = io.WriteString(rw, `{"n": 0.10000000000000000001, "big": 12345678901234567890123}`)
		return
	case "/text":
		rw.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(rw, "123")
		return
	case "/empty":
		rw.WriteHeader(http.StatusNoContent)
		return
	case "/latin1":
		_, _ = rw.Write([]byte{'"', 0xe4, '"'})
		return
	case "/long":
		_, _ = io.WriteString(rw, strings.Repeat("x", 1000))
		return
	case "/slow":
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
		return
	case "/loop":
		http.Redirect(rw, r, "/loop", http.StatusFound)
		return
	case "/to":
		http.Redirect(rw, r, r.URL.Query().Get("u"), http.StatusTemporaryRedirect)
		return
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{
		"method": r.Method, "uri": r.URL.RequestURI(), "body": string(body), "type": r.Header.Get("Content-Type"),
		"auth": r.Header.Get("Authorization"), "key": r.Header.Get("Idempotency-Key"), "x": r.Header.Values("X"), "referer": r.Header.Get("Referer"),
	})
}

func server(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(s.Close)
	return s.URL
}

// do runs one job whose variables are written as JSON, with SELF for the server.
func do(t *testing.T, cfg Config, in string, headers map[string]string) (map[string]any, error) {
	t.Helper()
	base := server(t)
	doc, err := variables.DocumentFromJSON([]byte(strings.ReplaceAll(in, "SELF", base)))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorker(cfg)
	t.Cleanup(w.transport.CloseIdleConnections)
	return w.connector(t.Context(), &commands.Job{JobID: "job-7", Retries: 3, Variables: doc, Headers: headers})
}

// What a task asks for is what the server gets.
func TestRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"get is the default": {`{"url":"SELF/a"}`, `{"method":"GET","uri":"/a","body":"","type":"","auth":"","key":"job-7","x":null,"referer":""}`},
		"query": {
			`{"url":"SELF/a?z=1","queryParameters":{"b":"x y","a":[1,2],"n":null}}`,
			`{"method":"GET","uri":"/a?z=1&a=1&a=2&b=x+y","body":"","type":"","auth":"","key":"job-7","x":null,"referer":""}`,
		},
		"body is exact JSON": {
			`{"method":"post","url":"SELF/a","body":{"n":0.10000000000000000001,"a":["<"]}}`,
			`{"method":"POST","uri":"/a","body":"{\"a\":[\"<\"],\"n\":0.10000000000000000001}","type":"application/json","auth":"","key":"job-7","x":null,"referer":""}`,
		},
		"text body": {
			`{"method":"PUT","url":"SELF/a","body":"<a/>","headers":{"content-type":"text/xml","X":["1",2],"Idempotency-Key":"own"}}`,
			`{"method":"PUT","uri":"/a","body":"<a/>","type":"text/xml","auth":"","key":"own","x":["1","2"],"referer":""}`,
		},
		"form": {
			`{"method":"POST","url":"SELF/a","body":{"b":"x y","a":1},"headers":{"Content-Type":"application/x-www-form-urlencoded"}}`,
			`{"method":"POST","uri":"/a","body":"a=1&b=x+y","type":"application/x-www-form-urlencoded","auth":"","key":"job-7","x":null,"referer":""}`,
		},
		"basic": {
			`{"url":"SELF/a","authentication":{"type":"basic","username":"u","password":"p"}}`,
			`{"method":"GET","uri":"/a","body":"","type":"","auth":"Basic dTpw","key":"job-7","x":null,"referer":""}`,
		},
		"bearer": {
			`{"url":"SELF/a","authentication":{"type":"bearer","token":"t"}}`,
			`{"method":"GET","uri":"/a","body":"","type":"","auth":"Bearer t","key":"job-7","x":null,"referer":""}`,
		},
		"api key in a header": {
			`{"url":"SELF/a","authentication":{"type":"apiKey","apiKeyLocation":"headers","name":"x","value":"k"}}`,
			`{"method":"GET","uri":"/a","body":"","type":"","auth":"","key":"job-7","x":["k"],"referer":""}`,
		},
		"api key in the query": {
			`{"url":"SELF/a","authentication":{"type":"apiKey","apiKeyLocation":"query","name":"k","value":"&"}}`,
			`{"method":"GET","uri":"/a?k=%26","body":"","type":"","auth":"","key":"job-7","x":null,"referer":""}`,
		},
		"redirect within the server keeps the headers": {
			`{"url":"SELF/to?u=/b","headers":{"X":"1"},"authentication":{"type":"bearer","token":"t"}}`,
			`{"method":"GET","uri":"/b","body":"","type":"","auth":"Bearer t","key":"job-7","x":["1"],"referer":"SELF/to?u=/b"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := do(t, Config{AllowPrivate: true}, c.in, map[string]string{"resultExpression": "={r: response.body}"})
			if err != nil {
				t.Fatal(err)
			}
			got := out["r"].(map[string]any)
			if ref, ok := got["referer"].(string); ok && ref != "" {
				u, _ := url.Parse(ref) //nolint:errcheck // the server sent it
				got["referer"] = "SELF" + u.RequestURI()
			}
			want, err := variables.FromJSON([]byte(c.want))
			if err != nil {
				t.Fatal(err)
			}
			if !variables.Equal(got, want) {
				t.Errorf("expected %s, but got %s", c.want, printed(got))
			}
		})
	}
}

// Another server does not get what the task sent to the first.
func TestRedirectElsewhere(t *testing.T) {
	t.Parallel()
	out, err := do(t, Config{AllowPrivate: true}, `{"url":"SELF/to?u=`+server(t)+`/b&secret=1","headers":{"X":"1"},"authentication":{"type":"bearer","token":"t"}}`,
		map[string]string{"resultExpression": "=body"})
	if err != nil {
		t.Fatal(err)
	}
	if out["auth"] != "" || out["x"] != nil || out["referer"] != "" || out["key"] != "" {
		t.Errorf("expected no headers of the task, but got %v", out)
	}
}

// What comes back, by the headers of the job.
func TestResult(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path    string
		headers map[string]string
		want    string
	}{
		"nothing asked for": {"/exact", nil, `{}`},
		"variable":          {"/exact", map[string]string{"resultVariable": "r", "resultExpression": "={s: r, b: response.body.big, n: body.n, st: status}"}, `{"b":12345678901234567890123,"n":0.10000000000000000001,"s":null,"st":200}`},
		"text":              {"/text", map[string]string{"resultExpression": "={b: body, t: response.headers.`Content-Type`}"}, `{"b":"123","t":"text/plain"}`},
		"empty":             {"/empty", map[string]string{"resultExpression": "={b: body, s: status}"}, `{"b":null,"s":204}`},
		"ignored error":     {"/status/404", map[string]string{"errorExpression": `=if error.code = "404" then ignoreError({missing: true}) else null`}, `{"missing":true}`},
		"an error that is none": {
			"/exact", map[string]string{"resultExpression": "={ok: true}", "errorExpression": `=if error.code = "404" then bpmnError("X", "x") else null`}, `{"ok":true}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := do(t, Config{AllowPrivate: true}, `{"url":"SELF`+c.path+`"}`, c.headers)
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := out["r"].(map[string]any); ok {
				if r["status"] != int64(200) || r["body"] == nil || r["headers"] == nil {
					t.Errorf("expected the whole answer in r, but got %v", r)
				}
				delete(out, "r")
			}
			want, err := variables.FromJSON([]byte(c.want))
			if err != nil {
				t.Fatal(err)
			}
			if !variables.Equal(out, want) {
				t.Errorf("expected %s, but got %s", c.want, printed(out))
			}
		})
	}
}

// How jobs fail: with what message, and whether another attempt makes sense.
func TestFailure(t *testing.T) {
	t.Parallel()
	const again, never = -1, 0
	for name, c := range map[string]struct {
		in      string
		headers map[string]string
		message string
		retries int
	}{
		"status":            {`{"url":"SELF/status/503"}`, nil, "/status/503 answered with status 503: {", again},
		"no server":         {`{"url":"http://127.0.0.1:1/a?secret=s"}`, nil, "GET http://127.0.0.1:1/a: dial", again},
		"redirects":         {`{"url":"SELF/loop"}`, nil, "more than 10 redirects", again},
		"timeout":           {`{"url":"SELF/slow"}`, nil, "no complete answer within the time limit", again},
		"long answer":       {`{"url":"SELF/long"}`, nil, "more than 900 bytes", never},
		"no text":           {`{"url":"SELF/latin1"}`, nil, "no UTF-8 text", never},
		"no url":            {`{}`, nil, "url is null", never},
		"scheme":            {`{"url":"file:///etc/passwd"}`, nil, `the scheme "file"`, never},
		"method":            {`{"url":"SELF","method":"A B"}`, nil, "method is", never},
		"header":            {`{"url":"SELF","headers":{"X":"a\r\nY: b"}}`, nil, `header "X"`, never},
		"secret":            {`{"url":"SELF","authentication":{"type":"bearer","token":"{{secrets.T}}"}}`, nil, "secrets are not available", never},
		"oauth":             {`{"url":"SELF","authentication":{"type":"oauth-client-credentials-flow"}}`, nil, "not available", never},
		"multipart":         {`{"url":"SELF","headers":{"Content-Type":"multipart/form-data"},"body":{}}`, nil, "multipart", never},
		"result expression": {`{"url":"SELF/exact"}`, map[string]string{"resultExpression": "=1"}, "expected a context", never},
		"syntax":            {`{"url":"SELF/exact"}`, map[string]string{"resultExpression": "={"}, "the header resultExpression", never},
		"job error":         {`{"url":"SELF/status/404"}`, map[string]string{"errorExpression": `=jobError("gone: " + error.code, {}, 5)`}, "sets none", never},
		"job error, retries": {
			`{"url":"SELF/status/404"}`, map[string]string{"errorExpression": `={errorType: "jobError", message: "gone", retries: job.retries + 2, retryBackoff: "PT1M"}`}, "gone", 5,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := do(t, Config{AllowPrivate: true, MaxResponseBytes: 900, Timeout: 2 * time.Second}, c.in, c.headers)
			var retry *client.RetryError
			if !errors.As(err, &retry) || !strings.Contains(err.Error(), c.message) || strings.Contains(err.Error(), "secret=") {
				t.Fatalf("expected a failure with %q, but got %v", c.message, err)
			}
			switch {
			case c.retries == again && retry.Retries != nil, c.retries != again && (retry.Retries == nil || *retry.Retries != c.retries):
				t.Errorf("expected retries %d, but got %v", c.retries, retry.Retries)
			}
		})
	}
}

func TestBPMNError(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		`=if error.code = "404" then bpmnError("GONE", error.message, {s: response.status}) else null`,
		`={code: "GONE", message: error.message, variables: {s: error.variables.response.status}}`,
	} {
		_, err := do(t, Config{AllowPrivate: true}, `{"url":"SELF/status/404"}`, map[string]string{"errorExpression": expression})
		var thrown *client.BPMNError
		if !errors.As(err, &thrown) || thrown.Code != "GONE" || !strings.Contains(thrown.Message, "status 404") || thrown.Variables["s"] != int64(404) {
			t.Errorf("expected the BPMN error GONE, but got %#v", err)
		}
	}
}

// Without leave, nothing goes to an address that is not public: by its number,
// and by a name; and no retry is wasted on it.
func TestPrivateRefused(t *testing.T) {
	t.Parallel()
	base := server(t)
	port := base[strings.LastIndexByte(base, ':'):]
	for _, target := range []string{base, "http://localhost" + port, "http://[::ffff:127.0.0.1]" + port, "http://169.254.169.254/latest", "http://0.0.0.0" + port} {
		_, err := do(t, Config{}, `{"url":"`+target+`"}`, nil)
		var retry *client.RetryError
		if !errors.As(err, &retry) || retry.Retries == nil || *retry.Retries != 0 || !strings.Contains(err.Error(), "is not public") {
			t.Errorf("%s: expected it to be refused, but got %v", target, err)
		}
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.100.100.200": false, "0.0.0.1": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false,
		"::": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false,
		"::10.0.0.1": false, "2001::1": false, "64:ff9b:1::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: expected public %v, but got %v", text, want, got)
		}
	}
}

// A stopped worker says nothing about the job, which another one then does.
func TestStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := newWorker(Config{AllowPrivate: true})
	_, err := w.connector(ctx, &commands.Job{Variables: variables.Document{"url": server(t) + "/slow"}, Headers: map[string]string{"errorExpression": `=ignoreError()`}})
	if err == nil {
		t.Error("expected an error")
	}
}
