// Package snapshots stores the states that a partition's log would otherwise
// have to be replayed for: snapshots of idle and changed instances, many in a
// group, and a header for the partition itself, which refers to them.
//
// A snapshot is a cache. It is written whole or not at all, carries the
// sequence of the last event it includes, its format, length and checksum, and
// any mismatch means replay. Nothing in here is needed to be right, only to be
// fast.
//
// [NewJetStream] keeps them in a stream per partition, one subject for each
// group; [NewMemory] in maps. Both pass the suite in package snapshottest.
// What is larger than a message is cut into chunks, with a manifest written
// last. The header is written as generations, so that a crash while one is
// written leaves the ones before.
package snapshots
