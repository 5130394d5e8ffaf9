package ingester

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"winnow/internal/bus"
	"winnow/internal/record"
)

// Whatever a producer wrote, and wherever it stood, the broker takes the message that stands for it, and gives it back
// as it was.
func TestMalformedIsStored(t *testing.T) {
	_, raw := openBus(t, bus.StreamConfig{})
	text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \t\r\n\x00\x7f\u0085\u2028\u3000"))), 0, 1200, -1)
	piece := rapid.Custom(func(t *rapid.T) string { // long runs of one character, too, and half characters
		return strings.Repeat(text.Draw(t, "text"), rapid.IntRange(0, 3).Draw(t, "times")) + strings.Repeat(rapid.SampledFrom([]string{" ", "\t", "\xe9", "x", ""}).Draw(t, "padding"), rapid.IntRange(0, 1200).Draw(t, "length"))
	})
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(piece.Draw(t, "data"))
		var cause error = &record.MalformedError{Reason: rapid.SampledFrom([]string{record.ReasonOversize, record.ReasonBrokenFile}).Draw(t, "reason"), Detail: piece.Draw(t, "detail")}
		if rapid.Bool().Draw(t, "plain") {
			cause = errors.New(piece.Draw(t, "error"))
		}
		want := malformed(piece.Draw(t, "source"), data, int64(len(data))+rapid.Int64Range(0, 1).Draw(t, "cut"), piece.Draw(t, "where"), added, cause)
		seqs, err := raw.Publish(t.Context(), []bus.Message{want})
		if err != nil {
			t.Fatal(err)
		}
		got, err := raw.Get(t.Context(), seqs[0])
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != want.Subject || string(got.Data) != string(want.Data) || !cmp.Equal(got.Header, want.Header) {
			t.Fatalf("stored %s %q\nread %s %q", want.Subject, want.Header, got.Subject, got.Header)
		}
	})
}

// A reason that is cut in white space stops neither a request nor a replay.
func TestReasonCutInWhiteSpace(t *testing.T) {
	b, raw := openBus(t, bus.StreamConfig{})
	_, url := serve(t, IntakeConfig{Raw: raw})
	key := strings.Repeat(" ", 400)
	body := `{"id":"good","text":"hello"}` + "\n" + `{"` + key + `":1,"` + key + `":2}` + "\n"
	if a := post(t, url, strings.NewReader(body)); a.code != http.StatusOK {
		t.Errorf("%d %s", a.code, a.text)
	}
	run(t, newReplay(t, b, raw, write(t, filepath.Join(t.TempDir(), "a.jsonl"), body)))
	if n := state(t, raw).Messages; n != 4 {
		t.Errorf("%d messages", n)
	}
}
