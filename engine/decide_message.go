package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// A message has a home: the partition found from its name and correlation key
// holds the waiters and the buffered messages. Instances register there, the
// home offers a message, the instance answers. Where both are in one partition
// all this happens in one decision.
//
//	instance                          home
//	subscription.opened ──subscribe──▶ waiter.added
//	                    ◀─correlate─── message.sent
//	message.received    ──answer─────▶ message.answered
//	subscription.closed ─unsubscribe─▶ waiter.removed

// sendTo brings an internal command to a partition: at once if it is this one,
// else through the outbox.
func (d *decider) sendTo(p ids.Partition, tenant string, instance ids.Instance, c commands.Command, here func()) {
	if p == d.cfg.Partition {
		d.later(here)
		return
	}
	d.enqueue(p, tenant, instance, c)
}

// enqueue puts a command into the outbox.
func (d *decider) enqueue(p ids.Partition, tenant string, instance ids.Instance, c commands.Command) {
	data, err := commands.Encode(c)
	if err != nil {
		panic(corrupt("encode %s: %v", c.Kind(), err))
	}
	n := uint64(1)
	if box := d.outbox[p]; box != nil {
		n = box.next + 1
	}
	d.emit("", &events.OutboxAdded{To: p, N: n, Tenant: tenant, Instance: instance, Command: string(c.Kind()), Payload: data})
}

func (d *decider) homeOf(tenant, name, key string) ids.Partition {
	return ids.MessageHome(tenant, name, key, d.cfg.Homes)
}

// toHome registers a subscription at its message's home. One that stays open is
// given every message that comes, also those behind one that has not been
// answered: nothing is turned away between them.
func (d *decider) toHome(in *Instance, s *events.SubscriptionOpened, stays bool) {
	c := &commands.Subscribe{Waiter: events.WaiterAdded{
		Tenant: in.Tenant, Name: s.Name, CorrelationKey: s.CorrelationKey,
		Instance: in.ID, Key: s.Key, ProcessID: in.Definition.ProcessID, Stays: stays,
	}}
	if s.CorrelationKey == "" {
		c.Waiter.BusinessKey = in.BusinessKey
	}
	d.sendTo(d.homeOf(in.Tenant, s.Name, s.CorrelationKey), in.Tenant, in.ID, c, func() { d.subscribe(&c.Waiter) })
}

// leaveHome takes a subscription out of its message's home.
func (d *decider) leaveHome(in *Instance, s *Subscription) {
	if s.Kind != forMessage {
		return // known to its own partition alone
	}
	c := &commands.Unsubscribe{Waiter: events.WaiterRemoved{
		Tenant: in.Tenant, Name: s.Name, CorrelationKey: s.CorrelationKey, Instance: in.ID, Key: s.Key,
	}}
	d.sendTo(d.homeOf(in.Tenant, s.Name, s.CorrelationKey), in.Tenant, in.ID, c, func() { d.unsubscribe(&c.Waiter) })
}

func (d *decider) subscribe(w *events.WaiterAdded) {
	d.emit("", w)
	h := d.homeFor(w.Tenant, w.Name, w.CorrelationKey)
	d.offerBuffered(h, homeKey{w.Tenant, w.Name, w.CorrelationKey}, w.Instance, w.Key)
}

func (d *decider) unsubscribe(w *events.WaiterRemoved) {
	if h := d.homes.at(homeKey{w.Tenant, w.Name, w.CorrelationKey}); h != nil && h.waiter(w.Instance, w.Key) >= 0 {
		d.emit("", w)
	}
}

// offerBuffered offers the oldest buffered message that a waiter may take, or all
// of them if it waits on after each; the answer to the last one goes on where
// they are too many for one decision.
func (d *decider) offerBuffered(h *home, k homeKey, instance ids.Instance, key ids.Key) {
	i := h.waiter(instance, key)
	if i < 0 {
		return
	}
	w, offered := h.list[i], 0
	for _, m := range h.messages() {
		if m.ExpiresMS <= d.cmd.TimeMS || !m.accepts(w) {
			continue
		}
		if !w.Stays {
			d.offer(k, m, w)
			return
		}
		size := variables.Size(m.Variables)
		if offered > 0 && (offered >= maxBufferedStarts || d.full(size)) {
			return
		}
		d.bytes += size
		offered++
		d.offer(k, m, w)
	}
}

// offer sends a message to a waiter.
func (d *decider) offer(k homeKey, m *message, w waiter) {
	sent := &events.MessageSent{
		Tenant: k.tenant, Message: m.ID, Name: k.name, CorrelationKey: k.key,
		Instance: w.Instance, Key: w.Key, ProcessID: w.ProcessID,
	}
	vars := m.Variables
	d.emit("", sent)
	c := &commands.Correlate{Sent: *sent, Variables: vars, Hops: m.Hops, Row: m.Row}
	d.sendTo(w.Instance.Partition(), k.tenant, w.Instance, c, func() { d.correlate(&c.Sent, vars, c.Hops, c.Row) })
}

// correlate gives a message to the instance that waits for it, and answers the
// home.
func (d *decider) correlate(sent *events.MessageSent, vars variables.Document, hops int, row ids.Command) {
	d.follow(hops, row, sent.Message)
	answer := &commands.AnswerMessage{Answer: events.MessageAnswered{
		Tenant: sent.Tenant, Message: sent.Message, Name: sent.Name, CorrelationKey: sent.CorrelationKey,
		Instance: sent.Instance, Key: sent.Key, ProcessID: sent.ProcessID,
	}}
	in := d.Instance(sent.Instance)
	if in != nil {
		if s, ok := find(in.Subscriptions, sent.Key); ok {
			answer.Answer.Accepted = true
			el, target := must(in.Elements, s.Element), d.nodeByID(in, s.Target)
			d.emit(in.ID, &events.MessageReceived{Key: s.Key, Message: sent.Message, Row: row})
			d.caught(in, el, target, s.Part, vars)
		} else {
			d.refuse(in, sent.Key)
		}
	}
	home := d.homeOf(sent.Tenant, sent.Name, sent.CorrelationKey)
	d.sendTo(home, sent.Tenant, sent.Instance, answer, func() { d.messageAnswered(&answer.Answer) })
}

// messageAnswered goes on at the home after an instance has answered.
func (d *decider) messageAnswered(a *events.MessageAnswered) {
	d.emit("", a)
	k := homeKey{a.Tenant, a.Name, a.CorrelationKey}
	h := d.homes.at(k)
	if h == nil {
		return
	}
	if i := h.message(a.Message); i >= 0 && !a.Accepted {
		m := h.messages()[i]
		for w := range h.accepting(m) {
			if w.ProcessID == a.ProcessID {
				d.offer(k, m, w)
				break
			}
		}
	}
	d.offerBuffered(h, k, a.Instance, a.Key)
	d.retire(k, a.Message)
}

// retire drops a message that may not be buffered once nobody is being offered
// it any more.
func (d *decider) retire(k homeKey, id ids.Command) {
	h := d.homes.at(k)
	if h == nil {
		return
	}
	i := h.message(id)
	if i < 0 || h.messages()[i].ExpiresMS > d.cmd.TimeMS || h.messages()[i].Offered > 0 {
		return
	}
	d.emit("", &events.MessageExpired{Tenant: k.tenant, Message: id, Name: k.name, CorrelationKey: k.key})
}

// decideExpireMessage ends the life of a buffered message. While the message is
// being offered it is not due: whoever published it has been told that it found
// a receiver.
func (d *decider) decideExpireMessage(c *commands.ExpireMessage) {
	if k, ok := d.messageHome[c.Message]; ok {
		d.retire(k, c.Message)
	}
}

func (d *decider) decidePublish(c *commands.PublishMessage) *commands.Error {
	k := homeKey{d.cmd.Tenant, c.Name, c.CorrelationKey}
	if home := d.homeOf(k.tenant, k.name, k.key); home != d.cfg.Partition {
		return commands.Reject(commands.CodeCommandMisrouted, "the home of message %q with the key %q is partition %s, not %s", c.Name, c.CorrelationKey, home, d.cfg.Partition)
	}
	if rejection := d.checkVariables(c.Variables); rejection != nil {
		return rejection
	}
	m := &message{
		ID: d.cmd.ID, MessageID: c.MessageID, ExpiresMS: d.cmd.TimeMS + c.TTLMS,
		Instance: ids.Instance(c.InstanceID), BusinessKey: c.BusinessKey,
	}
	h := d.homes.at(k)
	if h == nil {
		h = &home{}
	}
	if c.MessageID != "" && slices.ContainsFunc(h.messages(), func(o *message) bool { return o.MessageID == c.MessageID }) {
		return commands.Reject(commands.CodeMessageDuplicate, "message %q with the key %q and the id %q is still buffered", c.Name, c.CorrelationKey, c.MessageID)
	}
	var receivers []waiter
	if c.Broadcast {
		receivers = slices.Collect(h.accepting(m))
		if len(receivers) > maxBroadcast {
			return commands.Reject(commands.CodeDecisionTooLarge, "%d instances wait for message %q; a message goes to %d at once, use a signal", len(receivers), c.Name, maxBroadcast)
		}
	} else {
		var rejection *commands.Error
		if receivers, rejection = h.receivers(m, k.key == ""); rejection != nil {
			return rejection
		}
	}
	starts, blocked := d.startsOf(k, h, m, receivers)
	if n := variables.Size(c.Variables) * (1 + len(receivers) + len(starts)); n > d.cfg.MaxDecisionBytes {
		return commands.Reject(commands.CodeDecisionTooLarge, "the variables of message %q, once for each of %d receivers, have %d bytes; the limit is %d", c.Name, len(receivers)+len(starts), n, d.cfg.MaxDecisionBytes)
	}
	if len(receivers)+len(starts) == 0 && c.TTLMS == 0 {
		if blocked != "" {
			return commands.Reject(commands.CodeMessageNoReceiver, "message %q: an instance of process %q is active for the key %q, and the message has no time to live to wait for its end", c.Name, blocked, c.CorrelationKey)
		}
		return commands.Reject(commands.CodeMessageNoReceiver, "nobody waits for message %q with the key %q, and it has no time to live", c.Name, c.CorrelationKey)
	}
	d.out.Result.MessageID = string(m.ID)
	d.out.Result.Receivers = d.give(k, &events.MessagePublished{
		Tenant: k.tenant, Message: m.ID, Name: k.name, CorrelationKey: k.key, MessageID: m.MessageID,
		ExpiresMS: m.ExpiresMS, Variables: c.Variables, Instance: m.Instance, BusinessKey: m.BusinessKey,
	}, receivers, starts)
	d.out.Result.Buffered = len(d.out.Result.Receivers) == 0
	d.recordAnswer()
	d.later(func() { d.retire(k, m.ID) })
	return nil
}

// maxBroadcast bounds how many waiters one message goes to.
const maxBroadcast = 1000

// publishThrown takes a message that an instance has thrown at its home. Nobody
// is there to be told that no one waits for it, or that its id is that of one
// that is still buffered.
func (d *decider) publishThrown(p *events.MessagePublished) {
	k := homeKey{p.Tenant, p.Name, p.CorrelationKey}
	h := d.homes.at(k)
	if h == nil {
		h = &home{}
	}
	if p.MessageID != "" && slices.ContainsFunc(h.messages(), func(o *message) bool { return o.MessageID == p.MessageID }) {
		return
	}
	m := &message{ID: p.Message}
	receivers, rejection := h.receivers(m, false)
	if rejection != nil {
		panic(corrupt("message %s with a correlation key has no clear receiver: %v", p.Message, rejection))
	}
	starts, _ := d.startsOf(k, h, m, receivers)
	d.give(k, p, receivers, starts)
	d.later(func() { d.retire(k, p.Message) })
}

// give records a message and passes it on. It returns the instances.
func (d *decider) give(k homeKey, p *events.MessagePublished, receivers []waiter, starts []string) []string {
	var out []string
	d.emit("", p)
	h := d.homes.at(k)
	stored := h.messages()[h.message(p.Message)]
	for _, w := range receivers {
		out = append(out, string(w.Instance))
		d.offer(k, stored, w)
	}
	for _, processID := range starts {
		out = append(out, string(d.startByMessage(k, stored, processID)))
	}
	return out
}

// receivers returns the waiters that get a message: the one that has waited
// longest for each process. Without a correlation key more than one of a
// process is ambiguous.
func (h *home) receivers(m *message, keyless bool) ([]waiter, *commands.Error) {
	var out []waiter
	for w := range h.accepting(m) {
		i := slices.IndexFunc(out, func(o waiter) bool { return o.ProcessID == w.ProcessID })
		if i < 0 {
			out = append(out, w)
			continue
		}
		if keyless && out[i].Instance != w.Instance {
			return nil, commands.Reject(commands.CodeMessageAmbiguous, "instances %s and %s of process %q both wait; name one by instance_id or business_key", out[i].Instance, w.Instance, w.ProcessID)
		}
	}
	return out, nil
}

// startsOf returns the processes that a message starts, and one that it cannot
// start now because an instance for its key is active.
func (d *decider) startsOf(k homeKey, h *home, m *message, receivers []waiter) (starts []string, blocked string) {
	if m.Instance != "" {
		return nil, ""
	}
	for _, processID := range sortedKeys(d.startMessages[startKey{k.tenant, k.name}]) {
		switch {
		case slices.Contains(m.Delivered, processID):
		case slices.ContainsFunc(receivers, func(w waiter) bool { return w.ProcessID == processID }):
		case slices.ContainsFunc(h.active(), func(a activeStart) bool { return a.ProcessID == processID }):
			blocked = processID
		default:
			starts = append(starts, processID)
		}
	}
	return starts, blocked
}

// startByMessage starts a process by a message, in the message's home.
func (d *decider) startByMessage(k homeKey, m *message, processID string) ids.Instance {
	start := d.startMessages[startKey{k.tenant, k.name}][processID]
	model, err := d.defs.Model(k.tenant, start.Definition)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	node := model.Element(start.ElementID)
	if node == nil {
		panic(corrupt("start event %s is not in the model of %s", start.ElementID, start.Definition.ID()))
	}
	d.follow(m.Hops, m.Row, m.ID)
	id := d.newInstance()
	vars := m.Variables
	d.bytes += variables.Size(vars)
	started := &events.InstanceStarted{
		Tenant: k.tenant, Definition: start.Definition, BusinessKey: m.BusinessKey,
		Trigger: events.TriggerMessage, StartElement: node.ID, Root: id, Row: m.Row,
	}
	if k.key != "" {
		started.MessageName, started.MessageKey = k.name, k.key
	}
	d.emit("", &events.MessageStarted{
		Tenant: k.tenant, Message: m.ID, Name: k.name, CorrelationKey: k.key, ProcessID: processID, Instance: id,
	})
	d.start(id, started, node, vars)
	return id
}

// releaseMessageKey lets the next message with the key of an instance that has
// ended start the process.
func (d *decider) releaseMessageKey(in *Instance) {
	k := homeKey{in.Tenant, in.MessageName, in.MessageKey}
	d.emit("", &events.MessageKeyReleased{
		Tenant: k.tenant, Name: k.name, CorrelationKey: k.key, ProcessID: in.Definition.ProcessID, Instance: in.ID,
	})
	processID := in.Definition.ProcessID
	d.later(func() { d.startBuffered(k, processID) })
}

// maxBufferedStarts bounds how many instances buffered messages start in one
// decision; a command to the partition itself goes on with the others.
const maxBufferedStarts = 100

// startBuffered starts a process by the buffered messages that it has not had,
// oldest first: by one if they have a correlation key, else by all of them.
func (d *decider) startBuffered(k homeKey, processID string) {
	h := d.homes.at(k)
	if h == nil {
		return
	}
	for _, m := range slices.Clone(h.messages()) {
		if m.ExpiresMS <= d.cmd.TimeMS {
			continue
		}
		starts, _ := d.startsOf(k, h, m, nil)
		if !slices.Contains(starts, processID) {
			continue
		}
		if d.derived > 0 && (d.derived >= maxBufferedStarts || d.bytes+variables.Size(m.Variables) > d.cfg.MaxDecisionBytes || d.eventBytes > d.cfg.MaxFrameBytes/4) {
			d.enqueue(d.cfg.Partition, k.tenant, "", &commands.StartBuffered{
				Tenant: k.tenant, Name: k.name, CorrelationKey: k.key, ProcessID: processID,
			})
			return
		}
		d.startByMessage(k, m, processID)
	}
}

// activateStartMessages takes over the message start events of a version that
// has become the latest. Buffered messages that it listens for start it.
func (d *decider) activateStartMessages(tenant string, ref events.DefinitionRef, model *bpmn.Process) {
	listens := d.startTexts(model, bpmn.EventMessage)
	for _, name := range d.startMessageNames(tenant, ref.ProcessID) {
		if _, still := listens[name]; !still {
			d.emit("", &events.StartMessageSet{Tenant: tenant, Name: name, Definition: ref})
		}
	}
	for _, name := range sortedKeys(listens) {
		_, before := d.startMessages[startKey{tenant, name}][ref.ProcessID]
		d.emit("", &events.StartMessageSet{Tenant: tenant, Name: name, Definition: ref, ElementID: listens[name]})
		if !before {
			d.later(func() { d.startAllBuffered(tenant, name, ref.ProcessID) })
		}
	}
}

func (d *decider) startMessageNames(tenant, processID string) []string {
	var out []string
	for k, byProcess := range d.startMessages {
		if _, ok := byProcess[processID]; ok && k.tenant == tenant {
			out = append(out, k.name)
		}
	}
	slices.Sort(out)
	return out
}

func (d *decider) startAllBuffered(tenant, name, processID string) {
	byKey := d.homes[startKey{tenant, name}]
	for _, key := range sortedKeys(byKey) {
		if h := byKey[key]; h != nil && len(h.messages()) > 0 {
			d.startBuffered(homeKey{tenant, name, key}, processID)
		}
	}
}
