package bpmn

import (
	"reflect"
	"slices"

	"github.com/weir-bpm/weir/variables"
)

// Weights of what the estimate cannot see: a map entry with its share of empty
// room, and a compiled expression for each byte of its text.
const (
	mapEntryBytes    = 64
	programBytes     = 400
	programTextBytes = 24
)

// size estimates the memory of the definitions in bytes, within a factor of two.
func (d *Definitions) size() int64 {
	total := int64(reflect.TypeFor[Definitions]().Size()) + int64(len(d.ID)+len(d.TargetNamespace)+len(d.Exporter))
	for _, p := range d.Processes {
		total += p.size()
	}
	return total
}

func (p *Process) size() int64 {
	total := int64(reflect.TypeFor[Process]().Size()) + int64(len(p.ID)+len(p.Name)+len(p.VersionTag)+len(p.HistoryTimeToLive))
	total += p.CandidateStarterUsers.size() + p.CandidateStarterGroups.size() + p.Scope.size()
	total += int64(len(p.byID)+len(p.flowID)) * mapEntryBytes
	for _, e := range p.Elements {
		total += e.size() + 8
	}
	for _, j := range p.joins {
		total += j.size()
	}
	for _, f := range p.Flows {
		// Three slices point to a flow: the process, its source and its target.
		total += int64(reflect.TypeFor[SequenceFlow]().Size()) + 3*8 + int64(len(f.ID)) + f.Condition.size() + listenersSize(f.Listeners)
	}
	return total
}

func (e *Element) size() int64 {
	total := int64(reflect.TypeFor[Element]().Size()) + int64(len(e.ID)+len(e.Name)+len(e.ResultVariable))
	total += 8*int64(len(e.Children)+len(e.Boundary)+len(e.EventStarts)) + 16*int64(len(e.PathResults)+len(e.TransientResults))
	total += e.Form.size() + e.Activation.size() + e.Event.size() + e.Job.size() + e.ServiceExpression.size() + mapSize(e.Properties)
	total += mappingsSize(e.Inputs) + mappingsSize(e.Outputs) + 2*int64(variables.Size(e.Data))
	if u := e.UserTask; u != nil {
		total += int64(reflect.TypeFor[UserTaskDefinition]().Size()) + int64(len(u.FormID)) + u.Assignee.size() +
			u.CandidateUsers.size() + u.CandidateGroups.size() + u.DueDate.size() + u.FollowUpDate.size() + u.Priority.size() + u.FormKey.size() +
			u.FormVersion.size() + u.Owner.size() + u.Category.size() + u.IDVariable.size() + u.CompleterVariable.size() + int64(len(u.Description))
	}
	if c := e.Call; c != nil {
		total += int64(reflect.TypeFor[CallDefinition]().Size()) + c.ProcessID.size() + c.Version.size() + c.VersionTag.size() +
			c.BusinessKey.size() + c.TenantID.size() + c.IDVariable.size() + mappingsSize(c.In) + mappingsSize(c.Out)
	}
	if s := e.Script; s != nil {
		total += 16 + s.Source.size()
	}
	if d := e.Decision; d != nil {
		total += int64(reflect.TypeFor[DecisionDefinition]().Size()) + d.DecisionID.size() + d.Version.size() + d.VersionTag.size()
	}
	if l := e.Loop; l != nil {
		total += int64(reflect.TypeFor[LoopDefinition]().Size()) + l.Cardinality.size() + l.Collection.size() +
			l.OutputElement.size() + l.Completion.size() + l.Condition.size()
		for _, a := range l.Aggregations {
			total += int64(reflect.TypeFor[Aggregation]().Size()) + int64(len(a.Target)) + a.Element.size()
		}
	}
	if m := e.Publish; m != nil {
		total += int64(reflect.TypeFor[PublishDefinition]().Size()) + m.CorrelationKey.size() + m.MessageID.size() + m.TTL.size()
	}
	if a := e.AdHoc; a != nil {
		total += int64(reflect.TypeFor[AdHocDefinition]().Size()) + a.Completion.size() + a.ActiveElements.size() + int64(variables.SizeOf("", a.Choices))
	}
	return total + listenersSize(e.Listeners)
}

func listenersSize(list []Listener) int64 {
	total := int64(0)
	for _, l := range list {
		total += int64(reflect.TypeFor[Listener]().Size()) + l.Job.size() + l.Expression.size() + l.Timer.size()
	}
	return total
}

func (d *EventDefinition) size() int64 {
	if d == nil {
		return 0
	}
	total := int64(reflect.TypeFor[EventDefinition]().Size()) + int64(len(d.Code)+len(d.CodeVariable)+len(d.MessageVariable)+len(d.LinkName))
	for _, e := range []*Expression{
		d.MessageName, d.CorrelationKey, d.TimerDate, d.TimerDuration, d.TimerCycle, d.TimerEnd, d.SignalName, d.SignalBusinessKey,
		d.Condition, d.ErrorMessage, d.CodeExpression,
	} {
		total += e.size()
	}
	total += mappingsSize(d.SignalPayload)
	for _, text := range append(slices.Clone(d.VariableNames), d.VariableEvents...) {
		total += 16 + int64(len(text))
	}
	for _, part := range d.Parts {
		total += 8 + part.size()
	}
	return total
}

func (j *JobDefinition) size() int64 {
	if j == nil {
		return 0
	}
	total := int64(reflect.TypeFor[JobDefinition]().Size()) + j.Type.size() + j.Retries.size() + j.Priority.size() + linksSize(j.Links) +
		mapSize(j.Headers) + int64(len(j.RetryCycle)) + j.RetryExpression.size()
	for _, e := range j.Errors {
		total += int64(reflect.TypeFor[JobError]().Size()) + e.When.size() + e.Error.size()
	}
	return total
}

func linksSize(links []LinkedResource) int64 {
	total := int64(len(links)) * int64(reflect.TypeFor[LinkedResource]().Size())
	for _, r := range links {
		total += r.ID.size() + int64(len(r.Type)+len(r.Name)+len(r.VersionTag))
	}
	return total
}

func (e *Expression) size() int64 {
	if e == nil {
		return 0
	}
	total := int64(reflect.TypeFor[Expression]().Size()) + int64(len(e.Text))
	if e.Program != nil {
		return total + programBytes + int64(len(e.Text))*programTextBytes
	}
	return total + 16
}

func mappingsSize(ms []Mapping) int64 {
	total := int64(0)
	for _, m := range ms {
		total += int64(reflect.TypeFor[Mapping]().Size()) + int64(len(m.Target)) + m.Source.size()
	}
	return total
}

func mapSize(m map[string]string) int64 {
	if m == nil {
		return 0
	}
	total := int64(48)
	for k, v := range m {
		total += mapEntryBytes + int64(len(k)+len(v))
	}
	return total
}
