package events

// The events of the definitions log, stream WEIR_DEFINITIONS.

// DeploymentCreated records an accepted deployment.
type DeploymentCreated struct {
	Tenant     string               `msgpack:"t"`
	Deployment string               `msgpack:"i"` // ULID
	Name       string               `msgpack:"n,omitempty"`
	Resources  []DeployedResource   `msgpack:"r"`
	Processes  []DeployedDefinition `msgpack:"d"`
	Decisions  []DeployedDecision   `msgpack:"x,omitempty"`
}

// DeployedResource is one file of a deployment.
type DeployedResource struct {
	Name   string `msgpack:"n" json:"name"`
	Digest string `msgpack:"d" json:"digest"` // SHA-256 in hex
	Bytes  int64  `msgpack:"b" json:"bytes"`
	// Unchanged says that the latest deployment of a resource of this name has
	// the same bytes: its definitions keep their versions.
	Unchanged bool `msgpack:"u,omitempty" json:"unchanged,omitempty"`
}

// DeployedDefinition is a process of a deployment at its version.
type DeployedDefinition struct {
	ProcessID  string `msgpack:"p" json:"process_id"`
	Name       string `msgpack:"n,omitempty" json:"name,omitempty"`
	Version    int    `msgpack:"v" json:"version"`
	VersionTag string `msgpack:"g,omitempty" json:"version_tag,omitempty"`
	Resource   string `msgpack:"r" json:"resource"`
	Digest     string `msgpack:"d" json:"digest"`
	// Unchanged says that the version existed before this deployment.
	Unchanged bool `msgpack:"u,omitempty" json:"unchanged,omitempty"`
	// Dialect overrides the model's own dialect, empty if it was not given.
	Dialect string `msgpack:"l,omitempty" json:"dialect,omitempty"`
	// ClassMap and Settings are how the deployment wants the file to be read.
	ClassMap map[string]string `msgpack:"c,omitempty" json:"class_map,omitempty"`
	Settings map[string]string `msgpack:"s,omitempty" json:"options,omitempty"`
	// Scripts are the digests of the files that the model's scripts were read
	// from, by the names that the model gives them.
	Scripts map[string]string `msgpack:"k,omitempty" json:"scripts,omitempty"`
	// HistoryTTL is how long the read models keep ended instances, as an ISO 8601
	// duration; empty is for ever.
	HistoryTTL string `msgpack:"h,omitempty" json:"history_ttl,omitempty"`
}

// DeployedDecision is a decision of a deployment at its version.
type DeployedDecision struct {
	DecisionID string `msgpack:"p" json:"decision_id"`
	Name       string `msgpack:"n,omitempty" json:"name,omitempty"`
	Version    int    `msgpack:"v" json:"version"`
	VersionTag string `msgpack:"g,omitempty" json:"version_tag,omitempty"`
	// Requirements is the id of the graph (the definitions element) that the
	// decision is part of.
	Requirements string `msgpack:"q,omitempty" json:"requirements,omitempty"`
	Resource     string `msgpack:"r" json:"resource"`
	Digest       string `msgpack:"d" json:"digest"`
	// Unchanged says that the version existed before this deployment.
	Unchanged bool `msgpack:"u,omitempty" json:"unchanged,omitempty"`
}

// Kind implements [Event].
func (*DeploymentCreated) Kind() Kind { return "deployment.created" }
