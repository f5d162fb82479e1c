package projector

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// EventJSON writes the payload of an event as JSON for people and programs: the
// names of its fields in snake case, fields without a value left out. Bytes
// that hold msgpack are written as what they hold, others in hex.
func EventJSON(e events.Event) (json.RawMessage, error) {
	v, err := plain(reflect.ValueOf(e).Elem())
	if err != nil {
		return nil, fmt.Errorf("write %s as JSON: %w", e.Kind(), err)
	}
	return variables.ToJSON(v)
}

// plain turns the value of an event's field into a variable value.
func plain(v reflect.Value) (any, error) {
	if doc, ok := v.Interface().(variables.Document); ok {
		return map[string]any(doc), nil
	}
	switch v.Kind() {
	case reflect.Pointer: // one that is nil was left out
		return plain(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if v.Field(i).IsZero() && v.Field(i).Kind() != reflect.Bool {
				continue
			}
			item, err := plain(v.Field(i))
			if err != nil {
				return nil, err
			}
			out[snake(v.Type().Field(i).Name)] = item
		}
		return out, nil
	case reflect.Slice:
		if raw, ok := v.Interface().([]byte); ok {
			if doc, err := variables.DecodeMsgpack(raw); err == nil {
				return doc, nil
			}
			return variables.Normalize(fmt.Sprintf("%x", raw))
		}
		out := make([]any, v.Len())
		for i := range out {
			item, err := plain(v.Index(i))
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			item, err := plain(v.MapIndex(k))
			if err != nil {
				return nil, err
			}
			out[strings.ToValidUTF8(k.String(), "\ufffd")] = item
		}
		return out, nil
	case reflect.String:
		return strings.ToValidUTF8(v.String(), "\ufffd"), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint64:
		return variables.Normalize(v.Uint())
	default:
		return nil, fmt.Errorf("a field of type %s has no JSON form", v.Type())
	}
}

// snake turns ElementID into element_id and DueMS into due_ms.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			after := i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
			if after {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
