package events

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/ids"
)

// FrameVersion is the version of the frame format that this release writes.
// Versions it reads: 1, and 2 for a packed one. See docs/log-format.md for the
// story of each.
const FrameVersion = 1

// frameMagic begins each frame, so that something else in the stream is told
// apart from a frame of an unknown version.
var frameMagic = []byte("WF")

// ErrUnknown says that a frame or an event has a version or kind that this
// release does not know. A consumer stops at it: to skip it would fork the
// state.
var ErrUnknown = errors.New("unknown version or kind; a newer release wrote it")

// ErrCorrupt says that bytes are no frame, or not whole.
var ErrCorrupt = errors.New("corrupt frame")

// Hash is the SHA-256 of a frame's bytes.
type Hash [sha256.Size]byte

// HashOf returns the hash that the next frame carries.
func HashOf(frame []byte) Hash { return sha256.Sum256(frame) }

// Frame is one message of an event stream: what a group of commands did, all or
// nothing.
type Frame struct {
	// Epoch grows with each owner of the partition.
	Epoch uint64
	// FirstCommand and LastCommand are the first and last sequence of the
	// command stream that this frame covers; both are 0 for a frame that the
	// owner wrote without commands from the stream.
	FirstCommand uint64
	LastCommand  uint64
	// EffectsDone is the effects watermark: all effects of frames up to this
	// sequence of the event stream have been performed and acknowledged.
	EffectsDone uint64
	// OutboxDone holds, per receiving partition, up to which number the
	// commands of the outbox have been acknowledged since the frame before.
	OutboxDone []Origin
	// Prev is the hash of the frame before; zero in the first one.
	Prev        Hash
	Transitions []Transition
}

// spec is what the codec knows of a kind.
type spec struct {
	version int
	new     func() Event
	// upcast[v] turns the payload bytes of version v into those of v+1.
	upcast map[int]func([]byte) ([]byte, error)
}

// kinds lists every event that was ever released.
var kinds = map[Kind]spec{
	"compensation.recorded":  {version: 1, new: func() Event { return new(CompensationRecorded) }},
	"compensation.triggered": {version: 1, new: func() Event { return new(CompensationTriggered) }},
	"compensation.started":   {version: 1, new: func() Event { return new(CompensationStarted) }},

	"instance.started":      {version: 1, new: func() Event { return new(InstanceStarted) }},
	"instance.completed":    {version: 1, new: func() Event { return new(InstanceCompleted) }},
	"instance.canceled":     {version: 1, new: func() Event { return new(InstanceCanceled) }},
	"element.activated":     {version: 1, new: func() Event { return new(ElementActivated) }},
	"element.completed":     {version: 1, new: func() Event { return new(ElementCompleted) }},
	"element.ending":        {version: 1, new: func() Event { return new(ElementEnding) }},
	"element.terminated":    {version: 1, new: func() Event { return new(ElementTerminated) }},
	"flow.taken":            {version: 1, new: func() Event { return new(FlowTaken) }},
	"instance.canceling":    {version: 1, new: func() Event { return new(InstanceCanceling) }},
	"scope.interrupted":     {version: 1, new: func() Event { return new(ScopeInterrupted) }},
	"tokens.dropped":        {version: 1, new: func() Event { return new(TokensDropped) }},
	"variables.set":         {version: 1, new: func() Event { return new(VariablesSet) }},
	"call.started":          {version: 1, new: func() Event { return new(CallStarted) }},
	"loop.started":          {version: 1, new: func() Event { return new(LoopStarted) }},
	"loop.chosen":           {version: 1, new: func() Event { return new(LoopChosen) }},
	"loop.collected":        {version: 1, new: func() Event { return new(LoopCollected) }},
	"loop.paused":           {version: 1, new: func() Event { return new(LoopPaused) }},
	"loop.stopped":          {version: 1, new: func() Event { return new(LoopStopped) }},
	"job.created":           {version: 1, new: func() Event { return new(JobCreated) }},
	"job.completed":         {version: 1, new: func() Event { return new(JobCompleted) }},
	"job.failed":            {version: 1, new: func() Event { return new(JobFailed) }},
	"job.reopened":          {version: 1, new: func() Event { return new(JobReopened) }},
	"job.retries_updated":   {version: 1, new: func() Event { return new(JobRetriesUpdated) }},
	"job.error_thrown":      {version: 1, new: func() Event { return new(JobErrorThrown) }},
	"job.canceled":          {version: 1, new: func() Event { return new(JobCanceled) }},
	"listeners.run":         {version: 1, new: func() Event { return new(ListenersRun) }},
	"listener.failed":       {version: 1, new: func() Event { return new(ListenerFailed) }},
	"user_task.created":     {version: 1, new: func() Event { return new(UserTaskCreated) }},
	"user_task.assigned":    {version: 1, new: func() Event { return new(UserTaskAssigned) }},
	"user_task.updated":     {version: 1, new: func() Event { return new(UserTaskUpdated) }},
	"user_task.pending":     {version: 1, new: func() Event { return new(UserTaskPending) }},
	"user_task.completed":   {version: 1, new: func() Event { return new(UserTaskCompleted) }},
	"user_task.canceled":    {version: 1, new: func() Event { return new(UserTaskCanceled) }},
	"incident.raised":       {version: 1, new: func() Event { return new(IncidentRaised) }},
	"incident.resolved":     {version: 1, new: func() Event { return new(IncidentResolved) }},
	"escalation.thrown":     {version: 1, new: func() Event { return new(EscalationThrown) }},
	"timer.scheduled":       {version: 1, new: func() Event { return new(TimerScheduled) }},
	"timer.fired":           {version: 1, new: func() Event { return new(TimerFired) }},
	"timer.canceled":        {version: 1, new: func() Event { return new(TimerCanceled) }},
	"start_timer.scheduled": {version: 1, new: func() Event { return new(StartTimerScheduled) }},
	"start_timer.fired":     {version: 1, new: func() Event { return new(StartTimerFired) }},
	"start_timer.canceled":  {version: 1, new: func() Event { return new(StartTimerCanceled) }},
	"subscription.opened":   {version: 1, new: func() Event { return new(SubscriptionOpened) }},
	"subscription.closed":   {version: 1, new: func() Event { return new(SubscriptionClosed) }},
	"message.received":      {version: 1, new: func() Event { return new(MessageReceived) }},
	"waiter.added":          {version: 1, new: func() Event { return new(WaiterAdded) }},
	"waiter.removed":        {version: 1, new: func() Event { return new(WaiterRemoved) }},
	"message.published":     {version: 1, new: func() Event { return new(MessagePublished) }},
	"message.sent":          {version: 1, new: func() Event { return new(MessageSent) }},
	"message.answered":      {version: 1, new: func() Event { return new(MessageAnswered) }},
	"message.started":       {version: 1, new: func() Event { return new(MessageStarted) }},
	"message.key_released":  {version: 1, new: func() Event { return new(MessageKeyReleased) }},
	"message.expired":       {version: 1, new: func() Event { return new(MessageExpired) }},
	"start_message.set":     {version: 1, new: func() Event { return new(StartMessageSet) }},
	"signal.awaited":        {version: 1, new: func() Event { return new(SignalAwaited) }},
	"signal.received":       {version: 1, new: func() Event { return new(SignalReceived) }},
	"signal.broadcast":      {version: 1, new: func() Event { return new(SignalBroadcast) }},
	"start_signal.set":      {version: 1, new: func() Event { return new(StartSignalSet) }},
	"condition.awaited":     {version: 1, new: func() Event { return new(ConditionAwaited) }},
	"part.came":             {version: 1, new: func() Event { return new(PartCame) }},
	"condition.met":         {version: 1, new: func() Event { return new(ConditionMet) }},
	"start_condition.set":   {version: 1, new: func() Event { return new(StartConditionSet) }},
	"trigger.awaited":       {version: 1, new: func() Event { return new(TriggerAwaited) }},
	"trigger.received":      {version: 1, new: func() Event { return new(TriggerReceived) }},
	"command.rejected":      {version: 1, new: func() Event { return new(CommandRejected) }},
	"command.answered":      {version: 1, new: func() Event { return new(CommandAnswered) }},
	"outbox.added":          {version: 1, new: func() Event { return new(OutboxAdded) }},
	"decision.evaluated":    {version: 1, new: func() Event { return new(DecisionEvaluated) }},
	"deployment.created":    {version: 1, new: func() Event { return new(DeploymentCreated) }},
}

// Kinds returns every kind in ascending order.
func Kinds() []Kind {
	out := make([]Kind, 0, len(kinds))
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Version returns the version in which this release writes the kind, 0 if it
// does not know it.
func Version(k Kind) int { return kinds[k].version }

// New returns an empty event of the kind, nil if the kind is unknown.
func New(k Kind) Event {
	s, ok := kinds[k]
	if !ok {
		return nil
	}
	return s.new()
}

// EncodeFrame returns the frame's bytes.
func EncodeFrame(f *Frame) ([]byte, error) {
	var b FrameBuffer
	if err := b.Add(f.Transitions); err != nil {
		return nil, err
	}
	return b.Frame(f)
}

// newEncoder makes map order and number widths a function of the value.
func newEncoder(buf *bytes.Buffer) *msgpack.Encoder {
	enc := msgpack.NewEncoder(buf)
	enc.SetSortMapKeys(true)
	enc.UseCompactInts(true)
	return enc
}

// first returns the first error, so that runs of encoder calls read as lines.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// encodeHeader writes a frame up to its first transition.
func encodeHeader(enc *msgpack.Encoder, f *Frame, transitions int) error {
	return first(
		enc.EncodeArrayLen(8),
		enc.EncodeUint(FrameVersion),
		enc.EncodeUint(f.Epoch),
		enc.EncodeUint(f.FirstCommand),
		enc.EncodeUint(f.LastCommand),
		enc.EncodeUint(f.EffectsDone),
		enc.Encode(f.OutboxDone),
		enc.EncodeBytes(f.Prev[:]),
		enc.EncodeArrayLen(transitions),
	)
}

func encodeTransition(enc *msgpack.Encoder, t *Transition) error {
	err := first(
		enc.EncodeArrayLen(6),
		enc.EncodeString(string(t.Command)),
		enc.EncodeUint(t.CommandSeq),
		enc.Encode(t.Origin),
		enc.EncodeString(string(t.Instance)),
		enc.EncodeInt(t.TimeMS),
		enc.EncodeArrayLen(len(t.Events)),
	)
	if err != nil {
		return err
	}
	for _, e := range t.Events {
		s, ok := kinds[e.Kind()]
		if !ok {
			return fmt.Errorf("event %s is not in the table of kinds", e.Kind())
		}
		err := first(
			enc.EncodeArrayLen(3),
			enc.EncodeString(string(e.Kind())),
			enc.EncodeUint(uint64(s.version)),
			enc.Encode(e),
		)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Kind(), err)
		}
	}
	return nil
}

// DecodeFrame reads a frame. Events of older versions are raised to the newest;
// unknown ones are [ErrUnknown], other faults [ErrCorrupt].
func DecodeFrame(data []byte) (*Frame, error) {
	body, ok := bytes.CutPrefix(data, frameMagic)
	if !ok {
		return nil, fmt.Errorf("%w: expected it to begin with %q", ErrCorrupt, frameMagic)
	}
	// The version comes first: what a newer release wrote need not look whole to
	// this one.
	packed, err := checkVersion(body)
	if err != nil {
		return nil, err
	}
	if packed {
		if err := CheckMsgpack(body); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if body, err = unpack(body); err != nil {
			return nil, err
		}
	}
	if err := CheckMsgpack(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	f, err := decodeFrame(msgpack.NewDecoder(bytes.NewReader(body)))
	if err != nil {
		if errors.Is(err, ErrUnknown) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return f, nil
}

// checkVersion reads the frame's version and says whether it is packed; a body in
// which there is none to be read is left to the other checks.
func checkVersion(body []byte) (packed bool, err error) {
	dec := msgpack.NewDecoder(bytes.NewReader(body))
	if _, err := dec.DecodeArrayLen(); err != nil {
		return false, nil //nolint:nilerr // see above
	}
	version, err := dec.DecodeUint64()
	if err != nil {
		return false, nil //nolint:nilerr // see above
	}
	if version != FrameVersion && version != packedVersion {
		return false, fmt.Errorf("frame version %d: %w", version, ErrUnknown)
	}
	return version == packedVersion, nil
}

func decodeFrame(dec *msgpack.Decoder) (*Frame, error) {
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	version, err := dec.DecodeUint64()
	if err != nil {
		return nil, err
	}
	if version != FrameVersion || n != 8 {
		return nil, fmt.Errorf("frame version %d: %w", version, ErrUnknown)
	}
	f := new(Frame)
	for _, p := range []*uint64{&f.Epoch, &f.FirstCommand, &f.LastCommand, &f.EffectsDone} {
		if *p, err = dec.DecodeUint64(); err != nil {
			return nil, err
		}
	}
	if err := dec.Decode(&f.OutboxDone); err != nil {
		return nil, err
	}
	prev, err := dec.DecodeBytes()
	if err != nil {
		return nil, err
	}
	if len(prev) != len(f.Prev) {
		return nil, fmt.Errorf("expected a hash of %d bytes, but got %d", len(f.Prev), len(prev))
	}
	copy(f.Prev[:], prev)
	count, err := dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	for range count {
		t, err := decodeTransition(dec)
		if err != nil {
			return nil, err
		}
		f.Transitions = append(f.Transitions, t)
	}
	return f, nil
}

func decodeTransition(dec *msgpack.Decoder) (Transition, error) {
	var t Transition
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return t, err
	}
	if n != 6 {
		return t, fmt.Errorf("expected a transition of 6 fields, but got %d", n)
	}
	command, err := dec.DecodeString()
	if err != nil {
		return t, err
	}
	t.Command = ids.Command(command)
	if t.CommandSeq, err = dec.DecodeUint64(); err != nil {
		return t, err
	}
	if err := dec.Decode(&t.Origin); err != nil {
		return t, err
	}
	instance, err := dec.DecodeString()
	if err != nil {
		return t, err
	}
	t.Instance = ids.Instance(instance)
	if t.TimeMS, err = dec.DecodeInt64(); err != nil {
		return t, err
	}
	count, err := dec.DecodeArrayLen()
	if err != nil {
		return t, err
	}
	for range count {
		e, err := decodeEvent(dec)
		if err != nil {
			return t, err
		}
		t.Events = append(t.Events, e)
	}
	return t, nil
}

func decodeEvent(dec *msgpack.Decoder) (Event, error) {
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	if n != 3 {
		return nil, fmt.Errorf("expected an event of 3 fields, but got %d", n)
	}
	kind, err := dec.DecodeString()
	if err != nil {
		return nil, err
	}
	version, err := dec.DecodeInt()
	if err != nil {
		return nil, err
	}
	s, ok := kinds[Kind(kind)]
	if !ok || version > s.version || version < 1 {
		return nil, fmt.Errorf("event %s version %d: %w", kind, version, ErrUnknown)
	}
	e := s.new()
	if version == s.version {
		return e, dec.Decode(e)
	}
	raw, err := dec.DecodeRaw()
	if err != nil {
		return nil, err
	}
	payload := []byte(raw)
	for v := version; v < s.version; v++ {
		up, ok := s.upcast[v]
		if !ok {
			return nil, fmt.Errorf("event %s version %d has no upcaster: %w", kind, v, ErrUnknown)
		}
		if payload, err = up(payload); err != nil {
			return nil, fmt.Errorf("event %s version %d: %w", kind, v, err)
		}
	}
	return e, msgpack.Unmarshal(payload, e)
}
