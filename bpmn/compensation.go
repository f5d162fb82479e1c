package bpmn

// CompensationHandler returns the activity that undoes this one: the handler of
// its compensation boundary event, or nil.
func (e *Element) CompensationHandler() *Element {
	for _, b := range e.Boundary {
		if b.CompensatedBy != nil {
			return b.CompensatedBy
		}
	}
	return nil
}

// CompensationStart returns the start event of the compensation event subprocess
// directly inside a subprocess, or nil.
func (e *Element) CompensationStart() *Element {
	for _, c := range e.Children {
		if c.Type != TypeEventSubProcess {
			continue
		}
		for _, s := range c.Children {
			if s.Type == TypeStartEvent && kindOf(s) == EventCompensate {
				return s
			}
		}
	}
	return nil
}

// compensable marks the activities of which the engine has to remember that they
// completed: something undoes them, and something in reach can ask for it (BPMN
// 2.0.2, 10.7). All others cost nothing.
func (p *parser) compensable() {
	asks := map[*Element]bool{}
	turns := map[*Element]bool{} // transactions whose turns are undone when one is canceled
	undoes := map[*Element]bool{}
	for _, e := range p.process.Elements {
		switch {
		case e.CompensatedBy != nil && e.AttachedTo != nil:
			markOutwards(undoes, e.AttachedTo)
		case e.Type == TypeStartEvent && kindOf(e) == EventCompensate && e.Scope.Scope != nil:
			markOutwards(undoes, e.Scope.Scope)
		case throws(e.Type) && (kindOf(e) == EventCompensate || kindOf(e) == EventCancel):
			// It asks its scope; inside an event subprocess or, to cancel, deeper
			// in a transaction, the scopes around it too.
			for s := e.Scope; s != nil; s = s.Scope {
				asks[s] = true
				turns[s] = kindOf(e) == EventCancel && s.Type == TypeTransaction && s.Loop != nil || turns[s]
				if s.Type != TypeEventSubProcess && (kindOf(e) != EventCancel || s.Type == TypeTransaction) {
					break
				}
			}
		}
	}
	if len(asks) == 0 || len(undoes) == 0 {
		return
	}
	for _, e := range p.process.Elements { // outer ones come before inner ones
		if e.Scope == nil || !isActivity(e.Type) || e.ForCompensation || !undoes[e] || startsCompensation(e) {
			continue
		}
		e.Compensable = asks[e.Scope] || e.Scope.Compensable || turns[e]
	}
}

// markOutwards marks an activity and all scopes around it.
func markOutwards(marks map[*Element]bool, e *Element) {
	for ; e != nil && !marks[e]; e = e.Scope {
		marks[e] = true
	}
}

// startsCompensation says whether the element is a compensation event
// subprocess.
func startsCompensation(e *Element) bool {
	return e.Type == TypeEventSubProcess && e.Scope.CompensationStart() != nil && e.Scope.CompensationStart().Scope == e
}

// checkCompensation checks that what asks for compensation and what undoes fit
// together.
func (p *parser) checkCompensation() {
	for _, e := range p.process.Elements {
		n := p.nodes[e]
		switch {
		case e.Type == TypeBoundaryEvent && kindOf(e) == EventCompensate:
			if e.CompensatedBy == nil {
				p.report(n, CodeCompensation, "the compensation event has no handler; draw an association to an activity with isForCompensation=\"true\"")
			} else if e.AttachedTo != nil && e.CompensatedBy.Scope != e.Scope {
				p.report(n, CodeCompensation, "the handler %q stands in another scope than the activity %q; move it beside its activity", e.CompensatedBy.ID, e.AttachedTo.ID)
			}
		case e.Type == TypeStartEvent && kindOf(e) == EventCompensate && e.Scope.Type == TypeEventSubProcess:
			if e.Scope.Scope.Type == TypeProcess {
				p.report(n, CodeCompensation, "a compensation event subprocess undoes the subprocess that it stands in; a process has nobody to ask for it, move it into a subprocess")
			}
		case throws(e.Type) && kindOf(e) == EventCompensate && e.Event.Activity != nil:
			if !visibleFrom(e, e.Event.Activity) {
				p.report(n, CodeCompensation,
					"activityRef names %q, which stands in another scope; name an activity of the same process or subprocess (BPMN 2.0.2, 10.5.5)", e.Event.Activity.ID)
			}
		case e.Type == TypeEndEvent && kindOf(e) == EventCancel:
			t := e.Scope
			for t != nil && t.Type != TypeTransaction {
				t = t.Scope
			}
			if t != nil && !catchesCancel(t) {
				p.report(n, CodeCompensation, "the transaction %q has no cancel boundary event, by which a cancel end event leaves; add one", t.ID)
			}
		}
	}
}

// visibleFrom says whether a compensation event can name the activity: it stands
// in the same scope, or the event in an event subprocess of that scope.
func visibleFrom(event, activity *Element) bool {
	for s := event.Scope; s != nil; s = s.Scope {
		if activity.Scope == s {
			return true
		}
		if s.Type != TypeEventSubProcess {
			return false
		}
	}
	return false
}

func catchesCancel(transaction *Element) bool {
	for _, b := range transaction.Boundary {
		if kindOf(b) == EventCancel {
			return true
		}
	}
	return false
}
