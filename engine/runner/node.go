package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// Node is one executor process. Live nodes share the partitions among them by
// rendezvous hashing, in even shares. That assignment is for liveness alone;
// that no two nodes write to one partition is the log's fence.
type Node struct {
	cfg     Config
	log     *slog.Logger
	cluster streams.Cluster

	mu      sync.Mutex
	running map[ids.Partition]*running
	deploy  *runningDeployer

	cancel  context.CancelCauseFunc
	done    chan struct{}
	look    chan struct{}  // asks run to look at the members now
	release sync.WaitGroup // partitions that are being given up
}

type running struct {
	p      *partition
	cancel context.CancelCauseFunc
	done   chan struct{}
	// leaving says that the partition is being given up.
	leaving bool
}

type runningDeployer struct {
	w      *deployer
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// NewNode returns an executor of the cluster. Start it once.
func NewNode(cfg Config, cluster streams.Cluster) (*Node, error) {
	cfg = cfg.WithDefaults()
	switch {
	case cfg.NC == nil || cfg.JS == nil:
		return nil, errors.New("runner: Config.NC and Config.JS are required")
	case cfg.Definitions == nil:
		return nil, errors.New("runner: Config.Definitions is required")
	case cfg.Snapshots == nil:
		return nil, errors.New("runner: Config.Snapshots is required")
	}
	cfg.Engine.Homes, cfg.Engine.Partitions = cluster.Homes, cluster.Partitions
	if cfg.Member == "" {
		cfg.Member = memberName()
	}
	return &Node{cfg: cfg, log: cfg.Logger, cluster: cluster, running: map[ids.Partition]*running{}, done: make(chan struct{}), look: make(chan struct{}, 1)}, nil
}

func memberName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return streams.Token(strings.ToLower(host)) + "-" + fmt.Sprint(os.Getpid()) + "-" + fmt.Sprint(time.Now().UnixNano()%1_000_000)
}

// Start registers the node and begins to own partitions. It returns at once.
func (n *Node) Start(ctx context.Context) error {
	kv, err := n.cfg.JS.KeyValue(ctx, n.cfg.Names.MembersBucket())
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", n.cfg.Names.MembersBucket(), err)
	}
	if _, err := kv.Put(ctx, n.cfg.Member, []byte("{}")); err != nil {
		return fmt.Errorf("register executor %s: %w", n.cfg.Member, err)
	}
	// Members that leave say so, and their share is taken over at once.
	left, err := n.cfg.NC.Subscribe(n.cfg.Names.Control("left"), func(*nats.Msg) {
		select {
		case n.look <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return fmt.Errorf("hear of members that leave: %w", err)
	}
	sub, err := n.cfg.NC.Subscribe(n.cfg.Names.Control("status"), n.answerStatus)
	if err != nil {
		return fmt.Errorf("answer questions about the status: %w", err)
	}
	// Whoever sees this member in the bucket may ask it at once.
	if err := n.cfg.NC.FlushTimeout(ackTimeout); err != nil {
		return fmt.Errorf("answer questions about the status: %w", err)
	}
	ctx, n.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	go func() {
		n.run(ctx, kv)
		if err := errors.Join(left.Unsubscribe(), sub.Unsubscribe()); err != nil {
			n.log.Debug("leave", "error", err)
		}
		close(n.done)
	}()
	return nil
}

// heartbeat is how often a node says that it is alive and looks at who else is.
const heartbeat = streams.MemberTTL / 4

func (n *Node) run(ctx context.Context, kv jetstream.KeyValue) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		members, err := n.members(ctx, kv)
		if err == nil {
			n.assign(ctx, members)
		} else if ctx.Err() == nil {
			n.log.Warn("members unknown; keeping the partitions", "error", err)
		}
		select {
		case <-ctx.Done():
			n.stopAll()
			n.release.Wait()
			leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			if err := errors.Join(kv.Delete(leave, n.cfg.Member), n.cfg.NC.Publish(n.cfg.Names.Control("left"), nil)); err != nil {
				n.log.Debug("leave", "error", err)
			}
			cancel()
			return
		case <-ticker.C:
		case <-n.look:
		}
	}
}

func (n *Node) members(ctx context.Context, kv jetstream.KeyValue) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	_, err := kv.Put(ctx, n.cfg.Member, []byte("{}"))
	if errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) {
		// The bucket is in the server's memory, and the server has been down.
		if err = streams.EnsureShared(ctx, n.cfg.JS, n.cfg.Names, n.cfg.Setup); err == nil {
			_, err = kv.Put(ctx, n.cfg.Member, []byte("{}"))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("say that %s is alive: %w", n.cfg.Member, err)
	}
	list, err := kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the members: %w", err)
	}
	members := []string{}
	for key := range list.Keys() {
		members = append(members, key)
	}
	if !slices.Contains(members, n.cfg.Member) {
		members = append(members, n.cfg.Member)
	}
	slices.Sort(members)
	return members, nil
}

// owners returns the member that should own each partition: of the members that
// still have room the one with the highest hash of member and partition. Each
// member gets its even share, rounded up or down, and one that comes or goes
// moves little more than its own.
func owners(members []string, partitions int) []string {
	share, larger := partitions/len(members), partitions%len(members)
	load := make(map[string]int, len(members))
	out := make([]string, partitions)
	for p := range out {
		best := highest(members, ids.Partition(p), func(m string) bool { return load[m] < share || load[m] == share && larger > 0 })
		if load[best] == share {
			larger--
		}
		load[best]++
		out[p] = best
	}
	return out
}

// highest returns the member with the highest hash of member and slot among
// those with room.
func highest(members []string, slot ids.Partition, room func(string) bool) string {
	var best string
	var high uint64
	for _, m := range members {
		if !room(m) {
			continue
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(m + "/" + slot.String())) // a hash does not fail
		if sum := mix(h.Sum64()); best == "" || sum > high {
			best, high = m, sum
		}
	}
	return best
}

// mix spreads the bits of a hash, whose high bits FNV leaves uneven.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// assign begins to own what belongs to this node and gives up what does not.
// Giving up takes as long as effects and a checkpoint do, so that nobody waits
// for it: the node has to go on saying that it is alive.
func (n *Node) assign(ctx context.Context, members []string) {
	deployer := highest(members, definitionsSlot, func(string) bool { return true })
	n.assignDeployer(ctx, deployer == n.cfg.Member)
	for i, owner := range owners(members, n.cluster.Partitions) {
		p, mine := ids.Partition(i), owner == n.cfg.Member
		n.mu.Lock()
		r := n.running[p]
		if mine && r == nil && ctx.Err() == nil {
			n.running[p] = n.own(ctx, p)
		}
		leave := !mine && r != nil && !r.leaving
		if leave {
			r.leaving = true
		}
		n.mu.Unlock()
		if leave {
			n.release.Go(func() { n.stop(p, r, errors.New("the partition belongs to another member now")) })
		}
	}
}

// definitionsSlot stands for the definitions log among the partitions when
// owners are found.
const definitionsSlot = events.OriginDefinitions

func (n *Node) assignDeployer(ctx context.Context, mine bool) {
	n.mu.Lock()
	r := n.deploy
	if mine && r == nil && ctx.Err() == nil {
		ctx, cancel := context.WithCancelCause(ctx)
		r = &runningDeployer{w: newDeployer(&n.cfg, n.cluster), cancel: cancel, done: make(chan struct{})}
		n.deploy = r
		go func() {
			defer close(r.done)
			retry(ctx, n.log, "the writer of the definitions log", r.w.run)
		}()
	}
	n.mu.Unlock()
	if !mine && r != nil {
		n.stopDeployer(errors.New("the definitions log belongs to another member now"))
	}
}

func (n *Node) stopDeployer(cause error) {
	n.mu.Lock()
	r := n.deploy
	n.mu.Unlock()
	if r == nil {
		return
	}
	r.cancel(cause)
	<-r.done
	n.mu.Lock()
	n.deploy = nil
	n.mu.Unlock()
}

func (n *Node) stop(p ids.Partition, r *running, cause error) {
	r.cancel(cause)
	<-r.done
	n.mu.Lock()
	if n.running[p] == r {
		delete(n.running, p)
	}
	n.mu.Unlock()
}

func (n *Node) stopAll() {
	n.mu.Lock()
	all := make(map[ids.Partition]*running, len(n.running))
	for p, r := range n.running {
		all[p] = r
	}
	n.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { n.stopDeployer(errors.New("the executor stops")) })
	for p, r := range all {
		wg.Go(func() { n.stop(p, r, errors.New("the executor stops")) })
	}
	wg.Wait()
}

// own runs a partition until it is stopped. After a failure it starts again from
// the log; where the log itself is at fault it stays stopped and says so.
func (n *Node) own(ctx context.Context, id ids.Partition) *running {
	ctx, cancel := context.WithCancelCause(ctx)
	r := &running{cancel: cancel, done: make(chan struct{}), p: newPartition(&n.cfg, id)}
	go func() {
		defer close(r.done)
		retry(ctx, n.log.With("partition", id.String()), "the partition", func(ctx context.Context) error {
			err := r.p.run(ctx)
			var corrupt *engine.CorruptError
			if errors.As(err, &corrupt) {
				err = &LogError{commands.CodeLogCorrupt, n.cfg.Names.EventStream(id), err.Error()}
			}
			var badLog *LogError
			if errors.As(err, &badLog) {
				r.p.status.Store(&Status{Partition: id.String(), Member: n.cfg.Member, Error: err.Error()})
			}
			return err
		})
	}()
	return r
}

// Stop gives up all partitions in good order and returns when that is done. It
// may be called more than once.
func (n *Node) Stop() {
	if n.cancel == nil {
		return
	}
	n.cancel(errors.New("the executor stops"))
	<-n.done
}

// NodeStatus is what one executor says about itself.
type NodeStatus struct {
	Member     string        `json:"member"`
	Partitions []Status      `json:"partitions"`
	Deploy     *DeployStatus `json:"deploy,omitempty"`
	// DeploySeq is the newest deploy sequence that the node has seen, and
	// IndexDigest the digest of what it knows to be deployed at it.
	DeploySeq   uint64 `json:"deploy_seq"`
	IndexDigest string `json:"index_digest"`
	// Cache tells of the parsed models in memory.
	Cache definitions.CacheStats `json:"cache"`
}

// Status returns the state of the node and of each partition it owns.
func (n *Node) Status() NodeStatus {
	s := NodeStatus{Member: n.cfg.Member, Partitions: []Status{}, Deploy: n.DeployStatus()}
	s.DeploySeq, s.IndexDigest, s.Cache = n.cfg.Definitions.Describe()
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.cluster.Partitions {
		if r := n.running[ids.Partition(i)]; r != nil {
			if st := r.p.present(); st != nil {
				s.Partitions = append(s.Partitions, *st)
			}
		}
	}
	return s
}

func (n *Node) answerStatus(msg *nats.Msg) {
	data, err := json.Marshal(n.Status())
	if err == nil {
		err = msg.Respond(data)
	}
	if err != nil {
		n.log.Debug("answer lost", "error", err)
	}
}

// DeployStatus returns the state of the definitions log if this node writes it.
func (n *Node) DeployStatus() *DeployStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.deploy == nil {
		return nil
	}
	return n.deploy.w.status.Load()
}

// Cluster returns the settings of the cluster.
func (n *Node) Cluster() streams.Cluster { return n.cluster }
