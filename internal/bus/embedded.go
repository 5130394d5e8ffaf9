package bus

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// embedded is a nats-server in this process.
type embedded struct {
	server *server.Server
	lock   *os.File
}

// startEmbedded starts a server in cfg.Dir. It calls fatal when the server can no longer store.
func startEmbedded(cfg Config, fatal func(error)) (*embedded, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("broker directory: %w", err)
	}
	lock, err := lockFile(filepath.Join(cfg.Dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("broker directory %s: %w", cfg.Dir, err)
	}
	e := &embedded{lock: lock}
	opts, err := serverOptions(cfg)
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	if e.server, err = server.NewServer(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded broker: %w", err), e.close())
	}
	e.server.SetLoggerV2(serverLog{cfg.Log, fatal}, false, false, false)
	e.server.Start()
	if !e.server.ReadyForConnections(30*time.Second) || !e.server.JetStreamEnabled() {
		err := fmt.Errorf("embedded broker in %s did not start: see its errors in the log (a port in use, a directory that cannot be written?)", cfg.Dir)
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func serverOptions(cfg Config) (*server.Options, error) {
	opts := &server.Options{
		ServerName:         "winnow",
		DontListen:         cfg.Listen == "",
		NoSigs:             true,
		MaxPayload:         MaxPayload,
		JetStream:          true,
		StoreDir:           cfg.Dir,
		JetStreamMaxStore:  cfg.MaxStore,
		JetStreamMaxMemory: 64 << 20, // no stream of ours lives in memory
		SyncAlways:         cfg.Sync != "interval",
		SyncInterval:       2 * time.Minute,
	}
	if cfg.Listen == "" {
		return opts, nil
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: want host:port: %w", cfg.Listen, err)
	}
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("listen address %q: port is no number", cfg.Listen)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	opts.Host = host
	return opts, nil
}

func (e *embedded) identity() identity {
	return identity{url: nats.DefaultURL, opts: []nats.Option{nats.InProcessServer(e.server)}}
}

func (e *embedded) close() error {
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
	return e.lock.Close()
}
