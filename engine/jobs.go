package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/weir-bpm/weir/commands"
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
	return &commands.Job{
		JobID: ids.Join(in.ID, j.Key), Type: j.Type, Tenant: in.Tenant, InstanceID: string(in.ID),
		BusinessKey: in.BusinessKey, ProcessID: in.Definition.ProcessID, Version: in.Definition.Version,
		ElementID: j.ElementID, ElementKey: int64(j.Element), Retries: j.Retries, Attempt: j.Attempt,
		Priority: j.Priority, Headers: j.Headers, Variables: in.Visible(j.Element),
	}, true
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
