package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
)

// Deployment is a row of the table deployments.
type Deployment struct {
	ID          string    `json:"id"`
	Tenant      string    `json:"tenant"`
	Name        string    `json:"name,omitempty"`
	Resources   int64     `json:"resources"`
	Definitions int64     `json:"definitions"` // new versions it made
	CreatedAt   time.Time `json:"created_at"`
	Position    int64     `json:"position"`
}

func deploymentColumns() []string {
	return []string{"id", "tenant", "name", "resources", "definitions", "created_at", "position"}
}

func (r *Deployment) fields() []any {
	return []any{(*name)(&r.ID), (*name)(&r.Tenant), (*text)(&r.Name), &r.Resources, &r.Definitions, (*stamp)(&r.CreatedAt), &r.Position}
}

// Resource is a row of the table resources: one file of a deployment. The bytes
// are in the object store under their digest.
type Resource struct {
	Deployment string `json:"deployment"`
	Name       string `json:"name"`
	Tenant     string `json:"tenant"`
	Digest     string `json:"digest"`
	Bytes      int64  `json:"bytes"`
	Unchanged  bool   `json:"unchanged,omitempty"`
	Position   int64  `json:"position"`
}

func resourceColumns() []string {
	return []string{"deployment", "name", "tenant", "digest", "bytes", "unchanged", "position"}
}

func (r *Resource) fields() []any {
	return []any{(*name)(&r.Deployment), (*name)(&r.Name), (*name)(&r.Tenant), (*text)(&r.Digest), &r.Bytes, &r.Unchanged, &r.Position}
}

// Definition is a row of the table definitions: one version of a process.
type Definition struct {
	Tenant     string `json:"tenant"`
	ProcessID  string `json:"process_id"`
	Version    int64  `json:"version"`
	Name       string `json:"name,omitempty"`
	VersionTag string `json:"version_tag,omitempty"`
	Resource   string `json:"resource"`
	Digest     string `json:"digest"`
	Dialect    string `json:"dialect,omitempty"`
	Deployment string `json:"deployment"`
	// HistoryTTL is how long instances that have ended are kept, as an ISO 8601
	// duration; empty is for ever.
	HistoryTTL string    `json:"history_ttl,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	Position   int64     `json:"position"`
}

func definitionColumns() []string {
	return []string{"tenant", "process_id", "version", "name", "version_tag", "resource", "digest", "dialect", "deployment", "history_ttl", "created_at", "position"}
}

func (r *Definition) fields() []any {
	return []any{
		(*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Version, (*text)(&r.Name), (*text)(&r.VersionTag), (*text)(&r.Resource),
		(*text)(&r.Digest), (*text)(&r.Dialect), (*name)(&r.Deployment), (*text)(&r.HistoryTTL), (*stamp)(&r.CreatedAt), &r.Position,
	}
}

// deployed passes a deployment.created event on.
func deployed(e events.Event, visit func(*events.DeploymentCreated)) {
	if d, ok := e.(*events.DeploymentCreated); ok {
		visit(d)
	}
}

func newDeployments() handler {
	return newRowset(tableDef[string, Deployment]{
		name:     "deployments",
		kinds:    []events.Kind{"deployment.created"},
		columns:  deploymentColumns(),
		key:      []keyColumn{{"id", "text"}},
		keyArgs:  func(keys []string) []any { return []any{keys} },
		keyOf:    func(r *Deployment) string { return shorten(r.ID) },
		fields:   (*Deployment).fields,
		position: func(r *Deployment) *int64 { return &r.Position },
		touch: func(_ *moment, e events.Event, visit func(string, verb)) {
			deployed(e, func(d *events.DeploymentCreated) { visit(shorten(d.Deployment), creates) })
		},
		apply: func(at *moment, e events.Event, r *Deployment, _ string) error {
			deployed(e, func(d *events.DeploymentCreated) {
				r.ID, r.Tenant, r.Name, r.CreatedAt = d.Deployment, d.Tenant, d.Name, at.time()
				r.Resources = int64(len(d.Resources))
				for _, p := range d.Processes {
					if !p.Unchanged {
						r.Definitions++
					}
				}
			})
			return nil
		},
	})
}

// resourceKey holds its parts as their columns do.
type resourceKey struct{ deployment, name string }

func newResources() handler {
	return newRowset(tableDef[resourceKey, Resource]{
		name:    "resources",
		kinds:   []events.Kind{"deployment.created"},
		columns: resourceColumns(),
		key:     []keyColumn{{"deployment", "text"}, {"name", "text"}},
		keyArgs: func(keys []resourceKey) []any {
			deployments, names := make([]string, len(keys)), make([]string, len(keys))
			for i, k := range keys {
				deployments[i], names[i] = k.deployment, k.name
			}
			return []any{deployments, names}
		},
		keyOf:    func(r *Resource) resourceKey { return resourceKey{shorten(r.Deployment), shorten(r.Name)} },
		fields:   (*Resource).fields,
		position: func(r *Resource) *int64 { return &r.Position },
		touch: func(_ *moment, e events.Event, visit func(resourceKey, verb)) {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, r := range d.Resources {
					visit(resourceKey{shorten(d.Deployment), shorten(r.Name)}, creates)
				}
			})
		},
		apply: func(_ *moment, e events.Event, r *Resource, k resourceKey) error {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, f := range d.Resources {
					if shorten(f.Name) == k.name {
						r.Deployment, r.Name, r.Tenant, r.Digest, r.Bytes, r.Unchanged = d.Deployment, f.Name, d.Tenant, f.Digest, f.Bytes, f.Unchanged
					}
				}
			})
			return nil
		},
	})
}

// definitionKey holds its parts as their columns do. The id is that of a process
// or of a decision.
type definitionKey struct {
	tenant, process string
	version         int64
}

func definitionArgs(keys []definitionKey) []any {
	tenants, processes, versions := make([]string, len(keys)), make([]string, len(keys)), make([]int64, len(keys))
	for i, k := range keys {
		tenants[i], processes[i], versions[i] = k.tenant, k.process, k.version
	}
	return []any{tenants, processes, versions}
}

func newDefinitions() handler {
	return newRowset(tableDef[definitionKey, Definition]{
		name:    "definitions",
		kinds:   []events.Kind{"deployment.created"},
		columns: definitionColumns(),
		key:     []keyColumn{{"tenant", "text"}, {"process_id", "text"}, {"version", "bigint"}},
		keyArgs: definitionArgs,
		keyOf: func(r *Definition) definitionKey {
			return definitionKey{shorten(r.Tenant), shorten(r.ProcessID), r.Version}
		},
		fields:   (*Definition).fields,
		position: func(r *Definition) *int64 { return &r.Position },
		touch: func(_ *moment, e events.Event, visit func(definitionKey, verb)) {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, p := range d.Processes {
					if !p.Unchanged {
						visit(definitionKey{shorten(d.Tenant), shorten(p.ProcessID), int64(p.Version)}, creates)
					}
				}
			})
		},
		apply: func(at *moment, e events.Event, r *Definition, k definitionKey) error {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, p := range d.Processes {
					if p.Unchanged || int64(p.Version) != k.version || shorten(p.ProcessID) != k.process {
						continue
					}
					*r = Definition{
						Tenant: d.Tenant, ProcessID: p.ProcessID, Version: k.version, Name: p.Name, VersionTag: p.VersionTag,
						Resource: p.Resource, Digest: p.Digest, Dialect: p.Dialect, Deployment: d.Deployment,
						HistoryTTL: p.HistoryTTL, CreatedAt: at.time(), Position: r.Position,
					}
				}
			})
			return nil
		},
	})
}
