package ids

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestPartitionText(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for p := range Partition(MaxPartitions) {
		text := p.String()
		if got, err := ParsePartition(text); err != nil || got != p || seen[text] {
			t.Errorf("partition %d is written %q and read %d %v", p, text, got, err)
		}
		seen[text] = true
	}
	for _, bad := range []string{"", "0", "000", "0i", "0U", "é"} {
		if _, err := ParsePartition(bad); err == nil {
			t.Errorf("expected %q to be refused", bad)
		}
	}
}

// An id tells its partition by characters 11 and 12, whatever it was made from.
func TestIDsCarryTheirPartition(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for p := range Partition(MaxPartitions) {
		for _, id := range []Instance{At(p, time.Unix(1_800_000_000, 0), rnd), At(p, time.Unix(-1, 0), rnd), Derive(NewCommand(time.Now(), rnd), p, 3)} {
			if parsed, err := ParseInstance(string(id)); err != nil || parsed.Partition() != p || string(id[10:12]) != p.String() {
				t.Fatalf("%s does not carry partition %s: %v", id, p, err)
			}
		}
	}
	c := NewCommand(time.Now(), rnd)
	if Derive(c, 1, 1) == Derive(c, 1, 2) {
		t.Error("expected derived ids to differ with the number")
	}
	if Positional("s", 1, 5) == Positional("s", 2, 5) {
		t.Error("expected positional ids to differ with the place")
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	id := Instance("01ARZ3NDEKTSV4RRFFQ69G5FAV")
	for _, key := range []Key{1, 9, 1 << 62} {
		if in, k, err := Split(Join(id, key)); err != nil || in != id || k != key {
			t.Errorf("key %d: got %s %d %v", key, in, k, err)
		}
	}
	for _, bad := range []string{"", string(id), string(id) + "-", string(id) + "-0", string(id) + "--1", string(id) + "-01", string(id) + "-+1", string(id) + "-9223372036854775808", "x-1", "81ARZ3NDEKTSV4RRFFQ69G5FAV-1", "01arz3ndektsv4rrffq69g5fav-1"} {
		if _, _, err := Split(bad); err == nil {
			t.Errorf("expected %q to be refused", bad)
		}
	}
}

// Homes are part of the log's format: they must never change.
func TestHomesSpreadAndStay(t *testing.T) {
	t.Parallel()
	seen := make([]int, 4)
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		seen[MessageHome("default", "order", string(NewCommand(time.Now(), rnd)), 4)]++
	}
	for p, n := range seen {
		if n < 800 || n > 1200 {
			t.Errorf("home %d has %d of 4000", p, n)
		}
	}
	for want, got := range map[string]Partition{
		"2H": MessageHome("default", "order", "42", 1024),
		"ZM": MessageHome("a", "b", "", 1024),
		"DT": ProcessHome("default", "order", 1024),
		"EZ": ConditionHome("default", 1024),
	} {
		if got.String() != want {
			t.Errorf("expected home %s, but got %s", want, got)
		}
	}
}

// Derived and positional ids are in the log: they are the same in every release.
func TestPinnedIDs(t *testing.T) {
	t.Parallel()
	if got := Derive("01ARZ3NDEKTSV4RRFFQ69G5FAV", 37, 2); got != "01ARZ3NDEK15V6TT5WG7QGQX48" {
		t.Errorf("Derive: %s", got)
	}
	if got := Positional("weir.commands.00.default.x.instance.start", 7, 1_800_000_000_000); got != "01MCC5RM00F05RPDBKCE2MGXGS" {
		t.Errorf("Positional: %s", got)
	}
	if got := MessageHome("default", "go", "k-1", 4); got != 3 {
		t.Errorf("MessageHome: %s", got)
	}
}
