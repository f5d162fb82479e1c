package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/streams"
)

// Clock is the engine's time. It is the system's, unless it is moved for tests
// of processes that wait for weeks; that needs AllowClock in [Config].
type Clock struct {
	mu      sync.Mutex
	setting clockSetting
	changed chan struct{}
}

// clockKey is where the setting is in the meta bucket.
const clockKey = "clock"

// clockSetting is the movement of the clock as it is stored: pinned to a time,
// or shifted.
type clockSetting struct {
	PinnedMS int64 `json:"pinned_ms,omitempty"`
	ShiftMS  int64 `json:"shift_ms,omitempty"`
}

// NewClock returns the system's time.
func NewClock() *Clock { return &Clock{changed: make(chan struct{})} }

// NowMS is the engine's time in milliseconds since the Unix epoch.
func (c *Clock) NowMS() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowMS()
}

func (c *Clock) nowMS() int64 {
	if c.setting.PinnedMS != 0 {
		return c.setting.PinnedMS
	}
	return time.Now().UnixMilli() + c.setting.ShiftMS
}

// Until returns how long to wait, in real time, for the engine's time to come,
// and a channel that is closed when the clock is moved. A pinned clock never
// comes to a later time by itself.
func (c *Clock) Until(ms int64) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.nowMS()
	switch {
	case ms <= now:
		return 0, c.changed
	case c.setting.PinnedMS != 0:
		return time.Hour, c.changed
	}
	return time.Duration(ms-now) * time.Millisecond, c.changed
}

func (c *Clock) set(s clockSetting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setting = s
	close(c.changed)
	c.changed = make(chan struct{})
}

// Follow takes over every movement of the clock from the meta bucket until the
// context ends. It returns once it has seen the present one.
func (c *Clock) Follow(ctx context.Context, kv jetstream.KeyValue) error {
	watch, err := kv.Watch(ctx, clockKey)
	if err != nil {
		return fmt.Errorf("watch the clock: %w", err)
	}
	first := make(chan struct{})
	go func() {
		defer func() { _ = watch.Stop() }()
		for {
			select {
			case <-ctx.Done():
				return
			case entry, ok := <-watch.Updates():
				if !ok {
					return
				}
				if entry == nil { // the present value has been seen
					close(first)
					continue
				}
				var s clockSetting
				if entry.Operation() == jetstream.KeyValuePut && json.Unmarshal(entry.Value(), &s) != nil {
					continue
				}
				c.set(s)
			}
		}
	}()
	select {
	case <-first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ClockControl moves the clock of all nodes.
type ClockControl struct {
	KV    jetstream.KeyValue
	Clock *Clock
}

// OpenClockControl returns the control over the clock of a cluster.
func OpenClockControl(ctx context.Context, js jetstream.JetStream, n streams.Names, c *Clock) (*ClockControl, error) {
	kv, err := js.KeyValue(ctx, n.MetaBucket())
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", n.MetaBucket(), err)
	}
	return &ClockControl{KV: kv, Clock: c}, nil
}

// Pin stops the clock at a time.
func (cc *ClockControl) Pin(ctx context.Context, ms int64) error {
	if ms <= 0 {
		return commands.Reject(commands.CodeCommandInvalid, "the clock cannot be pinned to %d; expected milliseconds after 1970", ms)
	}
	return cc.store(ctx, clockSetting{PinnedMS: ms})
}

// Advance moves the clock forward; a pinned one stays pinned. It never goes
// back: that would make timers early.
func (cc *ClockControl) Advance(ctx context.Context, byMS int64) error {
	if byMS < 0 {
		return commands.Reject(commands.CodeCommandInvalid, "the clock cannot go back by %d ms", -byMS)
	}
	s, err := cc.load(ctx)
	if err != nil {
		return err
	}
	if s.PinnedMS != 0 {
		s.PinnedMS += byMS
	} else {
		s.ShiftMS += byMS
	}
	return cc.store(ctx, s)
}

// Reset gives back the system's time.
func (cc *ClockControl) Reset(ctx context.Context) error { return cc.store(ctx, clockSetting{}) }

func (cc *ClockControl) load(ctx context.Context) (clockSetting, error) {
	var s clockSetting
	entry, err := cc.KV.Get(ctx, clockKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the clock: %w", err)
	}
	return s, json.Unmarshal(entry.Value(), &s)
}

func (cc *ClockControl) store(ctx context.Context, s clockSetting) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := cc.KV.Put(ctx, clockKey, data); err != nil {
		return fmt.Errorf("store the clock: %w", err)
	}
	// The caller's node has it at once, so that what it does next sees it.
	cc.Clock.set(s)
	return nil
}
