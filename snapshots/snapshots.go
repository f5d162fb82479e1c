package snapshots

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/ids"
)

// Header is the name of a partition's own snapshot. The others are groups of
// instances' snapshots, which the header refers to.
const Header = "header"

// groupPrefix is what the names of groups begin with.
const groupPrefix = "group-"

// GroupName returns the name of a group: its writer chooses the number at
// random, so that no two writers of a partition replace each other's.
func GroupName(number uint64) string {
	return fmt.Sprintf("%s%016x", groupPrefix, number)
}

// Group returns the number of a group by its name; ok is false for other names.
func Group(name string) (number uint64, ok bool) {
	hex, ok := strings.CutPrefix(name, groupPrefix)
	if !ok || len(hex) != 16 {
		return 0, false
	}
	number, err := strconv.ParseUint(hex, 16, 64)
	return number, err == nil && GroupName(number) == name
}

// MaxBytes is the largest snapshot, before compression.
const MaxBytes = 1 << 30

// ErrNotFound says that there is no snapshot of the name. Replay.
var ErrNotFound = errors.New("snapshot not found")

// ErrMismatch says that there is a snapshot, but not one to be trusted: cut
// off, damaged, of another partition or name, or of a format that this release
// does not know. Replay.
var ErrMismatch = errors.New("snapshot mismatch")

// ErrTooLarge says that a snapshot exceeds [MaxBytes].
var ErrTooLarge = errors.New("snapshot too large")

// Snapshot is a state and what it stands for.
type Snapshot struct {
	// StateVersion is the version of the encoding of Data. The reader compares
	// it with its own: an older or newer one means replay.
	StateVersion uint32
	// Seq is the sequence of the last event that is included.
	Seq uint64
	// Data is the encoded state.
	Data []byte
}

// Named is a snapshot to be stored under a name.
type Named struct {
	Name string // Header or that of a group
	Snapshot
}

// Store keeps snapshots, the newest for each name. Its methods may overlap; to
// write the header of one partition from two places at once is allowed and
// leaves one of the two.
type Store interface {
	// Put stores a snapshot. When it returns without an error, Get finds the
	// snapshot; a crash of the server may still take it back, which Get shows
	// as an older one, ErrNotFound or ErrMismatch.
	Put(ctx context.Context, p ids.Partition, name string, snap Snapshot) error

	// PutBatch stores many snapshots and returns when all are stored. After an
	// error some are and some are not.
	PutBatch(ctx context.Context, p ids.Partition, batch []Named) error

	// Get returns the snapshot of the name; of the header, the newest
	// generation that is whole. Errors: ErrNotFound, ErrMismatch, or what the
	// server said.
	Get(ctx context.Context, p ids.Partition, name string) (Snapshot, error)

	// Delete removes the snapshots of the names, if there are any. After an
	// error some are gone and some are not.
	Delete(ctx context.Context, p ids.Partition, names ...string) error

	// Groups returns the numbers of the groups that are stored, in no order.
	Groups(ctx context.Context, p ids.Partition) ([]uint64, error)

	// Purge removes all snapshots of the partition.
	Purge(ctx context.Context, p ids.Partition) error
}

// checkName refuses what is neither the header nor a group, since names become
// tokens of subjects.
func checkName(name string) error {
	if _, ok := Group(name); !ok && name != Header {
		return fmt.Errorf("snapshot name %q: expected %q or %q and 16 hexadecimal digits", name, Header, groupPrefix)
	}
	return nil
}

// The keys of a backend. A snapshot lies under its name, its chunks under
// name.0, name.1 and so on. The header's names are its slots: header.a and the
// next ones in turn.

// slots is how many generations of the header are kept. Of three, one may be
// half written and the last two are whole.
const slots = 3

func slot(generation uint64) string {
	return Header + "." + string(rune('a'+generation%slots))
}
