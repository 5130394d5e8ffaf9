package main

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// entry is an element of a list in Go source: the strings of each of its fields, and under ""
// its key, where the list is a map.
type entry map[string][]string

// only returns the field's only string, "" when it has none or several.
func (e entry) only(field string) string {
	if len(e[field]) != 1 {
		return ""
	}
	return e[field][0]
}

// moduleDir returns the folder of a module that this one requires, as the go command has it
// for the module in the working directory.
func moduleDir(module string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if stop, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(stop.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w; run this in compare/boilerplate, behind go mod download", module, err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", fmt.Errorf("module %s is not in the module cache: run go mod download in compare/boilerplate", module)
	}
	return dir, nil
}

// readList returns the elements of the list or map that is the value of a variable in a Go
// file of at most 16 MiB, in the file's order. The file is read and not run; whatever is no
// literal of strings in fields with names is an error that says where.
func readList(file, variable string) ([]entry, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 16 << 20
	source, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(source) > most {
		return nil, fmt.Errorf("%s: longer than %d bytes", file, most)
	}
	l := list{token.NewFileSet()}
	parsed, err := parser.ParseFile(l.files, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		if d, ok := d.(*ast.GenDecl); ok {
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && v.Names[0].Name == variable && len(v.Values) == 1 {
					return l.entries(v.Values[0])
				}
			}
		}
	}
	return nil, fmt.Errorf("%s: no variable %s with a value", file, variable)
}

// list reads the literals of one file.
type list struct{ files *token.FileSet }

func (l list) entries(x ast.Expr) (entries []entry, err error) {
	c, ok := x.(*ast.CompositeLit)
	if !ok {
		return nil, l.unexpected(x, "a list")
	}
	for _, x := range c.Elts {
		e := entry{}
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if e[""], err = l.strings(kv.Key); err != nil {
				return nil, err
			}
			x = kv.Value
		}
		fields, ok := x.(*ast.CompositeLit)
		if !ok {
			return nil, l.unexpected(x, "an element with fields")
		}
		for _, x := range fields.Elts {
			kv, ok := x.(*ast.KeyValueExpr)
			if !ok {
				return nil, l.unexpected(x, "a field with its name")
			}
			name, ok := kv.Key.(*ast.Ident)
			if !ok {
				return nil, l.unexpected(kv.Key, "a field's name")
			}
			if e[name.Name], err = l.strings(kv.Value); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// strings returns the value of a string, or of a list of them.
func (l list) strings(x ast.Expr) (all []string, err error) {
	elements := []ast.Expr{x}
	if c, ok := x.(*ast.CompositeLit); ok {
		elements = c.Elts
	}
	for _, x := range elements {
		b, ok := x.(*ast.BasicLit)
		if !ok || b.Kind != token.STRING {
			return nil, l.unexpected(x, "a string")
		}
		s, err := strconv.Unquote(b.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.files.Position(x.Pos()), err)
		}
		all = append(all, s)
	}
	return all, nil
}

func (l list) unexpected(x ast.Expr, want string) error {
	return fmt.Errorf("%s: %T where %s should be", l.files.Position(x.Pos()), x, want)
}
