package snapshots

import (
	"testing"

	"github.com/weir-bpm/weir/ids"
)

// Keys, Read and Write let the suite see and change what is stored.

func (m *Memory) Keys(p ids.Partition) (keys []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.parts[p] {
		keys = append(keys, key)
	}
	return keys
}

func (m *Memory) Read(p ids.Partition, key string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts[p][key]
}

func (m *Memory) Write(p ids.Partition, key string, msg []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if msg == nil {
		delete(m.parts[p], key)
		return
	}
	m.parts[p][key] = msg
}

func FuzzOpen(f *testing.F) {
	e := envelope{part: partWhole, partition: 3, version: 1, seq: 2, body: []byte("state"), length: 5}
	f.Add(e.seal("k"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		got, err := open(3, "k", msg)
		if err == nil && got.part == partWhole && uint64(len(got.body)) != got.length {
			t.Errorf("accepted %d bytes for a length of %d", len(got.body), got.length)
		}
	})
}
