package definitions

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/streams"
)

// ErrResourceNotFound says that no file of the digest is stored.
var ErrResourceNotFound = errors.New("resource not found")

// ErrResourceDamaged says that the bytes of a stored file are not those of its
// digest.
var ErrResourceDamaged = errors.New("resource damaged")

// Resources keeps deployed files by the SHA-256 of their bytes, so that one
// file is stored once and what is read is what was deployed. Its methods may
// overlap.
type Resources struct {
	store jetstream.ObjectStore
}

// OpenResources opens the object store, which is made if it is missing.
func OpenResources(ctx context.Context, js jetstream.JetStream, names streams.Names, setup streams.Setup) (*Resources, error) {
	store, err := js.ObjectStore(ctx, names.ResourceBucket())
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		store, err = js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: names.ResourceBucket(), Description: "Deployed files by their SHA-256",
			Storage: jetstream.FileStorage, Replicas: max(setup.Replicas, 1),
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open object store %s: %w", names.ResourceBucket(), err)
	}
	return &Resources{store: store}, nil
}

// Put stores a file and returns its digest. When it returns, the file is as
// durable as an acknowledged write. A file that is there stays as it is.
func (r *Resources) Put(ctx context.Context, content []byte) (string, error) {
	name := DigestOf(content)
	info, err := r.store.GetInfo(ctx, name)
	if err == nil && info.Size == uint64(len(content)) {
		return name, nil
	}
	if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
		return "", fmt.Errorf("put resource %s: %w", name, err)
	}
	// Two that put one file at once put equal bytes; one of the two stays.
	if _, err := r.store.Put(ctx, jetstream.ObjectMeta{Name: name}, bytes.NewReader(content)); err != nil {
		return "", fmt.Errorf("put resource %s: %w", name, err)
	}
	return name, nil
}

// Get returns the file of a digest. Errors: [ErrResourceNotFound],
// [ErrResourceDamaged], or what the server said.
func (r *Resources) Get(ctx context.Context, name string) ([]byte, error) {
	if _, err := parseDigest(name); err != nil {
		return nil, fmt.Errorf("get resource: %w", err)
	}
	content, err := r.store.GetBytes(ctx, name)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, fmt.Errorf("get resource %s: %w", name, ErrResourceNotFound)
	case errors.Is(err, jetstream.ErrDigestMismatch):
		return nil, fmt.Errorf("get resource %s: %w: %w", name, ErrResourceDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("get resource %s: %w", name, err)
	}
	if got := DigestOf(content); got != name {
		return nil, fmt.Errorf("get resource %s: %w: its digest is %s", name, ErrResourceDamaged, got)
	}
	return content, nil
}
