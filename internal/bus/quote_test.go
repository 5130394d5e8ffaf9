package bus_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/bus"
)

// A name of a file comes back with the bytes that it had, whichever these are.
func TestCheckpointKeepsNames(t *testing.T) {
	name := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "text") {
			return rapid.String().Filter(func(s string) bool { return s == "" || s[0] != 0 }).Draw(t, "name")
		}
		return string(rapid.SliceOf(rapid.ByteRange(1, 255)).Draw(t, "bytes"))
	})
	rapid.Check(t, func(t *rapid.T) {
		want := bus.Checkpoint{Input: name.Draw(t, "input"), Path: name.Draw(t, "path"), Count: 3, Mark: &bus.Mark{Path: name.Draw(t, "mark"), Count: 2}}
		before := *want.Mark
		data, err := want.Encode()
		if err != nil || !utf8.Valid(data) {
			t.Fatalf("%q, %v", data, err)
		}
		var got bus.Checkpoint
		if err := got.Decode(data); err != nil || !cmp.Equal(want, got) || !cmp.Equal(*want.Mark, before) {
			t.Fatalf("%v: %s", err, cmp.Diff(want, got))
		}
	})
}

// What an earlier version stored is still read, and a damaged name is an error.
func TestOldCheckpoint(t *testing.T) {
	const old = `{"input":"0123456789abcdef","path":"caf\u00e9/\"x\".jsonl","count":3,"seq":9,"digest":7,"done":false,"stamp":"none","updated":"2026-11-22T01:02:03Z","mark":{"path":"\\x00 é","count":2,"digest":5,"files":"aa"}}`
	want := bus.Checkpoint{
		Input: "0123456789abcdef", Path: `café/"x".jsonl`, Count: 3, Seq: 9, Digest: 7, Stamp: "none", Updated: time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC),
		Mark: &bus.Mark{Path: `\x00 é`, Count: 2, Digest: 5, Files: "aa"},
	}
	var got bus.Checkpoint
	if err := got.Decode([]byte(old)); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v: %s", err, cmp.Diff(want, got))
	}
	if err := got.Decode([]byte(`{"path":"\u0000no quotes"}`)); err == nil {
		t.Error("a damaged name is read")
	}
}
