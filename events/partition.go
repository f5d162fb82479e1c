package events

import "github.com/weir-bpm/weir/ids"

// CommandRejected is the recorded answer to a command that changed nothing.
type CommandRejected struct {
	Code    string `msgpack:"c"`
	Message string `msgpack:"m"`
}

// CommandAnswered records the answer of an accepted command where it holds more
// than the fact: a retry with the same command id gets the same answer.
type CommandAnswered struct {
	Result []byte `msgpack:"r"` // msgpack of commands.Result
}

// OutboxAdded is a command to another partition. It stays in the state until
// its publication has been acknowledged; see [Origin].
type OutboxAdded struct {
	To       ids.Partition `msgpack:"p"`
	N        uint64        `msgpack:"n"`
	Tenant   string        `msgpack:"t"`
	Instance ids.Instance  `msgpack:"i,omitempty"`
	Command  string        `msgpack:"k"` // kind of the command
	Payload  []byte        `msgpack:"d"` // msgpack of the command
}

// Kind implements [Event].
func (*CommandRejected) Kind() Kind { return "command.rejected" }
func (*CommandAnswered) Kind() Kind { return "command.answered" }
func (*OutboxAdded) Kind() Kind     { return "outbox.added" }
