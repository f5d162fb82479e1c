package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
)

// checkpointer writes a partition's snapshots: the instances that changed since
// the last checkpoint, many in a group, then the header that says which group has
// whose. Groups that no kept header names are removed later.
//
// It also passivates: an instance that has rested and whose snapshot is stored
// leaves memory.
type checkpointer struct {
	cfg *Config
	id  ids.Partition
	log *slog.Logger

	lastSeq uint64    // of the newest header
	lastAt  time.Time // when it was written
	cost    time.Duration

	// stored is the newest snapshot of an instance in memory. That of a
	// passivated one is in the state.
	stored map[ids.Instance]stored
	groups groups

	sweptAt time.Time
}

// checkpoint is the payload of a header snapshot.
type checkpoint struct {
	State []byte `msgpack:"s"` // engine.State.EncodeHeader
	// Clean says that the partition was released with all effects done.
	Clean bool `msgpack:"c"`
	// Groups says where the snapshots of the instances are.
	Groups groupTable `msgpack:"p"`
}

func newCheckpointer(cfg *Config, id ids.Partition, log *slog.Logger) *checkpointer {
	return &checkpointer{cfg: cfg, id: id, log: log, lastAt: time.Now(), stored: map[ids.Instance]stored{}, groups: newGroups(cfg, id)}
}

// maybe passivates and writes a checkpoint when it is time.
func (c *checkpointer) maybe(ctx context.Context, s *engine.State) error {
	now := time.Now()
	hot, _, _ := s.Counts()
	if over := hot > c.cfg.MaxHot; over || now.Sub(c.sweptAt) > c.cfg.PassivateAfter/2 {
		more, err := c.passivate(ctx, s, over, sweepLimit)
		if err != nil {
			c.log.Warn("passivation is delayed", "error", err)
		}
		if c.sweptAt = now; more {
			c.sweptAt = time.Time{} // go on after the next group
		}
	}
	// A large header takes long to write: it may take a fiftieth of the time.
	if s.LastSeq == c.lastSeq || now.Sub(c.lastAt) < max(c.cfg.CheckpointEvery, 50*c.cost) {
		return nil
	}
	if err := c.write(ctx, s, 0); err != nil {
		var load *engine.LoadError
		if errors.As(err, &load) {
			return err
		}
		if ctx.Err() == nil {
			c.log.Warn("checkpoint is delayed", "error", err)
		}
		c.lastAt = now // not again at once
	}
	return nil
}

// storeBatch bounds how many snapshots are in memory to be stored together.
const storeBatch = 512

// sweepLimit bounds how many instances are passivated between two groups of
// commands, since the executor waits for it: some 30 ms.
const sweepLimit = 2048

// passivate takes instances that have rested out of memory, the longest rested
// first if there are too many, and at most limit. It says whether there are
// more.
func (c *checkpointer) passivate(ctx context.Context, s *engine.State, over bool, limit int) (more bool, err error) {
	type rested struct {
		in *engine.Instance
		at int64
	}
	before := c.cfg.Clock.NowMS() - c.cfg.PassivateAfter.Milliseconds()
	var list []rested
	s.Hot(func(in *engine.Instance, touchedMS int64) {
		if over || touchedMS < before {
			list = append(list, rested{in, touchedMS})
		}
	})
	if over {
		slices.SortStableFunc(list, func(a, b rested) int { return int(min(max(a.at-b.at, -1), 1)) })
		hot, _, _ := s.Counts()
		list = list[:min(len(list), hot-c.cfg.MaxHot/2)]
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	for chunk := range slices.Chunk(list, storeBatch) {
		instances := make([]*engine.Instance, len(chunk))
		for i, r := range chunk {
			instances[i] = r.in
		}
		if err := c.store(ctx, instances); err != nil {
			return false, err
		}
		for _, in := range instances {
			if s.Passivate(in.ID, in.LastSeq, c.stored[in.ID].group) {
				delete(c.stored, in.ID)
			}
		}
	}
	return more, nil
}

// store writes the snapshots of instances that have changed since theirs.
func (c *checkpointer) store(ctx context.Context, instances []*engine.Instance) error {
	var members []snapshots.Member
	for _, in := range instances {
		if c.stored[in.ID].seq == in.LastSeq {
			continue
		}
		data, err := engine.EncodeInstance(in)
		if err != nil {
			return err
		}
		members = append(members, snapshots.Member{Instance: in.ID, Seq: in.LastSeq, Data: data})
	}
	return c.groups.put(ctx, members, func(m *snapshots.Member, group uint64) {
		if old, ok := c.stored[m.Instance]; ok {
			c.groups.release(old.group)
		}
		c.stored[m.Instance] = stored{m.Seq, group}
	})
}

// compact packs what is left in sparse groups. All instances in memory have been
// stored as they are. A group that cannot be read is an [engine.LoadError], as it
// is when an instance is brought back.
func (c *checkpointer) compact(ctx context.Context, s *engine.State) error {
	var rest []snapshots.Member
	from := map[ids.Instance]uint64{}
	for _, number := range c.groups.sparse() {
		members, err := c.groups.read(ctx, number)
		if err != nil {
			return &engine.LoadError{Err: fmt.Errorf("group %x: %w", number, err)}
		}
		for _, m := range members {
			if at := s.Place(m.Instance); at == number || c.stored[m.Instance] == (stored{m.Seq, number}) {
				rest = append(rest, m)
				from[m.Instance] = number
			}
		}
	}
	return c.groups.put(ctx, rest, func(m *snapshots.Member, group uint64) {
		c.groups.release(from[m.Instance])
		if !s.Move(m.Instance, from[m.Instance], group) {
			c.stored[m.Instance] = stored{m.Seq, group}
		}
	})
}

// write stores a checkpoint. cleanAt is the effects watermark of a clean
// release; 0 says that the owner goes on.
func (c *checkpointer) write(ctx context.Context, s *engine.State, cleanAt uint64) error {
	began := time.Now()
	var changed []*engine.Instance
	s.Hot(func(in *engine.Instance, _ int64) { changed = append(changed, in) })
	for chunk := range slices.Chunk(changed, storeBatch) {
		if err := c.store(ctx, chunk); err != nil {
			return err
		}
	}
	for id, at := range c.stored {
		if !s.Has(id) {
			c.groups.release(at.group)
			delete(c.stored, id)
		}
	}
	if err := c.compact(ctx, s); err != nil {
		return err
	}
	state, err := s.EncodeHeader()
	if err != nil {
		return err
	}
	places := s.Places(func(id ids.Instance) uint64 { return c.stored[id].group })
	clean := cleanAt > 0 && cleanAt >= s.LastSeq
	data, err := msgpack.Marshal(&checkpoint{State: state, Clean: clean, Groups: c.groups.table(places)})
	if err != nil {
		return err
	}
	err = c.cfg.Snapshots.Put(ctx, c.id, snapshots.Header, snapshots.Snapshot{
		StateVersion: engine.StateVersion, Seq: s.LastSeq, Data: data,
	})
	if err != nil {
		return fmt.Errorf("store the header at sequence %d: %w", s.LastSeq, err)
	}
	c.lastSeq, c.lastAt, c.cost = s.LastSeq, time.Now(), time.Since(began)
	return errors.Join(c.groups.collect(ctx), c.trimCommands(ctx, s.LastCommand))
}

// trimCommands removes the commands that frames cover. Their events are the
// history; the server keeps some 200 bytes of memory for each subject of a
// stream, and each instance has its own.
func (c *checkpointer) trimCommands(ctx context.Context, covered uint64) error {
	if covered == 0 {
		return nil
	}
	name := c.cfg.Names.CommandStream(c.id)
	stream, err := c.cfg.JS.Stream(ctx, name)
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSequence(covered+1))
	}
	if err != nil {
		return fmt.Errorf("trim stream %s: %w", name, err)
	}
	return nil
}

// read returns the newest checkpoint; nil if there is none to be trusted.
func (c *checkpointer) read(ctx context.Context, cfg engine.Config) (*engine.State, bool, error) {
	snap, err := c.cfg.Snapshots.Get(ctx, c.id, snapshots.Header)
	switch {
	case errors.Is(err, snapshots.ErrNotFound):
		return nil, false, nil
	case errors.Is(err, snapshots.ErrMismatch):
		c.log.Warn("checkpoint unusable, replaying the whole log", "error", err)
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case snap.StateVersion != engine.StateVersion:
		c.log.Info("checkpoint of another release, replaying the whole log", "state_version", snap.StateVersion)
		return nil, false, nil
	}
	var cp checkpoint
	if err := msgpack.Unmarshal(snap.Data, &cp); err != nil {
		c.log.Warn("checkpoint unusable, replaying the whole log", "error", err)
		return nil, false, nil
	}
	var s *engine.State
	places, err := c.groups.restore(&cp.Groups)
	if err == nil {
		s, err = engine.DecodeHeader(cfg, c, cp.State, places)
	}
	if err != nil || s.LastSeq != snap.Seq {
		c.log.Warn("checkpoint unusable, replaying the whole log", "error", err)
		c.groups = newGroups(c.cfg, c.id)
		return nil, false, nil
	}
	c.lastSeq = s.LastSeq
	return s, cp.Clean, c.groups.findOrphans(ctx)
}

// LoadInstance implements [engine.Loader].
func (c *checkpointer) LoadInstance(id ids.Instance, seq, place uint64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	data, err := c.groups.member(ctx, place, id, seq)
	if err != nil {
		return nil, err
	}
	c.stored[id] = stored{seq, place}
	return data, nil
}
