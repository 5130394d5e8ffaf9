package source

import (
	"strings"
	"testing"
)

func TestCharsets(t *testing.T) {
	russian := "<html><head><meta charset=\"windows-1251\"></head><p>\xc4\xee\xe6\xe4\xfc"
	for _, tt := range []struct{ name, file, in, want, charset string }{
		{"UTF-16 with a byte order mark", "a.txt", "\xff\xfeR\x00\xe9\x00\n\x00", "Ré\n", "utf-16le"},
		{"UTF-16, big endian", "a.txt", "\xfe\xff\x00R\x00\xe9", "Ré", "utf-16be"},
		{"Latin-1", "a.txt", "caf\xe9 noir", "café noir", "windows-1252"},
		{"Latin-1 that holds two characters of UTF-8", "a.txt", "\xe9\xe9 \xc3\xa9\xc3\xa9", "éé Ã©Ã©", "windows-1252"},
		{"declared", "a.html", russian, strings.Replace(russian, "\xc4\xee\xe6\xe4\xfc", "Дождь", 1), "windows-1251"},
		{"UTF-8 with a stray byte", "a.txt", strings.Repeat("é", 10) + "\xff", strings.Repeat("é", 10) + "\ufffd", "utf-8, damaged"},
		{"Japanese in seven bits", "a.html", "<meta charset=iso-2022-jp>\x1b$B1+\x1b(B", "<meta charset=iso-2022-jp>雨", "iso-2022-jp"},
		{"an escape in UTF-8", "a.txt", "\x1b[1mé", "\x1b[1mé", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			docs := readAll(t, tree(t, map[string]string{tt.file: tt.in}), Options{})
			meta := `{"path":"` + tt.file + `"}`
			if tt.charset != "" {
				meta = `{"path":"` + tt.file + `","charset":"` + tt.charset + `"}`
			}
			if len(docs) != 1 || docs[0].Text+docs[0].HTML != tt.want || docs[0].Metadata != meta || docs[0].Data != tt.in {
				t.Errorf("got %+v", docs)
			}
		})
	}
}
