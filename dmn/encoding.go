package dmn

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charsets are the encodings that a document may declare besides UTF-8; nil is
// one that UTF-8 includes. The bytes tell UTF-16 before the declaration is read.
var charsets = map[string]encoding.Encoding{
	"utf8": nil, "us-ascii": nil, "ascii": nil, "utf-16": nil, "utf-16le": nil, "utf-16be": nil,
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "iso-8859-2": charmap.ISO8859_2,
	"iso-8859-15": charmap.ISO8859_15, "windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252,
}

// charsetReader decodes a document of a declared encoding.
func charsetReader(name string, r io.Reader) (io.Reader, error) {
	enc, ok := charsets[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("the encoding %q is not known; save the document as UTF-8", name)
	}
	if enc == nil {
		return r, nil
	}
	return enc.NewDecoder().Reader(r), nil
}

// fromUTF16 turns a document that begins with the mark of UTF-16 into UTF-8, and
// drops the mark of UTF-8.
func fromUTF16(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}), bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return data[3:], nil
	}
	return data, nil
}
