package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
)

// Cluster is what all nodes of a cluster agree on.
type Cluster struct {
	// Partitions is the present number of partitions.
	Partitions int `json:"partitions"`
	// Homes is the number the cluster was created with.
	Homes int `json:"homes"`
}

// clusterKey is where the cluster's settings are in the meta bucket.
const clusterKey = "cluster"

// EnsureCluster makes the streams and buckets of the cluster and returns its
// settings. More partitions than before are added; fewer are refused.
func EnsureCluster(ctx context.Context, js jetstream.JetStream, n Names, s Setup, partitions int) (Cluster, error) {
	var c Cluster
	if partitions < 1 || partitions > ids.MaxPartitions {
		return c, fmt.Errorf("expected 1 to %d partitions, but got %d", ids.MaxPartitions, partitions)
	}
	if err := EnsureShared(ctx, js, n, s); err != nil {
		return c, err
	}
	kv, err := js.KeyValue(ctx, n.MetaBucket())
	if err != nil {
		return c, fmt.Errorf("open bucket %s: %w", n.MetaBucket(), err)
	}
	for {
		var revision uint64
		entry, err := kv.Get(ctx, clusterKey)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
			c = Cluster{Partitions: partitions, Homes: partitions}
		case err != nil:
			return c, fmt.Errorf("read the cluster's settings: %w", err)
		default:
			if err := json.Unmarshal(entry.Value(), &c); err != nil {
				return c, fmt.Errorf("read the cluster's settings: %w", err)
			}
			revision = entry.Revision()
		}
		if partitions < c.Partitions {
			return c, fmt.Errorf("%w: the cluster has %d, but %d were asked for", ErrPartitionsDecreased, c.Partitions, partitions)
		}
		if revision > 0 && partitions == c.Partitions {
			break
		}
		c.Partitions = partitions
		data, err := json.Marshal(c)
		if err != nil {
			return c, err
		}
		if _, err = kv.Update(ctx, clusterKey, data, revision); err == nil {
			break
		}
		if !IsConflict(err) && !errors.Is(err, jetstream.ErrKeyExists) {
			return c, fmt.Errorf("store the cluster's settings: %w", err)
		}
	}
	for p := range c.Partitions {
		if err := EnsurePartition(ctx, js, n, ids.Partition(p), s); err != nil {
			return c, err
		}
	}
	return c, nil
}

// ReadCluster returns the settings of a cluster that exists.
func ReadCluster(ctx context.Context, js jetstream.JetStream, n Names) (Cluster, error) {
	var c Cluster
	kv, err := js.KeyValue(ctx, n.MetaBucket())
	if err != nil {
		return c, fmt.Errorf("open bucket %s: %w", n.MetaBucket(), err)
	}
	entry, err := kv.Get(ctx, clusterKey)
	if err != nil {
		return c, fmt.Errorf("read the cluster's settings: %w", err)
	}
	return c, json.Unmarshal(entry.Value(), &c)
}

// ErrPartitionsDecreased says that a cluster was asked to go on with fewer
// partitions than it has.
var ErrPartitionsDecreased = errors.New("partitions cannot be taken away")

// IsConflict says whether a write was refused because the stream's last sequence
// is not the expected one. Replicated streams have a code of their own.
func IsConflict(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	const replicatedConflict = 10164
	return api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == replicatedConflict
}
