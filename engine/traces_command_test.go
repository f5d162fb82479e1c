package engine

import (
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// commandTraces are repeated, late and unfitting commands.
func commandTraces() []trace {
	return []trace{
		{name: "command/repeated", model: oneTask, run: func(s *script) {
			m := s.c.parts[0]
			id := s.c.instanceID(0)
			start := m.envelope(id, &commands.StartInstance{ProcessID: "one"})
			s.say("start, and the same command once more")
			m.do(start)
			first := *s.last
			m.do(start)
			if !slices.Equal(first.Receivers, s.last.Receivers) || first.InstanceID != s.last.InstanceID || first.Definition != s.last.Definition || first.Code != s.last.Code {
				s.t.Errorf("the repeated start is answered %+v, the first one %+v", *s.last, first)
			}
			s.say("another start with the same instance id")
			s.send(id, &commands.StartInstance{ProcessID: "one"})
			s.say("an unknown process, twice")
			bad := m.envelope(s.c.instanceID(0), &commands.StartInstance{ProcessID: "none"})
			m.do(bad)
			s.rejected(commands.CodeProcessNotFound)
			m.do(bad)
			s.rejected(commands.CodeProcessNotFound)
			s.complete("work", "")
			s.say("start with the id of the finished instance")
			s.send(id, &commands.StartInstance{ProcessID: "one"})
		}},
		{name: "command/repeated-in-one-frame", model: oneTask, run: func(s *script) {
			m := s.c.parts[0]
			start := m.envelope(s.c.instanceID(0), &commands.StartInstance{ProcessID: "one"})
			s.say("the same command twice in one group")
			m.do(start, start)
		}},
		{name: "command/finished-instance", model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			s.complete("work", "")
			s.cancel(id)
			s.rejected(commands.CodeInstanceFinished)
			s.say("an instance that never was")
			s.send(s.c.instanceID(0), &commands.CancelInstance{})
			s.rejected(commands.CodeInstanceNotFound)
		}},
		{name: "command/unfitting", parts: 2, model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			m := s.c.parts[0]
			s.say("another tenant")
			e := m.envelope(id, &commands.CancelInstance{})
			e.Tenant = "other"
			m.do(e)
			s.rejected(commands.CodeTenantMismatch)
			s.say("an instance of another partition")
			m.do(m.envelope(s.c.instanceID(1), &commands.StartInstance{ProcessID: "one"}))
			s.rejected(commands.CodeCommandMisrouted)
			s.say("no process id")
			s.send(s.c.instanceID(0), &commands.StartInstance{})
			s.rejected(commands.CodeCommandInvalid)
			s.say("a version that is not there")
			s.send(s.c.instanceID(0), &commands.StartInstance{ProcessID: "one", Version: 9})
			s.rejected(commands.CodeProcessNotFound)
			s.say("an incident that is not there")
			s.send(id, &commands.ResolveIncident{IncidentID: ids.Join(id, 77)})
			s.rejected(commands.CodeIncidentNotFound)
			s.say("a user task that is not there")
			s.send(id, &commands.CompleteTask{TaskID: ids.Join(id, 77)})
			s.rejected(commands.CodeTaskNotFound)
		}},
		{name: "command/no-none-start", model: func(m *bpmntest.Model) {
			p := m.Process("timed")
			p.StartTimer("start", bpmntest.Duration("PT1H")).To(p.End("end"))
			p.StartTimer("start2", bpmntest.Duration("PT2H")).To(p.End("end2"))
		}, run: func(s *script) {
			s.start("timed", "")
			s.rejected(commands.CodeProcessNoNoneStart)
		}},
	}
}

// make160 is a text of 160 bytes.
func make160() []byte {
	return slices.Repeat([]byte("0123456789abcdef"), 10)
}

// keyInPartition returns a correlation key whose home is the partition.
func keyInPartition(s *script, name string, p ids.Partition) string {
	for i := range 1000 {
		key := "key" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		if ids.MessageHome(testTenant, name, key, len(s.c.parts)) == p {
			return key
		}
	}
	s.t.Fatalf("no key of message %s lives in partition %s", name, p)
	return ""
}

func instanceOf(s *script, text string) ids.Instance {
	s.t.Helper()
	id, err := ids.ParseInstance(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}
