package gateway

import (
	"context"

	"github.com/weir-bpm/weir/commands"
)

// ActivateAdHocRequest begins activities of an active ad-hoc subprocess, or ends
// it.
type ActivateAdHocRequest struct {
	Tenant
	commands.ActivateAdHoc
}

func (g *Gateway) activateAdHoc(ctx context.Context, r *ActivateAdHocRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.ElementInstanceID, &r.ActivateAdHoc)
}
