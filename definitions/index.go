package definitions

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/oklog/ulid/v2"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
)

// ErrInconsistent says that a frame of the definitions log does not follow from
// those before. The log is damaged or was written by two owners; nothing may be
// built on it.
var ErrInconsistent = errors.New("definitions log is inconsistent")

// Index is the fold of the definitions log: every version of every process, in
// which deployment it came, and the files deployed last. It is complete and
// small, about 250 bytes for each version of a process that is deployed alone.
//
// One goroutine may apply while others read. The zero value is not ready, see
// [NewIndex].
type Index struct {
	mu   sync.RWMutex
	high uint64

	// Texts that come again and again are numbers here; rows refer to each
	// other by number. Rows without pointers cost the garbage collector
	// nothing, however many there are.
	symbols     []string
	symbolOf    map[string]symbol
	processes   []process
	processOf   map[processKey]uint32
	tags        map[tagKey]int32
	deployments []deployment
	deployOf    map[deploymentKey]uint32
	definitions []definitionRow
	resources   []resourceRow
	last        map[resourceKey]uint32 // row of resources deployed last

	digestMu  sync.Mutex
	digest    string // of the content at digestSeq
	digestSeq uint64
}

type symbol uint32

type digest [32]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// processKey names a process or, in the same rows, a decision.
type processKey struct {
	tenant, id symbol
	decision   bool
}

type tagKey struct {
	process uint32
	tag     symbol
}

type deploymentKey struct {
	tenant symbol
	id     ulid.ULID
}

type resourceKey struct{ tenant, name symbol }

// process is a process id of a tenant; version n is versions[n-1].
type process struct {
	processKey
	versions []version
}

type version struct {
	digest                       digest
	deployment                   uint32 // that made it
	resource, name, tag, dialect symbol
	choices                      symbol // [Choices.text]
	requirements                 symbol // of a decision
	history                      symbol // how long instances are kept
}

// deployment owns the rows from its first ones to the first ones of the next
// deployment.
type deployment struct {
	deploymentKey
	name        symbol
	seq         uint64
	definitions uint32
	resources   uint32
}

type definitionRow struct {
	process   uint32
	version   int32
	unchanged bool
}

type resourceRow struct {
	digest     digest
	bytes      int64
	name       symbol
	deployment uint32
	unchanged  bool
}

// NewIndex returns the index of an empty log.
func NewIndex() *Index {
	return &Index{
		symbolOf:  make(map[string]symbol),
		processOf: make(map[processKey]uint32),
		tags:      make(map[tagKey]int32),
		deployOf:  make(map[deploymentKey]uint32),
		last:      make(map[resourceKey]uint32),
	}
}

// Apply folds the frame at a sequence of the log. Frames come in order; one
// that was applied before is left out, a gap and a frame that does not follow
// are [ErrInconsistent] and change nothing.
func (x *Index) Apply(seq uint64, f *events.Frame) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if seq <= x.high {
		return nil
	}
	if seq != x.high+1 {
		return fmt.Errorf("%w: expected sequence %d, but got %d", ErrInconsistent, x.high+1, seq)
	}
	var created []*events.DeploymentCreated
	for i := range f.Transitions {
		for _, e := range f.Transitions[i].Events {
			// The log's owner records answers and its own commands too.
			if d, ok := e.(*events.DeploymentCreated); ok {
				created = append(created, d)
			}
		}
	}
	if err := x.follows(created); err != nil {
		return fmt.Errorf("%w: sequence %d: %w", ErrInconsistent, seq, err)
	}
	for _, d := range created {
		x.add(seq, d)
	}
	x.high = seq
	return nil
}

// follows checks that the deployments of one frame continue the index.
func (x *Index) follows(created []*events.DeploymentCreated) error {
	latest := make(versions)
	ids := make(map[[2]string]bool)
	for _, d := range created {
		if _, err := ulid.ParseStrict(d.Deployment); err != nil {
			return fmt.Errorf("deployment id %q: %w", d.Deployment, err)
		}
		if _, ok := x.deployment(d.Tenant, d.Deployment); ok || ids[[2]string{d.Tenant, d.Deployment}] {
			return fmt.Errorf("deployment %s is there already", d.Deployment)
		}
		ids[[2]string{d.Tenant, d.Deployment}] = true
		for _, r := range d.Resources {
			if _, err := parseDigest(r.Digest); err != nil {
				return fmt.Errorf("deployment %s, resource %s: %w", d.Deployment, r.Name, err)
			}
		}
		for _, p := range d.Processes {
			if _, err := parseDigest(p.Digest); err != nil {
				return fmt.Errorf("deployment %s, process %s: %w", d.Deployment, p.ProcessID, err)
			}
			if err := latest.follows(x, versionKey{d.Tenant, p.ProcessID, false}, p.Version, p.Unchanged); err != nil {
				return fmt.Errorf("deployment %s: %w", d.Deployment, err)
			}
		}
		for _, p := range d.Decisions {
			if _, err := parseDigest(p.Digest); err != nil {
				return fmt.Errorf("deployment %s, decision %s: %w", d.Deployment, p.DecisionID, err)
			}
			if err := latest.follows(x, versionKey{d.Tenant, p.DecisionID, true}, p.Version, p.Unchanged); err != nil {
				return fmt.Errorf("deployment %s: %w", d.Deployment, err)
			}
		}
	}
	return nil
}

// versions are the latest versions while the deployments of a frame are checked.
type versions map[versionKey]int

type versionKey struct {
	tenant, id string
	decision   bool
}

// follows checks that a version is kept or the next one.
func (l versions) follows(x *Index, key versionKey, version int, unchanged bool) error {
	if _, ok := l[key]; !ok {
		l[key] = x.latestVersion(key.tenant, key.id, key.decision)
	}
	switch {
	case unchanged && (version < 1 || version > l[key]):
		return fmt.Errorf("it keeps version %d of %s, but there are %d", version, key.id, l[key])
	case !unchanged && version != l[key]+1:
		return fmt.Errorf("expected version %d of %s, but got %d", l[key]+1, key.id, version)
	case !unchanged:
		l[key] = version
	}
	return nil
}

// add folds a deployment that follows.
func (x *Index) add(seq uint64, d *events.DeploymentCreated) {
	tenant := x.intern(d.Tenant)
	id, _ := ulid.ParseStrict(d.Deployment) // checked by follows
	n := uint32(len(x.deployments))         //nolint:gosec // memory ends before
	key := deploymentKey{tenant, id}
	x.deployments = append(x.deployments, deployment{
		deploymentKey: key, name: x.intern(d.Name), seq: seq,
		definitions: uint32(len(x.definitions)), resources: uint32(len(x.resources)), //nolint:gosec // as above
	})
	x.deployOf[key] = n
	for _, p := range d.Processes {
		x.addVersion(processKey{tenant, x.intern(p.ProcessID), false}, p.Version, p.Unchanged, p.Digest, p.VersionTag, version{
			deployment: n, resource: x.intern(p.Resource), name: x.intern(p.Name), dialect: x.intern(p.Dialect),
			choices: x.intern((&Choices{ClassMap: p.ClassMap, Settings: p.Settings, Scripts: p.Scripts}).text()), requirements: x.intern(""),
			history: x.intern(p.HistoryTTL),
		})
	}
	for _, p := range d.Decisions {
		x.addVersion(processKey{tenant, x.intern(p.DecisionID), true}, p.Version, p.Unchanged, p.Digest, p.VersionTag, version{
			deployment: n, resource: x.intern(p.Resource), name: x.intern(p.Name), dialect: x.intern(""),
			choices: x.intern(""), requirements: x.intern(p.Requirements), history: x.intern(""),
		})
	}
	for _, r := range d.Resources {
		sum, _ := parseDigest(r.Digest) // checked by follows
		name := x.intern(r.Name)
		x.last[resourceKey{tenant, name}] = uint32(len(x.resources)) //nolint:gosec // as above
		x.resources = append(x.resources, resourceRow{digest: sum, bytes: r.Bytes, name: name, deployment: n, unchanged: r.Unchanged})
	}
}

// addVersion adds the row of a deployment and, unless the version was there, the
// version.
func (x *Index) addVersion(key processKey, n int, unchanged bool, digest, tag string, v version) {
	i := x.processRow(key)
	x.definitions = append(x.definitions, definitionRow{process: i, version: int32(n), unchanged: unchanged}) //nolint:gosec // memory ends before
	if unchanged {
		return
	}
	v.digest, _ = parseDigest(digest) // checked by follows
	v.tag = x.intern(tag)
	x.processes[i].versions = append(x.processes[i].versions, v)
	if tag != "" {
		x.tags[tagKey{i, v.tag}] = int32(n) //nolint:gosec // as above
	}
}

func (x *Index) intern(text string) symbol {
	s, ok := x.symbolOf[text]
	if !ok {
		s = symbol(len(x.symbols)) //nolint:gosec // memory ends before
		x.symbols = append(x.symbols, text)
		x.symbolOf[text] = s
	}
	return s
}

func (x *Index) processRow(key processKey) uint32 {
	i, ok := x.processOf[key]
	if !ok {
		i = uint32(len(x.processes)) //nolint:gosec // memory ends before
		x.processes = append(x.processes, process{processKey: key})
		x.processOf[key] = i
	}
	return i
}

// process returns the row of a process, nil if there is none.
func (x *Index) process(tenant, processID string) (row *process, i uint32) {
	return x.row(tenant, processID, false)
}

// row returns the row of a process or decision, nil if there is none.
func (x *Index) row(tenant, name string, decision bool) (row *process, i uint32) {
	t, ok := x.symbolOf[tenant]
	if !ok {
		return nil, 0
	}
	id, ok := x.symbolOf[name]
	if !ok {
		return nil, 0
	}
	if i, ok = x.processOf[processKey{t, id, decision}]; !ok {
		return nil, 0
	}
	return &x.processes[i], i
}

func (x *Index) latestVersion(tenant, id string, decision bool) int {
	p, _ := x.row(tenant, id, decision)
	if p == nil {
		return 0
	}
	return len(p.versions)
}

func (x *Index) deployment(tenant, id string) (uint32, bool) {
	t, ok := x.symbolOf[tenant]
	if !ok {
		return 0, false
	}
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return 0, false
	}
	n, ok := x.deployOf[deploymentKey{t, u}]
	return n, ok
}

// definitionsOf and resourcesOf return the rows of a deployment.
func (x *Index) definitionsOf(n uint32) []definitionRow {
	to := uint32(len(x.definitions)) //nolint:gosec // memory ends before
	if int(n)+1 < len(x.deployments) {
		to = x.deployments[n+1].definitions
	}
	return x.definitions[x.deployments[n].definitions:to]
}

func (x *Index) resourcesOf(n uint32) []resourceRow {
	to := uint32(len(x.resources)) //nolint:gosec // memory ends before
	if int(n)+1 < len(x.deployments) {
		to = x.deployments[n+1].resources
	}
	return x.resources[x.deployments[n].resources:to]
}

func parseDigest(text string) (digest, error) {
	var d digest
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) || hex.EncodeToString(raw) != text {
		return d, fmt.Errorf("expected a SHA-256 in lower-case hex, but got %q", text)
	}
	copy(d[:], raw)
	return d, nil
}

// ref returns version n of a process, n from 1 to its number of versions.
func (x *Index) ref(p *process, n int) events.DefinitionRef {
	v := &p.versions[n-1]
	return events.DefinitionRef{
		ProcessID: x.symbols[p.id], Version: n, Digest: v.digest.String(),
		Deployment: x.deployments[v.deployment].id.String(),
	}
}

// HighWater is the sequence of the last frame that was applied.
func (x *Index) HighWater() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.high
}

// Latest returns the latest version of a process.
func (x *Index) Latest(tenant, processID string) (events.DefinitionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, _ := x.process(tenant, processID)
	if p == nil {
		return events.DefinitionRef{}, false
	}
	return x.ref(p, len(p.versions)), true
}

// Version returns a version of a process.
func (x *Index) Version(tenant, processID string, n int) (events.DefinitionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, _ := x.process(tenant, processID)
	if p == nil || n < 1 || n > len(p.versions) {
		return events.DefinitionRef{}, false
	}
	return x.ref(p, n), true
}

// VersionTag returns the latest version of a process that has the tag.
func (x *Index) VersionTag(tenant, processID, tag string) (events.DefinitionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, i := x.process(tenant, processID)
	s, ok := x.symbolOf[tag]
	if p == nil || !ok {
		return events.DefinitionRef{}, false
	}
	n, ok := x.tags[tagKey{i, s}]
	if !ok {
		return events.DefinitionRef{}, false
	}
	return x.ref(p, int(n)), true
}

// InDeployment returns the version of a process that a deployment made or kept.
func (x *Index) InDeployment(tenant, deployment, processID string) (events.DefinitionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.deployment(tenant, deployment)
	p, i := x.process(tenant, processID)
	if !ok || p == nil {
		return events.DefinitionRef{}, false
	}
	for _, row := range x.definitionsOf(n) {
		if row.process == i {
			return x.ref(p, int(row.version)), true
		}
	}
	return events.DefinitionRef{}, false
}

// Definition is what the index knows of one version of a process.
type Definition struct {
	events.DefinitionRef
	Tenant     string
	Name       string
	VersionTag string
	Resource   string
	// Dialect overrides the file's own, empty if it was not given.
	Dialect bpmn.Dialect
	// choices is what else the deployment chose; see [Choices.text].
	choices string
	// Seq is where the deployment that made the version stands in the log.
	Seq uint64
}

func (x *Index) definition(p *process, n int) Definition {
	v := &p.versions[n-1]
	return Definition{
		DefinitionRef: x.ref(p, n), Tenant: x.symbols[p.tenant], Name: x.symbols[v.name],
		VersionTag: x.symbols[v.tag], Resource: x.symbols[v.resource],
		Dialect: bpmn.Dialect(x.symbols[v.dialect]), choices: x.symbols[v.choices], Seq: x.deployments[v.deployment].seq,
	}
}

// Definition returns all that is known of a version.
func (x *Index) Definition(tenant, processID string, n int) (Definition, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, _ := x.process(tenant, processID)
	if p == nil || n < 1 || n > len(p.versions) {
		return Definition{}, false
	}
	return x.definition(p, n), true
}

// Processes returns the latest version of each process of a tenant, ordered by
// process id.
func (x *Index) Processes(tenant string) []Definition {
	x.mu.RLock()
	defer x.mu.RUnlock()
	t, ok := x.symbolOf[tenant]
	if !ok {
		return nil
	}
	var out []Definition
	for i := range x.processes {
		if p := &x.processes[i]; p.tenant == t && !p.decision {
			out = append(out, x.definition(p, len(p.versions)))
		}
	}
	slices.SortFunc(out, func(a, b Definition) int { return cmp.Compare(a.ProcessID, b.ProcessID) })
	return out
}

// Deployment returns a deployment as the log has it.
func (x *Index) Deployment(tenant, id string) (*events.DeploymentCreated, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.deployment(tenant, id)
	if !ok {
		return nil, false
	}
	out := &events.DeploymentCreated{Tenant: tenant, Deployment: id, Name: x.symbols[x.deployments[n].name]}
	for _, r := range x.resourcesOf(n) {
		out.Resources = append(out.Resources, events.DeployedResource{
			Name: x.symbols[r.name], Digest: r.digest.String(), Bytes: r.bytes, Unchanged: r.unchanged,
		})
	}
	for _, row := range x.definitionsOf(n) {
		if x.processes[row.process].decision {
			out.Decisions = append(out.Decisions, x.deployedDecision(row))
			continue
		}
		out.Processes = append(out.Processes, x.deployed(row))
	}
	return out, true
}

func (x *Index) deployed(row definitionRow) events.DeployedDefinition {
	p := &x.processes[row.process]
	v := &p.versions[row.version-1]
	c, err := choicesOf("", x.symbols[v.choices])
	if err != nil {
		panic(err) // it is what this index wrote
	}
	return events.DeployedDefinition{
		ProcessID: x.symbols[p.id], Name: x.symbols[v.name], Version: int(row.version),
		VersionTag: x.symbols[v.tag], Resource: x.symbols[v.resource], Digest: v.digest.String(),
		Unchanged: row.unchanged, Dialect: x.symbols[v.dialect], ClassMap: c.ClassMap, Settings: c.Settings, Scripts: c.Scripts,
		HistoryTTL: x.symbols[v.history],
	}
}

// unchanged says whether the file was the last one deployed under its name and
// is still what its definitions' latest versions come from; these it returns.
func (x *Index) unchanged(tenant string, f *Prepared) (kept []events.DeployedDefinition, decisions []events.DeployedDecision, same bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	row, ok := x.lastResource(tenant, f.Name)
	if !ok || row.digest.String() != f.Digest {
		return nil, nil, false
	}
	for _, def := range x.definitionsOf(row.deployment) {
		p := &x.processes[def.process]
		v := &p.versions[def.version-1]
		if v.resource != row.name || v.digest != row.digest {
			continue
		}
		if int(def.version) != len(p.versions) || x.symbols[v.dialect] != string(f.Dialect) || x.symbols[v.choices] != f.text() {
			return nil, nil, false
		}
		def.unchanged = true
		if p.decision {
			decisions = append(decisions, x.deployedDecision(def))
			continue
		}
		kept = append(kept, x.deployed(def))
	}
	// A newer parser may see others in the same bytes.
	if !slices.EqualFunc(kept, f.Processes, func(d events.DeployedDefinition, p PreparedProcess) bool { return d.ProcessID == p.ID }) ||
		!slices.EqualFunc(decisions, f.Decisions, func(d events.DeployedDecision, p PreparedDecision) bool { return d.DecisionID == p.ID }) {
		return nil, nil, false
	}
	return kept, decisions, true
}

func (x *Index) lastResource(tenant, name string) (resourceRow, bool) {
	t, ok := x.symbolOf[tenant]
	if !ok {
		return resourceRow{}, false
	}
	s, ok := x.symbolOf[name]
	if !ok {
		return resourceRow{}, false
	}
	i, ok := x.last[resourceKey{t, s}]
	if !ok {
		return resourceRow{}, false
	}
	return x.resources[i], true
}

// lastDeploymentOf returns id and name of the newest deployment among those
// that the files were last part of. There is one: all files are unchanged.
func (x *Index) lastDeploymentOf(tenant string, files []Prepared) events.DeploymentCreated {
	x.mu.RLock()
	defer x.mu.RUnlock()
	newest := uint32(0)
	for _, f := range files {
		if row, ok := x.lastResource(tenant, f.Name); ok {
			newest = max(newest, row.deployment)
		}
	}
	d := x.deployments[newest]
	return events.DeploymentCreated{Deployment: d.id.String(), Name: x.symbols[d.name]}
}

// Figures are the sizes of an index.
type Figures struct {
	Processes   int
	Versions    int // of processes
	Decisions   int
	Deployments int
	HighWater   uint64
}

// Figures returns the sizes.
func (x *Index) Figures() Figures {
	x.mu.RLock()
	defer x.mu.RUnlock()
	f := Figures{Deployments: len(x.deployments), HighWater: x.high}
	for i := range x.processes {
		if x.processes[i].decision {
			f.Decisions++
			continue
		}
		f.Processes++
		f.Versions += len(x.processes[i].versions)
	}
	return f
}
