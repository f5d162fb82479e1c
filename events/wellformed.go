package events

import (
	"encoding/binary"
	"fmt"
)

// CheckMsgpack says whether data is exactly one msgpack value in which no
// length exceeds the bytes that are there. The decoder allocates lists of
// structs by the length alone, so six bytes could ask it for gigabytes; whatever
// comes from outside is checked first.
func CheckMsgpack(data []byte) error {
	i := 0
	for open := uint64(1); open > 0; open-- {
		if i >= len(data) {
			return fmt.Errorf("msgpack: %d values are missing at the end", open)
		}
		inside, after, ok := msgpackValue(data, i)
		if !ok {
			return fmt.Errorf("msgpack: byte %d begins no whole value", i)
		}
		i = after
		// A value has at least one byte.
		if open += inside; open > uint64(len(data)-i)+1 {
			return fmt.Errorf("msgpack: a length before byte %d exceeds the bytes that follow", i)
		}
	}
	if i < len(data) {
		return fmt.Errorf("msgpack: %d bytes follow the value", len(data)-i)
	}
	return nil
}

// msgpackValue reads the head of the value at i: how many values are inside it,
// and where its own bytes end.
func msgpackValue(data []byte, i int) (inside uint64, after int, ok bool) {
	code := data[i]
	i++
	// size reads a length of n bytes; what it counts has extra bytes of its own.
	size := func(n int) (uint64, bool) {
		if len(data)-i < n {
			return 0, false
		}
		var buf [8]byte
		copy(buf[8-n:], data[i:i+n])
		i += n
		return binary.BigEndian.Uint64(buf[:]), true
	}
	skip := func(n uint64) (uint64, int, bool) {
		if n > uint64(len(data)-i) {
			return 0, 0, false
		}
		return 0, i + int(n), true //nolint:gosec // bounded by the length of data
	}
	sized := func(n int, extra uint64) (uint64, int, bool) {
		length, ok := size(n)
		if !ok {
			return 0, 0, false
		}
		return skip(length + extra)
	}
	list := func(n int, values uint64) (uint64, int, bool) {
		length, ok := size(n)
		return length * values, i, ok
	}
	switch {
	case code <= 0x7f || code >= 0xe0: // small integers
		return 0, i, true
	case code <= 0x8f:
		return uint64(code&0x0f) * 2, i, true
	case code <= 0x9f:
		return uint64(code & 0x0f), i, true
	case code <= 0xbf:
		return skip(uint64(code & 0x1f))
	}
	switch code {
	case 0xc0, 0xc2, 0xc3: // nil, false, true
		return 0, i, true
	case 0xc4, 0xd9: // binary, text
		return sized(1, 0)
	case 0xc5, 0xda:
		return sized(2, 0)
	case 0xc6, 0xdb:
		return sized(4, 0)
	case 0xc7: // extensions have a byte for their type
		return sized(1, 1)
	case 0xc8:
		return sized(2, 1)
	case 0xc9:
		return sized(4, 1)
	case 0xcc, 0xd0:
		return skip(1)
	case 0xcd, 0xd1, 0xd4:
		return skip(2)
	case 0xd5:
		return skip(3)
	case 0xca, 0xce, 0xd2:
		return skip(4)
	case 0xd6:
		return skip(5)
	case 0xcb, 0xcf, 0xd3:
		return skip(8)
	case 0xd7:
		return skip(9)
	case 0xd8:
		return skip(17)
	case 0xdc:
		return list(2, 1)
	case 0xdd:
		return list(4, 1)
	case 0xde:
		return list(2, 2)
	case 0xdf:
		return list(4, 2)
	}
	return 0, 0, false // 0xc1 is never used
}
