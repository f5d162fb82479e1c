package privatepg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// ErrNoBinaries says that Postgres is not on the machine and could not be
// fetched.
var ErrNoBinaries = errors.New("no Postgres binaries")

// oldestMajor is the oldest major version whose features the read models use.
const oldestMajor = 14

// search says where binaries are looked for.
type search struct {
	// path are the folders of PATH, patterns the globs behind it.
	path     []string
	patterns []string
	// repository is the Maven repository that binaries are fetched from; empty
	// is the library's default.
	repository string
}

func machine() *search {
	return &search{
		path: filepath.SplitList(os.Getenv("PATH")),
		patterns: []string{
			"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
			"/usr/pgsql-*/bin",                  // the PGDG packages for Red Hat
			"/usr/lib/postgresql*/bin",          // SUSE, Gentoo
			"/usr/libexec/postgresql*",          // Alpine
			"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
			"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
			"/Applications/Postgres.app/Contents/Versions/*/bin",
			"/nix/var/nix/profiles/default/bin",
			"/run/current-system/sw/bin",
			"/opt/local/lib/postgresql*/bin", // MacPorts
			"/usr/local/pgsql/bin",           // built from source
		},
	}
}

// binaries is one installation of Postgres.
type binaries struct {
	dir     string
	version string // such as 15.18
	major   int
}

func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }
func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }

// findBinaries returns the installation to use. Data of a major version wants
// binaries of that version; want is 0 when there is no data yet, which takes the
// first of PATH, else the newest.
func findBinaries(ctx context.Context, cfg *Config, p place, want int, user runAs) (binaries, error) {
	if cfg.BinDir != "" {
		b, err := inspect(ctx, cfg.BinDir)
		if err != nil {
			return binaries{}, fmt.Errorf("%w in BinDir %s: %w", ErrNoBinaries, cfg.BinDir, err)
		}
		return b, check(b, want)
	}
	var others []binaries
	for _, b := range candidates(ctx, cfg.search, user) {
		if check(b, want) == nil {
			return b, nil
		}
		others = append(others, b)
	}
	fetched, fetchErr := fetch(ctx, cfg, p, want)
	if fetchErr == nil {
		return fetched, check(fetched, want)
	}
	if len(others) > 0 {
		return binaries{}, check(others[0], want)
	}
	return binaries{}, fmt.Errorf("%w in PATH or the usual folders, and they could not be fetched (%w); install the package postgresql, set BinDir, or use a server of your own", ErrNoBinaries, fetchErr)
}

// ErrVersion says that the data was made by another major version of Postgres.
var ErrVersion = errors.New("data of another Postgres version")

func check(b binaries, want int) error {
	switch {
	case want != 0 && b.major != want:
		return fmt.Errorf("%w: the data is of major version %d, but the Postgres in %s is %s; install Postgres %d beside it (each version's binaries are found by themselves), or move the data over with pg_upgrade",
			ErrVersion, want, b.dir, b.version, want)
	case b.major < oldestMajor:
		return fmt.Errorf("%w: expected Postgres %d or newer, but the one in %s is %s", ErrNoBinaries, oldestMajor, b.dir, b.version)
	}
	return nil
}

// candidates lists the usable installations of the machine: those of PATH in
// its order, then the others from the newest down.
func candidates(ctx context.Context, s *search, user runAs) []binaries {
	var out []binaries
	seen := make(map[string]bool)
	visit := func(dir string) {
		// A link in PATH such as /usr/local/bin/postgres leads to the folder
		// that holds the rest of the installation.
		real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil {
			return
		}
		dir = filepath.Dir(real)
		if seen[dir] {
			return
		}
		seen[dir] = true
		if b, err := inspect(ctx, dir); err == nil && user.mayEnter(dir) == nil {
			out = append(out, b)
		}
	}
	for _, dir := range s.path {
		visit(dir)
	}
	inPath := len(out)
	for _, pattern := range s.patterns {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			continue // the patterns are constants
		}
		for _, dir := range dirs {
			visit(dir)
		}
	}
	slices.SortStableFunc(out[inPath:], func(a, b binaries) int { return b.major - a.major })
	return out
}

var versionText = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[^ \n]*)`)

// inspect reads the version of the installation in a folder.
func inspect(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	if _, err := os.Stat(b.initdb()); err != nil {
		return b, err
	}
	out, err := exec.CommandContext(ctx, b.postgres(), "--version").Output() //nolint:gosec // a file called postgres in a folder of binaries
	if err != nil {
		return b, fmt.Errorf("%s --version: %w", b.postgres(), err)
	}
	m := versionText.FindSubmatch(out)
	if m == nil {
		return b, fmt.Errorf("%s --version: expected a version, but got %q", b.postgres(), out)
	}
	b.version = string(m[1])
	b.major, err = strconv.Atoi(string(m[2]))
	return b, err
}

// fetchable are the versions that the library names, by major version.
var fetchable = map[int]embeddedpostgres.PostgresVersion{
	14: embeddedpostgres.V14,
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: embeddedpostgres.V18,
}

// fetchMajor is fetched when there is no data that asks for another one.
const fetchMajor = 17

// fetch downloads binaries through the embedded-postgres library into the data
// folder. The library does not only fetch: its Start also makes a database and
// runs it, as the present user, which root must not. So Start is given a data
// path that no file system accepts; it fails right behind the extraction, and
// the binaries it has put down are all that counts.
func fetch(ctx context.Context, cfg *Config, p place, want int) (binaries, error) {
	if want == 0 {
		want = fetchMajor
	}
	version, ok := fetchable[want]
	if !ok {
		return binaries{}, fmt.Errorf("no download of major version %d is known", want)
	}
	if err := ctx.Err(); err != nil {
		return binaries{}, err
	}
	root := filepath.Join(p.binaries(), string(version))
	bin := filepath.Join(root, "bin")
	if b, err := inspect(ctx, bin); err == nil {
		return b, nil
	}
	cfg.Logger.Info("fetching Postgres, since the machine has none that fits", slog.String("version", string(version)))
	if err := mkdirOpen(root); err != nil {
		return binaries{}, err
	}
	port, err := freePort()
	if err != nil {
		return binaries{}, err
	}
	lib := embeddedpostgres.DefaultConfig().
		Version(version).
		CachePath(filepath.Join(p.binaries(), "cache")).
		BinariesPath(root).
		RuntimePath(filepath.Join(p.binaries(), "runtime")).
		DataPath("no\x00path").
		Port(uint32(port)). //nolint:gosec // a port fits
		Logger(io.Discard)
	if cfg.search.repository != "" {
		lib = lib.BinaryRepositoryURL(cfg.search.repository)
	}
	startErr := embeddedpostgres.NewDatabase(lib).Start()
	if err := readable(root); err != nil {
		return binaries{}, fmt.Errorf("fetch Postgres %s: %w", version, errors.Join(startErr, err))
	}
	b, err := inspect(ctx, bin)
	if err != nil {
		return binaries{}, fmt.Errorf("fetch Postgres %s: %w", version, errors.Join(startErr, err))
	}
	return b, nil
}

// readable lets Postgres's user read and run what was extracted under whatever
// umask root has.
func readable(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode) //nolint:gosec // public software
	})
}

// dataMajor reads which major version made the data; 0 if there is none.
func dataMajor(dataDir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, "PG_VERSION")) //nolint:gosec // our own data directory
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%w: PG_VERSION in %s holds %q", ErrVersion, dataDir, text)
	}
	return major, nil
}
