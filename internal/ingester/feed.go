package ingester

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"winnow/internal/source"
)

// feedBytes bounds the documents between a source and storage: two batches, or one document.
const feedBytes = 2 * batchBytes

// feed reads a source ahead of whoever stores its documents.
type feed struct {
	src    *source.Source
	docs   chan fed
	err    error // why docs was closed; set before it is
	room   *semaphore.Weighted
	cancel context.CancelFunc
	read   *atomic.Int64 // bytes of the inputs whose documents were given out, as they lie on disk
	given  int64         // of it, this input's
}

// fed is a document and how much of the input had been read when it came, in bytes.
type fed struct {
	source.Document
	read int64
}

// newFeed begins to read. To read is added what was read for the documents that next gave out. The caller
// closes the feed, which closes src.
func newFeed(ctx context.Context, src *source.Source, read *atomic.Int64) *feed {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{src: src, docs: make(chan fed, 64), room: semaphore.NewWeighted(feedBytes), cancel: cancel, read: read}
	go func() {
		defer close(f.docs)
		f.err = f.run(ctx)
	}()
	return f
}

func (f *feed) run(ctx context.Context) error {
	for {
		doc, err := f.src.Next()
		if err != nil {
			return err
		}
		if err := f.room.Acquire(ctx, weight(&doc)); err != nil {
			return context.Cause(ctx)
		}
		doc.Own() // the source reads on while the batch waits
		select {
		case f.docs <- fed{doc, f.src.Bytes()}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func weight(d *source.Document) int64 { return min(int64(len(d.Data))+1<<10, feedBytes) }

// release makes room for others in place of documents that are stored.
func (f *feed) release(docs ...source.Document) {
	for i := range docs {
		f.room.Release(weight(&docs[i]))
	}
}

// close ends the reading and closes the source.
func (f *feed) close() {
	f.cancel()
	for range f.docs {
	}
	f.src.Close() // it was only read
}

// count moves the count of what was read to so much of this input.
func (f *feed) count(read int64) {
	f.read.Add(read - f.given)
	f.given = read
}

// takeBack takes this input out of the count, before it is read again.
func (f *feed) takeBack() { f.count(0) }

// errSlow says that patience came to its end before the next document.
var errSlow = errors.New("input is slow")

// next returns the next document, io.EOF, or errSlow once patience (nil: endless) fires.
func (f *feed) next(ctx context.Context, patience <-chan time.Time) (source.Document, error) {
	select {
	case doc, ok := <-f.docs:
		if !ok {
			f.count(f.src.Bytes())
			return source.Document{}, f.err
		}
		f.count(doc.read)
		return doc.Document, nil
	case <-patience:
		return source.Document{}, errSlow
	case <-ctx.Done():
		return source.Document{}, context.Cause(ctx)
	}
}

// collect takes what makes a batch: at most docs documents and about batchBytes bytes, or what a
// slow input gives within batchWait, which is nothing after idleWait. end says that the input is at its end.
func (f *feed) collect(ctx context.Context, docs int) (chunk []source.Document, end bool, err error) {
	size := 0
	patience := time.After(idleWait)
	for len(chunk) < docs && size < batchBytes {
		doc, err := f.next(ctx, patience)
		switch err {
		case nil:
		case io.EOF:
			return chunk, true, nil
		case errSlow:
			return chunk, false, nil
		default:
			return nil, false, err
		}
		chunk = append(chunk, doc)
		size += len(doc.Data)
		if len(chunk) == 1 {
			patience = time.After(batchWait)
		}
	}
	return chunk, false, nil
}
