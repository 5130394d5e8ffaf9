package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// patience is longer than anything here takes on a machine that is slow and busy with something else.
const patience = 5 * time.Minute

// startBroker starts the broker that nats.conf and users.conf describe, on a port of its own.
func startBroker(t *testing.T) *server.Server {
	t.Helper()
	for _, name := range []string{"WINNOW_PASSWORD", "SCRAPER_PASSWORD", "READER_PASSWORD"} {
		t.Setenv(name, strings.ToLower(name))
	}
	dir := t.TempDir()
	for _, name := range []string{"nats.conf", "users.conf"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "nats.conf" {
			data = append(data, "\ninclude users.conf\n"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opts, err := server.ProcessConfigFile(filepath.Join(dir, "nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	opts.Host, opts.Port, opts.HTTPPort, opts.StoreDir, opts.NoSigs = "127.0.0.1", server.RANDOM_PORT, 0, dir, true
	opts.JetStreamMaxStore = 64 << 20 // of a test's disk
	opts.AuthTimeout = patience.Seconds()
	srv, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(patience) {
		t.Fatal("the broker does not start")
	}
	return srv
}

// login connects as a user of users.conf.
func login(t *testing.T, srv *server.Server, user string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(srv.ClientURL(), nats.Timeout(patience), nats.UserInfo(user, user+"_password"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// The services may do everything, scrapers publish pages and readers read records; no more.
func TestUsers(t *testing.T) {
	srv := startBroker(t)
	ctx := t.Context()
	services, scraper, reader := login(t, srv, "winnow"), login(t, srv, "scraper"), login(t, srv, "reader")
	for name, subjects := range map[string][]string{"RAW": {"raw.>"}, "NEWS": {"clean.>", "dup.>", "dead.>"}} {
		cfg := jetstream.StreamConfig{Name: name, Subjects: subjects, AllowDirect: true, AllowAtomicPublish: true}
		if _, err := services.CreateStream(ctx, cfg); err != nil {
			t.Fatal(err)
		}
	}
	publish := func(js jetstream.JetStream, subject string) error {
		_, err := js.Publish(ctx, subject, []byte("{}"), jetstream.WithRetryAttempts(0))
		return err
	}
	if err := publish(services, "clean.en.example"); err != nil {
		t.Fatal(err)
	}
	if err := publish(scraper, "raw.crawl"); err != nil {
		t.Error("a scraper may not publish a page:", err)
	}
	plain, err := reader.Conn().SubscribeSync("clean.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	if err := publish(services, "clean.en.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := plain.NextMsg(patience); err != nil {
		t.Error("a reader may not subscribe:", err)
	}
	consumer, err := reader.CreateConsumer(ctx, "NEWS", jetstream.ConsumerConfig{Durable: "mine", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal("a reader may not make a consumer:", err)
	}
	msg, err := consumer.Next(jetstream.FetchMaxWait(patience))
	if err != nil {
		t.Fatal("a reader may not read:", err)
	}
	if err := msg.DoubleAck(ctx); err != nil {
		t.Error("a reader may not acknowledge:", err)
	}

	for _, tt := range []struct {
		user    string
		js      jetstream.JetStream
		subject string
	}{
		{"scraper", scraper, "clean.en.example"},
		{"scraper", scraper, "$JS.API.STREAM.PURGE.RAW"},
		{"scraper", scraper, "$JS.API.STREAM.DELETE.NEWS"},
		{"reader", reader, "clean.en.example"},
		{"reader", reader, "raw.crawl"},
		{"reader", reader, "$JS.API.STREAM.DELETE.NEWS"},
		{"reader", reader, "$JS.API.CONSUMER.CREATE.RAW.mine"},
		{"reader", reader, "$JS.API.STREAM.MSG.DELETE.NEWS"},
	} {
		nc := tt.js.Conn()
		if err := nc.Publish(tt.subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := nc.LastError(); err == nil || !strings.Contains(err.Error(), "Permissions Violation") || !strings.Contains(err.Error(), tt.subject) {
			t.Errorf("%s may publish to %s (last error: %v)", tt.user, tt.subject, err)
		}
	}
	if info, err := services.Stream(ctx, "NEWS"); err != nil || info.CachedInfo().State.Msgs != 2 {
		t.Errorf("NEWS: %v, %v; want 2 messages", info.CachedInfo().State, err)
	}
}
