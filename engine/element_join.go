package engine

import (
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/ids"
)

// A joining gateway has no element instance while it waits: its tokens are
// counted at the ends of the flows that brought them, in its scope.
//
// A parallel gateway looks when a token comes to it. Whether an inclusive or
// complex gateway may go on depends on all tokens of the scope, so these are asked
// whenever everything has come to rest, in each instance in which something has
// moved, ended or changed (settle).

// join activates a parallel gateway once every incoming flow has a token. It
// takes one of each and keeps the surplus, so a token that comes twice over one
// flow never stands in for a missing one (BPMN 2.0.2, 13.4.1).
func (d *decider) join(in *Instance, scope ids.Key, node *bpmn.Element) {
	switch {
	case node.StartQuantity > 1:
		d.gather(in, scope, node)
		return
	case node.Type != bpmn.TypeParallelGateway:
		d.checkScope(in, scope) // see settle
		return
	}
	el := must(in.Elements, scope)
	flows := make([]string, 0, len(node.Incoming))
	for _, flow := range node.Incoming {
		if _, ok := el.token(flow.ID); !ok {
			d.checkScope(in, scope)
			return
		}
		flows = append(flows, flow.ID)
	}
	d.enter(in, scope, node, flows)
}

// settle lets an inclusive or complex gateway go on, if one may, in the instances
// that the decision has changed since it last asked. It says whether one did; the
// tokens must then come to rest before it is asked again.
func (d *decider) settle() bool {
	for i := d.settled; i < len(d.out.Transitions); i++ {
		in := d.instances[d.out.Transitions[i].Instance]
		if in == nil || in.canceling() || len(d.model(in).Joins()) == 0 {
			continue
		}
		for _, el := range in.Elements {
			if d.settleScope(in, el) {
				return true
			}
		}
	}
	// More events may yet join the newest transition.
	d.settled = max(len(d.out.Transitions)-1, 0)
	return false
}

// settleScope is settle for the gateways of one scope, in document order.
func (d *decider) settleScope(in *Instance, scope *Element) bool {
	if len(scope.Tokens)+len(scope.Gateways) == 0 {
		return false
	}
	model := d.model(in)
	inside := scope.ElementID
	var tokens *scopeTokens
	for _, j := range model.Joins() {
		if j.Gateway.Scope.ID != inside {
			continue
		}
		if tokens == nil {
			tokens = tokensOf(in, scope, model)
		}
		var moved bool
		if j.Gateway.Type == bpmn.TypeComplexGateway {
			moved = d.complex(in, scope, j, tokens)
		} else {
			moved = d.inclusive(in, scope, j, tokens)
		}
		if moved {
			return true
		}
	}
	return false
}

// inclusive activates an inclusive gateway that has a token and for which no
// other one can come. It takes one token of each flow that has one (BPMN 2.0.2,
// 13.4.3).
func (d *decider) inclusive(in *Instance, scope *Element, j *bpmn.Join, tokens *scopeTokens) bool {
	flows, filled := waiting(scope, j.Gateway)
	if len(flows) == 0 || tokens.expected(j, filled) {
		return false
	}
	d.enter(in, scope.Key, j.Gateway, flows)
	return true
}

// waiting returns the incoming flows of a gateway that hold a token, and for each
// incoming flow whether it does.
func waiting(scope *Element, node *bpmn.Element) (flows []string, filled []bool) {
	filled = make([]bool, len(node.Incoming))
	for i, flow := range node.Incoming {
		if _, ok := scope.token(flow.ID); ok {
			filled[i] = true
			flows = append(flows, flow.ID)
		}
	}
	return flows, filled
}

// scopeTokens is where the tokens of a scope are: at active elements, among them
// subprocesses with all that is inside, and at the ends of flows to gateways that
// wait.
type scopeTokens struct {
	active, before []*bpmn.Element
}

func tokensOf(in *Instance, scope *Element, model *bpmn.Process) *scopeTokens {
	t := &scopeTokens{}
	for _, el := range in.Elements {
		if el.Scope == scope.Key {
			if node := model.Element(el.ElementID); node != nil {
				t.active = append(t.active, node)
			}
		}
	}
	for _, w := range scope.Tokens {
		if flow := model.Flow(w.FlowID); flow != nil {
			t.before = append(t.before, flow.Target)
		}
	}
	return t
}

// expected says whether a token may still come to a flow of the gateway that is
// not filled, and not rather to one that is.
func (t *scopeTokens) expected(j *bpmn.Join, filled []bool) bool {
	for _, node := range t.active {
		if j.Expects(node, filled) {
			return true
		}
	}
	for _, node := range t.before {
		if node != j.Gateway && j.Expects(node, filled) {
			return true
		}
	}
	return false
}

// complex moves a complex gateway from one phase to the other, if it may
// (BPMN 2.0.2, 13.4.5). Waiting for start, it takes a token of each flow that has
// one as soon as its activation condition holds. Then it waits for reset: until
// no token can come to the flows that gave none, by the rule of the inclusive
// gateway. It takes those that have come meanwhile and is as in the beginning.
func (d *decider) complex(in *Instance, scope *Element, j *bpmn.Join, tokens *scopeTokens) bool {
	flows, filled := waiting(scope, j.Gateway)
	started := scope.started(j.Gateway.ID)
	if started == nil {
		if len(flows) == 0 || !d.activates(in, scope, j.Gateway) {
			return false
		}
		d.enter(in, scope.Key, j.Gateway, flows)
		return true
	}
	var late []string
	for i, flow := range j.Gateway.Incoming {
		switch {
		case started.took(flow.ID):
			filled[i] = true
		case filled[i]:
			late = append(late, flow.ID)
		}
	}
	if tokens.expected(j, filled) {
		return false
	}
	d.reset(in, scope.Key, j.Gateway, late)
	return true
}

// activates evaluates the activation condition of a complex gateway. It sees
// activationCount, the number of tokens that wait, and activationCounts, the
// number of each flow by its id. If it fails, the scope has an incident that names
// the gateway; it is asked again when that is resolved.
func (d *decider) activates(in *Instance, scope *Element, node *bpmn.Element) bool {
	for _, inc := range in.Incidents {
		if inc.Element == scope.Key && inc.ElementID == node.ID {
			return false
		}
	}
	total, counts := 0, map[string]any{}
	for _, flow := range node.Incoming {
		n := 0
		if i, ok := scope.token(flow.ID); ok {
			n = scope.Tokens[i].Count
		}
		counts[flow.ID] = int64(n)
		total += n
	}
	yes, f := d.evalBoolIn(d.envNaming(in, scope, node.Activation, map[string]any{
		"activationCount": int64(total), "activationCounts": counts, "waitingForStart": true,
	}), node.Activation)
	if f != nil {
		d.emit(in.ID, &events.IncidentRaised{
			Key: in.nextKey(), Element: scope.Key, ElementID: node.ID, Step: events.StepScope,
			Code: string(f.code), Message: truncate("activation condition: "+f.message, commands.MaxTextBytes),
		})
	}
	return yes
}

// envNaming is the environment of an expression that sees some names beside the
// variables.
func (d *decider) envNaming(in *Instance, el *Element, x *bpmn.Expression, names map[string]any) *expression.Env {
	env := d.envOf(in, el, x)
	lookup, visible := env.Lookup, env.Visible
	env.Lookup = func(name string) (any, bool) {
		if v, ok := names[name]; ok {
			return v, true
		}
		return lookup(name)
	}
	env.Visible = func() map[string]any {
		all := visible()
		maps.Copy(all, names)
		return all
	}
	return env
}

// started returns what a complex gateway of the scope took when it started, nil
// if it waits for start.
func (e *Element) started(gateway string) *GatewayStart {
	for i := range e.Gateways {
		if e.Gateways[i].ElementID == gateway {
			return &e.Gateways[i]
		}
	}
	return nil
}

func (g *GatewayStart) took(flow string) bool { return slices.Contains(g.Flows, flow) }
