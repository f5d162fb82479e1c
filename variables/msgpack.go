package variables

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// decimalExt is the msgpack extension type of a decimal; its body is the
// decimal's text in scientific notation. It is part of the log format.
const decimalExt = 1

var (
	_ msgpack.CustomEncoder = Document(nil)
	_ msgpack.CustomDecoder = (*Document)(nil)
	_ msgpack.CustomEncoder = List(nil)
	_ msgpack.CustomDecoder = (*List)(nil)
)

// EncodeMsgpack writes the document with its keys in ascending order, so that
// equal documents have equal bytes.
func (d Document) EncodeMsgpack(enc *msgpack.Encoder) error {
	if d == nil {
		return enc.EncodeNil()
	}
	return encodeMap(enc, d)
}

// DecodeMsgpack reads a document and normalizes its values.
func (d *Document) DecodeMsgpack(dec *msgpack.Decoder) error {
	v, err := decodeValue(dec, 0)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*d = nil
	case map[string]any:
		*d = v
	default:
		return fmt.Errorf("expected a map with variables by name, but got %s", TypeName(v))
	}
	return nil
}

// EncodeMsgpack writes the list.
func (l List) EncodeMsgpack(enc *msgpack.Encoder) error {
	if l == nil {
		return enc.EncodeNil()
	}
	return encodeValue(enc, []any(l))
}

// DecodeMsgpack reads a list and normalizes its values.
func (l *List) DecodeMsgpack(dec *msgpack.Decoder) error {
	v, err := decodeValue(dec, 0)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*l = nil
	case []any:
		*l = v
	default:
		return fmt.Errorf("expected a list of values, but got %s", TypeName(v))
	}
	return nil
}

func encodeMap(enc *msgpack.Encoder, m map[string]any) error {
	if err := enc.EncodeMapLen(len(m)); err != nil {
		return err
	}
	for _, k := range Document(m).Names() {
		if err := enc.EncodeString(k); err != nil {
			return err
		}
		if err := encodeValue(enc, m[k]); err != nil {
			return err
		}
	}
	return nil
}

func encodeValue(enc *msgpack.Encoder, v any) error {
	switch v := v.(type) {
	case nil:
		return enc.EncodeNil()
	case bool:
		return enc.EncodeBool(v)
	case string:
		return enc.EncodeString(v)
	case int64:
		return enc.EncodeInt(v)
	case *apd.Decimal:
		text := v.Text('E')
		if err := enc.EncodeExtHeader(decimalExt, len(text)); err != nil {
			return err
		}
		_, err := enc.Writer().Write([]byte(text))
		return err
	case []any:
		if err := enc.EncodeArrayLen(len(v)); err != nil {
			return err
		}
		for _, item := range v {
			if err := encodeValue(enc, item); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		return encodeMap(enc, v)
	default:
		return fmt.Errorf("a Go value of type %T is no variable value; normalize it first", v)
	}
}

// EncodeMsgpack returns one value in msgpack.
func EncodeMsgpack(v any) ([]byte, error) {
	var buf bytes.Buffer
	if err := encodeValue(msgpack.NewEncoder(&buf), v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// DecodeMsgpack reads one value written by [EncodeMsgpack] or by any msgpack
// encoder: floats become exact decimals of their shortest text.
func DecodeMsgpack(data []byte) (any, error) {
	return decodeValue(msgpack.NewDecoder(bytes.NewReader(data)), 0)
}

// maxPrealloc bounds what a length prefix may allocate before its items have
// been read, so that five bytes cannot ask for gigabytes.
const maxPrealloc = 1024

func decodeValue(dec *msgpack.Decoder, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	code, err := dec.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case code == msgpcode.Nil:
		return nil, dec.DecodeNil()
	case code == msgpcode.True, code == msgpcode.False:
		return dec.DecodeBool()
	case msgpcode.IsString(code):
		s, err := dec.DecodeString()
		if err != nil {
			return nil, err
		}
		return normalize(s, depth)
	case msgpcode.IsFixedNum(code), code >= msgpcode.Uint8 && code <= msgpcode.Int64:
		if code == msgpcode.Uint64 {
			u, err := dec.DecodeUint64()
			if err != nil {
				return nil, err
			}
			return fromUint(u)
		}
		return dec.DecodeInt64()
	case code == msgpcode.Float:
		f, err := dec.DecodeFloat32()
		if err != nil {
			return nil, err
		}
		return fromFloat(float64(f), 32)
	case code == msgpcode.Double:
		f, err := dec.DecodeFloat64()
		if err != nil {
			return nil, err
		}
		return fromFloat(f, 64)
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		return decodeList(dec, depth)
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return decodeMap(dec, depth)
	case msgpcode.IsExt(code):
		return decodeDecimal(dec)
	default:
		return nil, fmt.Errorf("msgpack code 0x%02x is no JSON value", code)
	}
}

func decodeList(dec *msgpack.Decoder, depth int) (any, error) {
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, min(n, maxPrealloc))
	for range n {
		item, err := decodeValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func decodeMap(dec *msgpack.Decoder, depth int) (any, error) {
	n, err := dec.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	out := make(map[string]any, min(n, maxPrealloc))
	for range n {
		k, err := dec.DecodeString()
		if err != nil {
			return nil, err
		}
		if !utf8.ValidString(k) {
			return nil, errName
		}
		v, err := decodeValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

func decodeDecimal(dec *msgpack.Decoder) (any, error) {
	id, n, err := dec.DecodeExtHeader()
	if err != nil {
		return nil, err
	}
	if id != decimalExt || n <= 0 || n > maxNumberText {
		return nil, fmt.Errorf("msgpack extension %d of %d bytes is no decimal", id, n)
	}
	text := make([]byte, n)
	if err := dec.ReadFull(text); err != nil {
		return nil, errors.Join(errors.New("decimal cut short"), err)
	}
	return ParseNumber(string(text))
}
