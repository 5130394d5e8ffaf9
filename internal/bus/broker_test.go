package bus_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"winnow/internal/bus"
	"winnow/internal/freeport"
)

// The test binary is also a broker: a process of its own that can be killed.
func TestMain(m *testing.M) {
	if addr := os.Getenv("WINNOW_TEST_BROKER"); addr != "" {
		if err := serve(addr, os.Getenv("WINNOW_TEST_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serve runs an external broker until standard input ends.
func serve(addr, dir string) error {
	opts := &server.Options{NoSigs: true, JetStream: true, StoreDir: dir, SyncAlways: true, MaxPayload: bus.MaxPayload}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	opts.Host = host
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		return errors.New("the broker is not ready")
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

// broker is a broker process on a fixed address.
type broker struct {
	t         testing.TB
	addr, dir string
	cmd       *exec.Cmd
	stdin     io.Closer
}

func startBroker(t testing.TB) *broker {
	t.Helper()
	address, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	p := &broker{t: t, addr: address, dir: t.TempDir()}
	p.start()
	t.Cleanup(p.kill)
	return p
}

// start starts the process and returns when it answers.
func (p *broker) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), "WINNOW_TEST_BROKER="+p.addr, "WINNOW_TEST_DIR="+p.dir)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		p.t.Fatalf("broker did not start: %v", err)
	}
}

// kill ends the process as a power cut would, but for the disk cache.
func (p *broker) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	_ = p.stdin.Close()
	p.cmd = nil
}

func (p *broker) url() string { return "nats://" + p.addr }

// proxy stands between a client and a broker and does damage to the next publish.
type proxy struct {
	listener net.Listener
	damage   atomic.Int32
	conns    atomic.Pointer[[]net.Conn]
}

const (
	none       = iota
	loseAnswer // the publish arrives, and from then on nothing that the broker says
	deaf       // as it is then
	losePublish
)

func startProxy(t testing.TB, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l}
	p.conns.Store(&[]net.Conn{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			conns := append(*p.conns.Load(), client, server)
			p.conns.Store(&conns)
			go p.forward(server, client)
			go p.back(client, server)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		p.cut()
	})
	return p
}

// forward passes on what the client says.
func (p *proxy) forward(to, from net.Conn) {
	p.copy(to, from, func(data []byte) bool {
		if bytes.Contains(data, []byte("HPUB ")) {
			if p.damage.CompareAndSwap(losePublish, none) {
				p.cut()
				return false
			}
			p.damage.CompareAndSwap(loseAnswer, deaf)
		}
		return true
	})
}

// back passes on what the broker says.
func (p *proxy) back(to, from net.Conn) {
	p.copy(to, from, func([]byte) bool { return p.damage.Load() != deaf })
}

func (p *proxy) copy(to, from net.Conn, pass func([]byte) bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if pass(buf[:n]) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

// cut closes all connections.
func (p *proxy) cut() {
	for _, c := range *p.conns.Swap(&[]net.Conn{}) {
		_ = c.Close()
	}
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }
