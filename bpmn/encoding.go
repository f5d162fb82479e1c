package bpmn

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charset returns the decoder of a declared encoding, nil for UTF-8. XML 1.0
// appendix F lists how a file says its encoding.
func charset(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return nil, nil
	case "iso-8859-1", "latin1", "iso_8859-1":
		return charmap.ISO8859_1, nil
	case "iso-8859-2":
		return charmap.ISO8859_2, nil
	case "iso-8859-15":
		return charmap.ISO8859_15, nil
	case "windows-1250", "cp1250":
		return charmap.Windows1250, nil
	case "windows-1251", "cp1251":
		return charmap.Windows1251, nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252, nil
	case "utf-16", "utf-16le", "utf-16be":
		// The bytes decide (see toUTF8); a file that reads as ASCII up to its
		// declaration cannot be UTF-16.
		return nil, fmt.Errorf("the file declares the encoding %s but is not in it; save it as UTF-8", name)
	}
	return nil, fmt.Errorf("the encoding %q is not known; save the file as UTF-8", name)
}

// toUTF8 returns the text of a file in UTF-8 without byte order mark.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}), bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return decode(unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), data)
	case bytes.HasPrefix(data, []byte{'<', 0, '?', 0}):
		return decode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), data)
	case bytes.HasPrefix(data, []byte{0, '<', 0, '?'}):
		return decode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), data)
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
		if !utf8.Valid(data) {
			return nil, invalidUTF8(data)
		}
		return data, nil
	}
	enc, err := charset(declaredEncoding(data))
	if err != nil {
		return nil, err
	}
	if enc != nil {
		return decode(enc, data)
	}
	if !utf8.Valid(data) {
		return nil, invalidUTF8(data)
	}
	return data, nil
}

func decode(enc encoding.Encoding, data []byte) ([]byte, error) {
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return nil, fmt.Errorf("the bytes do not fit the encoding of the file: %w; save it as UTF-8", err)
	}
	return out, nil
}

func invalidUTF8(data []byte) error {
	at, line := 0, 1
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		at += size
	}
	return fmt.Errorf("line %d holds bytes that are not UTF-8; save the file as UTF-8 or declare its encoding", line)
}

// declaredEncoding reads the encoding of an XML declaration, "" without one.
func declaredEncoding(data []byte) string {
	if !bytes.HasPrefix(data, []byte("<?xml")) {
		return ""
	}
	decl, _, ok := bytes.Cut(data[:min(len(data), 512)], []byte("?>"))
	if !ok {
		return ""
	}
	_, after, ok := bytes.Cut(decl, []byte("encoding"))
	if !ok {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n")
	if len(after) == 0 || after[0] != '=' {
		return ""
	}
	after = bytes.TrimLeft(after[1:], " \t\r\n")
	if len(after) < 2 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	name, _, ok := bytes.Cut(after[1:], after[:1])
	if !ok {
		return ""
	}
	return string(name)
}
