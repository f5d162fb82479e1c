package privatepg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-bpm/weir/internal/embednats/folderlock"
)

// Facts are what is known of a started server.
type Facts struct {
	Version  string // of the binaries, such as 15.18
	PID      int
	Binaries string // folder of the binaries
	DataDir  string
	// Listen is the folder of the unix socket, or host:port.
	Listen string
	// Created says that this start made the database.
	Created bool
}

// Server is a running private Postgres. Its methods may be called from several
// goroutines.
type Server struct {
	cfg  Config
	lock *folderlock.Lock
	url  string

	mu    sync.Mutex // guards facts
	facts Facts

	process *process           // after the start, the keeper's until it has ended
	unkeep  context.CancelFunc // ends the keeper
	kept    chan struct{}      // closed when the keeper has ended
	stop    sync.Once
	stopErr error
}

// Start runs Postgres on the data in cfg.Dir, which is made at the first start,
// and returns when it takes connections to the database. A server that ends by
// itself is started again at the same address. ctx bounds the start only. Errors: [folderlock.ErrHeld], [ErrNoBinaries], [ErrVersion], or what
// Postgres said, with a way out in the text.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.StartTimeout,
		fmt.Errorf("expected Postgres to start within %v; a long crash recovery needs a larger StartTimeout", cfg.StartTimeout))
	defer cancel()
	if err := mkdirOpen(cfg.Dir); err != nil {
		return nil, fmt.Errorf("private postgres: %w", err)
	}
	lock, err := folderlock.Acquire(cfg.Dir, "lock")
	if err != nil {
		return nil, fmt.Errorf("private postgres: %w", err)
	}
	s := &Server{cfg: cfg, lock: lock}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("private postgres: %w", err), s.Stop())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	p, user, err := locate(&s.cfg)
	if err != nil {
		return err
	}
	major, err := dataMajor(p.data())
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, &s.cfg, p, major, user)
	if err != nil {
		return err
	}
	if err := stopLeftover(ctx, &s.cfg, p); err != nil {
		return err
	}
	created, err := ensureData(ctx, &s.cfg, p, bin, user)
	if err != nil {
		return err
	}
	if !p.closed {
		if err := errors.Join(os.MkdirAll(p.run(), 0o700), user.own(p.run())); err != nil {
			return err
		}
	}
	s.cfg.TCP = s.cfg.TCP || !p.socketFits()
	s.facts = Facts{Version: bin.version, Binaries: bin.dir, DataDir: p.data(), Created: created}
	// A free port may be taken by somebody else before Postgres has it, and
	// the last processes of a killed server may still hold its shared memory.
	for attempt := 1; ; attempt++ {
		err = s.launch(ctx, p, bin, user)
		if err == nil || !passes(err) || attempt == startAttempts {
			break
		}
		s.cfg.Logger.Info("starting Postgres again", slog.Any("error", err))
		if _, err := poll(ctx, startPause, func() bool { return false }); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	s.cfg.Logger.Info("Postgres started", slog.String("version", bin.version), slog.Int("pid", s.facts.PID),
		slog.String("listen", s.facts.Listen), slog.String("data", s.facts.DataDir), slog.Bool("created", created))
	keep, unkeep := context.WithCancel(context.WithoutCancel(ctx))
	s.unkeep, s.kept = unkeep, make(chan struct{})
	go s.keep(keep, func(ctx context.Context) error { return s.launch(ctx, p, bin, user) })
	return nil
}

// keep starts the server again whenever it ends by itself, until ctx ends.
func (s *Server) keep(ctx context.Context, launch func(context.Context) error) {
	defer close(s.kept)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.process.exited:
		}
		s.cfg.Logger.Error("Postgres ended by itself and is started again", slog.Int("pid", s.process.pid), slog.Any("error", s.process.exitError()))
		for pause := startPause; ; pause = min(2*pause, restartPause) {
			err := func() error {
				ctx, cancel := context.WithTimeout(ctx, s.cfg.StartTimeout)
				defer cancel()
				return launch(ctx)
			}()
			if err == nil {
				s.cfg.Logger.Info("Postgres started", slog.Int("pid", s.process.pid))
				break
			}
			s.cfg.Logger.Warn("Postgres does not start", slog.Any("error", err))
			if _, err := poll(ctx, pause, func() bool { return false }); err != nil {
				return
			}
		}
	}
}

const (
	startAttempts = 10
	startPause    = 300 * time.Millisecond
	restartPause  = 30 * time.Second // longest between two restarts
)

// passes says whether a failed start may succeed a moment later.
func passes(err error) bool {
	text := err.Error()
	return strings.Contains(text, "pre-existing shared memory block") ||
		strings.Contains(text, "could not bind") ||
		strings.Contains(text, "could not create any TCP/IP sockets")
}

// launch starts the process and waits until it takes connections.
func (s *Server) launch(ctx context.Context, p place, bin binaries, user runAs) error {
	target := &url.URL{Scheme: "postgres", Path: "/" + database}
	port, listen := s.cfg.Port, p.run()
	if s.cfg.TCP {
		if port == 0 {
			var err error
			if port, err = freePort(); err != nil {
				return err
			}
		}
		password, err := readPassword(s.cfg.Dir)
		if err != nil {
			return err
		}
		listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		target.User = url.UserPassword(superuser, password)
		target.Host = listen
		target.RawQuery = url.Values{"sslmode": {"disable"}}.Encode() // loopback
	} else {
		// Readers of libpq's format take a '+' as it is, not as a space.
		target.RawQuery = strings.ReplaceAll(url.Values{"host": {p.run()}, "user": {superuser}}.Encode(), "+", "%20")
	}
	args := []string{"-D", p.seen(p.data())}
	settings := s.cfg.settings(p.seen(p.run()), port)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	log, err := openLog(filepath.Join(s.cfg.Dir, "postgres.log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(bin.postgres(), args...) //nolint:gosec,noctx // found by findBinaries; it outlives the start
	cmd.SysProcAttr = user.sysProcAttr(!s.cfg.orphan)
	cmd.Env = environment(user)
	cmd.Stdout, cmd.Stderr = log.file, log.file
	process, err := startProcess(cmd, p, p.data())
	err = errors.Join(err, log.file.Close()) // the process has its own
	if err != nil {
		return err
	}
	s.process = process
	if err := process.ready(ctx, target.String()); err != nil {
		stopErr := process.stop(s.cfg.StopTimeout)
		return errors.Join(fmt.Errorf("%w%s", err, log.tail()), stopErr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts.PID, s.facts.Listen = process.pid, listen
	// The address stays when the server is started again.
	s.cfg.Port, s.url = port, target.String()
	return nil
}

// ready waits until the database takes connections; it makes the database when
// it is missing.
func (p *process) ready(ctx context.Context, target string) error {
	for {
		err := probe(ctx, target)
		var pgErr *pgconn.PgError
		if errors.As(err, &pgErr) && pgErr.Code == "3D000" { // invalid_catalog_name
			err = createDatabase(ctx, target)
		}
		if err == nil {
			return nil
		}
		// Not there yet, or still starting up (57P03, recovery included).
		pgErr = nil
		if errors.As(err, &pgErr) && pgErr.Code != "57P03" {
			return fmt.Errorf("connect: %w", err)
		}
		select {
		case <-p.exited:
			return fmt.Errorf("server ended while starting: %w", p.exitError())
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func probe(ctx context.Context, target string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, target)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func createDatabase(ctx context.Context, target string) error {
	cfg, err := pgx.ParseConfig(target)
	if err != nil {
		return err
	}
	cfg.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+database)
	return errors.Join(err, conn.Close(ctx))
}

// URL is the address of the database, for pgx and other clients of libpq's
// format. It holds a password when the server listens on a port: do not log it.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Facts tells what was started; after a restart, the new process.
func (s *Server) Facts() Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

// Stop shuts the server down: sessions are ended, a checkpoint is written. It
// returns when the process is gone and the folder is free. It may be called
// more than once and returns the same error.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		if s.unkeep != nil {
			s.unkeep()
			<-s.kept
		}
		if s.process != nil {
			s.stopErr = s.process.stop(s.cfg.StopTimeout)
		}
		s.stopErr = errors.Join(s.stopErr, s.lock.Release())
		if s.stopErr == nil && s.process != nil {
			s.cfg.Logger.Info("Postgres stopped", slog.Int("pid", s.facts.PID))
		}
	})
	return s.stopErr
}

// process is the server's process and the goroutine that waits for it.
type process struct {
	pid    int
	exited chan struct{}
	err    error // valid once exited is closed
}

// startProcess starts the command on a thread of its own: Linux sends the death
// signal when the thread that started a process ends, and Go ends threads as it
// likes. The thread lives as long as the process.
//
// In a place that is closed to the process's user, the process gets the folder
// as an open file, which it may use without a way to it.
func startProcess(cmd *exec.Cmd, at place, folder string) (*process, error) {
	cmd.Dir = "/"
	if at.closed {
		dir, err := os.Open(folder) //nolint:gosec // our own data directory
		if err != nil {
			return nil, err
		}
		defer func() { _ = dir.Close() }() // only held open for the process
		cmd.ExtraFiles = []*os.File{dir}
	}
	p := &process{exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		if errors.Is(err, fs.ErrPermission) && os.Geteuid() == 0 {
			return nil, fmt.Errorf("%w; root without the right to change users (CAP_SETUID) cannot start Postgres: run as another user", err)
		}
		return nil, err
	}
	return p, nil
}

// exitError says how the process ended; it must have.
func (p *process) exitError() error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

// stop shuts the process down, hard when the limit has passed.
func (p *process) stop(limit time.Duration) error {
	select {
	case <-p.exited: // its end was reported
		return nil
	default:
	}
	if err := signal(p.pid, fastShutdown); err != nil {
		return fmt.Errorf("stop Postgres %d: %w", p.pid, err)
	}
	select {
	case <-p.exited:
		if p.err != nil {
			return fmt.Errorf("stop Postgres %d: %w", p.pid, p.err)
		}
		return nil
	case <-time.After(limit):
	}
	if err := signal(p.pid, immediateShutdown); err != nil {
		return fmt.Errorf("stop Postgres %d: %w", p.pid, err)
	}
	select {
	case <-p.exited:
		return fmt.Errorf("stop Postgres %d: it did not shut down within %v and was stopped hard; it recovers at the next start", p.pid, limit)
	case <-time.After(limit):
		return fmt.Errorf("stop Postgres %d: it does not end", p.pid)
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return 0, err
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		return 0, err
	}
	if !ok {
		return 0, fmt.Errorf("expected a TCP address, but got %v", l.Addr())
	}
	return addr.Port, nil
}

// logSize is where the log is put aside at a start.
const logSize = 8 << 20

// logFile is Postgres's log. It is a file and not a pipe to us, so that what
// Postgres says after our death is kept.
type logFile struct {
	file *os.File
	from int64 // where this start begins
}

func openLog(path string) (*logFile, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logSize {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // below the data folder
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &logFile{file: file, from: info.Size()}, nil
}

// tail returns the end of what this start has logged, to be put behind an
// error.
func (l *logFile) tail() string {
	const most = 2000
	file, err := os.Open(l.file.Name())
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.NewSectionReader(file, l.from, 1<<20))
	if err != nil || len(text) == 0 {
		return ""
	}
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return "; its log says:\n" + strings.TrimSpace(string(text))
}
