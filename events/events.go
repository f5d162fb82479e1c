package events

import (
	"fmt"

	"github.com/weir-bpm/weir/ids"
)

// Kind is the fixed name of an event. It is written once, is not derived from
// a Go name and is never used again for something else.
type Kind string

// Event is the payload of something that happened. The concrete types are the
// structs of this package; a pointer to each implements Event.
type Event interface {
	// Kind is the event's fixed name.
	Kind() Kind
}

// Transition is what one command did to one instance, or to the partition
// itself when Instance is empty. Its events are in order.
type Transition struct {
	// Command is the id of the command that was decided. Commands that the
	// engine derives from another one (a child to start, a message to
	// correlate in the same partition) keep that one's id.
	Command ids.Command
	// CommandSeq is the command's sequence in the partition's command stream.
	CommandSeq uint64
	// Origin is set when the command came from another partition.
	Origin *Origin
	// Instance is the instance that the events belong to, or empty.
	Instance ids.Instance
	// TimeMS is the engine's time of the decision in milliseconds since the
	// Unix epoch, UTC.
	TimeMS int64
	Events []Event
}

// Origin names a command that one partition sent to another. N counts per pair
// of partitions from 1 without gaps; a receiver remembers the highest it has
// seen.
type Origin struct {
	Partition ids.Partition `msgpack:"p"`
	N         uint64        `msgpack:"n"`
}

// OriginDefinitions is the Origin partition of commands that the definitions
// log sends to the partitions. It lies outside the range of partitions.
const OriginDefinitions ids.Partition = ids.MaxPartitions

// DefinitionRef names one version of a process.
type DefinitionRef struct {
	ProcessID string `msgpack:"p" json:"process_id"`
	Version   int    `msgpack:"v" json:"version"`
	// Digest is the SHA-256 of the resource, in hex.
	Digest string `msgpack:"d" json:"digest"`
	// Deployment is the id of the deployment that made the version.
	Deployment string `msgpack:"i" json:"deployment"`
}

// ID is the text by which people name the version: `<process id>:<version>`.
func (r DefinitionRef) ID() string { return fmt.Sprintf("%s:%d", r.ProcessID, r.Version) }
