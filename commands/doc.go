// Package commands holds what a caller may ask of Weir: the payload of every
// command, its kind, the checks that need no state, the codec and the answer.
//
// A command is one NATS message on
//
//	weir.commands.<partition>.<tenant>.<instance id>.<kind>
//
// with a payload in msgpack or JSON. The headers are listed at [HeaderID] and
// below. The answer is a [Result], sent to the subject in [HeaderReply] once the
// events of the command are on disk.
package commands
