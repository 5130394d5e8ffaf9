package ingester

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"winnow/internal/source"
)

// feedBytes bounds the documents between a source and storage: two batches, or one document.
const feedBytes = 2 * batchBytes

// feed reads a source ahead of whoever stores its documents.
type feed struct {
	src    *source.Source
	docs   chan source.Document
	err    error // why docs was closed; set before it is
	room   *semaphore.Weighted
	cancel context.CancelFunc
}

// newFeed begins to read. read counts the bytes of the input as they lie on disk. The caller
// closes the feed, which closes src.
func newFeed(ctx context.Context, src *source.Source, read *atomic.Int64) *feed {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{src: src, docs: make(chan source.Document, 64), room: semaphore.NewWeighted(feedBytes), cancel: cancel}
	go func() {
		defer close(f.docs)
		f.err = f.run(ctx, read)
	}()
	return f
}

func (f *feed) run(ctx context.Context, read *atomic.Int64) error {
	begun := read.Load()
	for {
		doc, err := f.src.Next()
		read.Store(begun + f.src.Bytes())
		if err != nil {
			return err
		}
		if err := f.room.Acquire(ctx, weight(&doc)); err != nil {
			return context.Cause(ctx)
		}
		doc.Own() // the source reads on while the batch waits
		select {
		case f.docs <- doc:
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

// errSlow says that patience came to its end before the next document.
var errSlow = errors.New("input is slow")

// next returns the next document, io.EOF, or errSlow once patience (nil: endless) fires.
func (f *feed) next(ctx context.Context, patience <-chan time.Time) (source.Document, error) {
	select {
	case doc, ok := <-f.docs:
		if !ok {
			return doc, f.err
		}
		return doc, nil
	case <-patience:
		return source.Document{}, errSlow
	case <-ctx.Done():
		return source.Document{}, context.Cause(ctx)
	}
}

// collect takes what makes a batch: at most docs documents and about batchBytes bytes, or what a
// slow input, or a limiter, gives within batchWait. end says that the input is at its end.
func (f *feed) collect(ctx context.Context, docs int, limit *rate.Limiter) (chunk []source.Document, end bool, err error) {
	size := 0
	var patience <-chan time.Time
	for len(chunk) < docs && size < batchBytes {
		if err := limit.Wait(ctx); err != nil {
			return nil, false, cmp.Or(context.Cause(ctx), err)
		}
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
