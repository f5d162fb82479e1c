// Package runner is the shell around the state machine of package engine: it
// reads commands, has them decided, appends commit frames and performs effects.
//
// One partition has one owner at a time. The owner
//
//  1. loads its snapshot and replays newer frames,
//  2. takes as many commands as are waiting,
//  3. decides them and appends all their events as one frame, fenced by the
//     expected sequence of the stream,
//  4. once the append is acknowledged, answers, offers jobs to workers and sends
//     commands to other partitions.
//
// A refused append means that there is another owner: the state is dropped and
// the partition given up. Effects may be lost by a crash or done twice: what
// must happen is in the state, so the next owner finds it, and every receiver is
// idempotent.
package runner
