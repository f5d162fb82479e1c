package snapshots

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/weir-bpm/weir/ids"
)

// backend holds messages by partition and key, the newest for each key.
type backend interface {
	// put stores messages in their order; when it returns, all are stored. The
	// iterator yields key and message.
	put(ctx context.Context, p ids.Partition, messages func(yield func(string, []byte) bool)) error
	// get returns the message of a key, or ErrNotFound.
	get(ctx context.Context, p ids.Partition, key string) ([]byte, error)
	// keys calls f with each key.
	keys(ctx context.Context, p ids.Partition, f func(key string)) error
	// remove removes the messages of a name and of all keys that begin with
	// name and a dot.
	remove(ctx context.Context, p ids.Partition, name string) error
	// chunkBytes is the largest content of one message.
	chunkBytes() int
	// ready makes the partition's place.
	ready(ctx context.Context, p ids.Partition) error
	// purge removes everything of the partition.
	purge(ctx context.Context, p ids.Partition) error
}

// store is a Store on a backend: names, chunks and generations.
type store struct{ b backend }

// Put implements [Store].
func (s *store) Put(ctx context.Context, p ids.Partition, name string, snap Snapshot) error {
	return s.PutBatch(ctx, p, []Named{{Name: name, Snapshot: snap}})
}

// PutBatch implements [Store].
func (s *store) PutBatch(ctx context.Context, p ids.Partition, batch []Named) error {
	if err := s.check(p, batch); err != nil {
		return err
	}
	if err := s.b.ready(ctx, p); err != nil {
		return err
	}
	generation := uint64(0)
	if slices.ContainsFunc(batch, func(n Named) bool { return n.Name == Header }) {
		var err error
		if generation, err = s.lastGeneration(ctx, p); err != nil {
			return err
		}
		// The oldest generation makes room. Chunks that the new one does not
		// overwrite would stay for ever, since headers shrink too; those of an
		// instance go when the instance does.
		if err := s.b.remove(ctx, p, slot(generation+1)); err != nil {
			return fmt.Errorf("put snapshot %s of partition %s: %w", Header, p, err)
		}
	}
	return s.b.put(ctx, p, func(yield func(string, []byte) bool) {
		for i := range batch {
			n := &batch[i]
			e := envelope{partition: p, version: n.StateVersion, seq: n.Seq, length: uint64(len(n.Data))}
			key := n.Name
			if n.Name == Header {
				generation++
				e.generation = generation
				key = slot(generation)
			}
			if !s.messages(key, &e, n.Data, yield) {
				return
			}
		}
	})
}

func (s *store) check(p ids.Partition, batch []Named) error {
	for i := range batch {
		if err := checkName(batch[i].Name); err != nil {
			return err
		}
		if len(batch[i].Data) > MaxBytes {
			return fmt.Errorf("put snapshot %s of partition %s: %w: %d bytes exceed %d", batch[i].Name, p, ErrTooLarge, len(batch[i].Data), MaxBytes)
		}
	}
	return nil
}

// messages yields the message of a snapshot, or its chunks and then the
// manifest, which makes them count.
func (s *store) messages(key string, e *envelope, data []byte, yield func(string, []byte) bool) bool {
	chunk := s.b.chunkBytes()
	if len(data) <= chunk {
		e.part, e.body = partWhole, data
		return yield(key, e.seal(key))
	}
	count := uint32(0)
	for piece := range slices.Chunk(data, chunk) {
		c := *e
		c.part, c.index, c.body, c.length = partChunk, count, piece, uint64(len(piece))
		name := chunkKey(key, count)
		if !yield(name, c.seal(name)) {
			return false
		}
		count++
	}
	e.part, e.index = partManifest, count
	e.body = binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, castagnoli))
	return yield(key, e.seal(key))
}

func chunkKey(key string, index uint32) string {
	return key + "." + strconv.FormatUint(uint64(index), 10)
}

// Get implements [Store].
func (s *store) Get(ctx context.Context, p ids.Partition, name string) (Snapshot, error) {
	if err := checkName(name); err != nil {
		return Snapshot{}, err
	}
	if name != Header {
		e, err := s.open(ctx, p, name)
		if err != nil {
			return Snapshot{}, err
		}
		return s.assemble(ctx, p, name, e)
	}
	found, faults, err := s.generations(ctx, p)
	if err != nil {
		return Snapshot{}, err
	}
	for _, e := range found {
		snap, err := s.assemble(ctx, p, slot(e.generation), e)
		if err == nil {
			return snap, nil
		}
		if !errors.Is(err, ErrMismatch) {
			return Snapshot{}, err
		}
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return Snapshot{}, errors.Join(faults...)
	}
	return Snapshot{}, fmt.Errorf("snapshot %s of partition %s: %w", name, p, ErrNotFound)
}

// generations returns what lies in the header's slots, the newest first, and
// the faults of what could not be read.
func (s *store) generations(ctx context.Context, p ids.Partition) (found []*envelope, faults []error, err error) {
	for i := range uint64(slots) {
		e, err := s.open(ctx, p, slot(i))
		switch {
		case err == nil && slot(e.generation) == slot(i):
			found = append(found, e)
		case err == nil:
			faults = append(faults, fmt.Errorf("snapshot %s of partition %s: %w: generation %d in another slot", slot(i), p, ErrMismatch, e.generation))
		case errors.Is(err, ErrMismatch):
			faults = append(faults, err)
		case !errors.Is(err, ErrNotFound):
			return nil, nil, err
		}
	}
	slices.SortFunc(found, func(a, b *envelope) int {
		if a.generation > b.generation {
			return -1
		}
		return 1 // slots differ, and so do generations
	})
	return found, faults, nil
}

func (s *store) lastGeneration(ctx context.Context, p ids.Partition) (uint64, error) {
	found, _, err := s.generations(ctx, p)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0].generation, nil
}

func (s *store) open(ctx context.Context, p ids.Partition, key string) (*envelope, error) {
	msg, err := s.b.get(ctx, p, key)
	if err != nil {
		return nil, fmt.Errorf("snapshot %s of partition %s: %w", key, p, err)
	}
	return open(p, key, msg)
}

// assemble returns the snapshot behind the message of its key.
func (s *store) assemble(ctx context.Context, p ids.Partition, key string, e *envelope) (Snapshot, error) {
	snap := Snapshot{StateVersion: e.version, Seq: e.seq}
	mismatch := func(format string, args ...any) error {
		return fmt.Errorf("snapshot %s of partition %s: %w: %s", key, p, ErrMismatch, fmt.Sprintf(format, args...))
	}
	if e.part == partWhole {
		snap.Data = e.body
		return snap, nil
	}
	if e.part != partManifest || len(e.body) != 4 {
		return Snapshot{}, mismatch("expected a whole snapshot or a manifest, but got part %d", e.part)
	}
	data := make([]byte, 0, e.length)
	for i := range e.index {
		c, err := s.open(ctx, p, chunkKey(key, i))
		if errors.Is(err, ErrNotFound) {
			return Snapshot{}, mismatch("chunk %d is missing", i)
		}
		if err != nil {
			return Snapshot{}, err
		}
		if c.part != partChunk || c.index != i || c.generation != e.generation || c.seq != e.seq || uint64(len(data)+len(c.body)) > e.length {
			return Snapshot{}, mismatch("chunk %d belongs to another one", i)
		}
		data = append(data, c.body...)
	}
	if uint64(len(data)) != e.length {
		return Snapshot{}, mismatch("expected %d bytes, but got %d", e.length, len(data))
	}
	if want, got := binary.BigEndian.Uint32(e.body), crc32.Checksum(data, castagnoli); want != got {
		return Snapshot{}, mismatch("expected checksum %08x, but got %08x", want, got)
	}
	snap.Data = data
	return snap, nil
}

// Delete implements [Store].
func (s *store) Delete(ctx context.Context, p ids.Partition, names ...string) error {
	for _, name := range names {
		if err := checkName(name); err != nil {
			return err
		}
	}
	if err := s.b.ready(ctx, p); err != nil {
		return err
	}
	// Each one is a call to the server, which spends more time under way than
	// on the work.
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(removeParallel)
	for _, name := range names {
		g.Go(func() error {
			if err := s.b.remove(ctx, p, name); err != nil {
				return fmt.Errorf("delete snapshot %s of partition %s: %w", name, p, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// removeParallel bounds the calls of one Delete that are under way.
const removeParallel = 16

// Groups implements [Store].
func (s *store) Groups(ctx context.Context, p ids.Partition) ([]uint64, error) {
	if err := s.b.ready(ctx, p); err != nil {
		return nil, err
	}
	var out []uint64
	err := s.b.keys(ctx, p, func(key string) {
		if number, ok := Group(key); ok { // and not one of its chunks
			out = append(out, number)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list snapshots of partition %s: %w", p, err)
	}
	return out, nil
}

// Purge implements [Store].
func (s *store) Purge(ctx context.Context, p ids.Partition) error {
	if err := s.b.ready(ctx, p); err != nil {
		return err
	}
	if err := s.b.purge(ctx, p); err != nil {
		return fmt.Errorf("purge snapshots of partition %s: %w", p, err)
	}
	return nil
}
