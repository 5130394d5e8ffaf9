package apptest

import (
	"strings"
	"syscall"
	"testing"
)

// away is what every service says, once, when the broker does not answer.
const (
	away = "broker does not answer"
	back = "broker answers again"
)

// The broker goes away under load, killed first and frozen the second time, until every service
// has noticed; then it comes back. Nothing is lost or doubled: the segments are those of a calm run.
func TestBrokerGoesAway(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 4)
	cleaner, sink := p.cleaner("state"), p.sink()
	first := p.replay(in[0], in[1])
	p.written(segmentRecords)
	p.broker.kill()
	for _, s := range []*child{cleaner, sink} {
		s.says(away, 1)
	}
	poll(t, "the replay says: "+away+", or was done before", func() bool {
		select {
		case <-first.ended:
			return true
		default:
			return strings.Contains(first.stderr(), away)
		}
	})
	p.start()
	first.done(patience)
	for _, s := range []*child{cleaner, sink} {
		s.says(back, 1)
	}

	second := p.replay(in[2], in[3])
	p.written(2*fileRecords + segmentRecords)
	p.broker.signal(syscall.SIGSTOP)
	cleaner.says(away, 2)
	p.broker.signal(syscall.SIGCONT)
	second.done(patience)
	p.written(4 * fileRecords)
	sameSegments(t, calm(t, in...), p.out())
	verify(t, p.out())
}
