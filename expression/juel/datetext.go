package juel

import (
	"fmt"
	"strings"
	"time"
)

// formatDate writes a date by a pattern of Joda-Time, java.time and
// SimpleDateFormat, as far as the three agree; names are English. The text that
// comes second is what is wrong with the pattern.
func formatDate(t time.Time, pattern string) (text, wrong string) {
	const most = 200
	if len(pattern) > most {
		return "", fmt.Sprintf("the pattern is longer than %d characters", most)
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		ch := pattern[i]
		if ch == '\'' {
			end := strings.IndexByte(pattern[i+1:], '\'')
			if end < 0 {
				return "", "the pattern has a quote that does not end"
			}
			if end == 0 {
				b.WriteByte('\'')
			}
			b.WriteString(pattern[i+1 : i+1+end])
			i += end + 2
			continue
		}
		letter := ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z'
		if !letter {
			b.WriteByte(ch)
			i++
			continue
		}
		n := 1
		for i+n < len(pattern) && pattern[i+n] == ch {
			n++
		}
		part, ok := datePart(t, ch, n)
		if !ok {
			return "", fmt.Sprintf("the pattern has %s, which is not supported; use y M d D E a H h m s S Z X, and quotes around words", strings.Repeat(string(ch), n))
		}
		b.WriteString(part)
		i += n
	}
	return b.String(), ""
}

// datePart writes one letter of a pattern that is repeated n times.
func datePart(t time.Time, letter byte, n int) (string, bool) {
	number := func(v int) (string, bool) { return fmt.Sprintf("%0*d", n, v), true }
	switch letter {
	case 'y', 'u': // Y is another year in each of the three
		if n == 2 {
			return fmt.Sprintf("%02d", t.Year()%100), true
		}
		return number(t.Year())
	case 'M':
		switch n {
		case 3:
			return t.Month().String()[:3], true
		case 4:
			return t.Month().String(), true
		}
		return number(int(t.Month()))
	case 'd':
		return number(t.Day())
	case 'D':
		return number(t.YearDay())
	case 'E':
		if n == 4 {
			return t.Weekday().String(), true
		}
		return t.Weekday().String()[:3], n < 4
	case 'a':
		return t.Format("PM"), true
	case 'H':
		return number(t.Hour())
	case 'h':
		return number((t.Hour()+11)%12 + 1)
	case 'm':
		return number(t.Minute())
	case 's':
		return number(t.Second())
	case 'S':
		return fmt.Sprintf("%09d", t.Nanosecond())[:min(n, 9)], n <= 9
	case 'Z':
		if n == 2 {
			return t.Format("-07:00"), true // Joda
		}
		return t.Format("-0700"), n == 1
	case 'X':
		return t.Format([]string{"", "Z07", "Z0700", "Z07:00"}[min(n, 3)]), n <= 3
	}
	return "", false
}
