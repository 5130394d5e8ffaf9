package apptest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"winnow/internal/bus"
)

// newsEnds returns where NEWS ends.
func (p *pipeline) newsEnds(ctx context.Context, news *bus.Stream) int {
	p.t.Helper()
	st, err := news.State(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return int(st.Last)
}

// news connects to NEWS as a bystander.
func (p *pipeline) news() *bus.Stream {
	p.t.Helper()
	b, err := bus.Open(p.t.Context(), bus.Config{URL: p.url()})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { b.Close() })
	_, news, err := b.Streams(p.t.Context(), bus.StreamConfig{}, bus.StreamConfig{})
	if err != nil {
		p.t.Fatal(err)
	}
	return news
}

// Of two cleaners that start at once, one writes and one stands by; when the writer is killed the
// other takes over, and the output is that of one cleaner that nobody killed.
func TestStandbyTakesOver(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 3)
	p.sink()
	cleaners := []*child{p.cleaner("one"), p.cleaner("two")}
	p.replay(in[0]).done(patience)
	p.written(fileRecords)
	// One that NEWS stood still for meanwhile says that it writes until it is refused.
	poll(t, "one writes and one stands by", func() bool { return writes(cleaners[0]) != writes(cleaners[1]) })
	writer := slices.IndexFunc(cleaners, writes)
	standby := cleaners[1-writer]

	news := p.news()
	replay := p.replay(in[1])
	poll(t, "NEWS goes on", func() bool { return p.newsEnds(t.Context(), news) > fileRecords+100 })
	cleaners[writer].kill()
	replay.done(patience)
	p.replay(in[2]).done(patience) // however far the writer came, there is something left to write
	p.written(3 * fileRecords)
	if !writes(standby) {
		t.Errorf("the other did not take over:\n%s", standby.stderr())
	}
	sameSegments(t, calm(t, in...), p.out())
}

// writes tells whether a cleaner says that it writes NEWS, and was not refused since.
func writes(c *child) bool {
	log := c.stderr()
	return strings.LastIndex(log, `msg="writing NEWS"`) > strings.LastIndex(log, `msg="another cleaner wrote first`)
}

// A snapshot that is cut in half while the cleaner is down costs time and nothing else: it is put
// aside, an older state or none is the start, and NEWS goes on as it would have.
func TestSnapshotCutInHalf(t *testing.T) {
	p := newPipeline(t)
	in := archives(t, 2)
	p.sink()
	cleaner := p.cleaner("state")
	p.replay(in[0]).done(patience)
	p.written(fileRecords)
	stop(t, cleaner)

	snapshots, err := filepath.Glob(filepath.Join(p.dir, "state", "state-*.snapshot"))
	if err != nil || len(snapshots) == 0 {
		t.Fatalf("no snapshots: %v", err)
	}
	newest := slices.Max(snapshots)
	fi, err := os.Stat(newest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(newest, fi.Size()/2); err != nil {
		t.Fatal(err)
	}

	cleaner = p.cleaner("state")
	cleaner.says("snapshot is damaged; going back to an older state, which costs time and loses nothing", 1)
	p.replay(in[1]).done(patience)
	p.written(2 * fileRecords)
	if !exists(newest + ".damaged") {
		t.Error("the damaged snapshot was not kept for people to look at")
	}
	sameSegments(t, calm(t, in...), p.out())
}
