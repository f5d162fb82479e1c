// Package e2e tests the real binary: each test starts `weir up` as a process
// with a data folder of its own, talks to it over NATS, HTTP, SQL and the command
// line, and kills it where the story asks for it.
package e2e
