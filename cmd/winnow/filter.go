package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"winnow/internal/cli"
	"winnow/internal/record"
)

// Bounds of what a filter holds at once.
const (
	maxLine       = 64 << 20 // bytes of one input line
	filterDocs    = 256      // documents of a batch
	filterBytes   = 8 << 20  // bytes of a batch
	filterBuffer  = 1 << 20
	filterWorkers = 0 // 0: as many as there are CPUs
)

// inputLine is a line of the input and its number, counted from 1.
type inputLine struct {
	number int
	text   []byte
	size   int64 // of the whole line, of which text may be the beginning
}

// raw reads the line as a document.
func (l *inputLine) raw() (record.Raw, error) {
	if l.size > maxLine {
		return record.Raw{}, &record.MalformedError{Reason: record.ReasonOversize, Detail: fmt.Sprintf("%d bytes, limit %d", l.size, maxLine)}
	}
	return record.ParseRaw(l.text, nil)
}

// lineError is an input line that could not be read as a document.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

// filter calls each with batches of input lines, blank ones left out, and writes the lines it returns, one
// for one. A batch ends when the input has nothing more at hand, so that a filter can stand in a
// live pipe. each returns how many of the lines were not documents.
func filter(env cli.Env, each func(lines []inputLine) (out [][]byte, bad int, err error)) error {
	in := bufio.NewReaderSize(env.Stdin, filterBuffer)
	out := bufio.NewWriterSize(env.Stdout, filterBuffer)
	if format, tool := compressed(in); format != "" {
		return fmt.Errorf("standard input is %s data, want JSON lines: unpack it first, as in %s FILE | %s", format, tool, env.Name)
	}
	read, docs, dead := 0, 0, 0 // lines, those that are not blank, those that are no documents
	for {
		lines, err := readLines(in, &read)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("standard input, after line %d: %w", read, err)
		}
		res, bad, eachErr := each(lines)
		if eachErr != nil {
			return eachErr
		}
		for _, l := range res {
			out.Write(l)
			out.WriteByte('\n')
		}
		if flushErr := out.Flush(); flushErr != nil {
			return flushErr
		}
		docs, dead = docs+len(lines), dead+bad
		if err != nil {
			break
		}
	}
	if dead > 0 {
		return fmt.Errorf("%w: %d of %d lines, see their \"error\"", cli.ErrDead, dead, docs)
	}
	return nil
}

// compressed names the compression that the input begins with, if any, and what undoes it. It waits for two bytes: a
// line has as many.
func compressed(in *bufio.Reader) (format, tool string) {
	switch head, _ := in.Peek(2); string(head) {
	case "\x1f\x8b":
		return "gzip", "zcat"
	case "\x28\xb5":
		return "zstd", "zstdcat"
	}
	return "", ""
}

// readLines reads up to a batch of lines without their line feeds, leaving out the blank ones, and
// counts all of them in read. It returns io.EOF with the last ones. A line over maxLine comes back cut.
func readLines(in *bufio.Reader, read *int) (lines []inputLine, err error) {
	size := 0
	for len(lines) < filterDocs && size < filterBytes {
		if len(lines) > 0 && in.Buffered() == 0 {
			return lines, nil
		}
		line, whole, err := readLine(in)
		if len(line) > 0 || err == nil {
			*read++
		}
		if len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, inputLine{*read, line, whole})
			size += len(line)
		}
		if err != nil {
			return lines, err
		}
	}
	return lines, nil
}

func readLine(in *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := in.ReadSlice('\n')
		size += int64(len(part))
		if room := maxLine + 2 - len(line); room > 0 { // for the end of the line
			line = append(line, part[:min(len(part), room)]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			line = bytes.TrimRight(line, "\r\n")
			if size <= maxLine+2 {
				size = int64(len(line))
			} else if bytes.HasSuffix(part, []byte("\n")) {
				size--
			}
			return line, size, err
		}
	}
}
