package projector

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// removals compares the instances that have no rows with what the table
// history_removals says has been removed. An instance may be missing if it was due
// when something was removed for its process, or its root was; and as many must be
// missing, with the same ids, as have been removed.
type removals struct {
	told  map[removalKey]*removal
	found map[removalKey]*removal
	// unclear counts ids that started again after an end that was due: whether the
	// rows of that end were removed or replaced cannot be seen.
	unclear map[removalKey]int64
	// gone holds the root instances that were removed, and called the instances
	// without rows whose root the log has not ended yet.
	gone   map[string]bool
	called map[string][]string
}

func newRemovals(told map[removalKey]*removal) *removals {
	return &removals{
		told: told, found: map[removalKey]*removal{}, unclear: map[removalKey]int64{},
		gone: map[string]bool{}, called: map[string][]string{},
	}
}

// due says whether a root instance with this row may have been removed.
func (v *removals) due(self record) (removalKey, bool) {
	text, ok := self["remove_at"].(string)
	if !ok {
		return removalKey{}, false
	}
	partition, _ := self["partition"].(int64)
	tenant, _ := self["tenant"].(string)
	process, _ := self["process_id"].(string)
	key := removalKey{int(partition), tenant, process}
	at, err := time.Parse(time.RFC3339Nano, text)
	told := v.told[key]
	return key, err == nil && told != nil && !at.After(told.upto)
}

// explain says whether an instance without rows was removed. One that was leaves
// the model; one whose root is not known yet waits for it.
func (v *removals) explain(m *model, id string) bool {
	self := m.instances[id]["instances"]
	if parent, _ := self["parent"].(string); parent != "" {
		root, _ := self["root"].(string)
		if v.gone[root] {
			delete(m.instances, id)
			return true
		}
		v.called[root] = append(v.called[root], id)
		return false
	}
	key, due := v.due(self)
	if !due {
		return false
	}
	if v.gone[id] || len(m.lives[id]) > 0 {
		v.unclear[key]++
	}
	if !v.gone[id] {
		f := v.found[key]
		if f == nil {
			f = &removal{}
			v.found[key] = f
		}
		f.roots++
		f.sum += idHash(id)
	}
	v.gone[id] = true
	delete(m.instances, id)
	for _, called := range v.called[id] {
		delete(m.instances, called)
	}
	delete(v.called, id)
	return true
}

// newestLife leaves out the rows of earlier lives of an id, if they were due and
// the rows that are there are those of the newest life.
func (v *removals) newestLife(m *model, id string, want, got map[string]record) map[string]record {
	lives := m.lives[id]
	all := true
	for _, self := range lives {
		key, due := v.due(self)
		if due {
			v.unclear[key]++
		}
		all = all && due
	}
	if !all || sameRows(want, got) {
		return want
	}
	ended, _ := lives[len(lives)-1]["position"].(int64)
	newest := map[string]record{}
	for row, r := range want {
		if at, _ := r["position"].(int64); at > ended {
			newest[row] = r
		}
	}
	if !sameRows(newest, got) {
		return want
	}
	return newest
}

// rootsFirst lists the instances of the model, those that no other called first:
// whether a called one may be missing depends on its root.
func rootsFirst(m *model) []string {
	all := mapKeys(m.instances)
	called := func(id string) int {
		if parent, _ := m.instances[id]["instances"]["parent"].(string); parent != "" {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b string) int { return called(a) - called(b) })
	return all
}

// compareRemovals compares what is missing with what was removed, and finds
// called instances that are left of a removed tree.
func (v *verifier) compareRemovals(ctx context.Context) error {
	for key, told := range v.removals.told {
		found := v.removals.found[key]
		if found == nil {
			found = &removal{}
		}
		unclear := v.removals.unclear[key]
		if found.roots <= told.roots && told.roots <= found.roots+unclear && (unclear > 0 || found.sum == told.sum) {
			continue
		}
		v.differ("history_removals", fmt.Sprintf("%d/%s/%s", key.partition, key.tenant, key.processID),
			record{"roots": found.roots, "id_sum": int64(found.sum)}, record{"roots": told.roots, "id_sum": int64(told.sum)}) //nolint:gosec // the bits are meant
	}
	return v.read(ctx, func(r record) {
		if root, _ := r["root"].(string); v.removals.gone[root] {
			v.differ("instances", fmt.Sprint(r["id"]), nil, r)
		}
	}, "SELECT to_jsonb(t) FROM "+v.table("instances")+" t WHERE t.parent <> '' AND NOT EXISTS (SELECT 1 FROM "+v.table("instances")+" r WHERE r.id = t.root)")
}
