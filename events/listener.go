package events

import "github.com/weir-bpm/weir/ids"

// ListenersRun says how many of the listeners that an element has for an event
// have run, so that they are not run again after an incident. Done 0 with an
// event says that they begin; without an event it forgets what has run.
type ListenersRun struct {
	Element ids.Key `msgpack:"k"`
	Event   string  `msgpack:"e,omitempty"`
	Done    int     `msgpack:"n,omitempty"`
}

// ListenerFailed records that a listener failed where nothing can wait for it
// to be mended: its element was being interrupted. It is history alone.
type ListenerFailed struct {
	Element   ids.Key `msgpack:"k"`
	ElementID string  `msgpack:"i"`
	Event     string  `msgpack:"e"`
	Code      string  `msgpack:"c"`
	Message   string  `msgpack:"m"`
}

// Kind implements [Event].
func (*ListenersRun) Kind() Kind   { return "listeners.run" }
func (*ListenerFailed) Kind() Kind { return "listener.failed" }
