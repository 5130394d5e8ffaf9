package bucket

import (
	"cmp"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"

	"winnow/internal/segment"
)

// ranged is an object that is read where it lies, in pieces that grow as long as reads follow each other: who
// wants one record fetches little, who reads all of it makes few requests. One goroutine uses it.
type ranged struct {
	s    *Store
	name string
	etag string // the object must not become another one meanwhile
	size int64
	body io.ReadCloser // the piece being read; nil for none
	at   int64         // where in the object the next byte of body lies
	end  int64         // and where the piece ends
	next int64         // bytes of the next piece
}

const (
	firstPiece = 512 << 10 // bytes
	maxPiece   = 64 << 20
	maxTries   = 3 // of a piece whose connection breaks
)

// Size implements [segment.Blob].
func (r *ranged) Size() int64 { return r.size }

// ReadAt implements [io.ReaderAt].
func (r *ranged) ReadAt(p []byte, off int64) (n int, err error) {
	if off >= r.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.size-off)]
	if off != r.at {
		r.drop()
		r.at, r.next = off, firstPiece
	}
	for tries := 0; n < len(p); {
		if r.at == r.end || r.body == nil {
			if err := r.ask(len(p) - n); err != nil {
				return n, err
			}
		}
		some, err := io.ReadFull(r.body, p[n:min(int64(len(p)), int64(n)+r.end-r.at)])
		n, r.at = n+some, r.at+int64(some)
		if err != nil {
			r.drop()
			if tries++; tries == maxTries || r.s.ctx.Err() != nil {
				return n, r.s.wrap("read", r.name, err)
			}
		}
	}
	if r.at == r.size {
		return n, io.EOF
	}
	return n, nil
}

// ask begins the piece at r.at, of n bytes at least.
func (r *ranged) ask(n int) error {
	r.drop()
	r.end = min(r.at+max(r.next, int64(n)), r.size)
	r.next = min(2*r.next, maxPiece)
	var opt minio.GetObjectOptions
	err := cmp.Or(opt.SetRange(r.at, r.end-1), opt.SetMatchETag(r.etag))
	if err != nil {
		return fmt.Errorf("%s: read %s: %w", r.s, r.name, err)
	}
	body, info, _, err := (&minio.Core{Client: r.s.client}).GetObject(r.s.ctx, r.s.bucket, r.s.prefix+r.name, opt)
	if err != nil {
		return r.s.wrap("read", r.name, err)
	}
	if want := r.end - r.at; info.Size != want { // it may have sent the object from its beginning
		body.Close() // it was only read
		return fmt.Errorf("%s: read %s: %w: asked for %d bytes at %d, it sends %d", r.s, r.name, errNoRanges, want, r.at, info.Size)
	}
	r.body = body
	return nil
}

// errNoRanges: such a store cannot be read.
var errNoRanges = fmt.Errorf("%w: it does not answer range requests", segment.ErrRefused)

func (r *ranged) drop() {
	if r.body != nil {
		r.body.Close() // it was only read
	}
	r.body = nil
}

// Close implements [io.Closer].
func (r *ranged) Close() error {
	r.drop()
	return nil
}
