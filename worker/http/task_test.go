package httpworker

import (
	"errors"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// doTask runs one job of a flowable or camunda model.
func doTask(t *testing.T, dialect, in string) (map[string]any, error) {
	t.Helper()
	base := server(t)
	v, err := variables.FromJSON([]byte(strings.ReplaceAll(in, "SELF", base)))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorker(Config{AllowPrivate: true})
	t.Cleanup(w.transport.CloseIdleConnections)
	return w.task(t.Context(), &commands.Job{
		JobID: "job-7", ElementID: "t", Retries: 3, Headers: map[string]string{bpmn.HTTPHeader: dialect}, Variables: variables.Document{bpmn.HTTPVariable: v},
	})
}

// The answers of tasks, with TEXT for what the test does not compare.
func TestTaskResult(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dialect, in, want string }{
		"connector takes every status": {
			bpmn.HTTPConnector, `{"method":"GET","url":"SELF/status/404"}`, `{"statusCode":404,"response":"TEXT","headers":"TEXT"}`,
		},
		"flowable takes every status": {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/status/404"}`, `{"tResponseBody":"TEXT"}`},
		"flowable text":               {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/text","responseVariableName":"r"}`, `{"r":"123"}`},
		"flowable JSON": {
			bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/exact","responseVariableName":"r","saveResponseVariableAsJson":"true"}`,
			`{"r":{"n":0.10000000000000000001,"big":12345678901234567890123}}`,
		},
		"flowable request": {
			bpmn.HTTPFlowable, `{"requestMethod":"POST","requestUrl":"SELF/a","requestHeaders":"X: 1\nX: 2\n","requestBody":"b","requestTimeout":"3000","responseVariableName":"r","saveResponseVariableAsJson":true}`,
			`{"r":{"method":"POST","uri":"/a","body":"b","type":"text/plain; charset=UTF-8","auth":"","key":"job-7","x":["1","2"],"referer":""}}`,
		},
		"flowable parameters": {
			bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/empty","resultVariablePrefix":"p","saveResponseParameters":"true"}`,
			`{"pResponseBody":"","pResponseProtocol":"HTTP/1.1","pResponseStatusCode":204,"pResponseReason":"No Content","pResponseHeaders":"TEXT"}`,
		},
		"flowable ignores": {
			bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/status/503","failStatusCodes":"5XX","ignoreException":"true"}`, `{"tResponseBody":"TEXT","tErrorMessage":"TEXT"}`,
		},
		"flowable does not follow": {
			bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/loop","disallowRedirects":"true","failStatusCodes":"400"}`, `{"tResponseBody":"TEXT"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := doTask(t, c.dialect, c.in)
			if err != nil {
				t.Fatal(err)
			}
			want, err := variables.DocumentFromJSON([]byte(c.want))
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range want {
				if v == "TEXT" && out[name] != nil {
					out[name] = "TEXT"
				}
			}
			if !variables.Equal(out, map[string]any(want)) {
				t.Errorf("expected %s, but got %s", c.want, printed(out))
			}
		})
	}
}

func TestTaskFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dialect, in, message, code string }{
		"fail code":        {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/status/503","failStatusCodes":"404, 5xx"}`, "status 503", ""},
		"handled code":     {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/status/404","failStatusCodes":"4XX","handleStatusCodes":"404"}`, "status 404", "HTTP404"},
		"handled redirect": {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/loop","disallowRedirects":true,"handleStatusCodes":"3XX"}`, "status 302", "HTTP302"},
		"codes":            {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF","failStatusCodes":"4"}`, "expected status codes", ""},
		"no JSON":          {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF/long","saveResponseVariableAsJson":"true"}`, "no JSON", ""},
		"encoding":         {bpmn.HTTPFlowable, `{"requestMethod":"GET","requestUrl":"SELF","requestBodyEncoding":"latin1"}`, "UTF-8", ""},
		"no url":           {bpmn.HTTPConnector, `{"method":"GET"}`, "url is null", ""},
		"no server":        {bpmn.HTTPConnector, `{"url":"http://127.0.0.1:1/"}`, "dial", ""},
		"unknown":          {"other", `{}`, "expected flowable or connector", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := doTask(t, c.dialect, c.in)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Fatalf("expected a failure with %q, but got %v", c.message, err)
			}
			var thrown *client.BPMNError
			if errors.As(err, &thrown); thrown == nil && c.code != "" || thrown != nil && thrown.Code != c.code {
				t.Errorf("expected the BPMN error %q, but got %#v", c.code, thrown)
			}
		})
	}
}
