package events_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

var update = flag.Bool("update", false, "write the samples that are missing; a released one is never rewritten")

const sampleDir = "testdata/v1"

// TestSamples decodes frames of each kind of event as releases wrote them, and
// encodes them again to the same bytes. A sample that no longer does so means
// that old logs are lost: raise the version and write an upcaster instead. A kind
// that gains an optional field gains a sample, <kind>.2.frame and so on, of which
// the last holds all of its fields.
func TestSamples(t *testing.T) {
	for _, kind := range events.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			frame := sampleFrame(t, kind)
			full, err := events.EncodeFrame(frame)
			if err != nil {
				t.Fatal(err)
			}
			var newest []byte
			for n := 1; ; n++ {
				file := sampleFile(kind, n)
				data, err := os.ReadFile(file)
				if os.IsNotExist(err) && *update && !bytes.Equal(newest, full) {
					data, err = full, os.WriteFile(file, full, 0o600)
				}
				if os.IsNotExist(err) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				newest = data
				got, err := events.DecodeFrame(data)
				if err != nil {
					t.Fatal(err)
				}
				again, err := events.EncodeFrame(got)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(data, again) {
					t.Errorf("%s encoded again:\n%q\nexpected\n%q", file, again, data)
				}
			}
			if !bytes.Equal(newest, full) {
				t.Fatal("there is no sample with all fields; write it with: go test ./events -run TestSamples -update")
			}
			got, err := events.DecodeFrame(newest)
			if err != nil {
				t.Fatal(err)
			}
			if want, have := text(t, frame), text(t, got); want != have {
				t.Errorf("decoded\n%s\nexpected\n%s", have, want)
			}
		})
	}
	files, err := os.ReadDir(sampleDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		kind := strings.TrimSuffix(f.Name(), ".frame")
		kind = strings.TrimRight(kind, ".23456789")
		if events.New(events.Kind(kind)) == nil {
			t.Errorf("%s is a sample of a kind that is not in the table: retired kinds stay there", f.Name())
		}
	}
}

// sampleFile is the n-th sample of a kind, from 1.
func sampleFile(kind events.Kind, n int) string {
	name := string(kind)
	if n > 1 {
		name += "." + strconv.Itoa(n)
	}
	return filepath.Join(sampleDir, name+".frame")
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
	if v.Type() == reflect.TypeFor[variables.List]() {
		v.Set(reflect.ValueOf(variables.List{"item", int64(-7), nil, map[string]any{"a": true}}))
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
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
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
