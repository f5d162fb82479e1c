package engine

import "time"

// removeAt is when the read models may forget an instance that ends now: after
// the time to live of its process, 0 for never. What a call activity started goes
// with its root.
func (d *decider) removeAt(in *Instance) int64 {
	if in.Parent != "" {
		return 0
	}
	ttl := d.model(in).HistoryTTL
	if ttl == nil {
		return 0
	}
	at, err := ttl.AddTo(time.UnixMilli(d.cmd.TimeMS), d.cfg.Zone)
	if err != nil {
		return 0 // beyond the year 9999, which is never
	}
	return at.UnixMilli()
}
