package dmn

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// node is an XML element with what the parser needs: resolved namespaces,
// direct text and the line it begins at. The tree is read with encoding/xml in
// one pass: etree keeps neither lines nor resolved namespaces, and every
// problem has to name its line.
type node struct {
	space    string // namespace URI
	name     string // local name
	attrs    []xml.Attr
	children []*node
	text     string
	chars    []byte // text as it is read
	line     int
}

// attr returns an attribute without a namespace, or "".
func (n *node) attr(name string) string { return n.attrNS("", name) }

func (n *node) attrNS(space, name string) string {
	for _, a := range n.attrs {
		if a.Name.Space == space && a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// child returns the first child element of the node's own namespace that has
// one of the names.
func (n *node) child(names ...string) *node {
	for _, c := range n.children {
		if c.space != n.space {
			continue
		}
		for _, name := range names {
			if c.name == name {
				return c
			}
		}
	}
	return nil
}

// all returns the children of the node's own namespace with that name.
func (n *node) all(name string) []*node {
	var out []*node
	for _, c := range n.children {
		if c.space == n.space && c.name == name {
			out = append(out, c)
		}
	}
	return out
}

// childText returns the trimmed text of the first child with that name.
func (n *node) childText(name string) string {
	if c := n.child(name); c != nil {
		return strings.TrimSpace(c.text)
	}
	return ""
}

// has tells whether any attribute or element below the node is of a namespace
// that begins with one of the prefixes.
func (n *node) has(prefixes ...string) bool {
	match := func(space string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(space, p) {
				return true
			}
		}
		return false
	}
	if match(n.space) {
		return true
	}
	for _, a := range n.attrs {
		if match(a.Name.Space) || a.Name.Space == "xmlns" && match(a.Value) {
			return true
		}
	}
	for _, c := range n.children {
		if c.has(prefixes...) {
			return true
		}
	}
	return false
}

// readXML builds the tree of a document, or returns the one problem that stops
// the reading.
func readXML(data []byte, lim Limits) (*node, *Problem) {
	fail := func(code Code, line int, format string, args ...any) (*node, *Problem) {
		return nil, &Problem{Code: code, Severity: SeverityError, Line: line, Message: fmt.Sprintf(format, args...)}
	}
	if len(data) > lim.Bytes {
		return fail(CodeTooLarge, 0, "The document has %d bytes, but at most %d are read; split the model and import the parts.", len(data), lim.Bytes)
	}
	data, err := fromUTF16(data)
	if err != nil {
		return fail(CodeXML, 1, "The bytes of the document are not UTF-16, as it says: %v; save it as UTF-8.", err)
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = charsetReader
	lines := lineCounter{data: data, line: 1}
	var root *node
	var stack []*node
	for elements := 0; ; {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		line := lines.at(dec.InputOffset())
		if err != nil {
			return fail(CodeXML, line, "The document is not well-formed XML: %v; correct it at this line.", err)
		}
		switch t := tok.(type) {
		case xml.Directive:
			return fail(CodeDoctype, line, "The document has a DOCTYPE or another declaration, which is refused; remove it.")
		case xml.StartElement:
			if elements++; elements > lim.Elements {
				return fail(CodeTooLarge, line, "The document has more than %d elements; split the model and import the parts.", lim.Elements)
			}
			if len(stack) >= lim.Depth {
				return fail(CodeTooDeep, line, "Elements are nested more than %d levels deep; flatten the expression or move parts to business knowledge models.", lim.Depth)
			}
			n := &node{space: t.Name.Space, name: t.Name.Local, attrs: t.Copy().Attr, line: line}
			if len(stack) == 0 {
				if root != nil {
					return fail(CodeXML, line, "The document has a second root element; keep one definitions element.")
				}
				root = n
			} else {
				top := stack[len(stack)-1]
				top.children = append(top.children, n)
			}
			stack = append(stack, n)
		case xml.EndElement:
			top := stack[len(stack)-1]
			top.text, top.chars = string(top.chars), nil
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				top.chars = append(top.chars, t...)
			} else if len(bytes.TrimSpace(t)) > 0 {
				return fail(CodeXML, line, "There is text outside of the root element; remove it.")
			}
		}
	}
	if root == nil {
		return fail(CodeXML, 1, "The document has no element; a DMN file holds one definitions element.")
	}
	return root, nil
}

// lineCounter turns growing byte offsets into line numbers.
type lineCounter struct {
	data []byte
	pos  int64
	line int
}

func (c *lineCounter) at(offset int64) int {
	if offset > int64(len(c.data)) {
		offset = int64(len(c.data))
	}
	if offset > c.pos {
		c.line += bytes.Count(c.data[c.pos:offset], []byte{'\n'})
		c.pos = offset
	}
	return c.line
}
