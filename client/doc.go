// Package client talks to Weir over NATS alone: it publishes commands and waits
// for their answers, deploys models, and runs workers.
//
// A command is published to the log and answered once its events are on disk.
// An answer that does not come in time is asked for again with the same command
// id, so a command is applied once however often it is sent.
package client
