package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config says which broker to use: the embedded one (URL == "") or an external one, and as whom.
type Config struct {
	URL string // external server(s), comma separated; "" = the Context's, or else embedded
	Dir string // embedded: store directory, made if absent; required

	Listen   string // embedded: host:port for outside clients; "" = no port is opened
	Sync     string // embedded: "always" (default) or "interval" (2 minutes, faster, loses the tail in a power cut)
	MaxStore int64  // embedded: bytes that the streams may hold together; default DefaultMaxStore

	Namespace string // keeps pipelines apart on one broker: [A-Za-z0-9-], at most 32; "" = none
	Name      string // client name, shown by the server; default "winnow"

	// Identity for an external server: paths of files, so that no secret is in the arguments.
	Creds        string // credentials file (JWT and seed), as nsc writes it
	NKey         string // file with an nkey seed
	TokenFile    string // file with a token
	User         string // user name
	PasswordFile string // file with the user's password
	TLSCert      string // client certificate, PEM
	TLSKey       string // its key, PEM
	TLSCA        string // root certificates to trust instead of the system's, PEM
	Context      string // context file, JSON, as the nats CLI writes it; the fields above win over it

	Log *slog.Logger // default: discards
}

// DefaultMaxStore is what the embedded broker may hold, in bytes, unless told otherwise. However
// much that is, it leaves some space free on its disk.
const DefaultMaxStore = 64 << 30

// MaxPayload is the size of the largest message the embedded broker takes, in bytes, subject and
// headers included. An external broker must be told to take as much: its own default is 1 MiB.
const MaxPayload = 8 << 20

// diskReserve is what the embedded broker leaves free on its disk, in bytes: some batches' worth,
// since others write there too. A variable for the tests.
var diskReserve uint64 = 64 << 20

// Bounds of one atomic batch and of what a reader has in flight.
const (
	maxBatch      = 1000    // messages in an atomic batch: the server's limit
	maxBatchBytes = 8 << 20 // bytes in an atomic batch; one larger message goes alone
	maxInFlight   = 16 << 20
)

// callTimeout is how long one request to the broker may take before it is made again.
const callTimeout = 5 * time.Second

// ackTimeout is how long the acknowledgement of a batch may take. A variable for the tests.
var ackTimeout = 15 * time.Second

// external tells whether the broker is another process.
func (c *Config) external() bool { return c.URL != "" || c.Context != "" }

// CheckNamespace returns an error that says why s cannot be a namespace, or nil.
func CheckNamespace(s string) error {
	switch {
	case len(s) > 32:
		return errors.New("longer than 32 bytes")
	case s == "raw" || s == "clean" || s == "dup" || s == "dead":
		return errors.New("is a subject of the pipeline itself")
	}
	for i := range len(s) {
		if ch := s[i]; !plain(ch) || ch == '_' {
			return errors.New("only letters, digits and - are allowed")
		}
	}
	return nil
}

func (c *Config) check() error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Name == "" {
		c.Name = "winnow"
	}
	if c.MaxStore == 0 {
		c.MaxStore = DefaultMaxStore
	}
	if err := CheckNamespace(c.Namespace); err != nil {
		return fmt.Errorf("namespace %q: %w", c.Namespace, err)
	}
	var who []string
	for _, f := range []struct{ name, value string }{{"credentials file", c.Creds}, {"nkey file", c.NKey}, {"token file", c.TokenFile}, {"user", c.User}} {
		if f.value != "" {
			who = append(who, f.name)
		}
	}
	if len(who) > 1 {
		return fmt.Errorf("identity: %s are given; the broker is told one", strings.Join(who, " and "))
	}
	if c.PasswordFile != "" && c.User == "" && c.Context == "" {
		return errors.New("identity: a password file without a user")
	}
	if c.external() {
		if c.Listen != "" {
			return errors.New("listen address: is of the embedded broker, and the URL names an external one")
		}
		return nil
	}
	switch {
	case c.Dir == "":
		return errors.New("the embedded broker needs a directory")
	case c.Sync != "" && c.Sync != "always" && c.Sync != "interval":
		return fmt.Errorf("sync %q: want always or interval", c.Sync)
	case c.MaxStore < 0:
		return fmt.Errorf("store limit %d: want bytes", c.MaxStore)
	}
	return nil
}
