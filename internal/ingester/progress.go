package ingester

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"winnow/internal/bus"
	"winnow/internal/source"
)

// Progress counts what a running replay has done; it may be read at any time.
type Progress struct {
	Inputs    atomic.Int64 // finished
	Documents atomic.Int64 // stored by this run
	Malformed atomic.Int64 // of these, those that will become dead records
	Dead      atomic.Int64 // documents that will become dead records, whichever run stored them, in inputs that are finished
	Skipped   atomic.Int64 // documents stored by an earlier run
	LeftOut   atomic.Int64 // files of no known format, or with a rest that could not be read, in inputs that are finished
	Bytes     atomic.Int64 // read of the inputs, as they lie on disk; those of an input that was done count at once
	Size      atomic.Int64 // of the inputs, as they lie on disk, as far as it is known

	mu     sync.Mutex
	passed map[string]int
}

// Passed returns how many records of the inputs that are finished were no documents, by kind; see [source.PassedKinds].
func (p *Progress) Passed() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.passed)
}

// finish counts what an input had beside documents.
func (p *Progress) finish(cp *bus.Checkpoint) {
	p.LeftOut.Add(int64(cp.LeftOut))
	p.Dead.Add(int64(cp.Dead))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.passed == nil {
		p.passed = map[string]int{}
	}
	for kind, n := range cp.Passed {
		p.passed[kind] += n
	}
}

// Total estimates how many documents there will be, from what was read of the inputs so far; 0: nobody knows.
func (p *Progress) Total() int64 {
	done, read, size := p.Documents.Load()+p.Skipped.Load(), p.Bytes.Load(), p.Size.Load()
	if size == 0 || read == 0 || done == 0 {
		return 0
	}
	return max(done, int64(float64(done)*float64(size)/float64(min(read, size))))
}

// measure adds up the inputs' sizes, for whoever shows the progress.
func (r *Replay) measure(ctx context.Context) {
	var sum int64
	for _, name := range r.cfg.Inputs {
		size, err := source.Size(ctx, name)
		if size < 0 || err != nil {
			return // unknown; what is wrong will show when it is read
		}
		sum += size
	}
	r.progress.Size.Store(sum)
}
