package projector

import (
	"context"
	"fmt"
	"strings"
)

func definitionSource() source[Definition] {
	return source[Definition]{
		table: "definitions", columns: definitionColumns(), fields: (*Definition).fields, key: []string{"tenant", "process_id", "version"},
		keyOf: func(r *Definition) []any { return []any{shorten(r.Tenant), shorten(r.ProcessID), r.Version} },
	}
}

// DefinitionFilter narrows a list of definitions; empty fields let everything
// through.
type DefinitionFilter struct {
	Tenant    string
	ProcessID string
	Version   int64
	// VersionTag keeps the versions with the tag.
	VersionTag string
	// Latest keeps the newest version of each process.
	Latest bool
}

// Definitions lists process versions by tenant, process and version.
func (q *Queries) Definitions(ctx context.Context, f DefinitionFilter, pg Page) (*List[Definition], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("process_id", f.ProcessID)
	s := definitionSource()
	w.version(qualify(q.schema, s.table), "process_id", f.Version, f.VersionTag, f.Latest)
	return page(ctx, q, s, &w, pg)
}

// version narrows the rows of a table of versions to one number, a tag, or the
// newest of each id, which stands in the column.
func (w *where) version(table, column string, number int64, tag string, latest bool) {
	if number != 0 {
		w.add("version = %s", number)
	}
	if tag != "" {
		w.add("version_tag = %s", escape(tag))
	}
	if latest {
		w.add("version = (SELECT max(n.version) FROM " + table + " n WHERE n.tenant = " + table + ".tenant AND n." + column + " = " + table + "." + column + ")")
	}
}

// Deployments lists deployments in the order of their ids.
func (q *Queries) Deployments(ctx context.Context, tenant string, pg Page) (*List[Deployment], error) {
	var w where
	w.equal("tenant", tenant)
	return page(ctx, q, deploymentSource(), &w, pg)
}

func deploymentSource() source[Deployment] {
	return source[Deployment]{
		table: "deployments", columns: deploymentColumns(), fields: (*Deployment).fields, key: []string{"id"},
		keyOf: func(r *Deployment) []any { return []any{shorten(r.ID)} },
	}
}

// DeploymentDetail is a deployment with its files and the versions it made.
type DeploymentDetail struct {
	Deployment
	Files    []Resource   `json:"files"`
	Versions []Definition `json:"versions"`
	// Decisions are the versions of decisions that it made.
	Decisions []Decision `json:"decisions"`
}

// Deployment returns one deployment; [CodeNotFound] if there is none.
func (q *Queries) Deployment(ctx context.Context, id string) (*DeploymentDetail, error) {
	var w, of where
	w.add("id = %s", shorten(id))
	of.add("deployment = %s", shorten(id))
	list, err := all(ctx, q.pool, q.schema, deploymentSource(), &w)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, notFound("deployment", id)
	}
	d := &DeploymentDetail{Deployment: list[0]}
	d.Files, err = all(ctx, q.pool, q.schema, source[Resource]{
		table: "resources", columns: resourceColumns(), fields: (*Resource).fields, key: []string{"name"},
	}, &of)
	if err != nil {
		return nil, err
	}
	if d.Versions, err = all(ctx, q.pool, q.schema, definitionSource(), &of); err != nil {
		return nil, err
	}
	d.Decisions, err = all(ctx, q.pool, q.schema, decisionSource(), &of)
	return d, err
}

// Digest returns the digest of the file that a process version came from, with
// the file's name; [CodeNotFound] if there is no such version.
func (q *Queries) Digest(ctx context.Context, tenant, processID string, version int64) (digest, resource string, err error) {
	var w where
	w.equal("tenant", tenant)
	w.add("process_id = %s", shorten(processID))
	w.add("version = %s", version)
	list, err := read(ctx, q.pool, definitionSource(), "SELECT "+strings.Join(definitionColumns(), ", ")+" FROM "+qualify(q.schema, "definitions")+" WHERE "+w.String(), w.args...)
	if err != nil {
		return "", "", err
	}
	if len(list) == 0 {
		return "", "", notFound("definition", fmt.Sprintf("%s:%d", processID, version))
	}
	return list[0].Digest, list[0].Resource, nil
}
