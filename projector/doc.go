// Package projector folds the event logs into read models in Postgres, and
// answers queries over them.
//
// # The way of a frame
//
// Each partition's event log, and the definitions log, is followed by one
// goroutine. It reads what is there as one batch, folds it in memory, so that
// an instance that began and ended within the batch is one insert, and writes
// rows and checkpoint in one transaction:
//
//	log ──▶ read ahead ──▶ plan ──▶ load touched rows ──▶ fold ──▶ COPY ──▶ checkpoint ──▶ commit
//	                       rows     DELETE … RETURNING    events   a table
//
// The checkpoint in Postgres is the truth: nothing is acknowledged to the log.
// A batch begins by locking its checkpoint and ends by moving it, so a frame is
// folded once however many projectors run and wherever one crashes. Every row
// also carries the sequence at which it last changed and ignores events up to
// it: a checkpoint that was set back does no harm. Partitions write disjoint
// rows, each in one transaction at a time, so they do not wait for each other.
//
// A projector stops a partition, with a coded error ([Error]), where going on
// would make the rows wrong: the log went backwards or is another one, its hash
// chain is broken, a newer release wrote it, or an event does not fit the rows.
// Everything else (Postgres or the log away) is tried again, and shows as lag
// ([Projector.Status]). The engine does not wait for the projector.
//
// # The tables
//
// A handler reads some kinds of events and writes one table; both stand in
// handlers.go and one file for each table. The columns are explained in
// migrations/. Rows of ended instances stay until the time to live of their process
// is over.
//
// Times are those of the engine's clock, in UTC; outside the years 1 to 9999
// they are the nearest inside. Numbers are exact: jsonb keeps decimals. What
// Postgres cannot hold is escaped with U+2400 (see escape in text.go): U+0000
// in text and JSON is stored as U+2400 followed by 0. Indexed texts, such as
// business keys and names of variables, are cut after 512 bytes and end in
// their hash. The queries of this package undo the escapes; the archive has
// everything as it was.
//
// # The archive
//
// The table transitions holds each transition of the log, numbered within its
// instance: event n of an instance is the n-th in all transitions that name it,
// as the engine counts. The payload is the log's own encoding, not JSON: it can
// be replayed after the log was trimmed, and the codec raises old versions of
// events to new ones. It is also shorter and cheaper to write (407 bytes and
// 12 µs a transition of a process with one service task, against 554 bytes and
// 56 µs as JSON). For SQL the kinds stand beside it; [Queries.History] gives the
// payloads as JSON. The table is
// partitioned by the day of the log's clock, which does not jump with a pinned
// engine clock; [DropArchive] drops whole days.
//
// # Cleanup
//
// The end of a root instance says when its rows may go (remove_at).
// [Projector.Cleanup] removes what is due, a whole tree of instances at a time, and
// notes in history_removals up to when, how many and which. That is how verify
// tells a removed instance from a lost one, and what a rebuild removes again.
//
// # Rebuild and verify
//
// [Projector.Rebuild] folds everything anew into a side schema and swaps it in
// one transaction while the engine and the projectors go on.
// [Projector.Verify] folds the log with a second, naive fold (model.go), which
// shares the escapes and the form of times with the handlers and nothing else,
// and compares every row.
package projector
