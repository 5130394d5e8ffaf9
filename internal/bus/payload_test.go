package bus_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"winnow/internal/bus"
	"winnow/internal/freeport"
)

// A broker that takes less than a record may have is refused, at the start and when it comes back as such a one.
func TestMaxPayload(t *testing.T) {
	wants := func(err error) {
		t.Helper()
		if !errors.Is(err, bus.ErrPayload) || !strings.Contains(err.Error(), "is 1048576 bytes: set max_payload: 8388608") {
			t.Errorf("got %v", err)
		}
	}
	const natsDefault = 1 << 20
	_, err := bus.Open(t.Context(), bus.Config{URL: startServer(t, &server.Options{MaxPayload: natsDefault}).ClientURL()})
	wants(err)

	dir := t.TempDir()
	address, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	_, digits, _ := net.SplitHostPort(address)
	port, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	srv := startServer(t, &server.Options{StoreDir: dir, Port: port})
	s := raw(t, open(t, bus.Config{URL: srv.ClientURL()}), bus.StreamConfig{})
	srv.Shutdown()
	srv.WaitForShutdown()
	startServer(t, &server.Options{StoreDir: dir, Port: port, MaxPayload: natsDefault})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for err = nil; err == nil; { // until the connection has been lost and found again
		_, err = s.State(ctx)
	}
	wants(err)
}
