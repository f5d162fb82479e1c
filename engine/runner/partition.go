package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// ErrFenced says that another owner has written to the partition's log.
var ErrFenced = errors.New("another executor owns the partition")

// partition is the owner of one partition.
type partition struct {
	cfg   *Config
	id    ids.Partition
	log   *slog.Logger
	rnd   *rand.Rand
	state *engine.State
	epoch uint64

	fx    *effects
	check *checkpointer

	// carried are the commands that were to be in the newest frame, but came
	// too late for it: it had become large enough, or had taken long enough.
	carried []request
	// singly counts the commands that are to be decided one at a time, since
	// the group they were in made too large a frame.
	singly int
	// refused holds what cannot be decided however often it is tried, by
	// [refusalKey], with the answer that it gets instead.
	refused map[string]*commands.Error
	// distrust says that the checkpoint has turned out to be unusable, and
	// committed is the newest frame that this process knows to be stored.
	distrust  bool
	committed uint64

	status atomic.Pointer[Status]
	fxNow  atomic.Pointer[effects]
}

// Status is what an owner says about its partition.
type Status struct {
	Partition   string `json:"partition"`
	Member      string `json:"member"`
	Epoch       uint64 `json:"epoch"`
	EventSeq    uint64 `json:"event_seq"`
	CommandSeq  uint64 `json:"command_seq"` // newest command decided
	EffectsDone uint64 `json:"effects_done"`
	EffectsIdle bool   `json:"effects_idle"`
	Hot         int    `json:"hot_instances"`
	Idle        int    `json:"idle_instances"`
	Timers      int    `json:"timers"`
	// DueTimers says that a timer is due and not yet fired.
	DueTimers bool `json:"due_timers"`
	nextDueMS int64
	// Error says why the partition is stopped for good.
	Error string `json:"error,omitempty"`
}

func newPartition(cfg *Config, id ids.Partition) *partition {
	return &partition{
		cfg: cfg, id: id,
		log:     cfg.Logger.With("partition", id.String()),
		rnd:     rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), //nolint:gosec // ids need to differ, not to be secret
		refused: map[string]*commands.Error{},
	}
}

// run owns the partition until the context ends (nil), the log shows another
// owner (ErrFenced), or something is wrong. A *engine.CorruptError is for good,
// other errors are worth another try.
func (p *partition) run(ctx context.Context) (err error) {
	defer func() {
		var load *engine.LoadError
		if errors.As(err, &load) && (errors.Is(err, snapshots.ErrNotFound) || errors.Is(err, snapshots.ErrMismatch)) {
			p.distrust = true // the next attempt replays the whole log
		}
	}()
	// Watched from before the take-over, which sees what is lost before it.
	reconnected := p.cfg.NC.StatusChanged(nats.CONNECTED)
	defer p.cfg.NC.RemoveStatusListener(reconnected)
	p.carried = nil // the log has them
	if err := p.takeOver(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	intake, err := p.openIntake(ctx)
	if err != nil {
		return err
	}
	intake.reconnected = reconnected
	defer intake.stop()

	var wg sync.WaitGroup
	fxCtx, fxCancel := context.WithCancelCause(context.WithoutCancel(ctx))
	wg.Go(func() { p.fx.run(fxCtx) })
	defer func() {
		fxCancel(errors.New("partition released"))
		wg.Wait()
	}()

	p.fxNow.Store(p.fx)
	p.publishStatus()
	p.log.Info("partition owned", "epoch", p.epoch, "event_seq", p.state.LastSeq, "command_seq", p.state.LastCommand)
	err = p.loop(ctx, intake)
	if err == nil {
		err = p.release(ctx)
	}
	p.status.Store(nil)
	return err
}

// loop decides groups of commands until the context ends.
func (p *partition) loop(ctx context.Context, in *intake) (err error) {
	defer guard(&err)
	for {
		group, err := p.gather(ctx, in)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if len(group) > 0 {
			if err := p.process(ctx, group); err != nil {
				return err
			}
		}
		if err := p.check.maybe(ctx, p.state); err != nil {
			return err
		}
		p.publishStatus()
	}
}

// publishStatus makes the partition's state visible to others.
func (p *partition) publishStatus() {
	hot, idle, timers := p.state.Counts()
	due, armed := p.state.NextDue()
	if !armed {
		due = 0
	}
	p.status.Store(&Status{
		Partition: p.id.String(), Member: p.cfg.Member, Epoch: p.epoch,
		EventSeq: p.state.LastSeq, CommandSeq: p.state.LastCommand,
		Hot: hot, Idle: idle, Timers: timers, nextDueMS: due,
	})
}

// present returns the published status with what has moved since: effects end
// behind the loop, and timers become due.
func (p *partition) present() *Status {
	published := p.status.Load()
	if published == nil {
		return nil
	}
	s := *published
	if fx := p.fxNow.Load(); fx != nil && s.Error == "" {
		s.EffectsDone, s.EffectsIdle = fx.done.Load(), fx.idle()
		s.DueTimers = s.nextDueMS > 0 && s.nextDueMS <= p.cfg.Clock.NowMS()
	}
	return &s
}

// tick bounds how long the loop rests, so that checkpoints and the status go on
// without commands.
const tick = 250 * time.Millisecond

// gather waits for commands or due timers and takes as many as are there, up to
// the bounds.
func (p *partition) gather(ctx context.Context, in *intake) ([]request, error) {
	wait := p.cfg.Throttle(p.state.LastSeq, p.id.String())
	if wait > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
	limit, bytes := p.cfg.MaxGroup, 0
	if p.singly > 0 {
		limit = 1
	}
	group := append(p.carried, p.dueCommands(limit)...) //nolint:gocritic // carried is made anew
	p.carried = nil
	if len(group) == 0 {
		rest := tick
		var moved <-chan struct{}
		if due, ok := p.state.NextDue(); ok {
			// What is due and yet not taken is refused for good.
			var d time.Duration
			if d, moved = p.cfg.Clock.Until(due); d > 0 {
				rest = min(rest, d)
			}
		}
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-in.failed:
			return nil, err
		case <-in.reconnected:
			return nil, errReconnected
		case r := <-in.requests:
			group = append(group, r)
			bytes += r.size
		case <-moved:
			return nil, nil
		case <-timer.C:
			return nil, nil
		}
	}
	for len(group) < limit && bytes < p.cfg.MaxGroupBytes {
		select {
		case r := <-in.requests:
			group = append(group, r)
			bytes += r.size
		default:
			return group, nil
		}
	}
	return group, nil
}

// dueCommands returns the owner's own commands for what is due.
func (p *partition) dueCommands(limit int) []request {
	now := p.cfg.Clock.NowMS()
	if due, ok := p.state.NextDue(); !ok || due > now {
		return nil
	}
	var out []request
	for _, own := range p.state.Due(now, limit+len(p.refused)) {
		if len(out) == limit {
			break
		}
		if len(p.refused) > 0 && p.refused[refusalKey(commands.Envelope{Instance: own.Instance, Command: own.Command})] != nil {
			continue
		}
		out = append(out, request{envelope: commands.Envelope{
			ID: ids.NewCommand(time.UnixMilli(now), p.rnd), Tenant: own.Tenant, Instance: own.Instance, Command: own.Command,
		}})
	}
	return out
}

// errReconnected makes the partition start again from the log after the
// connection was lost: a server that went down may have lost commands and jobs
// that were not synced, and would give out their sequences again.
var errReconnected = errors.New("the connection to NATS was lost and is back")

// refusalKey names a command: one of the stream by its sequence, one of the
// owner's own by what it is about.
func refusalKey(e commands.Envelope) string {
	if e.Seq > 0 {
		return strconv.FormatUint(e.Seq, 10)
	}
	return fmt.Sprintf("%s %s %+v", e.Instance, e.Command.Kind(), e.Command)
}

// refuse notes a command that must not be tried again. One from the stream is
// rejected when the partition has started again; what the owner does by itself,
// such as a timer, stays due and is left alone until the next owner tries it.
func (p *partition) refuse(e commands.Envelope, rejection *commands.Error) {
	p.refused[refusalKey(e)] = rejection
	p.log.Error("a command cannot be decided", "kind", string(e.Command.Kind()), "instance", string(e.Instance),
		"command", string(e.ID), "command_seq", e.Seq, "error", rejection)
}

// process decides a group, stores its frame and performs its effects.
func (p *partition) process(ctx context.Context, group []request) error {
	frame := &events.Frame{Epoch: p.epoch, Prev: p.state.LastHash, EffectsDone: p.fx.done.Load(), OutboxDone: p.fx.takeAcked()}
	decisions := make([]*engine.Decision, 0, len(group))
	var transitions events.FrameBuffer
	began := time.Now()
	for i := range group {
		if i > 0 && (int64(transitions.Len()) > p.maxFrame()/4 || time.Since(began) > groupTime) {
			p.carry(group[i:])
			group = group[:i]
			break
		}
		d, err := p.decide(ctx, &group[i])
		if err != nil {
			return err
		}
		decisions = append(decisions, d)
		if err := transitions.Add(d.Transitions); err != nil {
			return err
		}
		if seq := group[i].envelope.Seq; seq > 0 {
			if frame.FirstCommand == 0 {
				frame.FirstCommand = seq
			}
			frame.LastCommand = seq
		}
	}
	if transitions.Len() == 0 && len(frame.OutboxDone) == 0 && frame.LastCommand == 0 {
		return nil // own commands that found nothing to do
	}
	fx := frameEffects{seq: p.state.LastSeq + 1}
	if err := p.prepareEffects(decisions, &fx); err != nil {
		return err
	}
	data, err := transitions.Frame(frame)
	if err != nil {
		return err
	}
	seq, err := p.append(ctx, frame, data, group)
	if err != nil {
		return err
	}
	p.singly = max(p.singly-len(group), 0)
	for i, d := range decisions {
		p.answer(&group[i], d, seq)
	}
	return p.fx.enqueue(ctx, fx)
}

// groupTime bounds how long the commands of one frame are decided: those at its
// end wait for all of them. One decision may take longer.
const groupTime = 50 * time.Millisecond

// carry keeps commands for the next frame. What the owner does by itself, such as
// a timer, is found due again.
func (p *partition) carry(group []request) {
	for i := range group {
		if group[i].envelope.Seq > 0 {
			p.carried = append(p.carried, group[i])
		}
	}
}

// maxFrame is the size of the largest frame that the server takes, in bytes.
func (p *partition) maxFrame() int64 { return p.cfg.NC.MaxPayload() - 1024 }

// decide decides one command at the engine's present time.
func (p *partition) decide(ctx context.Context, r *request) (*engine.Decision, error) {
	r.envelope.TimeMS = p.cfg.Clock.NowMS()
	if len(p.refused) > 0 && r.rejection == nil {
		if refused := p.refused[refusalKey(r.envelope)]; refused != nil {
			return p.state.RejectUndecidable(r.envelope, refused), nil
		}
	}
	if r.rejection == nil && r.deploySeq > p.cfg.Definitions.HighWater() {
		high, err := p.awaitDeploys(ctx)
		if err != nil {
			return nil, err // no word about the command: it is tried again
		}
		if r.deploySeq > high {
			r.rejection = commands.Reject(commands.CodeCommandInvalid, "header %s: the deploy log ends at %d, not at %d", commands.HeaderDeploySeq, high, r.deploySeq)
		}
	}
	if r.rejection != nil {
		return p.state.RejectUnread(r.envelope, r.rejection), nil //nolint:nilerr // a rejection is an answer
	}
	d, err := p.state.Decide(r.envelope, freshDefinitions{ctx, p.cfg.Definitions})
	switch {
	case errors.Is(err, definitions.ErrUnparsable):
		p.refuse(r.envelope, commands.Reject(commands.CodeElementUnsupported, "%v; run the release that deployed the model, or cancel the instance", err))
	case errors.Is(err, definitions.ErrUnknownDefinition):
		p.refuse(r.envelope, commands.Reject(commands.CodeProcessNotFound, "%v, though the whole deploy log has been read", err))
	}
	if err != nil {
		return nil, fmt.Errorf("decide %s (%s, command sequence %d): %w", r.envelope.Command.Kind(), r.envelope.ID, r.envelope.Seq, err)
	}
	return d, nil
}

// deployWait bounds how long a command waits for a deployment that its sender
// has seen.
const deployWait = 10 * time.Second

// awaitDeploys waits until all that is in the deploy log has been seen and
// returns where it ends. A sequence beyond that does not exist, so nobody waits
// for it.
func (p *partition) awaitDeploys(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, deployWait)
	defer cancel()
	if err := p.cfg.Definitions.CatchUp(ctx); err != nil {
		return 0, fmt.Errorf("catch up with the deploy log: %w", err)
	}
	return p.cfg.Definitions.HighWater(), nil
}

// freshDefinitions looks a second time, after catching up with the deploy log, for
// what is not found: a command may follow its deployment closely.
type freshDefinitions struct {
	ctx context.Context //nolint:containedctx // one decision long
	Definitions
}

func (d freshDefinitions) again() bool {
	ctx, cancel := context.WithTimeout(d.ctx, deployWait)
	defer cancel()
	return d.CatchUp(ctx) == nil
}

func (d freshDefinitions) Latest(tenant, processID string) (events.DefinitionRef, bool) {
	ref, ok := d.Definitions.Latest(tenant, processID)
	if !ok && d.again() {
		ref, ok = d.Definitions.Latest(tenant, processID)
	}
	return ref, ok
}

func (d freshDefinitions) Version(tenant, processID string, version int) (events.DefinitionRef, bool) {
	ref, ok := d.Definitions.Version(tenant, processID, version)
	if !ok && d.again() {
		ref, ok = d.Definitions.Version(tenant, processID, version)
	}
	return ref, ok
}

func (d freshDefinitions) VersionTag(tenant, processID, tag string) (events.DefinitionRef, bool) {
	ref, ok := d.Definitions.VersionTag(tenant, processID, tag)
	if !ok && d.again() {
		ref, ok = d.Definitions.VersionTag(tenant, processID, tag)
	}
	return ref, ok
}

// Model looks again like the others: a version that an instance runs has been
// deployed, so that a node which does not know it is behind.
func (d freshDefinitions) Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error) {
	m, err := d.Definitions.Model(tenant, ref)
	if !errors.Is(err, definitions.ErrUnknownDefinition) {
		return m, err
	}
	ctx, cancel := context.WithTimeout(d.ctx, deployWait)
	defer cancel()
	if err := d.CatchUp(ctx); err != nil {
		return nil, fmt.Errorf("catch up with the deploy log: %w", err)
	}
	return d.Definitions.Model(tenant, ref)
}

// prepareEffects makes the messages of a group's effects from the state that
// the group has led to.
func (p *partition) prepareEffects(decisions []*engine.Decision, fx *frameEffects) error {
	limit := p.cfg.NC.MaxPayload()
	for _, d := range decisions {
		for _, ref := range d.Offered {
			job, open := p.state.Job(ref)
			if !open {
				continue // ended within the same group
			}
			msg, err := jobMessage(p.cfg.Names, job, limit)
			if err != nil {
				return err
			}
			fx.jobs = append(fx.jobs, msg)
		}
		for _, w := range d.Withdrawn {
			fx.withdrawn = append(fx.withdrawn, jobSubject(p.cfg.Names, w))
		}
		for _, t := range d.Transitions {
			for _, e := range t.Events {
				if o, ok := e.(*events.OutboxAdded); ok {
					fx.outbox = append(fx.outbox, o)
				}
			}
		}
	}
	return nil
}

// errTooLarge makes the partition start again from the log and decide one
// command at a time.
var errTooLarge = errors.New("the events of a group do not fit into one frame")

// append stores a frame behind the last one. One that is too large for a message
// is packed.
func (p *partition) append(ctx context.Context, frame *events.Frame, data []byte, group []request) (uint64, error) {
	if int64(len(data)) > p.maxFrame() {
		size := len(data)
		if size <= events.MaxFrameBytes {
			var err error
			if data, err = events.PackFrame(data); err != nil {
				return 0, err
			}
		}
		if int64(len(data)) > p.maxFrame() {
			if len(group) == 1 {
				p.refuse(group[0].envelope, commands.Reject(commands.CodeDecisionTooLarge, "what the command would write does not fit into one frame: it has %d bytes", size))
			}
			p.singly = len(group)
			return 0, fmt.Errorf("%w: %d bytes", errTooLarge, size)
		}
	}
	seq, err := appendFrame(ctx, p.cfg.JS, p.cfg.Names.EventSubject(p.id), data, p.state.LastSeq)
	if err != nil {
		return 0, err
	}
	p.state.Committed(seq, events.HashOf(data), frame)
	p.committed = seq
	return seq, nil
}

// appendFrame stores a frame if the stream still ends at the expected sequence.
func appendFrame(ctx context.Context, js jetstream.JetStream, subject string, data []byte, last uint64) (uint64, error) {
	// A frame in flight is waited for even when the partition is being given
	// up: whether it was stored decides what its commands are answered.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	ack, err := js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data}, jetstream.WithExpectLastSequence(last))
	if streams.IsConflict(err) {
		return 0, fmt.Errorf("append frame %d: %w", last+1, ErrFenced)
	}
	if err != nil {
		return 0, fmt.Errorf("append frame %d: %w", last+1, err)
	}
	if ack.Sequence != last+1 {
		return 0, fmt.Errorf("append frame %d: stored as %d: %w", last+1, ack.Sequence, ErrFenced)
	}
	return ack.Sequence, nil
}

// answer tells the sender of a command what came of it.
func (p *partition) answer(r *request, d *engine.Decision, seq uint64) {
	if r.replyTo == "" {
		return
	}
	result := d.Result
	result.Position = commands.Position{Partition: p.id.String(), Seq: seq}
	if d.Repeated && d.Seq > 0 {
		result.Position.Seq = d.Seq
	}
	data, err := commands.EncodeResult(&result, r.json)
	if err != nil {
		p.log.Error("answer lost", "command", string(r.envelope.ID), "error", err)
		return
	}
	msg := nats.NewMsg(r.replyTo)
	msg.Header.Set(commands.HeaderID, string(r.envelope.ID))
	msg.Data = data
	if err := p.cfg.NC.PublishMsg(msg); err != nil {
		p.log.Debug("answer lost", "command", string(r.envelope.ID), "error", err)
	}
}

// release ends the ownership in good order: effects are done, the state is
// checkpointed.
func (p *partition) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.ReleaseTimeout)
	defer cancel()
	for !p.fx.idle() {
		select {
		case <-ctx.Done():
			p.log.Warn("partition released with effects pending", "event_seq", p.state.LastSeq)
			return nil
		case <-time.After(time.Millisecond):
		}
	}
	if err := p.check.write(ctx, p.state, p.fx.done.Load()); err != nil {
		// The checkpoint is a cache; the next owner replays more.
		p.log.Warn("checkpoint failed at release", "error", err)
	}
	p.log.Info("partition released", "event_seq", p.state.LastSeq, "command_seq", p.state.LastCommand)
	return nil
}

// intake delivers the commands of a partition in order.
type intake struct {
	requests chan request
	failed   chan error
	cc       jetstream.ConsumeContext
	done     chan struct{}
	once     sync.Once
	last     atomic.Uint64
	// reconnected tells when the connection was lost and is back.
	reconnected <-chan nats.Status
}

func (in *intake) stop() {
	in.once.Do(func() {
		close(in.done)
		in.cc.Stop()
	})
}

// openIntake reads the command stream from the first command that no frame
// covers.
func (p *partition) openIntake(ctx context.Context) (*intake, error) {
	next := p.state.LastCommand + 1
	stream := p.cfg.Names.CommandStream(p.id)
	cons, err := p.cfg.JS.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: next,
	})
	if err != nil {
		return nil, fmt.Errorf("read stream %s at %d: %w", stream, next, err)
	}
	in := &intake{requests: make(chan request, 2*p.cfg.MaxGroup), failed: make(chan error, 1), done: make(chan struct{})}
	fail := func(err error) {
		select {
		case in.failed <- err:
		default:
		}
	}
	in.last.Store(next - 1)
	in.cc, err = cons.Consume(func(msg jetstream.Msg) {
		meta, err := msg.Metadata()
		if err != nil {
			fail(fmt.Errorf("read stream %s: %w", stream, err))
			return
		}
		seq := meta.Sequence.Stream
		if seq <= in.last.Load() {
			return // seen before the consumer was made anew
		}
		in.last.Store(seq)
		raw := &nats.Msg{Subject: msg.Subject(), Header: msg.Headers(), Data: msg.Data()}
		r := decode(p.cfg.Names, p.id, raw, seq, meta.Timestamp.UnixMilli())
		select {
		case in.requests <- r:
		case <-in.done:
		}
	}, jetstream.PullMaxMessages(2*p.cfg.MaxGroup), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		p.log.Debug("command consumer", "error", err)
	}))
	if err != nil {
		return nil, fmt.Errorf("read stream %s at %d: %w", stream, next, err)
	}
	return in, nil
}

// String names the partition in messages.
func (p *partition) String() string {
	return "partition " + p.id.String() + " epoch " + strconv.FormatUint(p.epoch, 10)
}
