package bus

import (
	"fmt"
	"log/slog"
	"strings"
)

// serverLog passes the embedded server's warnings and errors on.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(string, ...any) {}
func (l serverLog) Debugf(string, ...any)  {}
func (l serverLog) Tracef(string, ...any)  {}
func (l serverLog) Warnf(format string, v ...any) {
	l.log.Warn("broker warning", "message", strings.TrimSpace(fmt.Sprintf(format, v...)))
}
func (l serverLog) Errorf(format string, v ...any) {
	l.log.Error("broker error", "message", strings.TrimSpace(fmt.Sprintf(format, v...)))
}
func (l serverLog) Fatalf(format string, v ...any) { l.Errorf(format, v...) }
