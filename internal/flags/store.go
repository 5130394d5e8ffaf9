package flags

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/bucket"
	"winnow/internal/cli"
	"winnow/internal/segment"
)

// Store declares the flags of object storage. The returned function gives the store at a place, a
// directory or s3://BUCKET/PREFIX, once the flags are parsed.
func Store(fs *cli.Flags) func(ctx context.Context, env cli.Env, place string) (segment.Store, error) {
	var c bucket.Config
	fs.Group("Object storage (s3://BUCKET/PREFIX); keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	fs.StringVar(&c.Endpoint, "s3-endpoint", "https://s3.amazonaws.com", "`URL` of the service")
	fs.Env("s3-endpoint", "AWS_ENDPOINT_URL")
	fs.StringVar(&c.Region, "s3-region", "", "`REGION` of the bucket; default: us-east-1")
	fs.Env("s3-region", "AWS_REGION")
	fs.StringVar(&c.CredentialsFile, "s3-credentials", "", "`FILE` with the keys, in the form of ~/.aws/credentials")
	fs.Env("s3-credentials", "AWS_SHARED_CREDENTIALS_FILE")
	fs.StringVar(&c.Spool, "s3-spool", "", "`DIR` for the segment that is being written; default: a temporary folder")
	return func(ctx context.Context, env cli.Env, place string) (segment.Store, error) {
		if !Remote(place) {
			return segment.Dir(place), nil
		}
		c.Place = place
		c.AccessKey, c.SecretKey, c.SessionToken = env.Getenv("AWS_ACCESS_KEY_ID"), env.Getenv("AWS_SECRET_ACCESS_KEY"), env.Getenv("AWS_SESSION_TOKEN")
		if c.Spool == "" {
			c.Spool = filepath.Join(os.TempDir(), "winnow-spool-"+hexSum(c.Endpoint+" "+place))
		}
		s, err := bucket.Open(ctx, c)
		if err != nil {
			return nil, cli.Usage(err)
		}
		return s, nil
	}
}

// Remote tells whether the place is in object storage.
func Remote(place string) bool { return strings.HasPrefix(place, bucket.Scheme) }

func hexSum(s string) string { return strconv.FormatUint(xxhash.Sum64String(s), 16) }
