package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"winnow/internal/segment"
)

// Scheme begins the names of places in object storage: s3://BUCKET/PREFIX.
const Scheme = "s3://"

// Config says where the objects are and who we are.
type Config struct {
	Place    string // s3://BUCKET or s3://BUCKET/PREFIX
	Endpoint string // URL of the service, https://s3.example.com; http only where nobody listens
	Region   string // default us-east-1, which most services that are not Amazon's take

	AccessKey, SecretKey string // both empty: without signature
	SessionToken         string // of temporary keys; "" = none
	CredentialsFile      string // in the form of ~/.aws/credentials, instead of keys; "" = none

	Spool string // folder on this machine for the open segment; only writers need it
}

// partSize is what large files are uploaded in, in bytes.
const partSize = 16 << 20

// How long we wait for an answer once a request is sent, and for a connection.
const (
	answerWithin  = 30 * time.Second
	connectWithin = 10 * time.Second
)

// Store is a dataset in object storage. Any number of goroutines may read; one writes.
type Store struct {
	ctx    context.Context //nolint:containedctx // ends all requests; a Store is used like files, which have none
	client *minio.Client
	cfg    Config
	bucket string
	prefix string // "" or ends with a slash
}

var _ segment.Store = (*Store)(nil)

// drain is how long requests go on when the context has ended, so that a sink that is stopped ends what it has
// begun: the segment and what is written behind it.
const drain = 5 * time.Second

// outlive returns a context that ends so long after ctx.
func outlive(ctx context.Context, d time.Duration) context.Context {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
	})
	return work
}

// Open returns the store that cfg describes; nothing is sent yet. Its requests end five seconds after ctx.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	place, ok := strings.CutPrefix(cfg.Place, Scheme)
	bucket, prefix, _ := strings.Cut(place, "/")
	if prefix = strings.Trim(path.Clean("/"+prefix), "/"); prefix != "" {
		prefix += "/"
	}
	if !ok || bucket == "" {
		return nil, fmt.Errorf("%q: want s3://BUCKET/PREFIX", cfg.Place)
	}
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("S3 endpoint %q: want a URL such as https://s3.example.com", cfg.Endpoint)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("S3: %w", err)
	}
	transport.ResponseHeaderTimeout = answerWithin
	transport.DialContext = (&net.Dialer{Timeout: connectWithin}).DialContext
	keys := credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, cfg.SessionToken)
	if cfg.CredentialsFile != "" {
		keys = credentials.NewFileAWSCredentials(cfg.CredentialsFile, "")
		if _, err := keys.GetWithContext(nil); err != nil {
			return nil, fmt.Errorf("S3 credentials: %w", err)
		}
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: keys, Secure: u.Scheme == "https", Region: cfg.Region, Transport: transport, MaxRetries: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("S3: %w", err)
	}
	return &Store{ctx: outlive(ctx, drain), client: client, cfg: cfg, bucket: bucket, prefix: prefix}, nil
}

// String returns s3://BUCKET/PREFIX.
func (s *Store) String() string { return strings.TrimSuffix(Scheme+s.bucket+"/"+s.prefix, "/") }

// wrap says what was being done and which kind of trouble err is.
func (s *Store) wrap(what, name string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	kind := segment.ErrUnavailable
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == minio.NoSuchKey || answer.Code == minio.NoSuchBucket && what != "write":
		kind = fs.ErrNotExist
	case 400 <= answer.StatusCode && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests &&
		answer.StatusCode != http.StatusRequestTimeout:
		kind = segment.ErrRefused
	}
	return fmt.Errorf("%s: %s %s: %w: %w", s, what, name, kind, err)
}

// Names lists all objects below the prefix.
func (s *Store) Names() ([]string, error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var names []string
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, s.wrap("list", "its objects", o.Err)
		}
		name := strings.TrimPrefix(o.Key, s.prefix)
		if name != "" && !strings.HasSuffix(name, "/") && !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.") {
			names = append(names, name)
		}
	}
	return names, s.wrap("list", "its objects", s.ctx.Err())
}

// ReadFile returns a small object.
func (s *Store) ReadFile(name string) ([]byte, error) {
	o, err := s.client.GetObject(s.ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.wrap("read", name, err)
	}
	defer o.Close()
	data, err := io.ReadAll(o)
	return data, s.wrap("read", name, err)
}

// spooled is an object that was fetched to a file that has no name any more.
type spooled struct {
	*os.File
	size int64
}

func (f spooled) Size() int64 { return f.size }

// Open opens an object. Lines are read where they lie, see [ranged]. Readers of Parquet jump about, so that
// the whole object is fetched to a temporary file first.
func (s *Store) Open(name string) (segment.Blob, error) {
	if path.Ext(name) == ".parquet" {
		return s.fetch(name)
	}
	st, err := s.client.StatObject(s.ctx, s.bucket, s.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return nil, s.wrap("read", name, err)
	}
	return &ranged{s: s, name: name, etag: st.ETag, size: st.Size, next: firstPiece}, nil
}

func (s *Store) fetch(name string) (segment.Blob, error) {
	o, err := s.client.GetObject(s.ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.wrap("read", name, err)
	}
	defer o.Close()
	f, err := os.CreateTemp("", "winnow-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	n, err := f.ReadFrom(o)
	if err != nil {
		return nil, errors.Join(s.wrap("read", name, err), f.Close())
	}
	return spooled{f, n}, nil
}

// Spool returns the configured folder.
func (s *Store) Spool() string { return s.cfg.Spool }

// Lock takes the spool and removes uploads of segments that a killed process left behind in parts;
// those of others in the bucket stay.
func (s *Store) Lock() (io.Closer, error) {
	if s.cfg.Spool == "" {
		return nil, fmt.Errorf("%s: a folder for the open segment is needed", s)
	}
	if err := os.MkdirAll(s.cfg.Spool, 0o755); err != nil {
		return nil, err
	}
	l, err := segment.LockFolder(s.cfg.Spool)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	for u := range s.client.ListIncompleteUploads(ctx, s.bucket, s.prefix, true) {
		err := u.Err
		if err == nil && segment.Ours(strings.TrimPrefix(u.Key, s.prefix)) {
			err = s.client.RemoveIncompleteUpload(ctx, s.bucket, u.Key)
		}
		if err != nil {
			return nil, errors.Join(s.wrap("write", "unfinished uploads", err), l.Close())
		}
	}
	return l, nil
}

// Place uploads the file at from and removes it. A manifest never replaces another.
func (s *Store) Place(from, name string) error {
	opt := minio.PutObjectOptions{ContentType: contentType(name), PartSize: partSize, NumThreads: 2}
	manifest := strings.HasSuffix(name, segment.ManifestSuffix)
	if manifest {
		opt.SetMatchETagExcept("*")
	}
	_, err := s.client.FPutObject(s.ctx, s.bucket, s.prefix+name, filepath.Clean(from), opt)
	if err != nil && manifest && minio.ToErrorResponse(err).StatusCode == http.StatusPreconditionFailed {
		err = s.same(from, name)
	} else {
		err = s.wrap("write", name, err)
	}
	if err != nil {
		return err
	}
	return os.Remove(from)
}

// same returns an error unless the object is what the file is.
func (s *Store) same(from, name string) error {
	want, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	got, err := s.ReadFile(name)
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("%s: %s is there and says something else: %w", s, name, segment.ErrLocked)
	}
	return err
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".json":
		return "application/json"
	case ".parquet":
		return "application/vnd.apache.parquet"
	}
	return "application/zstd"
}

// Sync does nothing: what object storage has acknowledged is durable.
func (s *Store) Sync(...string) error { return nil }

// Remove removes an object.
func (s *Store) Remove(name string) error {
	err := s.wrap("write", name, s.client.RemoveObject(s.ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{}))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
