package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// health asks the service whose operations address is in env.Args whether it is ready. It
// is for containers that hold nothing but the program.
func health(ctx context.Context, env Env) error {
	if len(env.Args) != 1 {
		return Usagef("want one address, for example :9090")
	}
	host, port, err := net.SplitHostPort(env.Args[0])
	if err != nil {
		return Usage(err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return Usage(err)
	}
	transport := &http.Transport{DisableKeepAlives: true} // no proxy: this machine is asked
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return err
	}
	answer := strings.TrimSpace(string(body))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, answer)
	}
	_, err = fmt.Fprintln(env.Stdout, answer)
	return err
}
