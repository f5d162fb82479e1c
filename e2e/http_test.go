package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// httpTask is start → call → end, where call is a task of the REST connector
// whose error is caught.
const httpTask = `<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="call"/>
<serviceTask id="call"><extensionElements><zeebe:taskDefinition type="io.camunda:http-json:1" retries="2"/>
<zeebe:ioMapping><zeebe:input source="noAuth" target="authentication.type"/><zeebe:input source="POST" target="method"/>
<zeebe:input source="=base + &#34;/orders&#34;" target="url"/><zeebe:input source="={amount: amount}" target="body"/></zeebe:ioMapping>
<zeebe:taskHeaders><zeebe:header key="resultExpression" value="={total: response.body.total}"/><zeebe:header key="retryBackoff" value="PT0S"/>
<zeebe:header key="errorExpression" value="=if error.code = &#34;422&#34; then bpmnError(&#34;REFUSED&#34;, &#34;no&#34;) else null"/></zeebe:taskHeaders></extensionElements></serviceTask>
<boundaryEvent id="refused" attachedToRef="call"><errorEventDefinition errorRef="E"/></boundaryEvent>
<sequenceFlow id="f2" sourceRef="call" targetRef="end"/><endEvent id="end"/>
<sequenceFlow id="f3" sourceRef="refused" targetRef="no"/><endEvent id="no"/>`

const flowableHTTP = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:flowable="http://flowable.org/bpmn" targetNamespace="e2e">
<process id="flowable_http" isExecutable="true"><startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="call"/>
<serviceTask id="call" flowable:type="http"><extensionElements>
<flowable:field name="requestMethod"><flowable:string><![CDATA[POST]]></flowable:string></flowable:field>
<flowable:field name="requestUrl"><flowable:expression><![CDATA[${base}/orders]]></flowable:expression></flowable:field>
<flowable:field name="requestHeaders"><flowable:string><![CDATA[Content-Type: application/json]]></flowable:string></flowable:field>
<flowable:field name="requestBody"><flowable:expression><![CDATA[{"amount":${amount}}]]></flowable:expression></flowable:field>
<flowable:field name="responseVariableName"><flowable:string>answer</flowable:string></flowable:field>
<flowable:field name="saveResponseVariableAsJson"><flowable:string>true</flowable:string></flowable:field>
<flowable:field name="saveResponseParameters"><flowable:string>true</flowable:string></flowable:field></extensionElements></serviceTask>
<sequenceFlow id="f2" sourceRef="call" targetRef="end"><conditionExpression>${answer.total == 0.10000000000000000001 and callResponseStatusCode == 200}</conditionExpression></sequenceFlow>
<endEvent id="end"/></process></definitions>`

const camundaHTTP = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="e2e">
<process id="camunda_http" isExecutable="true"><startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="call"/>
<serviceTask id="call"><extensionElements><camunda:connector><camunda:connectorId>http-connector</camunda:connectorId><camunda:inputOutput>
<camunda:inputParameter name="method">POST</camunda:inputParameter><camunda:inputParameter name="url">${base}/orders</camunda:inputParameter>
<camunda:inputParameter name="headers"><camunda:map><camunda:entry key="Content-Type">application/json</camunda:entry></camunda:map></camunda:inputParameter>
<camunda:inputParameter name="payload">{"amount":${amount}}</camunda:inputParameter>
<camunda:outputParameter name="answer">${S(response).prop("total").numberValue()}</camunda:outputParameter>
<camunda:outputParameter name="code">${statusCode}</camunda:outputParameter></camunda:inputOutput></camunda:connector></extensionElements></serviceTask>
<sequenceFlow id="f2" sourceRef="call" targetRef="end"/><endEvent id="end"/></process></definitions>`

// The server does HTTP jobs itself: results, BPMN errors, retries and incidents
// are those of any job.
func TestHTTPJobs(t *testing.T) {
	t.Parallel()
	var failed atomic.Int64
	var keys [2]atomic.Value
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) //nolint:errcheck // an unknown body is refused below
		switch string(body) {
		case `{"amount":0.1}`:
			_, _ = io.WriteString(w, `{"total": 0.10000000000000000001}`)
		case `{"amount":-1}`:
			w.WriteHeader(http.StatusUnprocessableEntity)
		default:
			if n := failed.Add(1); n <= 2 {
				keys[n-1].Store(r.Header.Get("Idempotency-Key"))
			}
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer outside.Close()
	s := up(t, "--http-worker", "private")
	model := strings.Replace(process("http_task", httpTask), `<process `, `<error id="E" errorCode="REFUSED"/><process `, 1)
	c := s.connect()
	deploy(t, c, model)
	start := func(amount any) string {
		r, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "http_task", Variables: variables.Document{"base": outside.URL, "amount": amount}})
		if err != nil {
			t.Fatal(err)
		}
		return r.InstanceID
	}
	good, refused, broken := start(apd.New(1, -1)), start(int64(-1)), start(int64(7))
	eventually(t, "two attempts", func() bool { return failed.Load() == 2 })
	s.eventuallyOne("the exact total", `select count(*) from weir.variables where instance_id = $1 and name = 'total' and value = '0.10000000000000000001'`, good)
	s.eventuallyOne("the caught error", `select count(*) from weir.element_instances where instance_id = $1 and element_id = 'no' and state = 'completed'`, refused)
	s.eventuallyOne("the incident", `select count(*) from weir.incidents where instance_id = $1 and code = 'job.no_retries' and message like '%answered with status 500%'`, broken)
	deploy(t, c, flowableHTTP, camundaHTTP)
	for id, count := range map[string]string{
		"flowable_http": `select count(*) from weir.variables where instance_id = $1 and name in ('answer', 'callResponseStatusCode') and scope = (select min(scope) from weir.variables where instance_id = $1)`,
		"camunda_http":  `select count(*) from weir.variables where instance_id = $1 and name in ('answer', 'code') and scope = (select min(scope) from weir.variables where instance_id = $1)`,
	} {
		r, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: id, Variables: variables.Document{"base": outside.URL, "amount": apd.New(1, -1)}})
		if err != nil {
			t.Fatal(err)
		}
		s.eventuallyOne("the end", `select count(*) from weir.element_instances where instance_id = $1 and element_id = 'end' and state = 'completed'`, r.InstanceID)
		eventually(t, id+" to have its two results", func() bool { return query[int](s, count, r.InstanceID) == 2 })
		if n := query[int](s, `select count(*) from weir.variables where instance_id = $1 and name in ('response', 'statusCode', 'headers') and scope = (select min(scope) from weir.variables where instance_id = $1)`, r.InstanceID); n != 0 {
			t.Errorf("%s: expected nothing but the results, but %d more variables are there", id, n)
		}
	}
	if keys[0].Load() != keys[1].Load() || keys[0].Load() == "" {
		t.Errorf("expected one Idempotency-Key for both attempts, but got %v and %v", keys[0].Load(), keys[1].Load())
	}
	s.verified()
}

func (s *server) eventuallyOne(what, sql, id string) {
	s.t.Helper()
	eventually(s.t, what, func() bool { return query[int](s, sql, id) == 1 })
}
