package events_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

var update = flag.Bool("update", false, "write the samples that are missing; a released one is never rewritten")

const sampleDir = "testdata/v1"

// TestSamples decodes a frame of each kind of event as v1 wrote it, and encodes
// it again to the same bytes. A sample that no longer decodes to what it was, or
// to other bytes, means that old logs are lost: raise the version and write an
// upcaster instead.
func TestSamples(t *testing.T) {
	for _, kind := range events.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			frame := sampleFrame(t, kind)
			file := filepath.Join(sampleDir, string(kind)+".frame")
			data, err := os.ReadFile(file)
			if os.IsNotExist(err) && *update {
				if data, err = events.EncodeFrame(frame); err != nil {
					t.Fatal(err)
				}
				err = os.WriteFile(file, data, 0o600)
			}
			if err != nil {
				t.Fatalf("%v; write it with: go test ./events -run TestSamples -update", err)
			}
			got, err := events.DecodeFrame(data)
			if err != nil {
				t.Fatal(err)
			}
			if want, have := text(t, frame), text(t, got); want != have {
				t.Errorf("decoded\n%s\nexpected\n%s", have, want)
			}
			again, err := events.EncodeFrame(got)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(data, again) {
				t.Errorf("encoded again:\n%q\nexpected\n%q", again, data)
			}
		})
	}
	files, err := os.ReadDir(sampleDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		kind := events.Kind(strings.TrimSuffix(f.Name(), ".frame"))
		if events.New(kind) == nil {
			t.Errorf("%s is a sample of a kind that is not in the table: retired kinds stay there", f.Name())
		}
	}
}

// text is a frame with all fields, for comparing and reading.
func text(t *testing.T, f *events.Frame) string {
	t.Helper()
	data, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sampleFrame is a frame with two events of the kind, one with every field and
// one with none.
func sampleFrame(t *testing.T, kind events.Kind) *events.Frame {
	t.Helper()
	full := events.New(kind)
	fill(t, reflect.ValueOf(full).Elem(), string(kind))
	f := &events.Frame{
		Epoch: 3, FirstCommand: 41, LastCommand: 300, EffectsDone: 70_000,
		OutboxDone: []events.Origin{{Partition: 2, N: 1}, {Partition: 1023, N: 1 << 40}},
		Prev:       events.HashOf([]byte(kind)),
		Transitions: []events.Transition{
			{
				Command: "01KDVDNA00006TT47KFGKFRKDQ", CommandSeq: 41, Origin: &events.Origin{Partition: 7, N: 9},
				Instance: "01KDVDNA00006VS3E6P72T68PB", TimeMS: 1_767_225_600_000, Events: []events.Event{full, events.New(kind)},
			},
			{Command: "01KDVDNA00006TT47KFGKFRKDQ", TimeMS: -1},
		},
	}
	return f
}

// fill gives every field a value of its own.
func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch v.Interface().(type) {
	case ids.Instance:
		v.SetString("01KDVDNA00006VS3E6P72T68PB")
		return
	case ids.Command:
		v.SetString("01KDVDNA00006TT47KFGKFRKDQ")
		return
	case variables.Document:
		doc, err := variables.DocumentFromJSON([]byte(`{"text":"grün","whole":-7,"big":9007199254740993,"huge":123456789012345678901234567890,"exact":1.10,"yes":true,"none":null,"list":[1,[],{}],"object":{"b":1,"a":{"c":[0.1]}}}`))
		if err != nil {
			t.Fatal(err)
		}
		v.Set(reflect.ValueOf(doc))
		return
	}
	switch v.Kind() { //nolint:exhaustive // the default fails for all others
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.String:
		v.SetString("the " + name)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(name)) * 1_000_003)
	case reflect.Uint64:
		v.SetUint(uint64(len(name)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 1, 0xff})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), name)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"z": "1", "a": "2", "m": "3"}))
	default:
		t.Fatalf("field %s has the kind %s, which this test cannot fill", name, v.Kind())
	}
}
