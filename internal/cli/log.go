package cli

import (
	"io"
	"log/slog"
	"sync"
)

// newLogger returns a logger to env.Stderr: format is text or json. On a terminal the
// date is left out, there is a person there.
func newLogger(env Env, format string, level slog.Leveler) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(env.Stderr, opts))
	}
	if env.StderrTerminal {
		opts.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.String(a.Key, a.Value.Time().Format("15:04:05"))
			}
			return a
		}
	}
	return slog.New(slog.NewTextHandler(env.Stderr, opts))
}

// screen is a terminal with a status line at its bottom: what is written appears above
// it. Safe for concurrent use.
type screen struct {
	mu   sync.Mutex
	w    io.Writer
	line string
}

const clearLine = "\r\x1b[K"

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line == "" {
		return s.w.Write(p)
	}
	if _, err := io.WriteString(s.w, clearLine); err != nil {
		return 0, err
	}
	n, err := s.w.Write(p)
	if err == nil && n > 0 && p[n-1] == '\n' {
		_, err = io.WriteString(s.w, s.line)
	}
	return n, err
}

// setLine draws line as the status line; "" takes it away.
func (s *screen) setLine(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line == "" && s.line == "" {
		return
	}
	s.line = line
	io.WriteString(s.w, clearLine+line) //nolint:errcheck // a lost progress line harms nobody
}
