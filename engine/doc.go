// Package engine is Weir's state machine: the state of one partition, how a
// command is decided and how an event is applied. It is pure: no clock, no
// randomness, no goroutine, no I/O, and no map order that could reach an event.
//
// [State.Decide] looks and emits events; [State.Apply] writes. Inside a decision
// state moves only by applying the event just emitted, with the very function
// that replay uses, so live and replayed state cannot differ. Events carry all
// that Apply needs; only Decide looks at process models.
//
// The behaviour of each element type is in its own file, element_<name>.go, and
// in the table of behaviours. The shell that reads commands, appends frames and
// performs effects is package runner.
package engine
