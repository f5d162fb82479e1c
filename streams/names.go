// Package streams names Weir's JetStream streams, subjects and buckets, makes
// them with the settings that the promises need, and reads frames from them.
package streams

import (
	"fmt"
	"strings"

	"github.com/weir-bpm/weir/ids"
)

// DefaultPrefix begins every subject; its upper case begins every stream name.
const DefaultPrefix = "weir"

// DefaultTenant is the tenant of whoever names none.
const DefaultTenant = "default"

// InternalTenant is the tenant token of commands that partitions send to each
// other. Permissions for callers leave it out, and it is no tenant.
const InternalTenant = "_"

// Names builds the names of streams, subjects and buckets. The zero value uses
// [DefaultPrefix].
type Names struct {
	// Prefix is the first token of each subject: lower-case letters, digits and
	// underscores.
	Prefix string
}

func (n Names) prefix() string {
	if n.Prefix == "" {
		return DefaultPrefix
	}
	return n.Prefix
}

func (n Names) upper() string { return strings.ToUpper(n.prefix()) }

// CommandStream is the ordered log of a partition's commands.
func (n Names) CommandStream(p ids.Partition) string {
	return fmt.Sprintf("%s_COMMANDS_%s", n.upper(), p)
}

// CommandSubjects matches the subjects of a partition's command stream.
func (n Names) CommandSubjects(p ids.Partition) string {
	return fmt.Sprintf("%s.commands.%s.>", n.prefix(), p)
}

// CommandSubject is where a command to an instance is published. The kind may
// hold a dot, such as job.complete.
func (n Names) CommandSubject(tenant string, id ids.Instance, kind string) string {
	return n.prefix() + ".commands." + string(id[10:12]) + "." + tenant + "." + string(id) + "." + kind
}

// ParseCommandSubject takes apart what [Names.CommandSubject] wrote.
func (n Names) ParseCommandSubject(subject string) (tenant, id, kind string, err error) {
	rest, ok := strings.CutPrefix(subject, n.prefix()+".commands.")
	parts := strings.SplitN(rest, ".", 4)
	if !ok || len(parts) != 4 {
		return "", "", "", fmt.Errorf("expected %s.commands.<partition>.<tenant>.<id>.<kind>, but got %s", n.prefix(), subject)
	}
	return parts[1], parts[2], parts[3], nil
}

// EventStream is the log of a partition's commit frames.
func (n Names) EventStream(p ids.Partition) string {
	return fmt.Sprintf("%s_EVENTS_%s", n.upper(), p)
}

// EventSubject is the subject of a partition's commit frames.
func (n Names) EventSubject(p ids.Partition) string {
	return fmt.Sprintf("%s.events.%s", n.prefix(), p)
}

// DeployStream is the ordered log of deploy commands.
func (n Names) DeployStream() string { return n.upper() + "_DEPLOY" }

// DeploySubjects matches the subjects of the deploy commands.
func (n Names) DeploySubjects() string { return n.prefix() + ".deploy.>" }

// DeploySubject is where a deploy command is published.
func (n Names) DeploySubject(tenant string, id ids.Command) string {
	return n.prefix() + ".deploy." + tenant + "." + string(id)
}

// DefinitionStream is the log of deploy events.
func (n Names) DefinitionStream() string { return n.upper() + "_DEFINITIONS" }

// DefinitionSubject is the subject of the frames of deploy events.
func (n Names) DefinitionSubject() string { return n.prefix() + ".definitions" }

// JobStream is the work queue of jobs.
func (n Names) JobStream() string { return n.upper() + "_JOBS" }

// JobSubjects matches the subjects of all jobs.
func (n Names) JobSubjects() string { return n.prefix() + ".jobs.>" }

// Lane orders jobs of one type: workers take from the higher lanes first.
type Lane string

// The lanes.
const (
	LaneHigh   Lane = "high"   // priority above 0
	LaneNormal Lane = "normal" // priority 0
	LaneLow    Lane = "low"    // priority below 0
)

// LaneOf returns the lane of a job priority.
func LaneOf(priority int) Lane {
	switch {
	case priority > 0:
		return LaneHigh
	case priority < 0:
		return LaneLow
	}
	return LaneNormal
}

// JobSubject is the subject of one job. Characters of the type that a subject
// token cannot hold are escaped by [Token].
func (n Names) JobSubject(tenant, jobType string, lane Lane, jobID string) string {
	return n.prefix() + ".jobs." + tenant + "." + Token(jobType) + "." + string(lane) + "." + jobID
}

// JobFilter matches all jobs of a type in a lane.
func (n Names) JobFilter(tenant, jobType string, lane Lane) string {
	return n.JobSubject(tenant, jobType, lane, "*")
}

// JobConsumer is the durable consumer of a job type and lane.
func (n Names) JobConsumer(tenant, jobType string, lane Lane) string {
	return "job_" + tenant + "_" + Token(jobType) + "_" + string(lane)
}

// SnapshotStream holds the snapshots of a partition, the newest for each
// subject.
func (n Names) SnapshotStream(p ids.Partition) string {
	return fmt.Sprintf("%s_SNAPSHOTS_%s", n.upper(), p)
}

// SnapshotSubjects matches the subjects of a partition's snapshots.
func (n Names) SnapshotSubjects(p ids.Partition) string {
	return fmt.Sprintf("%s.snapshots.%s.>", n.prefix(), p)
}

// SnapshotSubject is the subject of one snapshot: name is "header" or that of a
// group of instances.
func (n Names) SnapshotSubject(p ids.Partition, name string) string {
	return fmt.Sprintf("%s.snapshots.%s.%s", n.prefix(), p, name)
}

// ResourceBucket is the object store of deployed files by digest.
func (n Names) ResourceBucket() string { return n.upper() + "_RESOURCES" }

// MetaBucket is the key-value bucket of cluster settings.
func (n Names) MetaBucket() string { return n.upper() + "_META" }

// MembersBucket is the key-value bucket in which executors register.
func (n Names) MembersBucket() string { return n.upper() + "_MEMBERS" }

// Control is the subject of a question to all executors.
func (n Names) Control(op string) string { return n.prefix() + ".control." + op }

// API is the subject of a request to the gateway's NATS service.
func (n Names) API(op string) string { return n.prefix() + ".api." + op }

// Token escapes a text so that it is one token of a subject and part of a
// consumer name: letters, digits, '-' and '_' stay, each other byte becomes
// '=' and two hex digits. Escaping keeps different texts different.
func Token(s string) string {
	plain := s != ""
	for i := range len(s) {
		if !tokenByte(s[i]) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	if s == "" {
		return "="
	}
	var b strings.Builder
	for i := range len(s) {
		if tokenByte(s[i]) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "=%02x", s[i])
		}
	}
	return b.String()
}

func tokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// CheckTenant says whether a tenant id can be a token of a subject.
func CheckTenant(tenant string) error {
	if tenant == "" || tenant == InternalTenant || len(tenant) > 64 || Token(tenant) != tenant {
		return fmt.Errorf("tenant %q: expected 1 to 64 letters, digits, '-' or '_'", tenant)
	}
	return nil
}
