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
// Postgres's user need not be able to enter the folder (below /root it cannot):
// on Linux the server then gets its data directory as an open file and calls it
// /proc/self/fd/3, the socket is in there too, and fetched binaries are kept in
// /var/lib/weir. Elsewhere such a folder is refused.
//
// The folder belongs to one process at a time. A Postgres left over from a
// parent that was killed is shut down cleanly before the next one starts; on
// Linux it shuts itself down when its parent dies. A Postgres that ends by itself
// is started again at the same address.
//
//	<Dir>/data       the Postgres data directory
//	<Dir>/run        the unix socket
//	<Dir>/password   the password of the superuser, 0600
//	<Dir>/binaries   fetched binaries, if the machine had none
//	<Dir>/postgres.log, postgres.log.1   Postgres's messages
package privatepg
