package commands_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/weir-bpm/weir/commands"
)

// TestDecodeRefuses says what callers are told of payloads that are no command.
func TestDecodeRefuses(t *testing.T) {
	const job = "01KDVDNA00006VS3E6P72T68PB-4"
	tests := []struct {
		name    string
		kind    commands.Kind
		content string
		data    string
		want    commands.Code
	}{
		{"unknown kind", "job.finish", "", `{}`, commands.CodeCommandUnknown},
		{"JSON", "job.complete", "", `{"job_id":"` + job + `","variables":{"n":1.10}}`, ""},
		{"JSON by its type", "job.complete", "application/json; charset=utf-8", ` {"job_id":"` + job + `"}`, ""},
		{"other type", "job.complete", "text/plain", `{}`, commands.CodeCommandUnreadable},
		{"cut short", "job.complete", "", `{"job_id":`, commands.CodeCommandUnreadable},
		{"two objects", "job.complete", "", `{"job_id":"` + job + `"}{}`, commands.CodeCommandUnreadable},
		{"unknown field", "job.complete", "", `{"job":"` + job + `"}`, commands.CodeCommandUnreadable},
		{"wrong type", "job.complete", "", `{"job_id":7}`, commands.CodeCommandUnreadable},
		{"variables are a list", "job.complete", "", `{"job_id":"` + job + `","variables":[]}`, commands.CodeCommandUnreadable},
		{"msgpack garbage", "job.complete", "application/msgpack", "\xc1", commands.CodeCommandUnreadable},
		{"msgpack with more behind it", "job.complete", "application/msgpack", "\x80\x80", commands.CodeCommandUnreadable},
		{"nothing", "job.complete", "", "", commands.CodeCommandInvalid},
		{"no job", "job.complete", "", `{"job_id":"7"}`, commands.CodeIDInvalid},
		{"negative retries", "job.update_retries", "", `{"job_id":"` + job + `","retries":-1}`, commands.CodeCommandInvalid},
		{"endless life", "message.publish", "", `{"name":"m","ttl_ms":9000000000000}`, commands.CodeCommandInvalid},
		{"no name", "message.publish", "", `{"correlation_key":"k"}`, commands.CodeCommandInvalid},
		{"version and tag", "instance.start", "", `{"process_id":"p","version":1,"version_tag":"t"}`, commands.CodeCommandInvalid},
		{"no variables", "variables.set", "", `{"variables":{}}`, commands.CodeCommandInvalid},
		{"claim for nobody", "task.assign", "", `{"task_id":"` + job + `","claim":true}`, commands.CodeCommandInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := commands.Decode(tt.kind, tt.content, []byte(tt.data))
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if !errors.Is(err, &commands.Error{Code: tt.want}) {
				t.Errorf("error %v, expected %s", err, tt.want)
			}
		})
	}
}

// TestKinds compares the table of kinds with what commands say of themselves,
// and checks that an empty one keeps its form over both codecs.
func TestKinds(t *testing.T) {
	for _, kind := range commands.Kinds() {
		c, err := commands.New(kind)
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind() != kind {
			t.Errorf("the table makes a %T for %s, which calls itself %s", c, kind, c.Kind())
		}
		data, err := commands.Encode(c)
		if err != nil {
			t.Errorf("encode %s: %v", kind, err)
		}
		if _, err := commands.Decode(kind, commands.ContentMsgpack, data); errors.Is(err, &commands.Error{Code: commands.CodeCommandUnreadable}) {
			t.Errorf("%s does not read what it wrote: %v", kind, err)
		}
	}
}

// TestCodesAreExplained: each code has its page, once.
func TestCodesAreExplained(t *testing.T) {
	seen := map[commands.Code]bool{}
	for _, e := range commands.Codes() {
		if seen[e.Code] || e.Means == "" || e.Look == "" || e.Do == "" {
			t.Errorf("the explanation of %s is missing or there twice", e.Code)
		}
		seen[e.Code] = true
	}
}

// FuzzDecode: any payload of any kind is refused with a code, or is a command
// that survives its own codec.
func FuzzDecode(f *testing.F) {
	for i, kind := range commands.Kinds() {
		c, err := commands.New(kind)
		if err != nil {
			f.Fatal(err)
		}
		data, err := commands.Encode(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
		text, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), text)
	}
	f.Add(uint8(3), []byte(`{"job_id":"01KDVDNA00006VS3E6P72T68PB-4","variables":{"a":[1e6144,{"b":null}]}}`))
	f.Fuzz(func(t *testing.T, n uint8, data []byte) {
		kinds := commands.Kinds()
		kind := kinds[int(n)%len(kinds)]
		c, err := commands.Decode(kind, "", data)
		if err != nil {
			var e *commands.Error
			if !errors.As(err, &e) || e.Code == "" {
				t.Fatalf("error %v has no code", err)
			}
			return
		}
		once, err := commands.Encode(c)
		if err != nil {
			t.Fatalf("a decoded command does not encode: %v", err)
		}
		again, err := commands.Decode(kind, commands.ContentMsgpack, once)
		if err != nil {
			t.Fatalf("an encoded command does not decode: %v", err)
		}
		twice, err := commands.Encode(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("encoding is not stable (%v):\n%q\n%q", err, once, twice)
		}
	})
}

// TestDecodeBoundsLists: a list of structs with a length of four billion is
// refused before anything is allocated for it.
func TestDecodeBoundsLists(t *testing.T) {
	data := append([]byte("\x81\xa9resources"), 0xdd, 0xff, 0xff, 0xff, 0xff)
	if _, err := commands.DecodeDeploy(commands.ContentMsgpack, data); !errors.Is(err, &commands.Error{Code: commands.CodeCommandUnreadable}) {
		t.Errorf("error %v", err)
	}
}
