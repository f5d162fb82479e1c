package snapshots

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/weir-bpm/weir/ids"
)

// NewMemory returns a store that keeps the messages in maps, for tests and for
// engines that live no longer than the process.
func NewMemory() *Memory {
	m := &Memory{parts: make(map[ids.Partition]map[string][]byte)}
	m.store.b = m
	return m
}

// Memory is a [Store] without a server. It goes through the same envelopes and
// chunks as the real one.
type Memory struct {
	store

	mu    sync.Mutex
	parts map[ids.Partition]map[string][]byte
}

// memoryChunk is small, so that tests meet chunks.
const memoryChunk = 64 << 10

func (m *Memory) chunkBytes() int { return memoryChunk }

func (m *Memory) ready(ctx context.Context, p ids.Partition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.parts[p] == nil {
		m.parts[p] = make(map[string][]byte)
	}
	return ctx.Err()
}

func (m *Memory) put(ctx context.Context, p ids.Partition, messages func(yield func(string, []byte) bool)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, msg := range messages {
		m.parts[p][key] = msg
	}
	return ctx.Err()
}

func (m *Memory) get(ctx context.Context, p ids.Partition, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	msg, ok := m.parts[p][key]
	if !ok {
		return nil, ErrNotFound
	}
	return bytes.Clone(msg), nil
}

func (m *Memory) keys(ctx context.Context, p ids.Partition, f func(key string)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.parts[p] {
		f(key)
	}
	return ctx.Err()
}

func (m *Memory) remove(ctx context.Context, p ids.Partition, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	part := m.parts[p]
	delete(part, name)
	for key := range part {
		if strings.HasPrefix(key, name+".") {
			delete(part, key)
		}
	}
	return ctx.Err()
}

func (m *Memory) purge(ctx context.Context, p ids.Partition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.parts[p])
	return ctx.Err()
}
