// Package events holds what happened: the payload of every event, its kind and
// version, the codec, and the commit frame that carries events in the log.
//
// A frame is one message of a partition's event stream. It holds the
// transitions of a group of commands, each an ordered list of events, and the
// hash of the frame before it. Events carry all that is needed to apply them:
// replay needs no process model.
//
// Bytes written here are read for years. A shape change is a new version of the
// event with an upcaster from the version before; a changed meaning is a new
// kind. The story of the format is in docs/log-format.md, and
// events/testdata holds samples of each release.
package events
