package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// sendTask is the behaviour of send tasks and of message throw and end events:
// the engine publishes the message itself where the model says so, else they
// are carried out like service tasks.
type sendTask struct{}

func (sendTask) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.SendsNothing {
		d.complete(in, el, node, nil)
		return nil
	}
	if node.Publish == nil {
		return behaviours[bpmn.TypeServiceTask].activate(d, in, el, node)
	}
	p, f := d.prepareMessage(in, el, node.Publish)
	if f != nil {
		return f
	}
	d.complete(in, el, node, nil)
	d.later(func() {
		c := &commands.ThrowMessage{Message: *p}
		d.sendTo(d.homeOf(p.Tenant, p.Name, p.CorrelationKey), p.Tenant, in.ID, c, func() { d.publishThrown(p) })
	})
	return nil
}

// prepareMessage evaluates the message that an element publishes.
func (d *decider) prepareMessage(in *Instance, el *Element, def *bpmn.PublishDefinition) (*events.MessagePublished, *fault) {
	p := &events.MessagePublished{Tenant: in.Tenant, ExpiresMS: d.cmd.TimeMS}
	var f *fault
	if p.Hops, p.Row, f = d.hop(el); f != nil {
		return nil, f
	}
	if p.Name, f = d.evalText(in, el, def.Name); f != nil {
		return nil, f
	}
	if p.CorrelationKey, f = d.evalText(in, el, def.CorrelationKey); f != nil {
		return nil, f
	}
	if p.MessageID, f = d.evalOptionalText(in, el, def.MessageID); f != nil {
		return nil, f
	}
	if p.Name == "" || p.CorrelationKey == "" {
		return nil, faultf(commands.CodeExpressionType, "the name or correlation key of the message of %s is empty", el.ElementID)
	}
	if max(len(p.Name), len(p.CorrelationKey), len(p.MessageID)) > commands.MaxNameBytes {
		return nil, faultf(commands.CodeExpressionType, "the name, correlation key or id of the message of %s is longer than %d bytes", el.ElementID, commands.MaxNameBytes)
	}
	ttl, f := d.evalOptionalText(in, el, def.TTL)
	if f != nil {
		return nil, f
	}
	if ttl != "" {
		end, f := d.after(ttl)
		if f != nil {
			return nil, faultf(f.code, "the time to live of the message of %s: %s", el.ElementID, f.message)
		}
		p.ExpiresMS = max(end, d.cmd.TimeMS)
	}
	if len(el.Variables) > 0 {
		p.Variables = copyOf(el.Variables)
		if f := d.fitsNew(p.Variables); f != nil {
			return nil, f
		}
	}
	p.Message = ids.Command(d.newInstance())
	return p, nil
}
