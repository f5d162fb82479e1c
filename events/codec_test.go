package events_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weir-bpm/weir/events"
)

// TestDecodeRefuses says what is told of bytes that are no frame of this
// release: to skip any of it would fork the state.
func TestDecodeRefuses(t *testing.T) {
	good, err := events.EncodeFrame(&events.Frame{Epoch: 1, Transitions: []events.Transition{
		{Events: []events.Event{&events.JobCanceled{Key: 3}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	// A frame header of version 1 without its transitions.
	header := good[:bytes.Index(good, []byte("job.canceled"))-8]
	newer := bytes.Clone(good)
	newer[3] = 3
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, events.ErrCorrupt},
		{"something else", []byte(`{"a":1}`), events.ErrCorrupt},
		{"magic alone", []byte("WF"), events.ErrCorrupt},
		{"cut short", good[:len(good)-1], events.ErrCorrupt},
		{"header alone", header, events.ErrCorrupt},
		{"bytes behind it", append(bytes.Clone(good), 0), events.ErrCorrupt},
		{"two frames", append(bytes.Clone(good), good...), events.ErrCorrupt},
		{"newer frame version", newer, events.ErrUnknown},
		{"unknown kind", bytes.Replace(good, []byte("job.canceled"), []byte("job.canceleD"), 1), events.ErrUnknown},
		{"newer event version", bytes.Replace(good, []byte("job.canceled\x01"), []byte("job.canceled\x02"), 1), events.ErrUnknown},
		{"event version 0", bytes.Replace(good, []byte("job.canceled\x01"), []byte("job.canceled\x00"), 1), events.ErrUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if f, err := events.DecodeFrame(tt.data); !errors.Is(err, tt.want) {
				t.Errorf("frame %+v, error %v; expected %v", f, err, tt.want)
			}
		})
	}
	if _, err := events.DecodeFrame(good); err != nil {
		t.Errorf("the good frame is refused: %v", err)
	}
}

// TestEveryKindKnowsItsName compares the table of kinds with what the events
// say of themselves.
func TestEveryKindKnowsItsName(t *testing.T) {
	for _, kind := range events.Kinds() {
		if e := events.New(kind); e.Kind() != kind {
			t.Errorf("the table makes a %T for %s, which calls itself %s", e, kind, e.Kind())
		}
		if events.Version(kind) < 1 {
			t.Errorf("%s has no version", kind)
		}
	}
}

// FuzzDecodeFrame: bytes are refused with one of the two errors, or decode to a
// frame that encodes and decodes to itself.
func FuzzDecodeFrame(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(sampleDir, "*.frame"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("WF\x98\x01\x01\x01\x01\x01\xdd\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := events.DecodeFrame(data)
		if err != nil {
			if !errors.Is(err, events.ErrCorrupt) && !errors.Is(err, events.ErrUnknown) {
				t.Fatalf("error %v is neither of the two", err)
			}
			return
		}
		once, err := events.EncodeFrame(frame)
		if err != nil {
			t.Fatalf("a decoded frame does not encode: %v", err)
		}
		again, err := events.DecodeFrame(once)
		if err != nil {
			t.Fatalf("an encoded frame does not decode: %v", err)
		}
		twice, err := events.EncodeFrame(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("encoding is not stable (%v):\n%q\n%q", err, once, twice)
		}
	})
}
