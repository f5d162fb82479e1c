package definitions

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
)

// Digest is a SHA-256 in hex over the whole content. It is equal on every node
// at equal [Index.HighWater], and so shows whether two nodes know the same. It
// is computed once for each sequence, in time proportional to the content.
func (x *Index) Digest() string {
	// Lookups go on meanwhile; only the next frame waits.
	x.digestMu.Lock()
	defer x.digestMu.Unlock()
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.digest == "" || x.digestSeq != x.high {
		x.digest, x.digestSeq = x.contentDigest(), x.high
	}
	return x.digest
}

// contentDigest writes the content in an order that is a function of it, with
// texts in place of the numbers that stand for them here.
func (x *Index) contentDigest() string {
	w := digestWriter{h: sha256.New()}
	w.text("weir definitions 2")
	w.number(x.high)
	order := make([]uint32, len(x.processes))
	for i := range order {
		order[i] = uint32(i) //nolint:gosec // memory ends before
	}
	slices.SortFunc(order, func(a, b uint32) int {
		p, q := &x.processes[a], &x.processes[b]
		return cmp.Or(cmp.Compare(x.symbols[p.tenant], x.symbols[q.tenant]), cmp.Compare(x.symbols[p.id], x.symbols[q.id]), cmp.Compare(boolNumber(p.decision), boolNumber(q.decision)))
	})
	for _, i := range order {
		p := &x.processes[i]
		w.text(x.symbols[p.tenant], x.symbols[p.id])
		w.flag(p.decision)
		w.number(uint64(len(p.versions)))
		for n := range p.versions {
			v := &p.versions[n]
			w.text(string(v.digest[:]), x.symbols[v.resource], x.symbols[v.name], x.symbols[v.tag], x.symbols[v.dialect], x.symbols[v.choices], x.symbols[v.requirements])
			if ttl := x.symbols[v.history]; ttl != "" {
				w.text(ttl)
			}
			w.number(uint64(v.deployment))
			if tagged, ok := x.tags[tagKey{i, v.tag}]; ok {
				w.number(uint64(tagged)) //nolint:gosec // from 1 on
			}
		}
	}
	for n := range x.deployments { // in the order of the log
		d := &x.deployments[n]
		w.text(d.id.String(), x.symbols[d.tenant], x.symbols[d.name])
		w.number(d.seq)
		for _, r := range x.resourcesOf(uint32(n)) { //nolint:gosec // memory ends before
			w.text(x.symbols[r.name], string(r.digest[:]))
			w.number(uint64(r.bytes)) //nolint:gosec // not negative
			w.flag(r.unchanged)
		}
		for _, row := range x.definitionsOf(uint32(n)) { //nolint:gosec // memory ends before
			w.text(x.symbols[x.processes[row.process].id])
			w.flag(x.processes[row.process].decision)
			w.number(uint64(row.version)) //nolint:gosec // from 1 on
			w.flag(row.unchanged)
		}
	}
	return hex.EncodeToString(w.h.Sum(nil))
}

// digestWriter hashes values so that different sequences of values give
// different bytes.
type digestWriter struct {
	h   hash.Hash
	buf []byte
}

func (w *digestWriter) text(texts ...string) {
	for _, t := range texts {
		w.number(uint64(len(t)))
		w.buf = append(w.buf[:0], t...)
		_, _ = w.h.Write(w.buf) // never fails (hash.Hash)
	}
}

func (w *digestWriter) number(n uint64) {
	w.buf = binary.BigEndian.AppendUint64(w.buf[:0], n)
	_, _ = w.h.Write(w.buf) // never fails (hash.Hash)
}

func (w *digestWriter) flag(b bool) { w.number(boolNumber(b)) }

func boolNumber(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
