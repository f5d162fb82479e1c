package gateway

import (
	"context"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/projector"
)

// CleanupRequest asks to remove ended instances whose time to live is over.
type CleanupRequest struct {
	// Before is the time up to which they must be due, in RFC 3339; empty is the
	// engine's time. A later one is refused.
	Before time.Time `json:"before,omitzero"`
	// Tenant and ProcessID keep the root instances of one tenant or process;
	// empty is all.
	Tenant    string `json:"tenant,omitempty"`
	ProcessID string `json:"process_id,omitempty"`
	// DryRun counts and removes nothing.
	DryRun bool `json:"dry_run,omitempty"`
}

func (g *Gateway) historyCleanup(ctx context.Context, r *CleanupRequest) (any, error) {
	return g.cfg.Projector.Cleanup(ctx, projector.CleanupOptions{Before: r.Before, Tenant: r.Tenant, ProcessID: r.ProcessID, DryRun: r.DryRun})
}

// DropArchiveRequest asks to drop days of the archive.
type DropArchiveRequest struct {
	// Before is the time before which whole UTC days are dropped, in RFC 3339.
	Before time.Time `json:"before"`
}

// DropArchiveResult tells what was dropped.
type DropArchiveResult struct {
	// DroppedUpTo is the end of the newest day that was dropped; it is missing if
	// there was none.
	DroppedUpTo time.Time `json:"dropped_upto,omitzero"`
}

func (g *Gateway) historyDropArchive(ctx context.Context, r *DropArchiveRequest) (any, error) {
	if r.Before.IsZero() {
		return nil, commands.Reject(commands.CodeCommandInvalid, "before is missing; expected the time before which whole days are dropped")
	}
	upto, err := g.cfg.Projector.DropArchive(ctx, r.Before)
	if err != nil {
		return nil, err
	}
	return &DropArchiveResult{DroppedUpTo: upto}, nil
}
