package events

import (
	"strconv"

	"github.com/weir-bpm/weir/ids"
)

// DecisionRef names a deployed version of a decision.
type DecisionRef struct {
	DecisionID string `msgpack:"p" json:"decision_id"`
	Version    int    `msgpack:"v" json:"version"`
	Digest     string `msgpack:"d" json:"digest"`        // SHA-256 of the file, in hex
	Deployment string `msgpack:"i" json:"deployment_id"` // that made the version
}

// ID is the reference as people write it.
func (r DecisionRef) ID() string { return r.DecisionID + ":" + strconv.Itoa(r.Version) }

// DecisionEvaluated records which rules of which decisions gave a result, for
// audit. What follows from the result are events of their own.
type DecisionEvaluated struct {
	Key       ids.Key     `msgpack:"k"`
	Element   ids.Key     `msgpack:"e"`
	ElementID string      `msgpack:"n"`
	Decision  DecisionRef `msgpack:"d"`
	// Result is the result as JSON, and Trace what package dmn tells of how it
	// came about, both empty if they were too long; Truncated then says so.
	Result    string `msgpack:"r,omitempty"`
	Trace     string `msgpack:"t,omitempty"`
	Truncated bool   `msgpack:"x,omitempty"`
}

// Kind implements [Event].
func (*DecisionEvaluated) Kind() Kind { return "decision.evaluated" }
