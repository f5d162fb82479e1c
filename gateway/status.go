package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/engine/runner"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/streams"
)

// StatusRequest asks for the status.
type StatusRequest struct{}

// Status is how the cluster fares.
type Status struct {
	// Idle says that every command is decided, every effect done, no timer is
	// due, and the read models have caught up.
	Idle       bool              `json:"idle"`
	Members    []string          `json:"members"`
	Partitions []PartitionStatus `json:"partitions"`
	Deploy     DeployStatus      `json:"definitions"`
	// Nodes holds what each executor knows of deployments.
	Nodes []NodeDefinitions `json:"nodes"`
	// EngineTimeMS is the engine's clock, in milliseconds since the Unix epoch,
	// where this node may move it.
	EngineTimeMS int64 `json:"engine_time_ms,omitempty"`
}

// PartitionStatus is one partition: its owner, how far commands are decided and
// how far the read models are behind.
type PartitionStatus struct {
	runner.Status
	// Owned says that an executor owns it.
	Owned bool `json:"owned"`
	// CommandLog is the newest command in the log, and Backlog how many are not
	// decided.
	CommandLog uint64 `json:"command_log"`
	Backlog    uint64 `json:"backlog"`
	EventLog   uint64 `json:"event_log"`
	// ProjectedSeq is how far the read models are, and Lag the frames they are
	// behind.
	ProjectedSeq   uint64 `json:"projected_seq"`
	Lag            uint64 `json:"lag"`
	ProjectorError string `json:"projector_error,omitempty"`
}

// DeployStatus is the definitions log.
type DeployStatus struct {
	Owner          string `json:"owner"`
	Seq            uint64 `json:"seq"`
	Backlog        uint64 `json:"backlog"`
	ProjectedSeq   uint64 `json:"projected_seq"`
	Lag            uint64 `json:"lag"`
	ProjectorError string `json:"projector_error,omitempty"`
}

// NodeDefinitions is what one executor knows to be deployed.
type NodeDefinitions struct {
	Member      string `json:"member"`
	DeploySeq   uint64 `json:"deploy_seq"`
	IndexDigest string `json:"index_digest"`
	Cache       any    `json:"cache"`
}

func (g *Gateway) status(ctx context.Context, _ *StatusRequest) (any, error) {
	return g.Status(ctx)
}

// Status asks the executors, the log and Postgres how they fare.
func (g *Gateway) Status(ctx context.Context) (*Status, error) {
	cluster, err := streams.ReadCluster(ctx, g.cfg.JS, g.cfg.Names)
	if err != nil {
		return nil, err
	}
	s := &Status{Partitions: make([]PartitionStatus, cluster.Partitions)}
	for i := range s.Partitions {
		s.Partitions[i].Partition = ids.Partition(i).String()
	}
	// The executors are asked before the logs are read. A partition sends
	// commands to others; once it says that its effects are done, they are in
	// the logs. Read the other way round, such a command could come after its
	// log was read and before its executor answered, and nobody would count it.
	if err := g.askExecutors(ctx, s); err != nil {
		return nil, err
	}
	deployLog, err := g.lastSeq(ctx, g.cfg.Names.DeployStream())
	if err != nil {
		return nil, err
	}
	for i := range s.Partitions {
		at := &s.Partitions[i]
		if at.CommandLog, err = g.lastSeq(ctx, g.cfg.Names.CommandStream(ids.Partition(i))); err != nil {
			return nil, err
		}
		if at.EventLog, err = g.lastSeq(ctx, g.cfg.Names.EventStream(ids.Partition(i))); err != nil {
			return nil, err
		}
		at.Backlog = behind(at.CommandLog, at.CommandSeq)
	}
	s.Deploy.Backlog = behind(deployLog, s.Deploy.Backlog)
	if s.Deploy.Seq, err = g.lastSeq(ctx, g.cfg.Names.DefinitionStream()); err != nil {
		return nil, err
	}
	g.projection(ctx, s)
	s.Idle = s.idle()
	if g.cfg.Clock != nil {
		s.EngineTimeMS = g.cfg.Clock.Clock.NowMS()
	}
	return s, nil
}

func behind(log, done uint64) uint64 {
	if log <= done {
		return 0
	}
	return log - done
}

func (g *Gateway) lastSeq(ctx context.Context, name string) (uint64, error) {
	stream, err := g.cfg.JS.Stream(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("open stream %s: %w", name, err)
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// gatherWait bounds how long executors may take to answer.
const gatherWait = time.Second

// askExecutors gathers the status of all live executors.
func (g *Gateway) askExecutors(ctx context.Context, s *Status) error {
	kv, err := g.cfg.JS.KeyValue(ctx, g.cfg.Names.MembersBucket())
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", g.cfg.Names.MembersBucket(), err)
	}
	s.Members, err = memberKeys(ctx, kv)
	if err != nil {
		return err
	}
	inbox := g.cfg.NC.NewRespInbox()
	sub, err := g.cfg.NC.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("ask the executors: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := g.cfg.NC.PublishRequest(g.cfg.Names.Control("status"), inbox, nil); err != nil {
		return fmt.Errorf("ask the executors: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherWait)
	defer cancel()
	for answered := 0; answered < len(s.Members); {
		msg, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil //nolint:nilerr // whoever does not answer in time does not count as an owner
		}
		var node runner.NodeStatus
		if json.Unmarshal(msg.Data, &node) != nil {
			continue
		}
		if slices.Contains(s.Members, node.Member) {
			answered++
		}
		s.add(node)
	}
	return nil
}

func memberKeys(ctx context.Context, kv jetstream.KeyValue) ([]string, error) {
	list, err := kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the members: %w", err)
	}
	members := []string{}
	for key := range list.Keys() {
		members = append(members, key)
	}
	slices.Sort(members)
	return members, nil
}

// add takes over what an executor says. Of two that claim a partition, the one
// with the higher epoch owns it.
func (s *Status) add(node runner.NodeStatus) {
	for _, p := range node.Partitions {
		id, err := ids.ParsePartition(p.Partition)
		if err != nil || int(id) >= len(s.Partitions) {
			continue
		}
		at := &s.Partitions[id]
		if !at.Owned || at.Epoch < p.Epoch {
			at.Status, at.Owned = p, p.Error == ""
		}
	}
	if node.Deploy != nil {
		s.Deploy.Owner, s.Deploy.Backlog = node.Deploy.Member, node.Deploy.CommandSeq
	}
	s.Nodes = append(s.Nodes, NodeDefinitions{Member: node.Member, DeploySeq: node.DeploySeq, IndexDigest: node.IndexDigest, Cache: node.Cache})
	slices.SortFunc(s.Nodes, func(a, b NodeDefinitions) int { return strings.Compare(a.Member, b.Member) })
}

// projection adds how far the read models are. Without Postgres the engine goes
// on, so the rest of the status is still worth having: the fault is told at each
// partition, and nothing is idle.
func (g *Gateway) projection(ctx context.Context, s *Status) {
	ctx, cancel := context.WithTimeout(ctx, gatherWait*5)
	defer cancel()
	list, err := g.cfg.Projector.Status(ctx)
	if err != nil {
		s.Deploy.ProjectorError = err.Error()
		for i := range s.Partitions {
			s.Partitions[i].ProjectorError = err.Error()
		}
		return
	}
	for _, p := range list {
		switch {
		case p.Partition == projector.Definitions:
			s.Deploy.ProjectedSeq, s.Deploy.Lag, s.Deploy.ProjectorError = p.Seq, behind(s.Deploy.Seq, p.Seq), p.Error
		case int(p.Partition) < len(s.Partitions):
			at := &s.Partitions[p.Partition]
			at.ProjectedSeq, at.Lag, at.ProjectorError = p.Seq, behind(at.EventLog, p.Seq), p.Error
		}
	}
}

func (s *Status) idle() bool {
	for _, p := range s.Partitions {
		if !p.Owned || p.Backlog > 0 || !p.EffectsIdle || p.DueTimers || p.Lag > 0 || p.EventSeq != p.EventLog || p.ProjectorError != "" {
			return false
		}
	}
	return s.Deploy.Owner != "" && s.Deploy.Backlog == 0 && s.Deploy.Lag == 0 && s.Deploy.ProjectorError == ""
}
