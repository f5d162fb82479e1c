package streams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
)

// Setup says how streams are made.
type Setup struct {
	// Replicas is the number of copies of each stream, 1 or 3. Default 1.
	Replicas int
	// LockWait is how long a worker may keep a job without a sign of life
	// before it is offered to another one. Default 5 minutes.
	LockWait time.Duration
}

// persist returns the persistence of streams whose messages are not the
// promise: the answer to a command is, and it comes after its events are on
// disk; jobs are derived from events. On one replica they need not be synced.
func (s Setup) persist() jetstream.PersistModeType {
	if s.Replicas > 1 {
		return jetstream.DefaultPersistMode
	}
	return jetstream.AsyncPersistMode
}

func (s Setup) replicas() int { return max(s.Replicas, 1) }

// EnsurePartition makes the streams of a partition if they are not there.
// Streams that exist are left as they are.
func EnsurePartition(ctx context.Context, js jetstream.JetStream, n Names, p ids.Partition, s Setup) error {
	return errors.Join(
		ensure(ctx, js, jetstream.StreamConfig{
			Name: n.CommandStream(p), Subjects: []string{n.CommandSubjects(p)},
			Description: "Commands of partition " + p.String(),
			Storage:     jetstream.FileStorage, Replicas: s.replicas(), PersistMode: s.persist(),
			Discard: jetstream.DiscardNew,
		}),
		ensure(ctx, js, jetstream.StreamConfig{
			Name: n.EventStream(p), Subjects: []string{n.EventSubject(p)},
			Description: "Commit frames of partition " + p.String(),
			Storage:     jetstream.FileStorage, Replicas: s.replicas(), AllowDirect: true,
			DenyDelete: true, Discard: jetstream.DiscardNew,
		}),
	)
}

// EnsureShared makes the streams and buckets that all partitions share.
func EnsureShared(ctx context.Context, js jetstream.JetStream, n Names, s Setup) error {
	err := errors.Join(
		ensure(ctx, js, jetstream.StreamConfig{
			Name: n.DeployStream(), Subjects: []string{n.DeploySubjects()},
			Description: "Deploy commands",
			Storage:     jetstream.FileStorage, Replicas: s.replicas(), MaxAge: 24 * time.Hour,
		}),
		ensure(ctx, js, jetstream.StreamConfig{
			Name: n.DefinitionStream(), Subjects: []string{n.DefinitionSubject()},
			Description: "Deployments and definitions",
			Storage:     jetstream.FileStorage, Replicas: s.replicas(), AllowDirect: true,
			DenyDelete: true, DenyPurge: true, Discard: jetstream.DiscardNew,
		}),
		ensure(ctx, js, jetstream.StreamConfig{
			Name: n.JobStream(), Subjects: []string{n.JobSubjects()},
			Description: "Jobs that wait for workers",
			Storage:     jetstream.FileStorage, Replicas: s.replicas(), PersistMode: s.persist(),
			Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
		}),
	)
	if err != nil {
		return err
	}
	if _, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: n.MetaBucket(), Description: "Cluster settings", History: 1, Replicas: s.replicas(),
	}); err != nil {
		return fmt.Errorf("make bucket %s: %w", n.MetaBucket(), err)
	}
	if _, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: n.MembersBucket(), Description: "Live executors", History: 1, Replicas: s.replicas(),
		TTL: MemberTTL, Storage: jetstream.MemoryStorage,
	}); err != nil {
		return fmt.Errorf("make bucket %s: %w", n.MembersBucket(), err)
	}
	return nil
}

// MemberTTL is how long an executor counts as alive after its last sign of
// life. It bounds how long a take-over waits.
const MemberTTL = 1500 * time.Millisecond

func ensure(ctx context.Context, js jetstream.JetStream, cfg jetstream.StreamConfig) error {
	_, err := js.CreateStream(ctx, cfg)
	if err == nil || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return nil
	}
	return fmt.Errorf("make stream %s: %w", cfg.Name, err)
}
