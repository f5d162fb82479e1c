package engine

import (
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// In Flowable a token has variables of its own: what is written locally at an
// element that is no scope goes on with the token, until it comes to a scope, to
// a join or to the end of its path. Here such variables are in the scope of the
// element instance that the token is at, which knows them by name.

// carries says whether local variables of an element go on with its token.
func carries(node *bpmn.Element) bool { return node.Loop == nil && len(node.Children) == 0 }

// carriesAll says whether whatever is written locally at an element goes on with
// its token.
func (d *decider) carriesAll(in *Instance, el *Element) bool {
	return el.Key != events.RootKey && d.model(in).Dialect == bpmn.DialectFlowable && carries(d.node(in, el))
}

// carried returns the variables that go on with the token of an element
// instance, nil if there are none.
func (e *Element) carried() variables.Document {
	if len(e.Path) == 0 {
		return nil
	}
	out := variables.Document{}
	for _, name := range e.Path {
		out[name] = e.Variables[name]
	}
	return out
}

// fitsCarried checks what goes on over flows, a copy over each, against the
// limits: an incident at the element that it leaves keeps the values.
func (d *decider) fitsCarried(el *Element, flows int) *fault {
	n := variables.Size(el.carried())
	if d.bytes+n*flows > d.cfg.MaxDecisionBytes {
		return faultf(commands.CodeDecisionTooLarge, "one command wrote more than %d bytes of variables", d.cfg.MaxDecisionBytes)
	}
	return nil
}

// carry gives an element instance the variables that came with its token.
func (d *decider) carry(in *Instance, key ids.Key, node *bpmn.Element, carried variables.Document) {
	if len(carried) > 0 && carries(node) {
		d.bytes += variables.Size(carried)
		d.emit(in.ID, &events.VariablesSet{Scope: key, Values: carried, Path: sortedKeys(carried)})
	}
}

// setPath writes variables of one scope that go on with the token.
func (d *decider) setPath(in *Instance, scope ids.Key, doc variables.Document) *fault {
	if len(doc) == 0 {
		return nil
	}
	if f := d.fitsLocal(in, scope, doc); f != nil {
		return f
	}
	d.bytes += variables.Size(doc)
	d.emit(in.ID, &events.VariablesSet{Scope: scope, Values: doc, Path: sortedKeys(doc)})
	return nil
}

// addPath notes the names of variables that go on with the token.
func (e *Element) addPath(names []string) {
	for _, name := range names {
		if i, there := slices.BinarySearch(e.Path, name); !there {
			e.Path = slices.Insert(e.Path, i, name)
		}
	}
}

// placed takes the results out of a document that have a place of their own:
// those that go on with the token are written, transient ones kept until the
// command has been decided. It returns the others.
func (d *decider) placed(in *Instance, el *Element, node *bpmn.Element, results variables.Document) (variables.Document, *fault) {
	others, path, transient := variables.Document{}, variables.Document{}, variables.Document{}
	for _, name := range sortedKeys(results) {
		to := others
		switch {
		case node.AllTransient, slices.Contains(node.TransientResults, name):
			to = transient
		case slices.Contains(node.PathResults, name):
			to = path
		}
		to[name] = results[name]
	}
	if f := d.fits(in, el.Key, others); f != nil {
		return nil, f
	}
	set := d.setPath
	if !carries(node) {
		set = d.setVariables // of a turn of a loop, or of a scope
	}
	if f := set(in, el.Key, path); f != nil {
		return nil, f
	}
	d.setTransients(in.ID, transient)
	return others, nil
}

// setTransients keeps variables of an instance that nothing is written of. They
// are there until everything has come to rest that the command leads to, as until
// the end of the transaction in Flowable.
func (d *decider) setTransients(id ids.Instance, doc variables.Document) {
	if len(doc) == 0 {
		return
	}
	if d.transient == nil {
		d.transient = map[ids.Instance]variables.Document{}
	}
	if d.transient[id] == nil {
		d.transient[id] = variables.Document{}
	}
	maps.Copy(d.transient[id], doc)
}

// transientValue returns a transient variable, which an element sees like one of the
// outermost scope.
func (d *decider) transientValue(in *Instance, scope ids.Key, name string) (any, bool) {
	if d.transient == nil {
		return nil, false
	}
	v, ok := d.transient[in.ID][name]
	if !ok || in.owner(scope, name) != events.RootKey {
		return nil, false
	}
	return v, true
}

// find looks a variable up that an element sees, transient or not.
func (d *decider) find(in *Instance, scope ids.Key, name string) (any, bool) {
	if v, ok := d.transientValue(in, scope, name); ok {
		return v, true
	}
	return in.lookup(scope, name)
}

// visible returns all variables that a scope sees, transient or not.
func (d *decider) visible(in *Instance, scope ids.Key) variables.Document {
	out := in.Visible(scope)
	if d.transient != nil {
		for _, name := range sortedKeys(d.transient[in.ID]) {
			if v, ok := d.transientValue(in, scope, name); ok {
				out[name] = v
			}
		}
	}
	return out
}
