package feel

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// charset is a set of characters as sorted ranges without overlap. Classes are
// computed, since Go's regexp knows no subtraction and other engines read \d and
// its like differently.
type charset [][2]rune

func (s charset) normal() charset {
	slices.SortFunc(s, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s charset) negate() charset {
	var out charset
	next := rune(0)
	for _, r := range s {
		if r[0] > next {
			out = append(out, [2]rune{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, [2]rune{next, unicode.MaxRune})
	}
	return out
}

func (s charset) minus(o charset) charset {
	// not (not s or o)
	return append(slices.Clone(s.negate()), o...).normal().negate()
}

// folded adds the other cases of each character, for flag i: what is left of a
// subtraction is decided after it.
func (s charset) folded() charset {
	out := slices.Clone(s)
	for _, r := range s {
		if r[1]-r[0] > 0x3000 {
			continue // ranges that large hold their other cases, or are negated classes
		}
		for c := r[0]; c <= r[1]; c++ {
			for o := unicode.SimpleFold(c); o != c; o = unicode.SimpleFold(o) {
				out = append(out, [2]rune{o, o})
			}
		}
	}
	return out.normal()
}

// expr writes the set as a class that both engines read.
func (s charset) expr() string {
	if len(s) == 0 {
		return `[^\x00-` + string(unicode.MaxRune) + `]`
	}
	var b strings.Builder
	// other cases are in the set already
	b.WriteString("(?-i:[")
	for _, r := range s {
		lo, hi := r[0], r[1]
		// surrogates are no characters
		if lo >= 0xD800 && lo < 0xE000 {
			lo = 0xE000
		}
		if hi >= 0xD800 && hi < 0xE000 {
			hi = 0xD7FF
		}
		if lo > hi {
			continue
		}
		classRune(&b, lo)
		if hi > lo {
			b.WriteByte('-')
			classRune(&b, hi)
		}
	}
	b.WriteString("])")
	return b.String()
}

func classRune(b *strings.Builder, r rune) {
	if r <= 0xFF {
		fmt.Fprintf(b, `\x%02X`, r)
		return
	}
	b.WriteRune(r)
}

func quoteRune(r rune) string {
	if r < 0x80 && strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
		return `\` + string(r)
	}
	return string(r)
}

func fromTable(tables ...*unicode.RangeTable) charset {
	var s charset
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, [2]rune{lo, hi})
			return
		}
		for c := lo; c <= hi; c += stride {
			s = append(s, [2]rune{c, c})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride)) //nolint:gosec // runes
		}
	}
	return s.normal()
}

// class reads a character class expression (XML Schema part 2, appendix F): with
// ranges, escapes, negation and subtraction.
func (t *translator) class() (charset, error) {
	t.pos++ // [
	negated := t.peekByte() == '^'
	if negated {
		t.pos++
	}
	var set charset
	first := true
	for {
		if t.pos >= len(t.src) {
			return nil, t.errorf("expected ] to close the class")
		}
		c := t.src[t.pos]
		switch {
		case c == ']' && !first:
			t.pos++
			return t.finish(set, negated, nil), nil
		case c == '-' && t.byteAt(1) == '[' && !first:
			t.pos++
			minus, err := t.class()
			if err != nil {
				return nil, err
			}
			if t.peekByte() != ']' {
				return nil, t.errorf("expected ] after the class that is subtracted")
			}
			t.pos++
			return t.finish(set, negated, minus), nil
		case c == '[' || c == ']':
			return nil, t.errorf("%c has to be escaped in a class", c)
		}
		part, err := t.classPart()
		if err != nil {
			return nil, err
		}
		set = append(set, part...)
		first = false
	}
}

func (t *translator) finish(set charset, negated bool, minus charset) charset {
	set = set.normal()
	if t.fold {
		set = set.folded()
	}
	if negated {
		set = set.negate()
	}
	if minus != nil {
		set = set.minus(minus)
	}
	return set
}

func (t *translator) peekByte() byte { return t.byteAt(0) }

func (t *translator) byteAt(n int) byte {
	if t.pos+n < len(t.src) {
		return t.src[t.pos+n]
	}
	return 0
}

// classPart reads a character, a range or an escaped set.
func (t *translator) classPart() (charset, error) {
	low, set, err := t.classChar()
	if err != nil || set != nil {
		return set, err
	}
	if t.peekByte() != '-' || t.byteAt(1) == ']' || t.byteAt(1) == '[' || t.byteAt(1) == 0 {
		return charset{{low, low}}, nil
	}
	t.pos++
	high, set, err := t.classChar()
	if err != nil {
		return nil, err
	}
	if set != nil || high < low {
		return nil, t.errorf("expected a range in ascending order")
	}
	return charset{{low, high}}, nil
}

func (t *translator) classChar() (rune, charset, error) {
	if t.peekByte() != '\\' {
		r, n := utf8.DecodeRuneInString(t.src[t.pos:])
		t.pos += n
		return r, nil, nil
	}
	if t.pos+1 < len(t.src) && isDigit(t.src[t.pos+1]) {
		return 0, nil, t.errorf("\\%c is not possible in a class", t.src[t.pos+1])
	}
	set, r, err := t.escaped()
	return r, set, err
}

// escaped reads an escape that stands for a character or for a set.
func (t *translator) escaped() (charset, rune, error) {
	if t.pos+1 >= len(t.src) {
		return nil, 0, t.errorf("there is nothing after the last backslash")
	}
	c := t.src[t.pos+1]
	t.pos += 2
	switch c {
	case 'n':
		return nil, '\n', nil
	case 'r':
		return nil, '\r', nil
	case 't':
		return nil, '\t', nil
	case '\\', '|', '.', '?', '*', '+', '(', ')', '{', '}', '-', '[', ']', '^', '$':
		return nil, rune(c), nil
	case 's', 'S':
		return upperNegates(c, charset{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}), 0, nil
	case 'd', 'D':
		return upperNegates(c, fromTable(unicode.Nd)), 0, nil
	case 'w', 'W':
		word := fromTable(unicode.P, unicode.Z, unicode.C).negate()
		return upperNegates(c, word.minus(unassigned())), 0, nil
	case 'i', 'I':
		return upperNegates(c, fromTable(unicode.L, unicode.Nl, unicode.Other_ID_Start).with('_', ':')), 0, nil
	case 'c', 'C':
		return upperNegates(c, fromTable(unicode.L, unicode.N, unicode.M, unicode.Other_ID_Start).with('_', ':', '-', '.', 0xB7)), 0, nil
	case 'p', 'P':
		set, err := t.property()
		if err != nil {
			return nil, 0, err
		}
		return upperNegates(c-'p'+'s', set), 0, nil
	}
	return nil, 0, t.errorf("\\%c is not known", c)
}

// unassigned characters belong to \p{Cn}, which is part of \p{C} for XML.
func unassigned() charset {
	return fromTable(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C).negate()
}

func (s charset) with(chars ...rune) charset {
	for _, c := range chars {
		s = append(s, [2]rune{c, c})
	}
	return s.normal()
}

func upperNegates(c byte, set charset) charset {
	if c >= 'A' && c <= 'Z' {
		return set.negate()
	}
	return set
}

// property reads {Lu}, {L} or {IsBlock}.
func (t *translator) property() (charset, error) {
	end := strings.IndexByte(t.src[t.pos:], '}')
	if t.peekByte() != '{' || end < 0 {
		return nil, t.errorf("expected { and } after \\p")
	}
	name := t.src[t.pos+1 : t.pos+end]
	t.pos += end + 1
	if block, ok := strings.CutPrefix(name, "Is"); ok {
		if r, ok := unicodeBlocks[block]; ok {
			return charset{r}, nil
		}
		return nil, t.errorf("the block %s is not known", name)
	}
	if name == "Cn" {
		return unassigned(), nil
	}
	if table, ok := unicode.Categories[name]; ok && len(name) <= 2 && name != "LC" {
		set := fromTable(table)
		if name == "C" {
			set = append(set, unassigned()...).normal()
		}
		return set, nil
	}
	return nil, t.errorf("the category %s is not known", name)
}

// unicodeBlocks are the blocks that XML Schema names, as far as they are in use
// in patterns: those of the basic multilingual plane.
var unicodeBlocks = map[string][2]rune{
	"BasicLatin": {0, 0x7F}, "Latin-1Supplement": {0x80, 0xFF}, "LatinExtended-A": {0x100, 0x17F},
	"LatinExtended-B": {0x180, 0x24F}, "IPAExtensions": {0x250, 0x2AF}, "SpacingModifierLetters": {0x2B0, 0x2FF},
	"CombiningDiacriticalMarks": {0x300, 0x36F}, "Greek": {0x370, 0x3FF}, "GreekandCoptic": {0x370, 0x3FF},
	"Cyrillic": {0x400, 0x4FF}, "CyrillicSupplement": {0x500, 0x52F}, "Armenian": {0x530, 0x58F}, "Hebrew": {0x590, 0x5FF},
	"Arabic": {0x600, 0x6FF}, "Syriac": {0x700, 0x74F}, "Thaana": {0x780, 0x7BF}, "Devanagari": {0x900, 0x97F},
	"Bengali": {0x980, 0x9FF}, "Gurmukhi": {0xA00, 0xA7F}, "Gujarati": {0xA80, 0xAFF}, "Oriya": {0xB00, 0xB7F},
	"Tamil": {0xB80, 0xBFF}, "Telugu": {0xC00, 0xC7F}, "Kannada": {0xC80, 0xCFF}, "Malayalam": {0xD00, 0xD7F},
	"Sinhala": {0xD80, 0xDFF}, "Thai": {0xE00, 0xE7F}, "Lao": {0xE80, 0xEFF}, "Tibetan": {0xF00, 0xFFF},
	"Myanmar": {0x1000, 0x109F}, "Georgian": {0x10A0, 0x10FF}, "HangulJamo": {0x1100, 0x11FF}, "Ethiopic": {0x1200, 0x137F},
	"Cherokee": {0x13A0, 0x13FF}, "UnifiedCanadianAboriginalSyllabics": {0x1400, 0x167F}, "Ogham": {0x1680, 0x169F},
	"Runic": {0x16A0, 0x16FF}, "Khmer": {0x1780, 0x17FF}, "Mongolian": {0x1800, 0x18AF},
	"LatinExtendedAdditional": {0x1E00, 0x1EFF}, "GreekExtended": {0x1F00, 0x1FFF}, "GeneralPunctuation": {0x2000, 0x206F},
	"SuperscriptsandSubscripts": {0x2070, 0x209F}, "CurrencySymbols": {0x20A0, 0x20CF},
	"CombiningMarksforSymbols": {0x20D0, 0x20FF}, "CombiningDiacriticalMarksforSymbols": {0x20D0, 0x20FF},
	"LetterlikeSymbols": {0x2100, 0x214F}, "NumberForms": {0x2150, 0x218F}, "Arrows": {0x2190, 0x21FF},
	"MathematicalOperators": {0x2200, 0x22FF}, "MiscellaneousTechnical": {0x2300, 0x23FF}, "ControlPictures": {0x2400, 0x243F},
	"OpticalCharacterRecognition": {0x2440, 0x245F}, "EnclosedAlphanumerics": {0x2460, 0x24FF}, "BoxDrawing": {0x2500, 0x257F},
	"BlockElements": {0x2580, 0x259F}, "GeometricShapes": {0x25A0, 0x25FF}, "MiscellaneousSymbols": {0x2600, 0x26FF},
	"Dingbats": {0x2700, 0x27BF}, "BraillePatterns": {0x2800, 0x28FF}, "CJKRadicalsSupplement": {0x2E80, 0x2EFF},
	"KangxiRadicals": {0x2F00, 0x2FDF}, "IdeographicDescriptionCharacters": {0x2FF0, 0x2FFF},
	"CJKSymbolsandPunctuation": {0x3000, 0x303F}, "Hiragana": {0x3040, 0x309F}, "Katakana": {0x30A0, 0x30FF},
	"Bopomofo": {0x3100, 0x312F}, "HangulCompatibilityJamo": {0x3130, 0x318F}, "Kanbun": {0x3190, 0x319F},
	"BopomofoExtended": {0x31A0, 0x31BF}, "EnclosedCJKLettersandMonths": {0x3200, 0x32FF}, "CJKCompatibility": {0x3300, 0x33FF},
	"CJKUnifiedIdeographsExtensionA": {0x3400, 0x4DBF}, "CJKUnifiedIdeographs": {0x4E00, 0x9FFF}, "YiSyllables": {0xA000, 0xA48F},
	"YiRadicals": {0xA490, 0xA4CF}, "HangulSyllables": {0xAC00, 0xD7AF}, "PrivateUse": {0xE000, 0xF8FF},
	"CJKCompatibilityIdeographs": {0xF900, 0xFAFF}, "AlphabeticPresentationForms": {0xFB00, 0xFB4F},
	"ArabicPresentationForms-A": {0xFB50, 0xFDFF}, "CombiningHalfMarks": {0xFE20, 0xFE2F},
	"CJKCompatibilityForms": {0xFE30, 0xFE4F}, "SmallFormVariants": {0xFE50, 0xFE6F},
	"ArabicPresentationForms-B": {0xFE70, 0xFEFE}, "HalfwidthandFullwidthForms": {0xFF00, 0xFFEF}, "Specials": {0xFFF0, 0xFFFD},
}
