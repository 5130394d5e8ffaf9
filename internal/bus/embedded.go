package bus

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"winnow/internal/lockfile"
)

// storeSlack is how much higher the server's own store limit is than ours. A server that reaches its
// limit, or the end of its disk, stores a part of an atomic batch and says nothing (2.15.2), so
// room sees to it that it does not; the slack is for what others publish meanwhile.
const storeSlack = 8 * maxBatchBytes

// embedded is a nats-server in this process.
type embedded struct {
	server   *server.Server
	password string // of our own connections
	lock     *os.File
	dir      string
	maxStore int64 // bytes
}

// startEmbedded starts a server in cfg.Dir. It calls fatal when the server can no longer store.
func startEmbedded(cfg Config, fatal func(error)) (*embedded, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("broker directory: %w", err)
	}
	lock, err := lockfile.Hold(filepath.Join(cfg.Dir, "lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		err = ErrInUse
	}
	if err != nil {
		return nil, fmt.Errorf("broker directory %s: %w", cfg.Dir, err)
	}
	e := &embedded{lock: lock, dir: cfg.Dir, maxStore: cfg.MaxStore, password: rand.Text()}
	opts, err := serverOptions(cfg, e.password)
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

// The users of an embedded broker that listens: whoever gives no name is a guest.
const owner, guest = "winnow", "guest"

func serverOptions(cfg Config, password string) (*server.Options, error) {
	opts := &server.Options{
		ServerName:         "winnow",
		DontListen:         cfg.Listen == "",
		NoSigs:             true,
		MaxPayload:         MaxPayload,
		JetStream:          true,
		StoreDir:           cfg.Dir,
		JetStreamMaxStore:  cfg.MaxStore + storeSlack,
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
	opts.Users = []*server.User{
		{Username: owner, Password: password},
		{Username: guest, Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: ownersAlone(cfg)}}},
	}
	opts.NoAuthUser = guest
	return opts, nil
}

// ownersAlone returns what guests may not publish: records in the cleaner's place, behind which no cleaner goes on, and
// requests that change our streams or take from them what was acknowledged.
func ownersAlone(cfg Config) (subjects []string) {
	for _, subject := range newsSubjects {
		subjects = append(subjects, cfg.prefix()+subject)
	}
	b := &Bus{cfg: cfg}
	for _, stream := range []string{b.name("RAW"), b.name("NEWS"), "KV_" + b.name(checkpointBucket)} {
		for _, request := range []string{"DELETE", "PURGE", "UPDATE", "MSG.DELETE"} {
			subjects = append(subjects, "$JS.API.STREAM."+request+"."+stream)
		}
		subjects = append(subjects, "$JS.API.CONSUMER.PAUSE."+stream+".>")
	}
	return subjects
}

func (e *embedded) identity() identity {
	opts := []nats.Option{nats.InProcessServer(e.server), nats.UserInfo(owner, e.password)}
	return identity{url: nats.DefaultURL, opts: opts}
}

// pagesReserve is what pages leave free on the disk beside diskReserve, in bytes; an eighth of a small one.
const pagesReserve = 192 << 20

// most returns how many bytes may be stored at all. Pages leave a quarter of the store to the rest: a backlog that took
// all of it could never be worked off.
func (e *embedded) most(pages bool) int64 {
	if pages {
		return e.maxStore - e.maxStore/4
	}
	return e.maxStore
}

// share returns what a stream may take for sure: its own limit, if it has one that is not beyond what it may store, or what
// pages may take, or leave to records.
func (e *embedded) share(limit int64, pages bool) int64 {
	switch most := e.most(pages); {
	case limit > 0 && limit <= most:
		return limit
	case pages:
		return most
	}
	return e.maxStore - e.most(true)
}

// room returns ErrFull unless there is room for so many bytes. Pages leave more of the disk to the rest, too.
func (e *embedded) room(bytes int, pages bool) error {
	most, reserve := e.most(pages), diskReserve
	free, err := diskFree(e.dir)
	if err != nil {
		return fmt.Errorf("free space of %s: %w", e.dir, err)
	}
	used := e.server.GlobalAccount().JetStreamUsage().Store
	if pages {
		reserve += min(pagesReserve, (free+used)/8)
	}
	if int64(used)+int64(bytes) > most {
		return fmt.Errorf("%w: the broker in %s has %d of the %d bytes that it may store, and is to take %d more", ErrFull, e.dir, used, most, bytes)
	}
	if free < reserve+uint64(bytes) {
		return fmt.Errorf("%w: the disk of %s has %d MiB left, and the broker leaves %d MiB free", ErrFull, e.dir, free>>20, reserve>>20)
	}
	return nil
}

func (e *embedded) close() error {
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
	return e.lock.Close()
}
