package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// program is a small command tree in the shape of winnow.
func program(seen *[]string) *Command {
	clean := &Command{
		Name: "clean", Args: "INPUT...", Short: "clean documents",
		Long:     "Reads pages.\n\nWrites segments.",
		Examples: []Example{{"x clean -out clean pages/", "Clean a folder"}},
		Setup: func(fs *Flags) RunFunc {
			out := fs.String("out", "out", "write to `DIR`")
			learn := fs.Bool("learn", true, "learn the site's template")
			var layout string
			fs.Enum(&layout, "layout", "jsonl", []string{"jsonl", "parquet"}, "write this `FORMAT`")
			fs.Group("Broker")
			url := fs.String("nats", "", "use the broker at `URL`")
			fs.Env("nats", "X_NATS")
			return func(_ context.Context, env Env) error {
				*seen = append(*seen, env.Name, *out, fmt.Sprint(*learn), layout, *url, strings.Join(env.Args, ","))
				return nil
			}
		},
	}
	cat := &Command{Name: "cat", Short: "read", Setup: func(*Flags) RunFunc {
		return func(_ context.Context, env Env) error {
			env.Log.Debug("quiet")
			env.Log.Info("loud", "n", 1)
			return nil
		}
	}}
	return &Command{Name: "x", Short: "the program", Sub: []*Command{clean, cat}}
}

func runProgram(t *testing.T, env map[string]string, args ...string) (code int, seen []string, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), "x", program(&seen).Run, Env{
		Args: args, Stdout: &out, Stderr: &errs, Getenv: func(k string) string { return env[k] },
	})
	return code, seen, out.String(), errs.String()
}

func TestFlagsAndOperands(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		args string
		want []string // name, out, learn, layout, nats, operands
	}{
		{"defaults", nil, "clean a", []string{"x clean", "out", "true", "jsonl", "", "a"}},
		{"before", nil, "clean -out d -learn=false a b", []string{"x clean", "d", "false", "jsonl", "", "a,b"}},
		{"behind and between", nil, "clean a -out d b --layout parquet", []string{"x clean", "d", "true", "parquet", "", "a,b"}},
		{"after two dashes", nil, "clean a -- -out b", []string{"x clean", "out", "true", "jsonl", "", "a,-out,b"}},
		{"standard input", nil, "clean -", []string{"x clean", "out", "true", "jsonl", "", "-"}},
		{"environment", map[string]string{"X_NATS": "nats://a"}, "clean a", []string{"x clean", "out", "true", "jsonl", "nats://a", "a"}},
		{"flag beats environment", map[string]string{"X_NATS": "nats://a"}, "clean -nats nats://b a", []string{"x clean", "out", "true", "jsonl", "nats://b", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, seen, _, stderr := runProgram(t, tt.env, strings.Fields(tt.args)...)
			if code != 0 {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Wherever the operands stand among the flags, the command sees the same.
func TestOrderOfFlagsAndOperands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		flags := [][]string{{"-out", "d"}, {"-learn=false"}, {"-layout=parquet"}}
		var args []string
		operands := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,4}`), 0, 4).Draw(rt, "operands")
		rest := operands
		for len(flags) > 0 || len(rest) > 0 {
			if len(rest) == 0 || len(flags) > 0 && rapid.Bool().Draw(rt, "flag") {
				args, flags = append(args, flags[0]...), flags[1:]
			} else {
				args, rest = append(args, rest[0]), rest[1:]
			}
		}
		_, seen, _, _ := runProgram(t, nil, append([]string{"clean"}, args...)...)
		want := []string{"x clean", "d", "false", "parquet", "", strings.Join(operands, ",")}
		if diff := cmp.Diff(want, seen); diff != "" {
			rt.Fatalf("%v: %s", args, diff)
		}
	})
}

func TestWrongUsage(t *testing.T) {
	tests := []struct {
		args, want string
	}{
		{"claen a", `x: unknown subcommand "claen"; did you mean "clean"?` + "\nSee 'x -h'\n"},
		{"frobnicate", `x: unknown subcommand "frobnicate"` + "\nSee 'x -h'\n"},
		{"clean -ouy d", `x: unknown flag -ouy; did you mean "-out"?` + "\nSee 'x clean -h'\n"},
		{"clean -layout xml a", `x: invalid value "xml" for flag -layout: want one of jsonl, parquet` + "\nSee 'x clean -h'\n"},
		{"cat a", `x: unexpected argument "a"` + "\nSee 'x cat -h'\n"},
		{"completion ksh", `x: no completion for "ksh": want bash, zsh or fish` + "\nSee 'x completion -h'\n"},
		{"help claen", `x: no subcommand "claen"; did you mean "clean"?` + "\nSee 'x help -h'\n"},
		{"cat -log xml", `x: invalid value "xml" for flag -log: want one of text, json` + "\nSee 'x cat -h'\n"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			code, seen, stdout, stderr := runProgram(t, nil, strings.Fields(tt.args)...)
			if code != ExitUsage || stdout != "" || len(seen) > 0 {
				t.Errorf("exit code %d, stdout %q, ran %v", code, stdout, seen)
			}
			if diff := cmp.Diff(tt.want, stderr); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("environment", func(t *testing.T) {
		code, _, _, stderr := runProgram(t, map[string]string{"WINNOW_LOG": "xml"}, "cat")
		if want := "x: WINNOW_LOG=\"xml\" for -log: want one of text, json\nSee 'x cat -h'\n"; code != 2 || stderr != want {
			t.Errorf("got %d %q, want %q", code, stderr, want)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		code, _, _, stderr := runProgram(t, nil)
		if code != ExitUsage || !strings.Contains(stderr, "Subcommands\n  clean") || !strings.HasSuffix(stderr, "x: a subcommand is missing\n") {
			t.Errorf("got %d %q", code, stderr)
		}
	})
}

func TestHelp(t *testing.T) {
	const want = `x clean: clean documents.

  x clean [flags] INPUT...

Reads pages.

Writes segments.

Flags
  -layout FORMAT          write this FORMAT (default jsonl)
  -learn                  learn the site's template (default true)
  -out DIR                write to DIR (default out)

Broker
  -nats URL               use the broker at URL [X_NATS]

Log
  -log FORMAT             write the log to standard error as FORMAT: text or json (default
                          text) [WINNOW_LOG]
  -log-level LEVEL        log what is at least this LEVEL: debug, info, warn or error
                          (default info) [WINNOW_LOG_LEVEL]

Examples
  # Clean a folder
  x clean -out clean pages/
`
	for _, args := range [][]string{{"clean", "-h"}, {"clean", "--help"}, {"help", "clean"}} {
		code, seen, stdout, _ := runProgram(t, nil, args...)
		if code != 0 || len(seen) > 0 {
			t.Errorf("%v: exit code %d, ran %v", args, code, seen)
		}
		if diff := cmp.Diff(want, stdout); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
	}
	code, _, stdout, _ := runProgram(t, nil, "-h")
	for _, s := range []string{"x: the program.", "  clean       clean documents", "  completion  print a completion script"} {
		if code != 0 || !strings.Contains(stdout, s) {
			t.Errorf("exit code %d; no %q in:\n%s", code, s, stdout)
		}
	}
}

func TestVersionCommand(t *testing.T) {
	for _, arg := range []string{"version", "-version", "--version"} {
		code, _, stdout, _ := runProgram(t, nil, arg)
		if want := "x " + Version().String() + "\n"; code != 0 || stdout != want {
			t.Errorf("%s: %d %q, want %q", arg, code, stdout, want)
		}
	}
}

func TestLogFlags(t *testing.T) {
	_, _, _, text := runProgram(t, nil, "cat")
	if !strings.Contains(text, "level=INFO msg=loud n=1\n") || strings.Contains(text, "quiet") {
		t.Errorf("text: %q", text)
	}
	_, _, _, js := runProgram(t, map[string]string{"WINNOW_LOG": "json"}, "cat", "-log-level", "debug")
	if !strings.Contains(js, `"msg":"quiet"`) || !strings.Contains(js, `"msg":"loud","n":1}`) {
		t.Errorf("json: %q", js)
	}
}

// A size on the command line is shown in the help as one that reads back as the same.
func TestByteFlagsAreExact(t *testing.T) {
	for want, n := range map[string]int64{"0": 0, "1": 1, "1500": 1500, "64MiB": 64 << 20, "3GiB": 3 << 30, "64kB": 64_000, "2GB": 2e9} {
		b := byteSize(n)
		if got := b.String(); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
		if err := b.Set(want); err != nil || int64(b) != n {
			t.Errorf("%q: read as %d, %v", want, b, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	candidates := []string{"clean", "cat", "verify", "stats", "serve"}
	for word, want := range map[string]string{
		"sats": "stats", "car": "cat", "claen": "clean", "clen": "clean", "stat": "stats", "verfiy": "verify", "sreve": "serve", "xyz": "", "": "",
	} {
		if want != "" {
			want = fmt.Sprintf("; did you mean %q?", want)
		}
		if got := didYouMean(word, candidates); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

// Completion is asked of bash itself: what it offers for a line that is half typed.
func TestCompletionInBash(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine")
	}
	_, _, script, _ := runProgram(t, nil, "completion", "bash")
	tests := []struct{ line, want string }{
		{"x c", "clean cat completion"},
		{"x he", "health help"},
		{"x clean -", "-layout -learn -log -log-level -nats -out"},
		{"x clean -layout p", "parquet"},
		{"x clean -out d -l", "-layout -learn -log -log-level"},
		{"x clean -out ", ""},
		{"x completion ", "bash zsh fish"},
		{"x cat -out", ""},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			words := strings.Split(tt.line, " ")
			ask := fmt.Sprintf("%s\nCOMP_WORDS=(%s); COMP_CWORD=%d; _x; echo \"${COMPREPLY[*]}\"",
				script, strings.Join(words, " ")+map[bool]string{true: "''"}[words[len(words)-1] == ""], len(words)-1)
			cmd := exec.Command(shell, "--norc", "-c", ask)
			cmd.Env = append(os.Environ(), "LC_ALL=C") // bash warns of a locale that is not here
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got := strings.TrimSpace(string(out)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Completion is asked of fish itself.
func TestCompletionInFish(t *testing.T) {
	shell, err := exec.LookPath("fish")
	if err != nil {
		t.Skip("no fish on this machine")
	}
	_, _, script, _ := runProgram(t, nil, "completion", "fish")
	tests := []struct{ line, want string }{
		{"x cl", "clean"},
		{"x clean -la", "-layout"},
		{"x clean -layout p", "parquet"},
		{"x completion z", "zsh"},
		{"x cat -log-l", "-log-level"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			cmd := exec.Command(shell, "--no-config", "-c", script+"\ncomplete -C "+fishQuote(tt.line))
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := strings.Cut(string(out), "\t"); strings.TrimSpace(got) != tt.want {
				t.Errorf("got %q, want %q first", out, tt.want)
			}
		})
	}
}

// Completion in zsh, with stand-ins for the functions that draw the menu: where the line
// is in the tree of commands, and what is offered there.
func TestCompletionInZsh(t *testing.T) {
	shell, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip("no zsh on this machine")
	}
	_, _, script, _ := runProgram(t, nil, "completion", "zsh")
	const stage = `
compdef() { print -r -- "registered $1 for $2" }
_describe() { print -rl -- "${(@P)2}" }
_arguments() { print -rl -- "$@" }
`
	tests := []struct {
		line       string
		want, none []string
	}{
		{"x ", []string{"clean:clean documents", "completion:"}, []string{"-out[", "*:argument"}},
		{"x clean ", []string{"-out[write to DIR]:DIR:_files", "-learn[learn the site's template]\n", ":(jsonl parquet)", "*:argument:_files"}, []string{"completion:"}},
		{"x cat -l", []string{"-log[", "*:argument:_files"}, []string{"-out[", "clean:"}},
		{"x completion ", []string{"*:argument:(bash zsh fish)"}, []string{"-out["}},
		{"x -", []string{"*:argument:_files"}, []string{"clean:clean"}},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			words := strings.Split(tt.line, " ")
			ask := fmt.Sprintf("%s%s\nwords=(%s%s); CURRENT=%d; _x", stage, script, strings.TrimSpace(tt.line),
				map[bool]string{true: " ''"}[words[len(words)-1] == ""], len(words))
			out, err := exec.Command(shell, "-f", "-c", ask).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, s := range append(tt.want, "registered _x for x") {
				if !strings.Contains(string(out), s) {
					t.Errorf("no %q in:\n%s", s, out)
				}
			}
			for _, s := range tt.none {
				if strings.Contains(string(out), s) {
					t.Errorf("%q in:\n%s", s, out)
				}
			}
		})
	}
}

func TestCompletionScriptsParse(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			code, _, script, stderr := runProgram(t, nil, "completion", shell)
			if code != 0 {
				t.Fatal(stderr)
			}
			for _, word := range []string{"clean", "layout", "parquet"} {
				if !strings.Contains(script, word) {
					t.Errorf("no %q in the script", word)
				}
			}
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s on this machine to parse it", shell)
			}
			file := t.TempDir() + "/script"
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(path, "-n", file).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
