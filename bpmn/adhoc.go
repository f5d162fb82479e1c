package bpmn

// Startable returns the element directly inside an ad-hoc subprocess that has
// the id, if it can be activated by itself: an activity, event or gateway
// without incoming flow (BPMN 2.0.2, 13.3.5). It is nil for others.
func (e *Element) Startable(id string) *Element {
	for _, c := range e.Children {
		if c.ID == id && startable(c) {
			return c
		}
	}
	return nil
}

func startable(c *Element) bool {
	switch c.Type { //nolint:exhaustive // all others can be
	case TypeStartEvent, TypeBoundaryEvent, TypeEventSubProcess:
		return false
	}
	return len(c.Incoming) == 0 && !c.ForCompensation
}
