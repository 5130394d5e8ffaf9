package bus

import (
	"fmt"
	"log/slog"
	"strings"
)

// serverLog passes the embedded server's warnings and errors on, and notices the one after which
// it answers no publish any more until it is restarted (filestore.go, setWriteErr).
type serverLog struct {
	log   *slog.Logger
	fatal func(error)
}

func (l serverLog) Noticef(string, ...any) {}
func (l serverLog) Debugf(string, ...any)  {}
func (l serverLog) Tracef(string, ...any)  {}
func (l serverLog) Warnf(format string, v ...any) {
	message := strings.TrimSpace(fmt.Sprintf(format, v...))
	if strings.HasPrefix(message, "Plaintext passwords") { // the owner's, which is made anew at each start and written nowhere
		return
	}
	l.log.Warn("broker warning", "message", message)
}

func (l serverLog) Errorf(format string, v ...any) {
	message := strings.TrimSpace(fmt.Sprintf(format, v...))
	l.log.Error("broker error", "message", message)
	if strings.Contains(strings.ToLower(message), "critical write error") {
		l.fatal(fmt.Errorf("%w: %s", ErrBroken, message))
	}
}
func (l serverLog) Fatalf(format string, v ...any) { l.Errorf(format, v...) }
