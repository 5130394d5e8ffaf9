// Package winnow_test holds the project's import policy, as data and as a test.
package winnow_test

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule says which packages of this module a package may import. A name that ends in /
// stands for everything below it. The first rule whose pkg matches counts; a package
// without a rule is an error.
type rule struct {
	pkg   string
	may   []string
	tests []string // what its tests may import besides, and besides the package itself
}

var rules = []rule{
	// The published packages know nothing of us. The record knows nobody but who decodes pages: what came as
	// bytes is stored as the cleaner would read it.
	{pkg: "pkg/"},
	{pkg: "schema"},
	{pkg: "internal/record", may: []string{"pkg/boilerplate"}, tests: []string{"schema"}},

	// What the services are made of.
	{pkg: "internal/batch"},
	{pkg: "internal/fsync"},
	{pkg: "internal/lockfile"},
	{pkg: "internal/freeport"}, // for tests
	{pkg: "internal/bus", may: []string{"internal/lockfile", "internal/record"}, tests: []string{"internal/freeport"}},
	{pkg: "internal/source", may: []string{"internal/record"}},
	{pkg: "internal/segment", may: []string{"internal/fsync", "internal/lockfile", "internal/record"}},
	{pkg: "internal/bucket", may: []string{"internal/segment"}, tests: []string{"internal/freeport", "internal/record"}},

	// The services never import each other.
	{pkg: "internal/ingester", may: []string{"internal/batch", "internal/bus", "internal/fsync", "internal/lockfile", "internal/record", "internal/source"}},
	{
		pkg: "internal/cleaner", may: []string{"internal/batch", "internal/bus", "internal/fsync", "internal/lockfile", "internal/record", "pkg/"},
		tests: []string{"internal/source", "internal/segment"},
	},
	{pkg: "internal/sink", may: []string{"internal/batch", "internal/bus", "internal/record", "internal/segment"}, tests: []string{"internal/freeport"}},

	// Around them: none of these knows the pipeline.
	{pkg: "internal/cli"},
	{pkg: "internal/ops"},
	{pkg: "internal/web"},

	// The wiring: flags of several programs, and the programs.
	{pkg: "internal/flags", may: []string{"internal/", "pkg/"}},
	{pkg: "cmd/", may: []string{"internal/", "pkg/", "schema"}},
	{pkg: "apptest", tests: []string{"internal/"}},  // the real binaries, from outside
	{pkg: "examples", tests: []string{"internal/"}}, // clients as others write them, and the intake they are tested with
	{pkg: "deploy", tests: []string{"internal/cleaner", "internal/cli", "internal/ingester", "internal/sink"}},
	{pkg: "."},
}

// external says which modules may be imported at all, and from where. Tests may use them
// from anywhere but for those in sealed.
var external = map[string][]string{
	"github.com/abadojack/whatlanggo":          {"pkg/boilerplate"},
	"github.com/andybalholm/brotli":            {"internal/source/"}, // pages as servers sent them, in web archives
	"github.com/cespare/xxhash/v2":             {"internal/", "pkg/"},
	"github.com/go-json-experiment/json":       {"internal/", "cmd/"},
	"github.com/google/go-cmp":                 {}, // tests
	"github.com/klauspost/compress":            {"internal/", "cmd/"},
	"github.com/minio/minio-go/v7":             {"internal/bucket"},
	"github.com/mmcdole/gofeed":                {"internal/source"}, // RSS, Atom
	"github.com/nats-io/nats-server/v2":        {"internal/bus"},
	"github.com/nats-io/nats.go":               {"internal/bus"},
	"github.com/nats-io/jwt/v2":                {}, // tests
	"github.com/nats-io/nkeys":                 {}, // tests
	"github.com/nats-io/nuid":                  {"internal/bus"},
	"github.com/parquet-go/parquet-go":         {"internal/segment", "internal/source"},
	"github.com/pierrec/lz4/v4":                {"internal/source"}, // pages of Parquet, before its library unpacks them
	"github.com/prometheus/client_golang":      {"internal/"},
	"github.com/rogpeppe/go-internal":          {}, // tests
	"github.com/santhosh-tekuri/jsonschema/v6": {}, // tests
	"go.yaml.in/yaml/v3":                       {}, // tests
	"go.uber.org/goleak":                       {}, // tests
	"golang.org/x/net":                         {"internal/", "pkg/"},
	"golang.org/x/sync":                        {"internal/", "cmd/"},
	"golang.org/x/sys":                         {"internal/cli", "internal/record", "pkg/boilerplate", "pkg/dedupe"}, // poll(2); what the processor can do
	"golang.org/x/term":                        {"internal/cli", "cmd/"},
	"golang.org/x/time":                        {"internal/ingester"}, // the rate of a replay
	"golang.org/x/text":                        {"internal/", "pkg/"},
	"pgregory.net/rapid":                       {}, // tests
}

// sealed modules are imported where external says so and nowhere else, not by tests either.
var sealed = []string{"github.com/nats-io/nats-server/v2", "github.com/nats-io/nats.go"}

// sealedTests are the tests that may all the same: they watch the real thing from outside.
var sealedTests = []string{"apptest", "cmd/winnow", "deploy", "internal/bus"}

const module = "winnow/"

// imported is one import of one file.
type imported struct {
	pkg, path string // "internal/cli", "golang.org/x/term"
	test      bool   // the file is a test
	file      string // for the message
}

func TestImports(t *testing.T) {
	imports := readImports(t, ".")
	if len(imports) < 100 {
		t.Fatalf("only %d imports found: is this the top of the repository?", len(imports))
	}
	for _, v := range violations(imports) {
		t.Error(v)
	}
	used := map[string]bool{}
	for _, im := range imports {
		used[moduleOf(im.path)] = true
	}
	for m := range external {
		if !used[m] {
			t.Logf("%s is allowed and nobody imports it", m)
		}
	}
}

// Every module of go.mod that is not there on behalf of another one has been decided on.
func TestDirectDependencies(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "v") || strings.Contains(line, "// indirect") {
			continue
		}
		if _, ok := external[fields[0]]; !ok {
			t.Errorf("go.mod requires %s, which deps_test.go does not know: decide who may import it", fields[0])
		}
	}
}

// Winnow is one static binary: nothing in it needs C. Some of the standard library's own
// packages use C when they can and do without it when they cannot.
func TestNoCgo(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}", "./...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %s", exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); len(got) > 0 {
		t.Errorf("need cgo: %v", got)
	}
}

// A rule that is broken is reported: one made-up violation of each kind.
func TestViolationsAreFound(t *testing.T) {
	tests := []struct {
		name string
		im   imported
		bad  bool
	}{
		{"service imports service", imported{pkg: "internal/sink", path: "winnow/internal/cleaner"}, true},
		{"test of a service imports another", imported{pkg: "internal/sink", path: "winnow/internal/cleaner", test: true}, true},
		{"published package imports ours", imported{pkg: "pkg/dedupe", path: "winnow/internal/record"}, true},
		{"published package imports its neighbour", imported{pkg: "pkg/dedupe", path: "winnow/pkg/boilerplate"}, true},
		{"record imports ours", imported{pkg: "internal/record", path: "winnow/internal/batch"}, true},
		{"bus imports a service", imported{pkg: "internal/bus", path: "winnow/internal/sink"}, true},
		{"cmd imports a cmd", imported{pkg: "cmd/sink", path: "winnow/cmd/winnow"}, true},
		{"package without a rule", imported{pkg: "internal/utils", path: "winnow/internal/record"}, true},
		{"NATS outside bus", imported{pkg: "internal/sink", path: "github.com/nats-io/nats.go"}, true},
		{"NATS outside bus, in a test", imported{pkg: "internal/sink", path: "github.com/nats-io/nats.go/jetstream", test: true}, true},
		{"server outside bus", imported{pkg: "cmd/winnow", path: "github.com/nats-io/nats-server/v2/server"}, true},
		{"test library in the program", imported{pkg: "internal/cli", path: "github.com/google/go-cmp/cmp"}, true},
		{"unknown module", imported{pkg: "internal/cli", path: "github.com/pkg/errors"}, true},
		{"unknown module in a test", imported{pkg: "internal/cli", path: "github.com/stretchr/testify/require", test: true}, true},
		{"cgo", imported{pkg: "internal/cli", path: "C"}, true},
		{"tree of a prefix", imported{pkg: "internal/source/warc", path: "winnow/internal/record"}, false},
		{"prefix of a name is not a tree", imported{pkg: "internal/busy", path: "winnow/internal/record"}, true},

		{"service imports bus", imported{pkg: "internal/sink", path: "winnow/internal/bus"}, false},
		{"cleaner imports dedupe", imported{pkg: "internal/cleaner", path: "winnow/pkg/dedupe"}, false},
		{"bus imports NATS", imported{pkg: "internal/bus", path: "github.com/nats-io/nats.go/jetstream"}, false},
		{"a test imports its package", imported{pkg: "internal/cli", path: "winnow/internal/cli", test: true}, false},
		{"test library in a test", imported{pkg: "internal/cli", path: "github.com/google/go-cmp/cmp", test: true}, false},
		{"standard library", imported{pkg: "pkg/dedupe", path: "encoding/binary"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := violations([]imported{tt.im}); (len(got) > 0) != tt.bad {
				t.Errorf("violations: %v", got)
			}
		})
	}
}

// violations returns a message for each import that the rules do not allow.
func violations(imports []imported) []string {
	var out []string
	for _, im := range imports {
		if _, ok := ruleFor(im.pkg); !ok {
			out = append(out, im.pkg+" has no rule in deps_test.go: say there what it may import")
		} else if why := judge(im); why != "" {
			out = append(out, fmt.Sprintf("%s imports %q: %s", im.file, im.path, why))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judge returns why im, of a package with a rule, is not allowed, or "".
func judge(im imported) string {
	r, _ := ruleFor(im.pkg)
	if im.path == "C" {
		return "no cgo here"
	}
	if ours, ok := strings.CutPrefix(im.path, module); ok {
		allowed := append(r.may[:len(r.may):len(r.may)], im.pkg+"/") // its own parts
		if im.test {
			allowed = append(allowed, r.tests...)
		}
		if !within(ours, allowed) {
			return fmt.Sprintf("%s may import %v of ours", r.pkg, allowed)
		}
		return ""
	}
	if first, _, _ := strings.Cut(im.path, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	m := moduleOf(im.path)
	allowed, known := external[m]
	switch {
	case !known:
		return "a module nobody decided on"
	case im.test && (!slices.Contains(sealed, m) || within(im.pkg, sealedTests)):
		return ""
	case !within(im.pkg, allowed):
		return fmt.Sprintf("%s is for %v", m, allowed)
	}
	return ""
}

func ruleFor(pkg string) (rule, bool) {
	i := slices.IndexFunc(rules, func(r rule) bool { return within(pkg, []string{strings.TrimSuffix(r.pkg, "/") + "/"}) || r.pkg == pkg })
	if i < 0 {
		return rule{}, false
	}
	return rules[i], true
}

// within reports whether pkg is one of names, or lies below one that ends in /.
func within(pkg string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return pkg == strings.TrimSuffix(n, "/") || strings.HasSuffix(n, "/") && strings.HasPrefix(pkg, n)
	})
}

// moduleOf returns the module in external that path belongs to, or path.
func moduleOf(importPath string) string {
	for _, m := range slices.Sorted(maps.Keys(external)) {
		if importPath == m || strings.HasPrefix(importPath, m+"/") {
			return m
		}
	}
	return importPath
}

// readImports reads the imports of every Go file of the module at root, whatever its
// build tags say.
func readImports(t *testing.T, root string) []imported {
	t.Helper()
	var out []imported
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return skipDir(root, file, d.Name())
		case path.Ext(file) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out = append(out, imported{filepath.ToSlash(filepath.Dir(file)), name, strings.HasSuffix(file, "_test.go"), file})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// skipDir skips what is not of this module: hidden folders, test data, nested modules.
func skipDir(root, dir, name string) error {
	if dir == root {
		return nil
	}
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}
