package definitions

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// DeployRequest is a deployment whose files have been prepared.
type DeployRequest struct {
	Tenant    string
	Name      string // of the deployment, may be empty
	Command   ids.Command
	Resources []Prepared
}

// Outcome is what a deploy command leads to.
type Outcome struct {
	// Deployment is the answer: the deployment that is to be appended to the
	// log, or one that is there already.
	Deployment *events.DeploymentCreated
	// Unchanged says that each file is what was deployed last under its name:
	// Deployment is in the log, and lists the asked-for files alone.
	Unchanged bool
	// Repeated says that the command was decided before: Deployment is in the
	// log.
	Repeated bool
}

// Append says whether the deployment is new.
func (o Outcome) Append() bool { return !o.Unchanged && !o.Repeated }

// DeploymentID returns the id of the deployment that a command makes.
func DeploymentID(c ids.Command) string { return string(ids.Derive(c, 0, 0)) }

// Decide gives out versions against the index, which must have folded the whole
// log. It is pure. The problems are those that only all files of the request
// and what was deployed before show; if one is an error, nothing must be
// deployed.
//
// A file is unchanged if the last file deployed under its name (and tenant) has
// the same bytes, and each of its processes is still of the version that came
// from there: a process that meanwhile came from another file gets a new
// version, since whoever deploys a file expects it to be used. Only changed
// files make new versions.
func Decide(x *Index, r DeployRequest) (Outcome, []bpmn.Problem) {
	id := DeploymentID(r.Command)
	if first, ok := x.Deployment(r.Tenant, id); ok {
		return Outcome{Deployment: first, Repeated: true}, nil
	}
	if len(r.Resources) == 0 {
		return Outcome{}, []bpmn.Problem{problem("", CodeDeploymentEmpty, "the deployment has no file; add at least one")}
	}
	problems := append(duplicates(r.Resources), dangling(x, r.Tenant, r.Resources)...)
	if bpmn.HasErrors(problems) {
		return Outcome{}, problems
	}
	d := &events.DeploymentCreated{Tenant: r.Tenant, Deployment: id, Name: r.Name}
	unchanged := 0
	for i := range r.Resources {
		f := &r.Resources[i]
		res := events.DeployedResource{Name: f.Name, Digest: f.Digest, Bytes: f.Bytes}
		kept, decisions, same := x.unchanged(r.Tenant, f)
		if same {
			res.Unchanged = true
			unchanged++
			d.Processes = append(d.Processes, kept...)
			d.Decisions = append(d.Decisions, decisions...)
		} else {
			d.Decisions = append(d.Decisions, nextDecisions(x, r.Tenant, f)...)
			d.Processes = append(d.Processes, nextVersions(x, r.Tenant, f)...)
		}
		d.Resources = append(d.Resources, res)
	}
	if unchanged < len(r.Resources) {
		return Outcome{Deployment: d}, problems
	}
	existing := x.lastDeploymentOf(r.Tenant, r.Resources)
	d.Deployment, d.Name = existing.Deployment, existing.Name
	return Outcome{Deployment: d, Unchanged: true}, problems
}

func nextVersions(x *Index, tenant string, f *Prepared) []events.DeployedDefinition {
	out := make([]events.DeployedDefinition, 0, len(f.Processes))
	for _, p := range f.Processes {
		version := 1
		if last, ok := x.Latest(tenant, p.ID); ok {
			version = last.Version + 1
		}
		out = append(out, events.DeployedDefinition{
			ProcessID: p.ID, Name: p.Name, Version: version, VersionTag: p.VersionTag,
			Resource: f.Name, Digest: f.Digest, Dialect: string(f.Dialect), ClassMap: f.ClassMap, Settings: f.Settings, Scripts: f.Scripts,
			HistoryTTL: p.HistoryTTL,
		})
	}
	return out
}
