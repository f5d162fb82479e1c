// Package ids builds and takes apart Weir's identifiers.
//
// An instance id is a ULID whose first ten entropy bits, characters 11 and 12
// of its text, are the partition the instance lives in. Whoever holds an id can
// route to it with a substring. Everything inside an instance is numbered by
// the instance's own counter and written `<instance id>-<n>`.
package ids

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// MaxPartitions is how many partitions an id can tell apart: ten bits.
const MaxPartitions = 1024

// textLen is the length of a ULID's text, and partitionAt where its partition
// characters begin.
const (
	textLen     = 26
	partitionAt = 10
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Instance is the id of a process instance: a ULID in upper case that carries
// its partition.
type Instance string

// Command is the id of a command: a ULID.
type Command string

// Key numbers a thing inside one instance (element, job, timer, user task,
// incident, subscription); the instance's counter hands them out from 1.
type Key int64

// Partition is the number of a partition, from 0 to [MaxPartitions] - 1.
type Partition int

// String is the partition as it stands in subjects, stream names and ids: two
// Crockford base32 characters.
func (p Partition) String() string {
	return string([]byte{crockford[p>>5&31], crockford[p&31]})
}

// ParsePartition reads the two characters that [Partition.String] writes.
func ParsePartition(s string) (Partition, error) {
	if len(s) != 2 {
		return 0, fmt.Errorf("expected two Crockford base32 characters, but got %q", s)
	}
	hi, lo := strings.IndexByte(crockford, s[0]), strings.IndexByte(crockford, s[1])
	if hi < 0 || lo < 0 {
		return 0, fmt.Errorf("expected two Crockford base32 characters, but got %q", s)
	}
	return Partition(hi<<5 | lo), nil
}

// At returns an id of the partition made of the time and of entropy. It is for
// shells: nothing pure may call it with a random source of its own.
func At(p Partition, t time.Time, rnd *rand.Rand) Instance {
	var u ulid.ULID
	ms := t.UnixMilli()
	if ms < 0 {
		ms = 0
	}
	if err := u.SetTime(uint64(ms)); err != nil {
		u = ulid.ULID{}
	}
	hi, lo := rnd.Uint64(), rnd.Uint64()
	for i := range 8 {
		u[6+i] = byte(hi >> (8 * i))
	}
	u[14], u[15] = byte(lo), byte(lo>>8)
	return withPartition(u, p)
}

// Derive returns the n-th id that follows from a command: the command's time,
// and entropy that is a function of the command id and n alone, so that a
// decision that starts an instance is the same whenever it is made again.
func Derive(c Command, p Partition, n int) Instance {
	u, err := ulid.ParseStrict(string(c))
	if err != nil {
		u = ulid.ULID{}
	}
	h := fnv64(string(c) + "/" + strconv.Itoa(n))
	for i := range 8 {
		u[8+i] ^= byte(h >> (8 * i))
	}
	return withPartition(u, p)
}

func withPartition(u ulid.ULID, p Partition) Instance {
	text := []byte(u.String())
	copy(text[partitionAt:], p.String())
	return Instance(text)
}

// NewCommand returns a command id made of the time and of entropy.
func NewCommand(t time.Time, rnd *rand.Rand) Command {
	return Command(At(Partition(rnd.IntN(MaxPartitions)), t, rnd))
}

// ParseInstance checks the text of an instance id. Lower case is refused: one
// id has one text.
func ParseInstance(s string) (Instance, error) {
	if err := checkULID(s); err != nil {
		return "", fmt.Errorf("instance id %q: %w", s, err)
	}
	return Instance(s), nil
}

// ParseCommand checks the text of a command id.
func ParseCommand(s string) (Command, error) {
	if err := checkULID(s); err != nil {
		return "", fmt.Errorf("command id %q: %w", s, err)
	}
	return Command(s), nil
}

func checkULID(s string) error {
	if len(s) != textLen {
		return fmt.Errorf("expected a ULID of %d characters, but got %d", textLen, len(s))
	}
	if s[0] > '7' {
		return fmt.Errorf("expected a ULID, but its first character exceeds 7")
	}
	for i := range len(s) {
		if strings.IndexByte(crockford, s[i]) < 0 {
			return fmt.Errorf("expected upper-case Crockford base32, but character %d is %q", i+1, s[i])
		}
	}
	return nil
}

// Partition returns the partition the instance lives in. The id must have been
// checked by [ParseInstance].
func (id Instance) Partition() Partition {
	p, err := ParsePartition(string(id[partitionAt : partitionAt+2]))
	if err != nil {
		panic("ids: unchecked instance id " + string(id))
	}
	return p
}

// Join writes the id of a thing inside an instance.
func Join(id Instance, key Key) string {
	return string(id) + "-" + strconv.FormatInt(int64(key), 10)
}

// Split takes apart what [Join] wrote.
func Split(s string) (Instance, Key, error) {
	head, tail, ok := strings.Cut(s, "-")
	if !ok {
		return "", 0, fmt.Errorf("expected <instance id>-<number>, but got %q", s)
	}
	id, err := ParseInstance(head)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseInt(tail, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != tail {
		return "", 0, fmt.Errorf("expected <instance id>-<number>, but got %q", s)
	}
	return id, Key(n), nil
}

// MessageHome returns the partition that holds the subscriptions and buffered
// messages of a name and correlation key. homes is the partition count that the
// cluster was created with; it never changes, since moving a home would lose
// what waits there.
func MessageHome(tenant, name, key string, homes int) Partition {
	return Partition(fnv64(tenant+"\x00"+name+"\x00"+key) % uint64(homes))
}

// ProcessHome returns the partition that owns the start timers of a process id.
func ProcessHome(tenant, processID string, homes int) Partition {
	return Partition(fnv64(tenant+"\x00"+processID) % uint64(homes))
}

// SignalHome returns the partition from which signals of the name spread.
func SignalHome(tenant, name string, homes int) Partition {
	return MessageHome(tenant, name, "", homes)
}

// ConditionHome returns the partition that knows the conditional start events of
// a tenant.
func ConditionHome(tenant string, homes int) Partition { return ProcessHome(tenant, "", homes) }

// fnv64 is FNV-1a, written out because its result is part of the log format:
// homes are found by it from any client in any language. It is followed by a
// 64-bit mix, since the low bits of FNV-1a of short texts are uneven.
func fnv64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	h ^= h >> 32
	return h
}

// Positional returns the id of a command that came without one: a function of
// where it stands in the log.
func Positional(subject string, seq uint64, storedMS int64) Command {
	var u ulid.ULID
	if err := u.SetTime(uint64(max(storedMS, 0))); err != nil {
		u = ulid.ULID{}
	}
	h := fnv64(subject)
	for i := range 8 {
		u[6+i] = byte(h >> (8 * i))
	}
	h = fnv64(subject + strconv.FormatUint(seq, 10))
	for i := range 8 {
		u[8+i] ^= byte(h >> (8 * i))
	}
	return Command(u.String())
}
