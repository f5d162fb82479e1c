package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// exampleInstance is the instance of the examples.
const exampleInstance ids.Instance = "01M7Y5SE9601B3ZNVHCY3VN7CT"

// examples gives a payload for each command of callers. Each is decoded and
// checked as the engine does it, so none can be out of date.
func examples() map[commands.Kind]string {
	return map[commands.Kind]string{
		commands.KindStartInstance:   `{"process_id": "order", "business_key": "A-7", "variables": {"order_id": "A-7", "amount": 1500}}`,
		commands.KindCancelInstance:  `{"reason": "the customer withdrew the order"}`,
		commands.KindSetVariables:    `{"variables": {"amount": 900}}`,
		commands.KindCompleteJob:     `{"job_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-4", "variables": {"reserved": true}}`,
		commands.KindFailJob:         `{"job_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-4", "retries": 2, "backoff_ms": 5000, "message": "the warehouse does not answer"}`,
		commands.KindThrowError:      `{"job_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-4", "code": "out-of-stock", "message": "none left"}`,
		commands.KindUpdateRetries:   `{"job_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-4", "retries": 3}`,
		commands.KindCompleteTask:    `{"task_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-7", "variables": {"approved": true}, "by": "ann"}`,
		commands.KindAssignTask:      `{"task_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-7", "assignee": "ann", "claim": true}`,
		commands.KindUpdateTask:      `{"task_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-7", "due_ms": 1772355600000, "candidate_groups": ["sales"], "priority": 80}`,
		commands.KindResolveIncident: `{"incident_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-6", "retries": 1}`,
		commands.KindActivateAdHoc:   `{"element_instance_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-5", "activities": [{"element_id": "call_customer", "variables": {"topic": "refund"}}]}`,
		commands.KindTrigger:         `{"element_instance_id": "01M7Y5SE9601B3ZNVHCY3VN7CT-5", "variables": {"approved": true}}`,
		commands.KindPublishMessage:  `{"name": "payment received", "correlation_key": "A-7", "message_id": "pay-991", "ttl_ms": 3600000, "variables": {"paid": 1500}}`,
		commands.KindBroadcastSignal: `{"name": "prices changed", "variables": {"list": "2026-02"}}`,
		commands.KindEvaluate:        `{"variables": {"stock": 3}}`,
	}
}

// commandReference describes the payload of every command, the answer and the
// job that workers get.
func commandReference(docs *comments) (string, error) {
	var b strings.Builder
	all := examples()
	names := streams.Names{}
	for _, k := range commands.Kinds() {
		if commands.Internal(k) {
			continue
		}
		example, ok := all[k]
		if !ok {
			return "", fmt.Errorf("commands: expected an example of %s", k)
		}
		if _, err := commands.Decode(k, commands.ContentJSON, []byte(example)); err != nil {
			return "", fmt.Errorf("commands: the example of %s: %w", k, err)
		}
		c, err := commands.New(k)
		if err != nil {
			return "", err
		}
		t := reflect.TypeOf(c).Elem()
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", k, after(t.Name(), docs.types[path.Base(t.PkgPath())+"."+t.Name()]))
		target := exampleInstance
		note := ""
		switch k { //nolint:exhaustive // the others go to their instance
		case commands.KindBroadcastSignal:
			target = ids.Instance(string(exampleInstance[:10]) + ids.SignalHome(streams.DefaultTenant, "prices changed", 4).String() + string(exampleInstance[12:]))
			note = "The id in the subject is any ULID of the signal's home partition, which is the home of a message of that name without key.\n\n"
		case commands.KindEvaluate:
			target = ids.Instance(string(exampleInstance[:10]) + ids.ConditionHome(streams.DefaultTenant, 4).String() + string(exampleInstance[12:]))
			note = "The id in the subject is any ULID of the home partition of the tenant's conditions, which is the home of a process with an empty id.\n\n"
		case commands.KindPublishMessage:
			target = ids.Instance(string(exampleInstance[:10]) + ids.MessageHome(streams.DefaultTenant, "payment received", "A-7", 4).String() + string(exampleInstance[12:]))
			note = "The id in the subject is any ULID of the message's home partition; with 4 homes that of this example is as below. The engine's id of the message is the command id.\n\n"
		}
		table(&b, []string{"Field", "Type", "Required", "Meaning"}, fieldRows(fieldsOf(t, docs)))
		pretty, err := indent(example)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%sSubject `%s`\n\n```json\n%s\n```\n\n", note, names.CommandSubject(streams.DefaultTenant, target, string(k)), pretty)
	}
	for _, part := range []struct {
		title, intro string
		value        any
	}{
		{"Deployment", "Published on `weir.deploy.<tenant>.<deployment id>`, where the id is a ULID; `content` is base64 in JSON.", commands.Deploy{}},
		{"Answer to a deployment", "", commands.DeployResult{}},
		{"Answer to a command", "", commands.Result{}},
		{"Job", "", commands.Job{}},
	} {
		t := reflect.TypeOf(part.value)
		intro := part.intro
		if intro == "" {
			intro = upperFirst(after(t.Name(), docs.types["commands."+t.Name()]))
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", part.title, intro)
		table(&b, []string{"Field", "Type", "Always", "Meaning"}, fieldRows(fieldsOf(t, docs)))
	}
	return b.String(), nil
}

func indent(text string) (string, error) {
	var buf bytes.Buffer
	err := json.Indent(&buf, []byte(text), "", "  ")
	return buf.String(), err
}
