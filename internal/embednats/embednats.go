// Package embednats runs a nats-server with JetStream inside the process, with
// the settings that Weir's promises need: each acknowledged write is on disk
// (sync_interval: always), and a message may hold a whole commit frame.
//
// The server's own folder below Config.Dir belongs to one process at a time and
// is found again at the next start, after a kill -9 too.
package embednats

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/internal/embednats/folderlock"
)

// MaxPayload is the largest message that the server takes unless told otherwise,
// in bytes.
const MaxPayload = 8 << 20

// readyTimeout bounds the wait for the listener once JetStream has recovered
// its streams; the recovery itself takes as long as it takes.
const readyTimeout = 10 * time.Second

// ErrListen says that the server could not listen on its address.
var ErrListen = errors.New("cannot listen")

// Config says where the server keeps its data and where it listens.
type Config struct {
	// Dir holds the streams; it is made if it is missing.
	Dir string
	// Host is the address to listen on. Default 127.0.0.1. The server asks
	// nobody for a password: another address opens the engine to a network.
	Host string
	// Port is the port to listen on; 0 chooses a free one.
	Port int
	// InProcess says not to listen at all: only connections of this process
	// are served, see [Server.InProcessConn].
	InProcess bool
	// MaxStore bounds the bytes of all streams on disk; 0 leaves it to the
	// server, which takes three quarters of what is free.
	MaxStore int64
	// MaxPayload is the largest message in bytes. Default [MaxPayload].
	MaxPayload int32
	// Logger receives the server's messages; nil discards them.
	Logger *slog.Logger
}

// WithDefaults returns the configuration with every zero value replaced.
func (c Config) WithDefaults() Config {
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.MaxPayload == 0 {
		c.MaxPayload = MaxPayload
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c *Config) validate() error {
	if c.Dir == "" {
		return errors.New("field Dir: expected a folder, but it is empty")
	}
	abs, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("field Dir: %w", err)
	}
	c.Dir = abs
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("field Port: expected 0 to 65535, but got %d", c.Port)
	}
	if c.MaxPayload < 0 {
		return fmt.Errorf("field MaxPayload: expected a number of bytes, but got %d", c.MaxPayload)
	}
	if c.MaxStore < 0 {
		return fmt.Errorf("field MaxStore: expected a number of bytes, but got %d", c.MaxStore)
	}
	return nil
}

// Server is a running nats-server. Its methods may be called from several
// goroutines.
type Server struct {
	ns      *server.Server
	lock    *folderlock.Lock
	log     *slogger
	stop    sync.Once
	stopErr error
}

// Start runs a server on the data in cfg.Dir and returns when it takes
// connections, with all streams recovered. Errors: [folderlock.ErrHeld],
// [ErrListen], or what the server said.
func Start(cfg Config) (*Server, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("embedded nats-server: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded nats-server: %w", err)
	}
	lock, err := folderlock.Acquire(cfg.Dir, "lock")
	if err != nil {
		return nil, fmt.Errorf("embedded nats-server: %w", err)
	}
	s := &Server{lock: lock, log: &slogger{to: cfg.Logger}}
	if err := s.start(cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded nats-server: %w", err), s.Stop())
	}
	return s, nil
}

func (s *Server) start(cfg Config) error {
	ns, err := server.NewServer(options(cfg))
	if err != nil {
		return err
	}
	s.ns = ns
	ns.SetLoggerV2(s.log, false, false, false)
	ns.Start()
	// Start reports nothing; it logs what is fatal and returns.
	if text := s.log.fatalText(); text != "" {
		if strings.Contains(text, "Error listening") {
			return fmt.Errorf("%w on %s: %s; stop the process that has the port, or choose another one (0 takes a free one)",
				ErrListen, net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)), text)
		}
		return errors.New(text)
	}
	if !ns.ReadyForConnections(readyTimeout) {
		return fmt.Errorf("expected it to take connections within %v", readyTimeout)
	}
	cfg.Logger.Info("nats-server started", slog.String("version", server.VERSION),
		slog.String("url", s.ClientURL()), slog.String("data", cfg.Dir))
	if ip := net.ParseIP(cfg.Host); !cfg.InProcess && cfg.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		cfg.Logger.Warn("nats-server listens beyond this machine and asks for no password", slog.String("host", cfg.Host))
	}
	return nil
}

func options(cfg Config) *server.Options {
	port := cfg.Port
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return &server.Options{
		ServerName:        "weir",
		Host:              cfg.Host,
		Port:              port,
		DontListen:        cfg.InProcess,
		NoSigs:            true, // signals are the application's
		MaxPayload:        cfg.MaxPayload,
		JetStream:         true,
		StoreDir:          cfg.Dir,
		JetStreamMaxStore: cfg.MaxStore,
		// A write is acknowledged when it is on disk. Streams that can do with
		// less say so themselves (PersistMode).
		SyncAlways: true,
	}
}

// ClientURL is the address for clients, empty when the server does not listen.
func (s *Server) ClientURL() string {
	if s.ns.Addr() == nil {
		return ""
	}
	return s.ns.ClientURL()
}

// InProcessConn makes Server a [nats.InProcessConnProvider]: a connection that
// needs no socket, for nats.Connect("", nats.InProcessServer(s)).
func (s *Server) InProcessConn() (net.Conn, error) { return s.ns.InProcessConn() }

// Connect opens a client connection inside the process.
func (s *Server) Connect(opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("", append([]nats.Option{nats.InProcessServer(s)}, opts...)...)
}

// Stop ends all connections, closes the streams and gives the folder free. It
// returns when everything has stopped; it may be called more than once.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		if s.ns != nil {
			s.ns.Shutdown()
			s.ns.WaitForShutdown()
		}
		s.stopErr = s.lock.Release()
	})
	return s.stopErr
}

// slogger hands the server's messages on. Its notices are a banner of many
// lines at each start and are for debugging.
type slogger struct {
	to    *slog.Logger
	mu    sync.Mutex
	fatal []string
}

const logMessage = "nats-server"

func (l *slogger) Noticef(format string, v ...any) { l.to.Debug(logMessage, text(format, v)) }
func (l *slogger) Warnf(format string, v ...any)   { l.to.Warn(logMessage, text(format, v)) }
func (l *slogger) Errorf(format string, v ...any)  { l.to.Error(logMessage, text(format, v)) }
func (l *slogger) Debugf(format string, v ...any)  { l.to.Debug(logMessage, text(format, v)) }
func (l *slogger) Tracef(format string, v ...any)  { l.to.Debug(logMessage, text(format, v)) }

// Fatalf keeps the text for Start to return; the server's own logger would end
// the process.
func (l *slogger) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = append(l.fatal, fmt.Sprintf(format, v...))
}

func (l *slogger) fatalText() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.fatal, "; ")
}

func text(format string, v []any) slog.Attr { return slog.String("text", fmt.Sprintf(format, v...)) }
