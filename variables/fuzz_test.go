package variables

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzJSON: what the door lets in is written as JSON and as msgpack and read back
// from both as the same value; nothing panics.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`null`, `true`, `0`, `-0`, `-0.0`, `1e2`, `1.50`, `9223372036854775808`, `-9223372036854775809`, `1e6144`, `1e-6144`, `1e999999999`,
		`""`, `"é😀 \/"`, `"\ud800"`, `[]`, `{}`, `{"b":[1,{"a":null}],"a":""}`, `{"a":1,"a":2}`, `[1,]`, ` 1 2`, "\"\xff\"",
		strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := FromJSON(data)
		if err != nil {
			return
		}
		text, err := ToJSON(v)
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		if !json.Valid(text) {
			t.Fatalf("written as %q, which is no JSON", text)
		}
		back, err := FromJSON(text)
		if err != nil || !Equal(v, back) {
			t.Fatalf("%q is read back as %v, %v", text, back, err)
		}
		again, err := ToJSON(back)
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%q is written again as %q, %v", text, again, err)
		}
		packed, err := EncodeMsgpack(v)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if back, err = DecodeMsgpack(packed); err != nil || !Equal(v, back) {
			t.Fatalf("%q is read back from msgpack as %v, %v", text, back, err)
		}
		if n, err := Normalize(v); err != nil || !Equal(v, n) {
			t.Fatalf("%q is not normal: %v, %v", text, n, err)
		}
	})
}

// FuzzMsgpack: bytes from anywhere are read as a value of the door or refused;
// what was read is written and read back as the same.
func FuzzMsgpack(f *testing.F) {
	for _, v := range []any{nil, true, int64(-1), "text", []any{int64(1), "a"}, map[string]any{"b": nil, "a": []any{}}} {
		data, err := EncodeMsgpack(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	n, err := ParseNumber("12345678901234567890.5")
	if err != nil {
		f.Fatal(err)
	}
	data, err := EncodeMsgpack(n)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff})                               // a list said to have 2^32-1 items
	f.Add([]byte{0xdf, 0xff, 0xff, 0xff, 0xff})                               // a map
	f.Add([]byte{0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0})                         // not a number
	f.Add(append(bytes.Repeat([]byte{0x91}, 300), 0xc0))                      // nested too deep
	f.Add([]byte{0xc6, 0xff, 0xff, 0xff, 0xff})                               // bytes that are not there
	f.Add([]byte{0xd9, 0x02, 0xff, 0xfe})                                     // no UTF-8
	f.Add([]byte{0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}) // beyond int64, and more after it
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := DecodeMsgpack(data)
		if err != nil {
			return
		}
		packed, err := EncodeMsgpack(v)
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		back, err := DecodeMsgpack(packed)
		if err != nil || !Equal(v, back) {
			t.Fatalf("%v is read back as %v, %v", v, back, err)
		}
		text, err := ToJSON(v)
		if err != nil {
			t.Fatalf("%v cannot be written as JSON: %v", v, err)
		}
		if back, err = FromJSON(text); err != nil || !Equal(v, back) {
			t.Fatalf("%q is read back from JSON as %v, %v", text, back, err)
		}
	})
}
