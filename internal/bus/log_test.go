package bus

import (
	"bytes"
	"log/slog"
	"testing"
)

// The embedded broker's warnings are passed on, but for the one about its owner's password, about which nobody can do
// anything.
func TestServerLog(t *testing.T) {
	var out bytes.Buffer
	l := serverLog{log: slog.New(slog.NewTextHandler(&out, nil))}
	l.Warnf("Plaintext passwords detected, use nkeys or bcrypt")
	if out.Len() > 0 {
		t.Errorf("the log has %s", &out)
	}
	l.Warnf("slow consumer %d", 7)
	if !bytes.Contains(out.Bytes(), []byte("slow consumer 7")) {
		t.Errorf("the log has %q", &out)
	}
}
