package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
)

// The events of one decision have to fit into one frame. Their variables are
// counted in decider.bytes as they are written; the rest is estimated here, from
// above for what a command can have many of. A decision that has grown too large
// begins no other element: each token that arrives raises an incident, and
// resolving it goes on with a frame of its own.

// plainEvent is about what an event has in bytes without the texts that it
// carries.
const plainEvent = 64

// eventSize estimates the bytes of an event, without variables that are counted
// where they are written.
func eventSize(e events.Event) int {
	switch e := e.(type) {
	case *events.OutboxAdded:
		return plainEvent + len(e.Payload)
	case *events.CommandAnswered:
		return plainEvent + len(e.Result)
	case *events.IncidentRaised:
		return plainEvent + len(e.Message) + len(e.Payload) + sizeOf(e.Results)
	case *events.UserTaskPending:
		return plainEvent + sizeOf(e.Variables)
	case *events.JobCreated:
		n := plainEvent
		for k, v := range e.Headers {
			n += len(k) + len(v) + 4
		}
		return n
	}
	return plainEvent
}

// heavy says whether a decision has written so much that no other element begins
// in it.
func (d *decider) heavy() bool {
	return d.eventBytes > d.cfg.MaxFrameBytes/3 || d.bytes+d.eventBytes > d.cfg.MaxFrameBytes/4*3
}

// spent returns the fault of a decision that has moved too many tokens or written
// too much, nil while it may go on.
func (d *decider) spent() *fault {
	switch {
	case d.steps > d.cfg.MaxSteps:
		return faultf(commands.CodeStepLimit, "one command moved more than %d tokens", d.cfg.MaxSteps)
	case d.heavy():
		return faultf(commands.CodeDecisionTooLarge, "one command wrote %d bytes into the log; the elements it still reaches begin when their incidents are resolved", d.bytes+d.eventBytes)
	}
	return nil
}

// maxRow bounds how often in a row elements inside a loop wait for a command of
// their own: a loop without a wait state inside would go on for ever.
const maxRow = 8

// beginOrWait begins an element that has been activated, if the decision has room
// for what it does.
func (d *decider) beginOrWait(in *Instance, el *Element, node *bpmn.Element) {
	if d.crowded() && d.begun < maxRow && len(in.Elements) < d.cfg.MaxTurns && insideLoop(in, el) {
		d.enqueue(d.cfg.Partition, in.Tenant, in.ID, &commands.BeginElement{Key: el.Key, Row: d.begun + 1})
		return
	}
	if f := d.spent(); f != nil {
		d.raise(in, el, events.StepActivate, 0, f)
		return
	}
	d.begin(in, el, node)
}

// crowded says whether a decision has done so much that an element which can wait
// had better do so.
func (d *decider) crowded() bool {
	return d.steps > d.cfg.MaxSteps/2 || d.bytes > d.cfg.MaxDecisionBytes/2 || d.heavy()
}

// insideLoop says whether an element instance is a turn of a multi-instance
// activity or inside one, in this instance.
func insideLoop(in *Instance, el *Element) bool {
	for el.Scope != 0 {
		if el = must(in.Elements, el.Scope); isBody(el) && el.Loop != nil && !el.Loop.Standard {
			return true
		}
	}
	return false
}

// decideBeginElement begins an element that had to wait.
func (d *decider) decideBeginElement(c *commands.BeginElement) {
	in := d.Instance(d.cmd.Instance)
	if in == nil {
		return
	}
	d.begun = c.Row
	if !d.over(in, c.Key) {
		el := must(in.Elements, c.Key)
		d.steps++
		d.begin(in, el, d.node(in, el))
	}
}
