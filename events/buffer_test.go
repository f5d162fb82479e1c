package events

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/weir-bpm/weir/ids"
)

func manyEnded(n int) *Frame {
	f := &Frame{Epoch: 3, FirstCommand: 7, LastCommand: 9, OutboxDone: []Origin{{Partition: 1, N: 4}}}
	for i := range 3 {
		t := Transition{Command: "01J00000000000000000000000", CommandSeq: uint64(7 + i), Instance: "01J0000000000000000000000A", TimeMS: 5}
		for k := range n / 3 {
			t.Events = append(t.Events, &ElementTerminated{Key: ids.Key(k), ElementID: "review_document"})
		}
		f.Transitions = append(f.Transitions, t)
	}
	return f
}

// Goal: a frame that is put together as its commands are decided has the bytes of
// one that is encoded whole.
func TestFrameBuffer(t *testing.T) {
	f := manyEnded(300)
	want, err := EncodeFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	var b FrameBuffer
	for i := range f.Transitions {
		if err := b.Add(f.Transitions[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Frame(f)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: expected the bytes of EncodeFrame, but got %d instead of %d", err, len(got), len(want))
	}
	if b.Len() >= len(got) || b.Len() < len(got)-256 {
		t.Errorf("expected a little less than %d bytes, but the buffer says %d", len(got), b.Len())
	}
}

// Goal: a packed frame is the frame, is much smaller, and whatever is wrong with
// it is named.
func TestPackedFrame(t *testing.T) {
	f := manyEnded(60_000)
	whole, err := EncodeFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := PackFrame(whole)
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) > len(whole)/8 {
		t.Errorf("expected an eighth of %d bytes at most, but it has %d", len(whole), len(packed))
	}
	t.Logf("%d bytes packed: %d", len(whole), len(packed))
	got, err := DecodeFrame(packed)
	if err != nil || !reflect.DeepEqual(got, f) {
		t.Fatalf("%v: expected the frame that was packed", err)
	}
	if _, err := DecodeFrame(packed[:len(packed)/2]); !errors.Is(err, ErrCorrupt) {
		t.Errorf("half of it: expected ErrCorrupt, but got %v", err)
	}
	if _, err := DecodeFrame(append(bytes.Clone(packed), 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte behind it: expected ErrCorrupt, but got %v", err)
	}
	torn := bytes.Clone(packed)
	torn[len(torn)/2] ^= 0xff
	if _, err := DecodeFrame(torn); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnknown) {
		t.Errorf("a changed byte: expected ErrCorrupt, but got %v", err)
	}
	if _, err := PackFrame(packed[2:]); err == nil {
		t.Error("what is no frame was packed")
	}
	twice, err := PackFrame(packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeFrame(twice); !errors.Is(err, ErrUnknown) {
		t.Errorf("packed twice: expected ErrUnknown, but got %v", err)
	}
}
