// Package privatepg runs a Postgres of Weir's own under a data folder, so that
// one command on a fresh machine is enough.
//
// The binaries are those of the machine (PATH, then the folders of the usual
// distributions), else the embedded-postgres library fetches them. Postgres
// refuses to run as root, so that a root process runs it as the user postgres,
// or nobody. It listens on a unix socket in a folder that only its user can
// enter; where the path would be too long for a socket, on a loopback port with
// a generated password.
//
// The folder belongs to one process at a time. A Postgres left over from a
// parent that was killed is shut down cleanly before the next one starts; on
// Linux it shuts itself down when its parent dies.
//
//	<Dir>/data       the Postgres data directory
//	<Dir>/run        the unix socket
//	<Dir>/password   the password of the superuser, 0600
//	<Dir>/location   where data and run are instead, if Dir cannot hold them
//	<Dir>/binaries   fetched binaries, if the machine had none
//	<Dir>/postgres.log, postgres.log.1   Postgres's messages
package privatepg
