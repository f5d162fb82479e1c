package privatepg

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"
)

// superuser owns the cluster and the database; database is what Weir uses.
const (
	superuser = "weir"
	database  = "weir"
)

// Config says where and how the private Postgres runs.
type Config struct {
	// Dir is the folder that holds everything; it is made if it is missing.
	Dir string
	// Logger receives what happens; nil discards it.
	Logger *slog.Logger
	// BinDir is a folder with initdb and postgres. Empty: they are searched.
	BinDir string
	// TCP listens on a loopback port with a password even where a unix socket
	// would do.
	TCP bool
	// Port is the loopback port when TCP is used; 0 chooses a free one.
	Port int
	// Settings override Postgres settings by name.
	Settings map[string]string
	// StartTimeout bounds the start, crash recovery included. Default 2 min.
	StartTimeout time.Duration
	// StopTimeout bounds a clean stop, after which Postgres is stopped hard
	// and recovers at the next start. Default 30 s.
	StopTimeout time.Duration

	// search replaces the machine's folders and the download in tests.
	search *search
	// orphan leaves out the death signal in tests.
	orphan bool
}

// WithDefaults returns the configuration with every zero value replaced.
func (c Config) WithDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 2 * time.Minute
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = 30 * time.Second
	}
	if c.search == nil {
		c.search = machine()
	}
	return c
}

func (c *Config) validate() error {
	if c.Dir == "" {
		return errors.New("private postgres: Dir: expected a folder, but it is empty")
	}
	abs, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("private postgres: Dir: %w", err)
	}
	c.Dir = abs
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("private postgres: Port: expected 0 to 65535, but got %d", c.Port)
	}
	for name := range c.Settings {
		if name == "" || strings.ContainsAny(name, " =\x00") {
			return fmt.Errorf("private postgres: Settings: %q is no name of a setting", name)
		}
	}
	return nil
}

// settings are those of a small machine that runs everything. Config.Settings
// win.
func (c *Config) settings(runDir string, port int) map[string]string {
	s := map[string]string{ //nolint:gosec // G101: settings, no credentials
		"shared_buffers":       "96MB",
		"work_mem":             "8MB",
		"maintenance_work_mem": "64MB",
		"max_connections":      "60",
		// Nobody replicates from a private Postgres, so the log need not hold
		// what only replicas read.
		"wal_level":                    "minimal",
		"max_wal_senders":              "0",
		"wal_compression":              "on",
		"max_wal_size":                 "1GB",
		"checkpoint_timeout":           "15min",
		"checkpoint_completion_target": "0.9",
		// Rows and the position they stand for commit in one transaction, and
		// what a crash of the machine takes back is projected again from the
		// log. Data is never torn, it is only a moment older. Who removes
		// something from the log because Postgres has it must commit with
		// synchronous_commit = on before.
		"synchronous_commit":      "off",
		"autovacuum_naptime":      "15s",
		"jit":                     "off",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"logging_collector":       "off",
		"log_checkpoints":         "off",
		"password_encryption":     "scram-sha-256",
		"listen_addresses":        "",
		"port":                    "5432",
		"unix_socket_directories": "",
	}
	if c.TCP {
		s["listen_addresses"] = "127.0.0.1"
		s["port"] = fmt.Sprint(port)
	} else {
		s["unix_socket_directories"] = runDir
		s["unix_socket_permissions"] = "0700"
	}
	for name, value := range c.Settings {
		s[name] = value
	}
	return s
}
