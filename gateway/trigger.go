package gateway

import (
	"context"

	"github.com/weir-bpm/weir/commands"
)

// TriggerRequest continues an element that waits without a subscription to a
// message.
type TriggerRequest struct {
	Tenant
	commands.Trigger
}

func (g *Gateway) trigger(ctx context.Context, r *TriggerRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.ElementInstanceID, &r.Trigger)
}
