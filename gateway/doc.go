// Package gateway offers commands and queries to programs that do not speak the
// log's own subjects: a NATS service on weir.api.<operation>, and HTTP. Both are
// made from one table of operations, [Gateway.operations].
package gateway
