package bpmn

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// mark says how a node of the file was accounted for.
type mark uint8

const (
	markNone    mark = iota
	markParsed       // it is in the model
	markKeptOut      // it and what it holds do not concern execution
	markRefused      // a problem was reported for it and what it holds
)

// node is an XML element with its names resolved to namespaces.
type node struct {
	el     *etree.Element
	parent *node
	ns     string
	name   string
	line   int
	attrs  []attr
	kids   []*node
	mark   mark
}

type attr struct {
	ns, name, value string
	seen            bool
}

// attr returns the value of an attribute without namespace and marks it as
// understood.
func (n *node) attr(name string) string {
	v, _ := n.lookup("", name)
	return v
}

func (n *node) lookup(ns, name string) (string, bool) {
	for i := range n.attrs {
		a := &n.attrs[i]
		if a.name == name && a.ns == ns {
			a.seen = true
			return a.value, true
		}
	}
	return "", false
}

// all returns the children with the name and marks them as understood.
func (n *node) all(ns, name string) []*node {
	var found []*node
	for _, k := range n.kids {
		if k.name == name && k.ns == ns {
			k.mark = markParsed
			found = append(found, k)
		}
	}
	return found
}

// first returns the first child with the name, or nil, and marks it.
func (n *node) first(ns, name string) *node {
	for _, k := range n.kids {
		if k.name == name && k.ns == ns {
			k.mark = markParsed
			return k
		}
	}
	return nil
}

// text returns the character data directly inside the element.
func (n *node) text() string {
	var b strings.Builder
	for _, t := range n.el.Child {
		if c, ok := t.(*etree.CharData); ok {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// nearestID returns the id that a person knows the node by: that of the flow
// node, sequence flow or root element that it is or belongs to.
func (n *node) nearestID() string {
	for at := n; at != nil; at = at.parent {
		if at.ns != nsModel || at.isDetail() {
			continue
		}
		for i := range at.attrs {
			if at.attrs[i].name == "id" && at.attrs[i].ns == "" {
				return at.attrs[i].value
			}
		}
	}
	return ""
}

// isDetail says whether a node is a part of a flow element, whose id says little
// to a person.
func (n *node) isDetail() bool {
	switch n.name {
	case "timeDate", "timeDuration", "timeCycle", "condition", "loopCardinality", "documentation",
		"multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
		"dataInputAssociation", "dataOutputAssociation", "assignment", "from", "to", "transformation":
		return true
	}
	return n.parent != nil && n.parent.name != "definitions" &&
		(strings.HasSuffix(n.name, "EventDefinition") || strings.HasSuffix(n.name, "Expression") || strings.HasSuffix(n.name, "Condition"))
}

// fault is a problem of the XML itself, before there are elements.
type fault struct {
	code string
	line int
	text string
}

// readXML turns the bytes of a file into nodes. The lexical scan runs first: it
// refuses what the XML library would expand or ignore, and finds the line of
// every element, which the library does not keep.
func readXML(data []byte, opts Options) (root *node, total int, faults []fault) {
	if len(data) > opts.MaxBytes {
		return nil, 0, []fault{{CodeXMLTooLarge, 0, fmt.Sprintf(
			"the file is larger than the %d bytes that are allowed; split it or raise the limit", opts.MaxBytes)}}
	}
	text, err := toUTF8(data)
	if err != nil {
		return nil, 0, []fault{{CodeXMLEncoding, 1, err.Error()}}
	}
	s := scanner{data: text, line: 1, maxDepth: opts.MaxDepth, maxElements: opts.MaxElements}
	s.run()
	if len(s.faults) > 0 {
		return nil, 0, s.faults
	}
	root, faults = build(s.shortened(), s.lines, opts)
	if root != nil && s.cut > 0 && !onlyDiagrams(root) {
		// Somebody's own element has the name of a diagram: read all of it.
		s = scanner{data: text, line: 1, maxDepth: opts.MaxDepth, maxElements: opts.MaxElements, whole: true}
		s.run()
		root, faults = build(text, s.lines, opts)
	}
	return root, len(s.lines) + s.cut, faults
}

// build turns a text into nodes with the given lines.
func build(text []byte, lines []int, opts Options) (*node, []fault) {
	doc := etree.NewDocument()
	// One more than the limit: the library counts the document as a level.
	doc.ReadSettings = etree.ReadSettings{MaxDepth: opts.MaxDepth + 1, PreserveDuplicateAttrs: true}
	if err := doc.ReadFromBytes(text); err != nil {
		f := fault{CodeXMLMalformed, 0, fmt.Sprintf("the file is not well-formed XML: %v; mend or export it again", err)}
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			f.line, f.text = syntax.Line, "the file is not well-formed XML: "+syntax.Msg+"; mend or export it again"
		}
		return nil, []fault{f}
	}
	b := builder{lines: lines}
	return b.build(doc.Root(), nil, namespaces{{"xml", nsXML}}), b.faults
}

// onlyDiagrams says whether what was cut out is of the diagram namespace.
func onlyDiagrams(root *node) bool {
	for _, k := range root.kids {
		if k.name == diagramElement && k.ns != nsDiagram {
			return false
		}
	}
	return true
}

// diagramElement holds the picture: as a rule more than half of the file, and of
// no concern here.
const diagramElement = "BPMNDiagram"

// maxAttributes bounds the attributes of one element, which are compared with
// each other.
const maxAttributes = 500

// scanner finds the start tags of a document and what is refused in it. It
// reads no names beyond what it needs for that; the XML library checks the rest.
type scanner struct {
	data        []byte
	pos         int
	line        int
	maxDepth    int
	maxElements int

	open   []openTag
	roots  int
	lines  []int // of the start tags outside diagrams, in document order
	faults []fault

	whole bool // cut nothing out
	cut   int  // elements inside diagrams
	// from is where the content of the diagram begins in which the scanner is, 0
	// outside; ranges are those that it has left.
	from   int
	ranges [][2]int
}

// shortened is the text without the content of diagrams, in which the scanner has
// checked tags, entities and limits, though not the spelling of attributes. The
// ends of lines stay, so that the XML library counts lines as before.
func (s *scanner) shortened() []byte {
	if len(s.ranges) == 0 {
		return s.data
	}
	out := make([]byte, 0, len(s.data))
	at := 0
	for _, r := range s.ranges {
		out = append(out, s.data[at:r[0]]...)
		out = append(out, bytes.Repeat([]byte{'\n'}, bytes.Count(s.data[r[0]:r[1]], []byte{'\n'}))...)
		at = r[1]
	}
	return append(out, s.data[at:]...)
}

type openTag struct {
	name []byte
	line int
}

func (s *scanner) fail(code, format string, args ...any) {
	s.faults = append(s.faults, fault{code, s.line, fmt.Sprintf(format, args...)})
}

// skipTo moves behind the next occurrence of end and counts lines.
func (s *scanner) skipTo(end, what string) bool {
	i := bytes.Index(s.data[s.pos:], []byte(end))
	if i < 0 {
		s.fail(CodeXMLMalformed, "%s is not closed; add %q", what, end)
		return false
	}
	s.line += bytes.Count(s.data[s.pos:s.pos+i], []byte{'\n'})
	s.pos += i + len(end)
	return true
}

func isDiagram(name []byte) bool {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return string(name) == diagramElement
}

func (s *scanner) rest() []byte { return s.data[s.pos:] }

func (s *scanner) run() {
	const maxFaults = 100
	for s.pos < len(s.data) && len(s.faults) < maxFaults {
		switch c := s.data[s.pos]; c {
		case '\n':
			s.line++
			s.pos++
		case '&':
			s.reference()
		case '<':
			if !s.tag() {
				return
			}
		default:
			if len(s.open) == 0 && !isSpace(c) {
				s.fail(CodeXMLMalformed, "there is text outside the root element; remove it")
				return
			}
			s.pos++
		}
	}
	if len(s.faults) > 0 {
		return
	}
	if n := len(s.open); n > 0 {
		s.fail(CodeXMLMalformed, "the file ends, but <%s> of line %d is not closed", s.open[n-1].name, s.open[n-1].line)
	} else if s.roots == 0 {
		s.fail(CodeXMLMalformed, "the file has no root element; expected <definitions>")
	}
}

func (s *scanner) tag() bool {
	rest := s.rest()
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		s.pos += 4
		return s.skipTo("-->", "a comment")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		s.pos += 9
		return s.skipTo("]]>", "a CDATA section")
	case bytes.HasPrefix(rest, []byte("<?")):
		s.pos += 2
		return s.skipTo("?>", "a processing instruction")
	case bytes.HasPrefix(rest, []byte("<!")):
		s.declaration(rest)
		return false
	case bytes.HasPrefix(rest, []byte("</")):
		return s.endTag()
	}
	return s.startTag()
}

// declaration refuses a DOCTYPE and names the entities that it declares.
func (s *scanner) declaration(rest []byte) {
	if !bytes.HasPrefix(bytes.ToUpper(rest[:min(9, len(rest))]), []byte("<!DOCTYPE")) {
		s.fail(CodeXMLMalformed, "there is a declaration that XML does not know; remove it")
		return
	}
	s.fail(CodeXMLDoctype, "the file has a DOCTYPE, which is refused; remove it, BPMN does not need one")
	if i := bytes.Index(rest, []byte("<!ENTITY")); i >= 0 {
		s.line += bytes.Count(rest[:i], []byte{'\n'})
		s.fail(CodeXMLEntity, "the file declares an entity, which is refused; write its text where it is used")
	}
}

func (s *scanner) endTag() bool {
	start := s.pos
	s.pos += 2
	name := s.name()
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		if s.data[s.pos] == '\n' {
			s.line++
		}
		s.pos++
	}
	if s.pos >= len(s.data) || s.data[s.pos] != '>' {
		s.fail(CodeXMLMalformed, "the end tag </%s> is not closed; add \">\"", name)
		return false
	}
	s.pos++
	if len(s.open) == 0 {
		s.fail(CodeXMLMalformed, "</%s> closes nothing; remove it", name)
		return false
	}
	top := s.open[len(s.open)-1]
	if !bytes.Equal(top.name, name) {
		s.fail(CodeXMLMalformed, "</%s> does not close <%s> of line %d; correct one of them", name, top.name, top.line)
		return false
	}
	s.open = s.open[:len(s.open)-1]
	if s.from > 0 && len(s.open) == 1 {
		s.ranges = append(s.ranges, [2]int{s.from, start})
		s.from = 0
	}
	return true
}

func (s *scanner) startTag() bool {
	s.pos++
	line := s.line
	name := s.name()
	if len(name) == 0 {
		s.fail(CodeXMLMalformed, "there is a \"<\" that begins no tag; write &lt; for the character")
		return false
	}
	if len(s.open) == 0 {
		if s.roots++; s.roots > 1 {
			s.fail(CodeXMLMalformed, "there is a second root element <%s>; a file has one", name)
			return false
		}
	}
	if s.from > 0 {
		s.cut++
	} else {
		s.lines = append(s.lines, line)
	}
	if len(s.lines)+s.cut > s.maxElements {
		s.fail(CodeXMLTooMany, "the file has more than %d elements; split it or raise the limit", s.maxElements)
		return false
	}
	if len(s.open)+1 > s.maxDepth {
		s.fail(CodeXMLTooDeep, "elements nest deeper than %d levels; flatten the model or raise the limit", s.maxDepth)
		return false
	}
	values := 0
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case '>':
			s.open = append(s.open, openTag{name, line})
			s.pos++
			if len(s.open) == 2 && !s.whole && isDiagram(name) {
				s.from = s.pos
			}
			return true
		case '/':
			if bytes.HasPrefix(s.rest(), []byte("/>")) {
				s.pos += 2
				return true
			}
			s.pos++
		case '"', '\'':
			if values++; values > maxAttributes {
				s.fail(CodeXMLTooMany, "<%s> has more than %d attributes; remove some", name, maxAttributes)
				return false
			}
			if !s.quoted(c) {
				return false
			}
		case '<':
			s.fail(CodeXMLMalformed, "the tag <%s> is not closed; add \">\"", name)
			return false
		case '\n':
			s.line++
			s.pos++
		default:
			s.pos++
		}
	}
	s.fail(CodeXMLMalformed, "the file ends inside the tag <%s> of line %d", name, line)
	return false
}

// quoted moves behind an attribute value.
func (s *scanner) quoted(quote byte) bool {
	line := s.line
	for s.pos++; s.pos < len(s.data); {
		switch c := s.data[s.pos]; c {
		case quote:
			s.pos++
			return true
		case '&':
			s.reference()
		case '<':
			s.fail(CodeXMLMalformed, "an attribute value holds \"<\"; write &lt; for it")
			return false
		case '\n':
			s.line++
			s.pos++
		default:
			s.pos++
		}
	}
	s.line = line
	s.fail(CodeXMLMalformed, "an attribute value is not closed; add the quotation mark")
	return false
}

// reference moves behind the & of a reference and refuses entities that XML
// does not predefine.
func (s *scanner) reference() {
	s.pos++
	end := s.pos
	for end < len(s.data) && end-s.pos < 64 && isNameByte(s.data[end]) {
		end++
	}
	switch name := string(s.data[s.pos:end]); name {
	case "lt", "gt", "amp", "apos", "quot":
	case "":
		// A character reference (&#38;) or a lone &: the XML library judges.
	default:
		s.fail(CodeXMLEntity, "the entity &%s; is refused; write the character itself, or &#…; for it", name)
	}
}

func (s *scanner) name() []byte {
	start := s.pos
	for s.pos < len(s.data) && isNameByte(s.data[s.pos]) {
		s.pos++
	}
	return s.data[start:s.pos]
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// isNameByte is lenient: every byte that cannot end a name. The XML library
// checks names exactly.
func isNameByte(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '/', '>', '<', '=', '"', '\'', '&', ';', '#', '!', '?':
		return false
	}
	return true
}

// namespaces lists the prefixes in scope with their URIs, the innermost last;
// the default has the prefix "".
type namespaces []binding

type binding struct{ prefix, uri string }

func (ns namespaces) find(prefix string) (string, bool) {
	for i := len(ns) - 1; i >= 0; i-- {
		if ns[i].prefix == prefix {
			return ns[i].uri, true
		}
	}
	return "", false
}

// builder makes nodes from the library's tree.
type builder struct {
	lines  []int
	next   int
	faults []fault
}

func (b *builder) build(el *etree.Element, parent *node, scope namespaces) *node {
	n := &node{el: el, parent: parent, name: el.Tag}
	if b.next < len(b.lines) {
		n.line = b.lines[b.next]
	}
	b.next++
	for _, a := range el.Attr {
		switch {
		case a.Space == "xmlns":
			scope = append(slices.Clip(scope), binding{a.Key, a.Value})
		case a.Space == "" && a.Key == "xmlns":
			scope = append(slices.Clip(scope), binding{"", a.Value})
		}
	}
	n.ns = b.resolve(n, scope, el.Space)
	for _, a := range el.Attr {
		if a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" {
			continue
		}
		at := attr{name: a.Key, value: a.Value}
		if at.name == "id" && a.Space == "" {
			at.value = strings.TrimSpace(at.value) // as xsd:ID has it
		}
		if a.Space != "" {
			at.ns = b.resolve(n, scope, a.Space)
		}
		for i := range n.attrs {
			if n.attrs[i].name == at.name && n.attrs[i].ns == at.ns {
				b.faults = append(b.faults, fault{CodeXMLMalformed, n.line, fmt.Sprintf(
					"<%s> has the attribute %s twice; remove one", el.FullTag(), a.FullKey())})
			}
		}
		n.attrs = append(n.attrs, at)
	}
	for _, t := range el.Child {
		if k, ok := t.(*etree.Element); ok {
			n.kids = append(n.kids, b.build(k, n, scope))
		}
	}
	return n
}

func (b *builder) resolve(n *node, scope namespaces, prefix string) string {
	uri, ok := scope.find(prefix)
	if !ok && prefix != "" {
		b.faults = append(b.faults, fault{CodeXMLNamespace, n.line, fmt.Sprintf(
			"the prefix %q of <%s> is not declared; add xmlns:%s to the root element", prefix, n.el.FullTag(), prefix)})
	}
	return uri
}
