package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// raw publishes a command message as it is and returns the code of the answer.
func raw(t *testing.T, nc *nats.Conn, subject, contentType string, data []byte, headers ...string) string {
	t.Helper()
	msg := nats.NewMsg(subject)
	reply := nats.NewInbox()
	msg.Header.Set("Weir-Reply-To", reply)
	if contentType != "" {
		msg.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		msg.Header.Set(headers[i], headers[i+1])
	}
	msg.Data = data
	sub, err := nc.SubscribeSync(reply)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := nc.PublishMsg(msg); err != nil {
		t.Fatalf("publish on %q: %v", subject, err)
	}
	answer, err := sub.NextMsg(20 * time.Second)
	if err != nil {
		t.Fatalf("no answer on %q: %v", subject, err)
	}
	r, err := commands.DecodeResult(answer.Data)
	if err != nil {
		t.Fatalf("unreadable answer %q: %v", answer.Data, err)
	}
	return string(r.Code)
}

// Bad commands get a coded answer each, store nothing wrong, and the executor
// goes on.
func TestBadCommands(t *testing.T) {
	s := up(t)
	c := s.connect()
	deploy(t, c, twoSteps, process("message_only", `<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>`+flow("f", "s", "e")+`<endEvent id="e"/>`+`</process><message id="m" name="go"/><process id="unused" isExecutable="false">`))
	nc, err := nats.Connect(s.NATS)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	live, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "two_steps"})
	if err != nil {
		t.Fatal(err)
	}
	liveID := ids.Instance(live.InstanceID)
	finished, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "two_steps"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), ids.Instance(finished.InstanceID), &commands.CancelInstance{}); err != nil {
		t.Fatal(err)
	}
	fresh := func(kind string) string {
		id := c.NewInstanceID()
		return "weir.commands." + string(id[10:12]) + ".default." + string(id) + "." + kind
	}
	to := func(id, kind string) string { return "weir.commands." + id[10:12] + ".default." + id + "." + kind }
	big := `{"process_id":"two_steps","variables":{"big":"` + strings.Repeat("x", 2<<20) + `"}}`
	deep := `{"process_id":"two_steps","variables":{"deep":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`
	cases := []struct {
		name, subject, contentType, data string
		headers                          []string
		want                             commands.Code
	}{
		{"unreadable msgpack", fresh("instance.start"), "application/msgpack", "\xc1\xff\x00", nil, commands.CodeCommandUnreadable},
		{"cut msgpack", fresh("instance.start"), "application/msgpack", "\x81\xaaprocess_id", nil, commands.CodeCommandUnreadable},
		{"unreadable JSON", fresh("instance.start"), "application/json", `{"process_id":`, nil, commands.CodeCommandUnreadable},
		{"JSON of the wrong shape", fresh("instance.start"), "application/json", `[1,2]`, nil, commands.CodeCommandUnreadable},
		{"unknown field", fresh("instance.start"), "", `{"process_id":"two_steps","proces":1}`, nil, commands.CodeCommandUnreadable},
		{"unknown content type", fresh("instance.start"), "text/plain", `hello`, nil, commands.CodeCommandUnreadable},
		{"nested too deep", fresh("instance.start"), "application/json", deep, nil, commands.CodeCommandUnreadable},
		{"missing field", fresh("instance.start"), "", `{}`, nil, commands.CodeCommandInvalid},
		{"unknown process", fresh("instance.start"), "", `{"process_id":"nope"}`, nil, commands.CodeProcessNotFound},
		{"unknown version", fresh("instance.start"), "", `{"process_id":"two_steps","version":7}`, nil, commands.CodeProcessNotFound},
		{"no none start event", fresh("instance.start"), "", `{"process_id":"message_only"}`, nil, commands.CodeProcessNoNoneStart},
		{"a 2 MB variable", fresh("instance.start"), "application/json", big, nil, commands.CodeVariablesTooLarge},
		{"unknown kind", fresh("instance.explode"), "", `{}`, nil, commands.CodeCommandUnknown},
		{"internal kind", fresh("timer.fire"), "", `{}`, nil, commands.CodeCommandInternal},
		{"forged internal command", strings.Replace(fresh("timer.fire"), ".default.", "._.", 1), "application/msgpack", "\x80", nil, commands.CodeCommandInternal},
		{"wildcard in the id", "weir.commands.00.default.0*.instance.start", "", `{"process_id":"two_steps"}`, nil, commands.CodeIDInvalid},
		{"lower-case id", "weir.commands.00.default." + strings.ToLower(string(c.NewInstanceID())) + ".instance.start", "", `{"process_id":"two_steps"}`, nil, commands.CodeIDInvalid},
		{"id of another partition", strings.Replace(to(string(liveID), "instance.cancel"), "commands."+string(liveID[10:12]), "commands."+other(liveID), 1), "", `{}`, nil, commands.CodeCommandMisrouted},
		{"too few tokens", "weir.commands.00.default", "", `{}`, nil, commands.CodeCommandMisrouted},
		{"tenant that is no token", strings.Replace(fresh("instance.start"), ".default.", ".täna=nt.", 1), "", `{"process_id":"two_steps"}`, nil, commands.CodeTenantInvalid},
		{"another tenant's instance", strings.Replace(to(string(liveID), "instance.cancel"), ".default.", ".other.", 1), "", `{}`, nil, commands.CodeTenantMismatch},
		{"bad command id", fresh("instance.start"), "", `{"process_id":"two_steps"}`, []string{"Weir-Command-Id", "nope"}, commands.CodeIDInvalid},
		{"deploy sequence from the future", fresh("instance.start"), "", `{"process_id":"two_steps"}`, []string{"Weir-Deploy-Seq", "999999"}, commands.CodeCommandInvalid},
		{"finished instance", to(finished.InstanceID, "variables.set"), "", `{"variables":{"a":1}}`, nil, commands.CodeInstanceFinished},
		{"instance that never was", fresh("variables.set"), "", `{"variables":{"a":1}}`, nil, commands.CodeInstanceNotFound},
		{"job id that is none", to(string(liveID), "job.complete"), "", `{"job_id":"` + string(liveID) + `-x"}`, nil, commands.CodeIDInvalid},
		{"job of another instance", to(string(liveID), "job.complete"), "", `{"job_id":"` + finished.InstanceID + `-4"}`, nil, commands.CodeCommandMisrouted},
		{"job that never was", to(string(liveID), "job.complete"), "", `{"job_id":"` + string(liveID) + `-99"}`, nil, commands.CodeJobNotFound},
		{"message nobody waits for", messageSubject(t, s, "lonely"), "", `{"name":"lonely"}`, nil, commands.CodeMessageNoReceiver},
	}
	for _, tc := range cases {
		if got := raw(t, nc, tc.subject, tc.contentType, []byte(tc.data), tc.headers...); got != string(tc.want) {
			t.Errorf("%s: expected the code %s, but got %q", tc.name, tc.want, got)
		}
	}
	// The executor goes on, and what was refused has left nothing.
	job := string(liveID) + "-4"
	if got := raw(t, nc, to(string(liveID), "job.complete"), "", []byte(`{"job_id":"`+job+`"}`)); got != "" {
		t.Errorf("expected the live job to be completed, but got %s", got)
	}
	if got := raw(t, nc, to(string(liveID), "job.complete"), "", []byte(`{"job_id":"`+job+`"}`)); got != string(commands.CodeJobNotFound) {
		t.Errorf("expected the second completion refused, but got %q", got)
	}
	s.verified()
	if n := query[int](s, `select count(*) from weir.instances`); n != 2 {
		t.Errorf("expected the two instances alone, but there are %d", n)
	}
}

// other returns the characters of a partition that the id does not live in.
func other(id ids.Instance) string {
	return ((id.Partition() + 1) % 4).String()
}

// messageSubject is the subject of a message at its home.
func messageSubject(t *testing.T, s *server, name string) string {
	t.Helper()
	home := ids.MessageHome("default", name, "", 4)
	for {
		id := strings.TrimSpace(s.ok("id"))
		if ids.Instance(id).Partition() == home {
			return "weir.commands." + home.String() + ".default." + id + ".message.publish"
		}
	}
}

// A command with an id is applied once, however often it is sent, and gets the
// first answer.
func TestRepeatedCommand(t *testing.T) {
	s := up(t)
	c := s.connect()
	deploy(t, c, twoSteps)
	nc, err := nats.Connect(s.NATS)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	start, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "two_steps"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Start(t.Context(), ids.Instance(start.InstanceID), commands.StartInstance{ProcessID: "two_steps"})
	if err != nil || !again.Existing {
		t.Errorf("expected a repeated start to find the instance, but got %+v %v", again, err)
	}
	subject := "weir.commands." + start.InstanceID[10:12] + ".default." + start.InstanceID + ".job.complete"
	command := string(c.NewInstanceID())
	for range 3 {
		if got := raw(t, nc, subject, "", []byte(`{"job_id":"`+start.InstanceID+`-4"}`), "Weir-Command-Id", command); got != "" {
			t.Errorf("expected the first answer again, but got %s", got)
		}
	}
	s.verified()
	if n := query[int](s, `select count(*) from weir.jobs`); n != 2 {
		t.Errorf("expected the second step's job once, but there are %d jobs", n)
	}
}

// Bad models are refused with every problem, by file, element and line; nothing of
// their deployment is stored.
func TestBadModels(t *testing.T) {
	s := up(t)
	dir := t.TempDir()
	files := map[string]string{
		"malformed.bpmn":   definitionsOpen + `<process id="p" isExecutable="true"><startEvent id="s"></process></definitions>`,
		"doctype.bpmn":     `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>` + strings.TrimPrefix(twoSteps, `<?xml version="1.0" encoding="UTF-8"?>`),
		"unsupported.bpmn": process("p", `<startEvent id="s"/>`+flow("f", "s", "t")+`<callActivity id="t" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:caseRef="c"/>`+flow("g", "t", "e")+`<endEvent id="e"/>`),
		"dangling.bpmn":    process("p", `<startEvent id="s"/>`+flow("f", "s", "nowhere")),
		"large.bpmn":       definitionsOpen + "<!--" + strings.Repeat("x", 5<<20) + "--></definitions>",
		"deep.bpmn":        definitionsOpen + strings.Repeat("<a>", 3000) + strings.Repeat("</a>", 3000) + "</definitions>",
		"empty.bpmn":       "",
		"good.bpmn":        twoSteps,
	}
	codes := map[string]string{
		"malformed.bpmn": "xml.malformed", "doctype.bpmn": "xml.doctype", "unsupported.bpmn": "unsupported.element",
		"dangling.bpmn": "", "large.bpmn": "", "deep.bpmn": "xml.too_deep", "empty.bpmn": "",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, code := range codes {
		var r commands.DeployResult
		out, errOut, exit := s.weir("deploy", "--json", filepath.Join(dir, name), filepath.Join(dir, "good.bpmn"))
		if exit != 1 {
			t.Errorf("%s: expected exit code 1, but got %d %s %s", name, exit, out, errOut)
			continue
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil || r.Code != commands.CodeDeploymentInvalid || len(r.Problems) == 0 {
			t.Errorf("%s: expected problems, but got %s %s", name, out, errOut)
			continue
		}
		found := false
		for _, p := range r.Problems {
			found = found || p.File == name && p.Severity == "error" && (code == "" || p.Code == code)
		}
		if !found {
			t.Errorf("%s: expected the code %q, but got %+v", name, code, r.Problems)
		}
	}
	if out, errOut, exit := s.weir("deploy", filepath.Join(dir, "not-there.bpmn")); exit != 2 || !strings.Contains(errOut, "not-there.bpmn") {
		t.Errorf("expected a missing file to be a usage error, but got %d %s %s", exit, out, errOut)
	}
	s.verified()
	if n := query[int](s, `select count(*) from weir.definitions`); n != 0 {
		t.Errorf("expected nothing to be deployed, but there are %d definitions", n)
	}
	first := s.ok("deploy", filepath.Join(dir, "good.bpmn"))
	second := s.ok("deploy", filepath.Join(dir, "good.bpmn"))
	if !strings.HasPrefix(first, "deployed") || !strings.HasPrefix(second, "unchanged") {
		t.Errorf("expected the second deployment unchanged, but got %s and %s", first, second)
	}
}

// HTTP answers with the same codes.
func TestHTTP(t *testing.T) {
	s := up(t)
	c := s.connect()
	deploy(t, c, twoSteps)
	post := func(path, body string) (int, map[string]any) {
		resp, err := http.Post("http://"+s.HTTP+path, "application/json", bytes.NewReader([]byte(body))) //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var out map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, out
	}
	get := func(path string) (int, map[string]any) {
		resp, err := http.Get("http://" + s.HTTP + path) //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var out map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, out
	}
	status, started := post("/v1/instances", `{"process_id":"two_steps","variables":{"a":0.1}}`)
	if status != 200 {
		t.Fatalf("start: %d %v", status, started)
	}
	id := started["instance_id"].(string)
	position := started["position"].(map[string]any)
	query := fmt.Sprintf("?position=%s:%d", position["partition"], int(position["seq"].(float64)))
	if status, in := get("/v1/instances/" + id + query); status != 200 || in["state"] != "active" {
		t.Errorf("expected the instance at its position, but got %d %v", status, in)
	}
	if status, list := get("/v1/instances?process_id=two_steps&limit=5"); status != 200 || len(list["items"].([]any)) != 1 {
		t.Errorf("expected one instance, but got %d %v", status, list)
	}
	if status, out := post("/v1/jobs/"+id+"-4/complete", `{"variables":{"done":true}}`); status != 200 {
		t.Errorf("complete: %d %v", status, out)
	}
	for _, tc := range []struct {
		status int
		code   string
		got    func() (int, map[string]any)
	}{
		{404, "job.not_found", func() (int, map[string]any) { return post("/v1/jobs/"+id+"-4/complete", `{}`) }},
		{404, "process.not_found", func() (int, map[string]any) { return post("/v1/instances", `{"process_id":"nope"}`) }},
		{400, "command.unreadable", func() (int, map[string]any) { return post("/v1/instances", `{"process`) }},
		{400, "command.unreadable", func() (int, map[string]any) { return post("/v1/instances", `{"no_field":1}`) }},
		{400, "command.invalid", func() (int, map[string]any) { return get("/v1/instances?colour=red") }},
		{400, "command.invalid", func() (int, map[string]any) { return get("/v1/instances?limit=ten") }},
		{400, "id.invalid", func() (int, map[string]any) { return get("/v1/instances/nope") }},
		{403, "clock.not_allowed", func() (int, map[string]any) { return post("/v1/clock", `{"op":"pin"}`) }},
		{404, "http.not_found", func() (int, map[string]any) { return get("/v1/nothing") }},
	} {
		if status, out := tc.got(); status != tc.status || out["code"] != tc.code {
			t.Errorf("expected %d %s, but got %d %v", tc.status, tc.code, status, out)
		}
	}
}
