package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Job returns what a worker gets for an open job, and false if the job is not
// offered to workers (any more).
func (s *State) Job(ref JobRef) (*commands.Job, bool) {
	in := s.Instance(ref.Instance)
	if in == nil {
		return nil, false
	}
	j, ok := find(in.Jobs, ref.Key)
	if !ok || j.Failed {
		return nil, false
	}
	job := &commands.Job{
		JobID: ids.Join(in.ID, j.Key), Type: j.Type, Tenant: in.Tenant, InstanceID: string(in.ID),
		BusinessKey: in.BusinessKey, ProcessID: in.Definition.ProcessID, Version: in.Definition.Version,
		ElementID: j.ElementID, ElementKey: int64(j.Element), Retries: j.Retries, Attempt: j.Attempt,
		Priority: j.Priority, Headers: j.Headers, Variables: in.Visible(j.Element), Listener: j.Listener,
	}
	if j.Own {
		job.Variables = copyOf(must(in.Elements, j.Element).Variables)
	}
	if j.Listener != "" {
		job.Task = in.listenedTask(j.Element)
	}
	return job, true
}

// OpenJobs returns the jobs that are offered to workers now, by instance and
// key. They are known without bringing passivated instances back.
func (s *State) OpenJobs() []JobRef {
	out := slices.Collect(maps.Keys(s.offered))
	slices.SortFunc(out, func(a, b JobRef) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// listenedTask is the user task that the listener jobs of an element are about,
// with what is to change; nil if there is none.
func (in *Instance) listenedTask(element ids.Key) *commands.JobTask {
	for _, t := range in.Tasks {
		if t.Element != element || t.Pending == nil {
			continue
		}
		shown := *t
		shown.change(&t.Pending.Changes)
		return &commands.JobTask{
			TaskID: ids.Join(in.ID, t.Key), Assignee: shown.Assignee, CandidateUsers: shown.CandidateUsers,
			CandidateGroups: shown.CandidateGroups, DueMS: shown.DueMS, FollowUpMS: shown.FollowUpMS, Priority: shown.Priority,
			FormKey: shown.FormKey, FormID: shown.FormID, Changed: changedNames(&t.Pending.Changes),
		}
	}
	return nil
}

// changedNames names the attributes that change, as commands and events name
// them.
func changedNames(c *events.TaskChanges) []string {
	var out []string
	for _, x := range []struct {
		name string
		is   bool
	}{
		{"assignee", c.Assignee != nil},
		{"candidate_groups", c.CandidateGroups != nil},
		{"candidate_users", c.CandidateUsers != nil},
		{"category", c.Category != nil},
		{"description", c.Description != nil},
		{"due_ms", c.DueMS != nil},
		{"follow_up_ms", c.FollowUpMS != nil},
		{"form_key", c.FormKey != nil},
		{"name", c.Name != nil},
		{"owner", c.Owner != nil},
		{"priority", c.Priority != nil},
	} {
		if x.is {
			out = append(out, x.name)
		}
	}
	return out
}
