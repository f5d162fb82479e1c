package projector

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-bpm/weir/variables"
)

// Postgres holds no U+0000 in text or jsonb and no bytes that are not UTF-8.
// Neither may stop the projector, so texts are escaped on the way in and back on
// the way out: mark (U+2400, the picture of NUL) followed by
//
//	0   stands for U+0000
//	1   stands for U+2400 itself
//	xHH stands for a byte that is no UTF-8
//	~…  in an indexed column: the text was longer than nameMax bytes; what
//	    follows is the SHA-256 of the whole. The archive has the full text.
//
// Texts without these are stored as they are.
const mark = "\u2400"

// nameMax bounds indexed text, since a B-tree entry holds 2,704 bytes.
const nameMax = 512

func escape(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 && !strings.Contains(s, mark) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "%sx%02x", mark, s[i])
		case r == 0:
			b.WriteString(mark + "0")
		case s[i:i+n] == mark:
			b.WriteString(mark + "1")
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func escapeAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = escape(s)
	}
	return out
}

func unescape(s string) string {
	if !strings.Contains(s, mark) {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, mark)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = after
		switch {
		case strings.HasPrefix(s, "0"):
			b.WriteByte(0)
			s = s[1:]
		case strings.HasPrefix(s, "1"):
			b.WriteString(mark)
			s = s[1:]
		case len(s) >= 3 && s[0] == 'x':
			raw, err := hex.DecodeString(s[1:3])
			if err != nil {
				b.WriteString(mark)
				continue
			}
			b.Write(raw)
			s = s[3:]
		default:
			b.WriteString(mark)
		}
	}
}

// tailLen is the length of what stands for the rest of a shortened text.
const tailLen = len(mark) + 1 + 2*sha256.Size

// shorten is escape for indexed columns. A text that came from such a column
// goes back as it was.
func shorten(s string) string {
	if len(s) <= nameMax/6 {
		return escape(s)
	}
	if at := len(s) - tailLen; at > 0 && strings.HasPrefix(s[at:], mark+"~") {
		if e := escape(s[:at]) + s[at:]; len(e) <= nameMax {
			return e
		}
	}
	e := escape(s)
	if len(e) <= nameMax {
		return e
	}
	sum := sha256.Sum256([]byte(s))
	head := nameMax - tailLen
	for !utf8.RuneStart(e[head]) {
		head--
	}
	// An escape is kept whole or left out.
	if at := strings.LastIndex(e[:head], mark); at >= 0 && head-at < len(mark)+3 {
		head = at
	}
	return e[:head] + mark + "~" + hex.EncodeToString(sum[:])
}

// text, name and stamp are columns as pgx sees them: pointers to
// the plain fields of the rows are converted to pointers to these. Lists and
// JSON are escaped by the fold and unescaped by the queries instead.
type (
	text  string    // free text
	name  string    // indexed text
	stamp time.Time // timestamptz; the zero time is NULL
)

func (t text) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: escape(string(t)), Valid: true}, nil
}

func (t *text) ScanText(v pgtype.Text) error {
	*t = text(unescape(v.String))
	return nil
}

func (n name) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: shorten(string(n)), Valid: true}, nil
}

func (n *name) ScanText(v pgtype.Text) error {
	*n = name(unescape(v.String))
	return nil
}

func (s stamp) TimestamptzValue() (pgtype.Timestamptz, error) {
	t := time.Time(s)
	return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()}, nil
}

func (s *stamp) ScanTimestamptz(v pgtype.Timestamptz) error {
	*s = stamp{}
	if v.Valid {
		*s = stamp(v.Time.UTC())
	}
	return nil
}

// farthest is the end of the times that a column shows: what RFC 3339 can write.
const (
	earliestMS = -62135596800000 + 1
	farthestMS = 253402300799999
)

// timeOf returns the time of engine milliseconds; 0 is no time. Times outside the
// years 1 to 9999 become the nearest inside.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(min(max(ms, earliestMS), farthestMS)).UTC()
}

// clockOf is timeOf where 0 is the epoch: the time of a transition.
func clockOf(ms int64) time.Time {
	return time.UnixMilli(min(max(ms, earliestMS), farthestMS)).UTC()
}

// jsonOf returns the JSON of a variable value. Values come from decoded frames,
// so they are normalized; anything else is a fault of the caller.
func jsonOf(v any) (json.RawMessage, error) {
	raw, err := variables.ToJSON(v)
	if err != nil {
		return nil, &Error{Code: CodeInconsistent, Op: "write a value as JSON", Err: err}
	}
	// The JSON encoder replaces bytes that are no UTF-8, so these are escaped
	// before, and what goes to the column is escaped already.
	if e, changed := escapeValue(v); changed {
		if raw, err = variables.ToJSON(e); err != nil {
			return nil, &Error{Code: CodeInconsistent, Op: "write a value as JSON", Err: err}
		}
	}
	return raw, nil
}

// escapeValue escapes the strings inside a value; changed is false,
// and v itself returned, where there is nothing to escape.
func escapeValue(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		e := escape(v)
		return e, len(e) != len(v)
	case []any:
		var out []any
		for i, item := range v {
			e, changed := escapeValue(item)
			if changed && out == nil {
				out = append(make([]any, 0, len(v)), v[:i]...)
			}
			if out != nil {
				out = append(out, e)
			}
		}
		if out != nil {
			return out, true
		}
	case variables.Document:
		return escapeValue(map[string]any(v))
	case map[string]any:
		odd := false
		for k, item := range v {
			if _, changed := escapeValue(item); changed || len(escape(k)) != len(k) {
				odd = true
				break
			}
		}
		if odd {
			out := make(map[string]any, len(v))
			for k, item := range v {
				e, _ := escapeValue(item)
				out[escape(k)] = e
			}
			return out, true
		}
	}
	return v, false
}

// unescapeJSON is the way back from a jsonb column.
func unescapeJSON(raw []byte) (json.RawMessage, error) {
	if !strings.Contains(string(raw), mark) {
		return raw, nil
	}
	v, err := variables.FromJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("read a jsonb column: %w", err)
	}
	return variables.ToJSON(unescapeValue(v))
}

func unescapeValue(v any) any {
	switch v := v.(type) {
	case string:
		return unescape(v)
	case []any:
		for i := range v {
			v[i] = unescapeValue(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[unescape(k)] = unescapeValue(item)
		}
		return out
	}
	return v
}
