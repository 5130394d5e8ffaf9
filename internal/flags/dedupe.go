package flags

import (
	"bytes"
	"os"
	"strings"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/cli"
	"winnow/pkg/dedupe"
)

// names are the flags of the parameters, for what [dedupe.Params.Validate] says.
var names = strings.NewReplacer("dedupe: parameters: ", "", "\n", "; ",
	"Overlap", "-overlap", "Near", "-near", "Contained", "-contained", "Window", "-window", "MaxDocs", "-index-docs")

// Dedupe declares the flags that say what a copy is, under a heading of the help. The returned function gives the
// parameters of the index, once the flags are parsed.
func Dedupe(fs *cli.Flags, heading string) func() (dedupe.Params, error) {
	p := dedupe.DefaultParams()
	fs.Group(heading)
	fs.Float64Var(&p.Overlap, "overlap", p.Overlap, "`SHARE` of the smaller text from which two texts overlap, 0 to 1")
	fs.Float64Var(&p.Near, "near", p.Near, "`SHARE` of both texts from which the later is a near copy")
	fs.Float64Var(&p.Contained, "contained", p.Contained, "`SHARE` of the later text from which it is contained in the earlier")
	fs.DurationVar(&p.Window, "window", p.Window, "compare texts published no farther apart than this `TIME`; 0: all")
	fs.IntVar(&p.MaxDocs, "index-docs", p.MaxDocs, "compare each document with the last `NUMBER` before it; memory grows to some 430 bytes for each")
	seedFile := fs.String("hash-seed-file", "", "hash texts under the secret in this `FILE`, so that nobody can prepare texts that slow the index down or pass for copies")
	fs.Env("hash-seed-file", "WINNOW_HASH_SEED_FILE")
	return func() (dedupe.Params, error) {
		if *seedFile != "" {
			secret, err := os.ReadFile(*seedFile)
			if err != nil {
				return p, cli.Usagef("-hash-seed-file: %w", err)
			}
			if secret = bytes.TrimSpace(secret); len(secret) == 0 {
				return p, cli.Usagef("-hash-seed-file %s is empty", *seedFile)
			}
			p.Seed = dedupe.Seed(xxhash.Sum64(secret))
		}
		if err := p.Validate(); err != nil {
			return p, cli.Usagef("%s", names.Replace(err.Error()))
		}
		return p, nil
	}
}
