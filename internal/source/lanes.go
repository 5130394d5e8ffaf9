package source

import (
	"context"
	"io"
	"iter"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"
)

// lanes reads several files of an input at once and gives their documents in the files' order, as if they were
// read one after the other. Each lane is one file, with bounded documents waiting in it.
type lanes struct {
	order  chan *lane // in the files' order
	now    *lane      // whose documents are given out; nil between files
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// lane is one file.
type lane struct {
	entry  entry
	before []func() // what to tell before its documents: files left out on the way to it
	after  []func() // and behind them
	docs   chan Document
	within *Mark // the last one of the lane's reader that was adopted
	err    error // set before docs is closed; nil at the file's end
	room   *semaphore.Weighted
}

const (
	laneBytes  = 8 << 20 // of documents that wait in a lane, or one document
	maxReaders = 4
)

// AtOnce returns how many files are read at once.
func (o *Options) AtOnce() int {
	if o.Readers > 0 {
		return o.Readers
	}
	return min(runtime.GOMAXPROCS(0), maxReaders)
}

// startLanes begins to read the files of seq, n at once. What the walk and the readers have to tell is told by
// nextInLane, in order.
func (s *Source) startLanes(ctx context.Context, n int, seq iter.Seq2[entry, error]) {
	ctx, cancel := context.WithCancel(ctx)
	l := &lanes{order: make(chan *lane, n), cancel: cancel}
	s.lanes = l
	free := make(chan *tools, n)
	for range n {
		free <- &tools{}
	}
	var notes []func()
	opt, tell := s.opt, s.opt.Skipped
	s.opt.Skipped = func(path, reason string) { notes = append(notes, func() { tell(path, reason) }) }
	begin := func(e entry) (*lane, bool) {
		next := &lane{entry: e, before: notes, docs: make(chan Document, 64), room: semaphore.NewWeighted(laneBytes)}
		notes = nil
		select {
		case l.order <- next:
			return next, true
		case <-ctx.Done():
			return nil, false
		}
	}
	l.wg.Go(func() {
		defer close(l.order)
		for e, err := range seq {
			next, ok := begin(e)
			if !ok {
				return
			}
			if err != nil {
				next.err = err
				close(next.docs)
				return
			}
			select {
			case tools := <-free:
				worker := &Source{input: s.input, opt: opt, total: &s.read, tools: tools}
				l.wg.Go(func() {
					worker.fill(ctx, next, e)
					free <- tools
				})
			case <-ctx.Done():
				close(next.docs)
				return
			}
		}
		if next, ok := begin(entry{}); ok {
			close(next.docs)
		}
	})
	l.wg.Go(func() {
		<-ctx.Done()
		for range n {
			(<-free).close()
		}
	})
}

// fill reads the documents of one file into its lane.
func (s *Source) fill(ctx context.Context, l *lane, e entry) {
	defer close(l.docs)
	skipped, passed := s.opt.Skipped, s.opt.Passed
	s.opt.Skipped = func(path, reason string) { l.after = append(l.after, func() { skipped(path, reason) }) }
	s.opt.Passed = func(path string, kinds map[string]int) { l.after = append(l.after, func() { passed(path, kinds) }) }
	given := false
	s.files = func() (entry, error, bool) {
		first := !given
		given = true
		return e, nil, first
	}
	defer func() {
		if s.open != nil {
			s.closeFile()
		}
	}()
	for {
		doc, err := s.Next()
		if err == io.EOF {
			return
		}
		if l.err = err; err != nil {
			return
		}
		doc.Own()
		if l.err = l.room.Acquire(ctx, laneWeight(&doc)); l.err != nil {
			return
		}
		select {
		case l.docs <- doc:
		case <-ctx.Done():
			l.err = context.Cause(ctx)
			return
		}
	}
}

func laneWeight(d *Document) int64 { return min(int64(len(d.Data))+1<<10, laneBytes) }

// nextInLane returns the next document in the files' order.
func (s *Source) nextInLane() (Document, error) {
	l := s.lanes
	for {
		if l.now == nil {
			next, ok := <-l.order
			if !ok {
				return Document{}, io.EOF
			}
			l.now = next
			for _, f := range next.before {
				f()
			}
			s.beginFile(&next.entry)
		}
		if doc, ok := <-l.now.docs; ok {
			l.now.room.Release(laneWeight(&doc))
			s.adopt(doc.Mark)
			doc.Index, doc.Mark = s.index, s.mark
			s.index++
			return doc, nil
		}
		for _, f := range l.now.after {
			f()
		}
		if l.now.err != nil {
			return Document{}, l.now.err
		}
		l.now = nil
	}
}

// adopt makes a mark that the lane's reader made within its file the input's.
func (s *Source) adopt(m *Mark) {
	if l := s.lanes.now; m != nil && m != l.within {
		l.within = m
		s.setPlace(&l.entry, *m.Place, m.Passed)
	}
}

func (l *lanes) close() {
	l.cancel()
	for next := range l.order {
		for range next.docs {
		}
	}
	if l.now != nil {
		for range l.now.docs {
		}
	}
	l.wg.Wait()
}
