// Package schema holds the JSON Schemas (draft 2020-12) of Winnow's records. The tests of
// internal/record hold its encoders and parsers to them.
package schema

import "embed"

// Files are raw.schema.json, clean.schema.json, dup.schema.json and dead.schema.json.
//
//go:embed *.schema.json
var Files embed.FS
