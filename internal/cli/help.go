package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const helpWidth = 92 // characters a line of help has at most

// WriteHelp writes the help of c, which the user calls name: synopsis, what it does, its
// subcommands, its flags by group, and examples.
func (c *Command) WriteHelp(w io.Writer, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s.\n\n", name, c.Short)
	fs := c.declared()
	if c.Setup != nil {
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(name+" [flags] "+c.Args))
	}
	if len(c.Sub) > 0 {
		fmt.Fprintf(&b, "  %s SUBCOMMAND [flags] [arguments]\n", name)
	}
	for p := range strings.SplitSeq(strings.TrimSpace(c.Long), "\n\n") {
		if p != "" {
			b.WriteByte('\n')
			writeParagraph(&b, p)
		}
	}
	c.writeSubcommands(&b, name == c.Name)
	if c.Setup != nil {
		fs.writeHelp(&b)
	}
	if len(c.Examples) > 0 {
		b.WriteString("\nExamples\n")
		for _, e := range c.Examples {
			fmt.Fprintf(&b, "  # %s\n  %s\n", e.Doc, e.Line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeParagraph wraps p; one that is indented is shown as it is.
func writeParagraph(b *strings.Builder, p string) {
	if strings.HasPrefix(p, " ") || strings.HasPrefix(p, "\t") {
		b.WriteString(p + "\n")
		return
	}
	writeWrapped(b, "", p)
}

// writeSubcommands writes the subcommands; the root has built-in ones as well.
func (c *Command) writeSubcommands(b *strings.Builder, root bool) {
	subs := c.Sub[:len(c.Sub):len(c.Sub)]
	if root {
		subs = append(subs, builtins(c)...)
	}
	if len(subs) == 0 {
		return
	}
	b.WriteString("\nSubcommands\n")
	width := len("completion")
	for _, s := range subs {
		width = max(width, len(s.Name))
	}
	for _, s := range subs {
		fmt.Fprintf(b, "  %-*s  %s\n", width, s.Name, s.Short)
	}
}

// writeHelp writes the flags by group: "Flags" first, "Log" last, others as declared.
func (fs *Flags) writeHelp(b *strings.Builder) {
	fs.assign()
	order := []string{"Flags"}
	for _, g := range fs.groups {
		if g != "Flags" && g != "Log" {
			order = append(order, g)
		}
	}
	for _, g := range append(order, "Log") {
		heading := "\n" + g + "\n"
		fs.VisitAll(func(f *flag.Flag) {
			if fs.members[f.Name] != g {
				return
			}
			b.WriteString(heading)
			heading = ""
			fs.writeFlag(b, f)
		})
	}
}

// writeFlag writes one flag, its meaning, default and environment variable.
func (fs *Flags) writeFlag(b *strings.Builder, f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	if isBool(f) {
		value = ""
	} else if values := fs.meta[f.Name].values; len(values) > 0 && value == "value" { // the usage names none
		value = strings.Join(values, "|")
	}
	head := strings.TrimRight(fmt.Sprintf("  -%s %s", f.Name, value), " ")
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
		usage += " (default " + f.DefValue + ")"
	}
	if env := fs.meta[f.Name].env; env != "" {
		usage += " [" + env + "]"
	}
	const column = 26
	if len(head) > column-2 {
		b.WriteString(head + "\n")
		head = ""
	}
	b.WriteString(head)
	writeWrappedAt(b, len(head), column, usage)
}

// writeWrapped writes text in lines of at most helpWidth characters behind indent.
func writeWrapped(b *strings.Builder, indent, text string) {
	b.WriteString(indent)
	writeWrappedAt(b, len(indent), len(indent), text)
}

// writeWrappedAt goes on at column at of a line and writes text from column on.
func writeWrappedAt(b *strings.Builder, at, column int, text string) {
	b.WriteString(strings.Repeat(" ", max(0, column-at)))
	at = column
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(word) > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", column))
			at = column
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	b.WriteByte('\n')
}
