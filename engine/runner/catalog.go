package runner

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/streams"
)

// Catalog is a node's [Definitions]: the index and the models of package
// definitions.
type Catalog struct {
	*definitions.Index
	catalog *definitions.Catalog
	js      jetstream.JetStream
	names   streams.Names
}

// NewCatalog wraps a started catalog.
func NewCatalog(c *definitions.Catalog, js jetstream.JetStream, n streams.Names) *Catalog {
	return &Catalog{Index: c.Index(), catalog: c, js: js, names: n}
}

// Model implements [Definitions].
func (c *Catalog) Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	return c.catalog.Model(ctx, tenant, ref)
}

// Decision implements [Definitions].
func (c *Catalog) Decision(tenant string, ref events.DecisionRef) (*dmn.Model, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	return c.catalog.Decision(ctx, tenant, ref)
}

// WaitFor implements [Definitions].
func (c *Catalog) WaitFor(ctx context.Context, seq uint64) error { return c.catalog.WaitFor(ctx, seq) }

// CatchUp implements [Definitions].
func (c *Catalog) CatchUp(ctx context.Context) error {
	stream, err := c.js.Stream(ctx, c.names.DefinitionStream())
	if err != nil {
		return fmt.Errorf("open stream %s: %w", c.names.DefinitionStream(), err)
	}
	return c.catalog.WaitFor(ctx, stream.CachedInfo().State.LastSeq)
}

// Describe implements [Definitions].
func (c *Catalog) Describe() (uint64, string, definitions.CacheStats) {
	return c.HighWater(), c.Digest(), c.catalog.CacheStats()
}
