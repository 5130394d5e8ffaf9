package cli

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"strings"
)

// completion writes the completion script for the shell in env.Args.
func (c *Command) completion(env Env) error {
	if len(env.Args) != 1 {
		return Usagef("want one shell: bash, zsh or fish")
	}
	write, ok := map[string]func(*bufio.Writer, *Command){"bash": bash, "zsh": zsh, "fish": fish}[env.Args[0]]
	if !ok {
		return Usagef("no completion for %q: want bash, zsh or fish", env.Args[0])
	}
	w := bufio.NewWriter(env.Stdout)
	write(w, c)
	return w.Flush()
}

// node is a command as completion sees it.
type node struct {
	path  string // "winnow clean"
	subs  []*Command
	flags []option
	words []string // closed set of operands: of "bash|zsh|fish" the three
}

type option struct {
	name, value, usage string // value: "" if the flag stands alone
	values             []string
}

// nodes returns c and everything below it, parents first.
func (c *Command) nodes(path string) []node {
	n := node{path: path, subs: c.Sub}
	if path == c.Name {
		n.subs = append(c.Sub[:len(c.Sub):len(c.Sub)], builtins(c)...)
	}
	if strings.Contains(c.Args, "|") {
		n.words = strings.Split(c.Args, "|")
	}
	if c.Setup != nil {
		fs := c.declared()
		fs.VisitAll(func(f *flag.Flag) {
			value, usage := flag.UnquoteUsage(f)
			if isBool(f) {
				value = ""
			}
			usage, _, _ = strings.Cut(usage, ";")
			n.flags = append(n.flags, option{f.Name, value, usage, fs.meta[f.Name].values})
		})
	}
	all := []node{n}
	for _, s := range n.subs {
		all = append(all, s.nodes(path+" "+s.Name)...)
	}
	return all
}

func (n node) subNames() (names []string) {
	for _, s := range n.subs {
		names = append(names, s.Name)
	}
	return names
}

func (n node) flagNames() (names []string) {
	for _, o := range n.flags {
		names = append(names, "-"+o.name)
	}
	return names
}

// quote returns s as one single-quoted word of bash and zsh.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fishQuote returns s as one single-quoted word of fish.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// paths returns the case pattern that matches every subcommand's path, one alternative each.
func paths(nodes []node) string {
	var alt []string
	for _, n := range nodes[1:] {
		alt = append(alt, quote(n.path))
	}
	return strings.Join(alt, "|")
}

func bash(w *bufio.Writer, root *Command) {
	nodes := root.nodes(root.Name)
	fmt.Fprintf(w, `# bash completion for %[1]s. Load it with: source <(%[1]s completion bash)
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=%[1]s flags= words= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case "$cmd ${COMP_WORDS[i]}" in
		%[2]s) cmd+=" ${COMP_WORDS[i]}" ;;
		esac
	done
	COMPREPLY=()
	case "$cmd:$prev" in
`, root.Name, paths(nodes))
	for _, n := range nodes {
		for _, o := range n.flags {
			if o.value != "" {
				fmt.Fprintf(w, "\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;\n",
					quote(n.path+":-"+o.name), quote(strings.Join(o.values, " ")))
			}
		}
	}
	io.WriteString(w, "\tesac\n\tcase \"$cmd\" in\n") //nolint:errcheck // bufio keeps the error for Flush
	for _, n := range nodes {
		fmt.Fprintf(w, "\t%s) flags=%s words=%s ;;\n", quote(n.path),
			quote(strings.Join(n.flagNames(), " ")), quote(strings.Join(append(n.subNames(), n.words...), " ")))
	}
	fmt.Fprintf(w, `	esac
	[[ $cur == -* ]] && words=$flags
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _%[1]s %[1]s
`, root.Name)
}

func zsh(w *bufio.Writer, root *Command) {
	nodes := root.nodes(root.Name)
	fmt.Fprintf(w, `#compdef %[1]s
# zsh completion for %[1]s. Load it with: source <(%[1]s completion zsh)
_%[1]s() {
	local cmd=%[1]s
	local -a subs
	while (( CURRENT > 2 )); do
		case "$cmd $words[2]" in
		(%[2]s) cmd+=" $words[2]"; shift words; (( CURRENT-- )) ;;
		(*) break ;;
		esac
	done
	case "$cmd" in
`, root.Name, paths(nodes))
	text := strings.NewReplacer("[", "(", "]", ")", ":", ",", "\n", " ")
	for _, n := range nodes {
		fmt.Fprintf(w, "\t(%s)\n", quote(n.path))
		if len(n.subs) > 0 {
			fmt.Fprint(w, "\t\tsubs=(")
			for _, s := range n.subs {
				fmt.Fprintf(w, " %s", quote(s.Name+":"+text.Replace(s.Short)))
			}
			fmt.Fprint(w, " )\n\t\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe subcommand subs; return; fi\n")
		}
		fmt.Fprint(w, "\t\t_arguments")
		for _, o := range n.flags {
			spec := "-" + o.name + "[" + text.Replace(o.usage) + "]"
			switch {
			case len(o.values) > 0:
				spec += ":" + o.value + ":(" + strings.Join(o.values, " ") + ")"
			case o.value != "":
				spec += ":" + o.value + ":_files"
			}
			fmt.Fprintf(w, " \\\n\t\t\t%s", quote(spec))
		}
		operands := "_files"
		if len(n.words) > 0 {
			operands = "(" + strings.Join(n.words, " ") + ")"
		}
		fmt.Fprintf(w, " \\\n\t\t\t%s ;;\n", quote("*:argument:"+operands))
	}
	fmt.Fprintf(w, "\tesac\n}\nif [[ $funcstack[1] == _%[1]s ]]; then _%[1]s \"$@\"; else compdef _%[1]s %[1]s; fi\n", root.Name)
}

func fish(w *bufio.Writer, root *Command) {
	nodes := root.nodes(root.Name)
	var known []string
	for _, n := range nodes[1:] {
		known = append(known, fishQuote(n.path))
	}
	fmt.Fprintf(w, `# fish completion for %[1]s. Load it with: %[1]s completion fish | source
function __%[1]s_at
	set -l cmd %[1]s
	for word in (commandline -opc)[2..]
		if contains -- "$cmd $word" %[2]s
			set cmd "$cmd $word"
		end
	end
	test "$cmd" = "$argv"
end
`, root.Name, strings.Join(known, " "))
	for _, n := range nodes {
		head := fmt.Sprintf("complete -c %s -n %s", root.Name, fishQuote("__"+root.Name+"_at "+n.path))
		for _, s := range n.subs {
			fmt.Fprintf(w, "%s -f -a %s -d %s\n", head, s.Name, fishQuote(s.Short))
		}
		for _, word := range n.words {
			fmt.Fprintf(w, "%s -f -a %s\n", head, word)
		}
		for _, o := range n.flags {
			fmt.Fprintf(w, "%s -o %s -d %s", head, o.name, fishQuote(o.usage))
			switch {
			case len(o.values) > 0:
				fmt.Fprintf(w, " -x -a %s", fishQuote(strings.Join(o.values, " ")))
			case o.value != "":
				fmt.Fprint(w, " -r")
			}
			fmt.Fprintln(w)
		}
	}
}
