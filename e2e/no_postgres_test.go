package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Goal: without Postgres the engine goes on. Commands are taken, the status tells
// what is missing and is not idle, and queries say that they can be asked again.
func TestPostgresIsGone(t *testing.T) {
	s := up(t)
	deploy(t, s.connect(), waitingModel)
	s.idle()
	file, err := os.ReadFile(filepath.Join(s.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(file), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, errOut, code := s.weir("instances"); code != 0 {
			if code != 3 || !strings.Contains(errOut, "[engine.unavailable]") {
				t.Errorf("expected exit code 3 and engine.unavailable, but got %d: %s", code, errOut)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("queries are answered without Postgres")
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.ok("start", "waiting")
	var status struct {
		Idle       bool `json:"idle"`
		Partitions []struct {
			Owned bool   `json:"owned"`
			Error string `json:"projector_error"`
		} `json:"partitions"`
	}
	s.into(&status, "status")
	if status.Idle {
		t.Error("expected the status not to be idle without read models")
	}
	for i, p := range status.Partitions {
		if !p.Owned || p.Error == "" {
			t.Errorf("partition %d: expected an owner and the fault of the read models, but got %+v", i, p)
		}
	}
}

const waitingModel = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="weir">
  <process id="waiting" isExecutable="true">
    <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="ask"/>
    <userTask id="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="end"/><endEvent id="end"/>
  </process>
</definitions>`
