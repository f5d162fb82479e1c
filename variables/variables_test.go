package variables

import (
	"strings"
	"testing"
)

// A number that the door lets in can be stored and read back; one that could
// not is refused there, by its digits or by its exponent.
func TestNumbersThatFitAreReadBack(t *testing.T) {
	for _, text := range []string{"0", "-1", "9223372036854775807", "9223372036854775808", "0.1", "1e6144", "1e-6144", strings.Repeat("9", 6145), "0." + strings.Repeat("3", 6140)} {
		v, err := ParseNumber(text)
		if err != nil {
			t.Errorf("%.20s…: %v", text, err)
			continue
		}
		data, err := EncodeMsgpack(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeMsgpack(data)
		if err != nil || !Equal(v, back) {
			t.Errorf("%.20s…: read back as %v, %v", text, back, err)
		}
	}
	for _, text := range []string{"1e6145", "1e-6145", "1e999999999", "0." + strings.Repeat("3", 7000), strings.Repeat("9", 1<<20)} {
		if v, err := ParseNumber(text); err == nil {
			t.Errorf("%.20s…: expected it refused, but got %v", text, v)
		}
	}
}

// The message about a value that nests too deep stays short.
func TestDepthMessage(t *testing.T) {
	_, err := FromJSON([]byte(strings.Repeat("[", 500) + strings.Repeat("]", 500)))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("expected a short message, but got %v", err)
	}
}

// A name that is no UTF-8 would be another one after a way through JSON.
func TestNamesAreUTF8(t *testing.T) {
	if v, err := DecodeMsgpack([]byte("\x82\xa1\xc00\xa100")); err == nil {
		t.Errorf("expected the name refused, but got %v", v)
	}
	if v, err := Normalize(map[string]any{"a": map[string]any{"\xff": 1}}); err == nil {
		t.Errorf("expected the name refused, but got %v", v)
	}
}
