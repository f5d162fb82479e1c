package events

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

// FrameBuffer takes the transitions of a frame as they are decided, so that the
// writer knows how large the frame is before it decides more. The zero value is
// empty.
type FrameBuffer struct {
	buf   bytes.Buffer
	enc   *msgpack.Encoder
	count int
}

// Add encodes transitions behind those that are there.
func (b *FrameBuffer) Add(transitions []Transition) error {
	if b.enc == nil {
		b.enc = newEncoder(&b.buf)
	}
	for i := range transitions {
		if err := encodeTransition(b.enc, &transitions[i]); err != nil {
			return fmt.Errorf("encode frame: %w", err)
		}
	}
	b.count += len(transitions)
	return nil
}

// Len returns how many bytes the transitions have.
func (b *FrameBuffer) Len() int { return b.buf.Len() }

// Frame returns the bytes of a frame with the transitions of the buffer; those of
// f do not count. They are the same that [EncodeFrame] gives.
func (b *FrameBuffer) Frame(f *Frame) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, b.buf.Len()+256))
	out.Write(frameMagic)
	if err := encodeHeader(newEncoder(out), f, b.count); err != nil {
		return nil, fmt.Errorf("encode frame: %w", err)
	}
	out.Write(b.buf.Bytes())
	return out.Bytes(), nil
}

// A packed frame is frame version 2: an array of the version, the number of bytes
// of the frame inside without its magic, and these bytes compressed (RFC 1951).
// It is written only where the frame would not fit into a message otherwise.
const packedVersion = 2

// MaxFrameBytes bounds what a packed frame unpacks to, in bytes. A decision that
// writes more is refused.
const MaxFrameBytes = 64 << 20

// PackFrame compresses a frame. The frame has at most [MaxFrameBytes].
func PackFrame(frame []byte) ([]byte, error) {
	body, ok := bytes.CutPrefix(frame, frameMagic)
	if !ok || len(body) > MaxFrameBytes {
		return nil, fmt.Errorf("pack frame: expected a frame of at most %d bytes, but it has %d", MaxFrameBytes, len(frame))
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return nil, fmt.Errorf("pack frame: %w", err)
	}
	_, err = w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("pack frame: %w", err)
	}
	out := bytes.NewBuffer(make([]byte, 0, packed.Len()+32))
	out.Write(frameMagic)
	enc := newEncoder(out)
	err = first(
		enc.EncodeArrayLen(3),
		enc.EncodeUint(packedVersion),
		enc.EncodeUint(uint64(len(body))),
		enc.EncodeBytes(packed.Bytes()),
	)
	if err != nil {
		return nil, fmt.Errorf("pack frame: %w", err)
	}
	return out.Bytes(), nil
}

// unpack returns the body of the frame that is packed in another one's body.
func unpack(body []byte) ([]byte, error) {
	dec := msgpack.NewDecoder(bytes.NewReader(body))
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if _, err = dec.DecodeUint64(); err != nil || n != 3 { // the version has been looked at
		return nil, fmt.Errorf("%w: expected 3 fields of a packed frame, but got %d", ErrCorrupt, n)
	}
	size, err := dec.DecodeUint64()
	if err != nil || size > MaxFrameBytes {
		return nil, fmt.Errorf("%w: expected a packed frame of at most %d bytes, but it has %d", ErrCorrupt, MaxFrameBytes, size)
	}
	packed, err := dec.DecodeBytes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	r := flate.NewReader(bytes.NewReader(packed))
	out, err := io.ReadAll(io.LimitReader(r, int64(size)+1)) //nolint:gosec // bounded above
	if err = errors.Join(err, r.Close()); err != nil || uint64(len(out)) != size {
		return nil, fmt.Errorf("%w: a packed frame of %d bytes unpacks to %d: %w", ErrCorrupt, size, len(out), err)
	}
	return out, nil
}
