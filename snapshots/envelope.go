package snapshots

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"

	"github.com/weir-bpm/weir/ids"
)

// The envelope around the bytes of a snapshot, all numbers big-endian:
//
//	 0  "WS"
//	 2  format version: 1
//	 3  part: whole, manifest or chunk
//	 4  compression: 0 none, 1 S2
//	 5  partition, 16 bits
//	 7  state version, 32 bits
//	11  sequence of the last event, 64 bits
//	19  generation, 64 bits: counts the writes of the header, else 0
//	27  index of a chunk, or how many chunks follow a manifest, 32 bits
//	31  length of the content before compression, 64 bits
//	39  CRC-32C over key, the 39 bytes before, and the body
//	43  body
//
// A manifest's body is the CRC-32C of the whole content. The key is part of the
// checksum, so that a snapshot found under another name is none.
const (
	formatVersion = 1
	checksumAt    = 39
	envelopeLen   = 43
)

type part byte

const (
	partWhole part = iota
	partManifest
	partChunk
)

const (
	compressNone = 0
	compressS2   = 1
)

// envelope is one message.
type envelope struct {
	part       part
	partition  ids.Partition
	version    uint32
	seq        uint64
	generation uint64
	index      uint32
	length     uint64
	body       []byte // decompressed
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key string, head, body []byte) uint32 {
	sum := crc32.Update(0, castagnoli, []byte(key))
	sum = crc32.Update(sum, castagnoli, head)
	return crc32.Update(sum, castagnoli, body)
}

// compressFrom is the size from which compression is tried.
const compressFrom = 256

// seal writes the message for a key.
func (e *envelope) seal(key string) []byte {
	out := make([]byte, envelopeLen, envelopeLen+len(e.body))
	compression := byte(compressNone)
	if len(e.body) >= compressFrom {
		// Only what saves an eighth is worth the time to read it.
		if packed := s2.Encode(nil, e.body); len(packed) < len(e.body)-len(e.body)/8 {
			compression = compressS2
			out = append(out, packed...)
		}
	}
	if compression == compressNone {
		out = append(out, e.body...)
	}
	be := binary.BigEndian
	copy(out, "WS")
	out[2] = formatVersion
	out[3] = byte(e.part)
	out[4] = compression
	be.PutUint16(out[5:], uint16(e.partition)) //nolint:gosec // below 1024
	be.PutUint32(out[7:], e.version)
	be.PutUint64(out[11:], e.seq)
	be.PutUint64(out[19:], e.generation)
	be.PutUint32(out[27:], e.index)
	be.PutUint64(out[31:], e.length)
	be.PutUint32(out[checksumAt:], checksum(key, out[:checksumAt], out[envelopeLen:]))
	return out
}

// open reads a message that was stored under the key. Every fault is
// [ErrMismatch].
func open(p ids.Partition, key string, msg []byte) (*envelope, error) {
	mismatch := func(format string, args ...any) error {
		return fmt.Errorf("snapshot %s of partition %s: %w: %s", key, p, ErrMismatch, fmt.Sprintf(format, args...))
	}
	if len(msg) < envelopeLen || string(msg[:2]) != "WS" {
		return nil, mismatch("no envelope in %d bytes", len(msg))
	}
	if msg[2] != formatVersion {
		return nil, mismatch("format version %d, but this release reads %d", msg[2], formatVersion)
	}
	be := binary.BigEndian
	body := msg[envelopeLen:]
	if want, got := be.Uint32(msg[checksumAt:]), checksum(key, msg[:checksumAt], body); want != got {
		return nil, mismatch("expected checksum %08x, but got %08x", want, got)
	}
	e := &envelope{
		part:       part(msg[3]),
		partition:  ids.Partition(be.Uint16(msg[5:])),
		version:    be.Uint32(msg[7:]),
		seq:        be.Uint64(msg[11:]),
		generation: be.Uint64(msg[19:]),
		index:      be.Uint32(msg[27:]),
		length:     be.Uint64(msg[31:]),
		body:       body,
	}
	if e.partition != p {
		return nil, mismatch("it is of partition %s", e.partition)
	}
	if e.length > MaxBytes {
		return nil, mismatch("length %d exceeds %d", e.length, MaxBytes)
	}
	switch msg[4] {
	case compressNone:
	case compressS2:
		n, err := s2.DecodedLen(body)
		if err != nil || uint64(n) > e.length || n > MaxBytes { //nolint:gosec // not negative
			return nil, mismatch("compressed body of %d bytes (%v)", n, err)
		}
		if e.body, err = s2.Decode(nil, body); err != nil {
			return nil, mismatch("compressed body: %v", err)
		}
	default:
		return nil, mismatch("unknown compression %d", msg[4])
	}
	if e.part != partManifest && uint64(len(e.body)) != e.length {
		return nil, mismatch("expected %d bytes, but got %d", e.length, len(e.body))
	}
	return e, nil
}
