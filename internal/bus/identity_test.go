package bus_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"winnow/internal/bus"
)

// startServer starts a server with JetStream that may ask for an identity.
func startServer(t *testing.T, opts *server.Options) *server.Server {
	t.Helper()
	opts.Host, opts.Port, opts.NoSigs, opts.NoLog = "127.0.0.1", cmp.Or(opts.Port, server.RANDOM_PORT), true, true
	opts.JetStream, opts.StoreDir, opts.MaxPayload = true, cmp.Or(opts.StoreDir, t.TempDir()), cmp.Or(opts.MaxPayload, bus.MaxPayload)
	opts.JetStreamMaxStore = 2 << 30 // else three quarters of what the disk has left, and a full one would change what is tested
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("server is not ready")
	}
	return s
}

func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// works fails unless the identity is accepted and a stream can be used with it.
func works(t *testing.T, cfg bus.Config) {
	t.Helper()
	s := raw(t, open(t, cfg), bus.StreamConfig{})
	publish(t, s, pages(1, 2))
	readAll(t, s, 1, 2)
}

// refused fails unless the identity is refused at once.
func refused(t *testing.T, cfg bus.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := bus.Open(ctx, cfg)
	if err == nil {
		t.Error("identity was accepted", b.Close())
	}
	if ctx.Err() != nil {
		t.Error("identity was tried again and again")
	}
}

func TestUserAndPassword(t *testing.T) {
	url := startServer(t, &server.Options{Username: "u", Password: "geheim"}).ClientURL()
	works(t, bus.Config{URL: url, User: "u", PasswordFile: file(t, "password", []byte("geheim\n"))})
	works(t, bus.Config{Context: file(t, "c.json", fmt.Appendf(nil, `{"description":"","url":%q,"user":"u","password":"geheim","nsc":""}`, url))})
	works(t, bus.Config{URL: url, User: "u", Context: file(t, "c.json", []byte(`{"url":"nats://127.0.0.1:1","user":"x","password":"geheim"}`))})
	refused(t, bus.Config{URL: url, User: "u", PasswordFile: file(t, "password", []byte("offen"))})
	refused(t, bus.Config{URL: url})
	refused(t, bus.Config{URL: url, PasswordFile: "/nowhere"})
}

func TestToken(t *testing.T) {
	url := startServer(t, &server.Options{Authorization: "s3cr3t"}).ClientURL()
	works(t, bus.Config{URL: url, TokenFile: file(t, "token", []byte(" s3cr3t\n"))})
	works(t, bus.Config{URL: url, Context: file(t, "c.json", []byte(`{"token":"s3cr3t"}`))})
	refused(t, bus.Config{URL: url, TokenFile: file(t, "token", []byte("other"))})
}

func TestNKey(t *testing.T) {
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := user.PublicKey()
	seed, _ := user.Seed()
	url := startServer(t, &server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}}).ClientURL()
	path := file(t, "seed.nk", seed)
	works(t, bus.Config{URL: url, NKey: path})
	works(t, bus.Config{URL: url, Context: file(t, "c.json", fmt.Appendf(nil, `{"nkey":%q}`, path))})
	other, _ := nkeys.CreateUser()
	wrong, _ := other.Seed()
	refused(t, bus.Config{URL: url, NKey: file(t, "wrong.nk", wrong)})
}

// startOperator starts a server that asks for credentials, and returns those of an account that may
// store so many bytes.
func startOperator(t *testing.T, disk int64) (url, creds string) {
	t.Helper()
	operator, _ := nkeys.CreateOperator()
	operatorID, _ := operator.PublicKey()
	trusted := &server.MemAccResolver{}
	enrol := func(limits jwt.JetStreamLimits) (string, nkeys.KeyPair) {
		account, _ := nkeys.CreateAccount()
		id, _ := account.PublicKey()
		claims := jwt.NewAccountClaims(id)
		claims.Limits.JetStreamLimits = limits
		token, err := claims.Encode(operator)
		if err != nil {
			t.Fatal(err)
		}
		if err := trusted.Store(id, token); err != nil {
			t.Fatal(err)
		}
		return id, account
	}
	_, account := enrol(jwt.JetStreamLimits{MemoryStorage: 1 << 20, DiskStorage: disk, Streams: 9, Consumer: 9})
	system, _ := enrol(jwt.JetStreamLimits{})
	user, _ := nkeys.CreateUser()
	userID, _ := user.PublicKey()
	seed, _ := user.Seed()
	token, err := jwt.NewUserClaims(userID).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	data, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, &server.Options{TrustedKeys: []string{operatorID}, AccountResolver: trusted, SystemAccount: system})
	return s.ClientURL(), file(t, "u.creds", data)
}

func TestCredentials(t *testing.T) {
	url, creds := startOperator(t, 1<<30)
	works(t, bus.Config{URL: url, Creds: creds})
	works(t, bus.Config{Context: file(t, "c.json", fmt.Appendf(nil, `{"url":%q,"creds":%q}`, url, creds))})
	refused(t, bus.Config{URL: url})
	refused(t, bus.Config{URL: url, Creds: "/nowhere"})
}

// A message that the account has no room for is refused for that reason, though the broker tells
// it only of the message and not of its batch.
func TestFullAccount(t *testing.T) {
	url, creds := startOperator(t, 1<<20)
	s := raw(t, open(t, bus.Config{URL: url, Creds: creds}), bus.StreamConfig{})
	batch := pages(1, 2)
	batch[0].Data = make([]byte, 700_000)
	publish(t, s, batch[:1])
	if _, err := s.Publish(t.Context(), batch); !errors.Is(err, bus.ErrFull) {
		t.Errorf("error %v, want %v", err, bus.ErrFull)
	}
}

func TestTLS(t *testing.T) {
	ca, caKey := certificate(t, nil, nil)
	cert, key := certificate(t, ca, caKey)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	url := startServer(t, &server.Options{TLS: true, TLSVerify: true, TLSTimeout: 5, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}}).ClientURL()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cfg := bus.Config{
		URL:     url,
		TLSCA:   file(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})),
		TLSCert: file(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
		TLSKey:  file(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
	works(t, cfg)
	works(t, bus.Config{URL: url, Context: file(t, "c.json", fmt.Appendf(nil, `{"ca":%q,"cert":%q,"key":%q}`, cfg.TLSCA, cfg.TLSCert, cfg.TLSKey))})
	refused(t, bus.Config{URL: url, TLSCert: cfg.TLSCert, TLSKey: cfg.TLSKey}) // unknown authority
	refused(t, bus.Config{URL: url, TLSCA: cfg.TLSCA})                         // no certificate
	refused(t, bus.Config{URL: url, TLSCA: cfg.TLSCA, TLSCert: cfg.TLSCert})   // no key
}

// certificate makes a certificate for 127.0.0.1, signed by the parent or by itself.
func certificate(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "winnow"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: parent == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]bus.Config{
		"no directory":     {},
		"sync":             {Dir: t.TempDir(), Sync: "sometimes"},
		"store limit":      {Dir: t.TempDir(), MaxStore: -1},
		"listen address":   {Dir: t.TempDir(), Listen: "localhost"},
		"listen and url":   {URL: "nats://127.0.0.1:1", Listen: "127.0.0.1:0"},
		"no context file":  {Context: "/nowhere"},
		"bad context file": {Context: file(t, "c.json", []byte("{"))},
		"nsc context":      {Context: file(t, "c.json", []byte(`{"nsc":"nsc://a/b/c"}`))},
		"directory":        {Dir: file(t, "file", nil)},
	} {
		refused(t, cfg)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Without JetStream, or with a server that is too old, the message says so at once.
func TestServerWithoutJetStream(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	refused(t, bus.Config{URL: s.ClientURL()})
}

// Of two identities one would be used and the other not, without a word: they are refused.
func TestOneIdentity(t *testing.T) {
	secret := file(t, "secret", []byte("geheim"))
	for name, cfg := range map[string]bus.Config{
		"token and user":          {TokenFile: secret, User: "u"},
		"credentials and nkey":    {Creds: secret, NKey: secret},
		"password without a user": {PasswordFile: secret},
	} {
		cfg.URL = "nats://127.0.0.1:1"
		t.Run(name, func(t *testing.T) { refused(t, cfg) })
	}
}

// A broker that was too busy to read who connects says so and is tried again: nobody was refused.
func TestAuthenticationTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // as nats-server does
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "INFO {\"version\":\"2.12.0\",\"proto\":1,\"auth_required\":true,\"max_payload\":8388608}\r\n")
			for r := bufio.NewScanner(c); r.Scan() && r.Text() != "PING"; {
			}
			fmt.Fprint(c, "-ERR 'Authentication Timeout'\r\n")
			c.Close()
		}
	}()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	log := slog.New(slog.NewTextHandler(writerFunc(func([]byte) { cancel(enough) }), nil))
	_, err = bus.Open(ctx, bus.Config{URL: "nats://" + l.Addr().String(), Log: log})
	if !errors.Is(err, enough) || !strings.Contains(err.Error(), "Authentication Timeout") {
		t.Errorf("error %v, want that it was tried until %v", err, enough)
	}
	l.Close()
	<-ended
}

// writerFunc is called with what is written.
type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }

// What waits for a broker says for which, and not as whom.
func TestNoSecretInTheLog(t *testing.T) {
	var log syncBuffer
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := bus.Open(ctx, bus.Config{URL: "nats://winnow:s3cret@127.0.0.1:1,t0ken@127.0.0.1:2", Log: slog.New(slog.NewTextHandler(&log, nil))})
		done <- err
	}()
	log.waitFor(t, "127.0.0.1:2")
	cancel()
	if said := log.String() + (<-done).Error(); strings.Contains(said, "s3cret") || strings.Contains(said, "t0ken") {
		t.Error(said)
	}
}
