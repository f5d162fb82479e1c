package variables

import "github.com/cockroachdb/apd/v3"

// Size returns the bytes that the document has in msgpack, within a few bytes
// for each value. It costs no encoding.
func Size(d Document) int { return sizeMap(d) }

func sizeMap(m map[string]any) int {
	n := 3
	for k, v := range m {
		n += SizeOf(k, v)
	}
	return n
}

// SizeOf returns the bytes that one variable adds to a document.
func SizeOf(name string, v any) int { return 2 + len(name) + sizeValue(v) }

func sizeValue(v any) int {
	switch v := v.(type) {
	case string:
		return 3 + len(v)
	case int64:
		if v >= -32 && v < 128 {
			return 1
		}
		return 9
	case *apd.Decimal:
		return 3 + int(v.NumDigits()) + 8
	case []any:
		n := 3
		for _, item := range v {
			n += sizeValue(item)
		}
		return n
	case map[string]any:
		return sizeMap(v)
	}
	return 1
}
