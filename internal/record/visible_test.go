package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVisible(t *testing.T) {
	got := map[string]string{}
	want := map[string]string{
		"\x1b]0;owned\a":       "\uFFFD]0;owned\uFFFD",
		"a\r\nb\x08\x7f\u009b": "a\uFFFD\nb\uFFFD\uFFFD\uFFFD",
		"\x9b2J":               "\uFFFD2J", // the one-byte form, which is no UTF-8
		"a\n\tb é 图":           "a\n\tb é 图",
	}
	for in := range want {
		got[in] = Visible(in)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
