package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

var (
	// ErrTooLarge is wrapped when more than limit bytes come out of a body.
	ErrTooLarge = errors.New("body is too large when it is decoded")
	// ErrBody is wrapped when a body is not encoded as its header says, or not to its end.
	ErrBody = errors.New("body cannot be decoded")
)

const maxEncodings = 4 // one over the other

// Decode undoes the Transfer-Encoding and the Content-Encoding (gzip, deflate, br, zstd) of a body
// that was stored as it was sent. Many archives store it decoded and keep the header: a body that
// does not begin like what its header says is taken as it is. With an error comes what could be
// decoded, at most limit bytes. It may be called by several goroutines.
func Decode(fields Fields, body []byte, limit int) ([]byte, error) {
	var err error
	if strings.Contains(strings.ToLower(fields.Get("Transfer-Encoding")), "chunked") && beginsChunk(body) {
		body, err = all(httputil.NewChunkedReader(bytes.NewReader(body)), len(body), limit)
		if err != nil {
			err = fmt.Errorf("%w: chunked: %w", ErrBody, err)
		}
	}
	encodings := strings.FieldsFunc(strings.ToLower(fields.Get("Content-Encoding")), func(r rune) bool { return r == ',' || r == ' ' })
	if len(encodings) > maxEncodings {
		return nil, fmt.Errorf("%w: %d encodings, one over the other", ErrBody, len(encodings))
	}
	for _, name := range slices.Backward(encodings) {
		plain, bad := decodeOne(name, body, limit)
		if bad != nil && err == nil {
			err = bad
		}
		body = plain
	}
	switch {
	case errors.Is(err, ErrTooLarge):
		return body, err
	case len(body) > limit:
		return body[:limit], fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(body), limit)
	}
	return body, err
}

func decodeOne(name string, body []byte, limit int) ([]byte, error) {
	in := bytes.NewReader(body)
	var r io.Reader
	var err error
	switch name {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			return body, nil
		}
		r, err = gzip.NewReader(in)
	case "deflate":
		if r, err = zlib.NewReader(in); err != nil { // some servers leave out zlib's header
			in.Reset(body)
			r, err = flate.NewReader(in), nil
		}
	case "br":
		r = brotli.NewReader(in)
	case "zstd":
		if !bytes.HasPrefix(body, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
			return body, nil
		}
		var d *zstd.Decoder
		if d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			defer d.Close()
			r = d
		}
	default: // identity, and what people write there instead of a charset
		return body, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBody, name, err)
	}
	plain, err := all(r, 4*len(body), limit)
	switch {
	case err == nil:
		return plain, nil
	case errors.Is(err, ErrTooLarge):
		return plain, err
	case len(plain) == 0 && (name == "br" || name == "deflate") && looksPlain(body):
		return body, nil
	}
	return plain, fmt.Errorf("%w: %s: %w", ErrBody, name, err)
}

// all reads to the end; guess is how much may come.
func all(r io.Reader, guess, limit int) ([]byte, error) {
	buf := bytes.NewBuffer(make([]byte, 0, min(guess, limit)+bytes.MinRead))
	_, err := buf.ReadFrom(io.LimitReader(r, int64(limit)+1))
	if buf.Len() > limit {
		return buf.Bytes()[:limit], fmt.Errorf("%w: the limit is %d bytes", ErrTooLarge, limit)
	}
	return buf.Bytes(), err
}

// beginsChunk knows the line before a chunk: its size in hexadecimal, perhaps with an extension.
func beginsChunk(body []byte) bool {
	line, _ := cutLine(body[:min(len(body), 64)])
	size, _, _ := bytes.Cut(line, []byte(";"))
	size = bytes.TrimSpace(size)
	return len(size) > 0 && len(size) <= 8 && len(line) < min(len(body), 64) &&
		!bytes.ContainsFunc(size, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
}

// looksPlain tells markup and text from what a compressor makes.
func looksPlain(body []byte) bool {
	return !bytes.ContainsFunc(body[:min(len(body), 512)], func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) })
}
