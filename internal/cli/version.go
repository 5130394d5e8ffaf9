package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Build says what the running program was built from.
type Build struct {
	Version  string `json:"version"`  // of the module; "devel" outside a release
	Go       string `json:"go"`       // the Go release
	Platform string `json:"platform"` // "linux/amd64"
	Revision string `json:"revision"` // of the repository; "" if unknown
	Time     string `json:"time"`     // of the revision, RFC 3339 UTC; "" if unknown
	Modified bool   `json:"modified"` // the tree had changes that are in no revision
}

// Version returns what this program was built from. Source: the build information that
// the Go command stores in every binary.
var Version = sync.OnceValue(func() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return buildOf(info)
})

func buildOf(info *debug.BuildInfo) Build {
	b := Build{Version: info.Main.Version, Go: info.GoVersion, Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "devel"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is one line: "devel (go1.26.8, linux/amd64, 1a2b3c4d5e6f, modified)".
func (b Build) String() string {
	s := fmt.Sprintf("%s (%s, %s", b.Version, b.Go, b.Platform)
	if b.Revision != "" {
		s += ", " + b.Revision[:min(12, len(b.Revision))]
	}
	if b.Modified {
		s += ", modified"
	}
	return s + ")"
}
