package record

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// samples are texts and encodings that can write them.
var samples = []struct {
	text   string
	labels []string
}{
	{"It rained on the harbour; the ferry stayed.\r\n\tTwice.", []string{"utf-8", "windows-1252", "iso-8859-15", "macintosh"}},
	{"Дождь шёл над гаванью, и паром остался на месте.\n", []string{"utf-8", "windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"}},
	{"Βροχή στο λιμάνι, το πλοίο έμεινε.\n", []string{"windows-1253", "iso-8859-7"}},
	{"ירד גשם על הנמל\n", []string{"windows-1255", "iso-8859-8"}},
	{"港に雨が降り、フェリーは動かなかった。\n", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
	{"항구에 비가 내려 배가 멈췄다.\n", []string{"euc-kr"}},
	{"港口下了雨，渡轮停在原处。\n", []string{"gbk", "gb18030"}},
	{"港口下了雨，渡輪停在原處。\n", []string{"big5"}},
}

// A text is never binary, in whatever encoding, length and part of it, and whatever stray control character is in it.
func TestTextIsNotBinary(t *testing.T) {
	for _, s := range samples {
		for _, label := range s.labels {
			enc, _ := charset.Lookup(label)
			data, err := enc.NewEncoder().String(s.text)
			if err != nil {
				t.Fatal(label, err)
			}
			rapid.Check(t, func(t *rapid.T) {
				all := []byte(strings.Repeat(data, rapid.IntRange(1, 100).Draw(t, "n")))
				part := all[:rapid.IntRange(0, len(all)).Draw(t, "end")]
				if len(part) > 0 {
					part[rapid.IntRange(0, len(part)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "stray")
				}
				if IsBinary(part) {
					t.Fatalf("%s: %q is binary", label, part)
				}
			})
		}
	}
}

// UTF-16 is text, too, and read as such without a byte order mark wherever blanks or markup show it.
func TestUTF16(t *testing.T) {
	for _, s := range samples[:3] {
		page := "<p>" + strings.Repeat(s.text, 20) + "</p>"
		for name, endian := range map[string]unicode.Endianness{"utf-16le": unicode.LittleEndian, "utf-16be": unicode.BigEndian} {
			for _, bom := range []unicode.BOMPolicy{unicode.UseBOM, unicode.IgnoreBOM} {
				data, err := unicode.UTF16(endian, bom).NewEncoder().Bytes([]byte(page))
				if err != nil {
					t.Fatal(err)
				}
				text, enc := DecodeText(data, "text/html")
				if IsBinary(data) || text != page || enc != name {
					t.Errorf("%s, %.20q: binary %v, %s %.40q", name, page, IsBinary(data), enc, text)
				}
			}
		}
	}
}

func TestBinary(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []byte {
		out := make([]byte, n)
		for i := range out {
			out[i] = byte(rnd.Uint32())
		}
		return out
	}
	for n := 200; n < 1<<16; n += n / 8 {
		if data := noise(n); !IsBinary(data) {
			t.Errorf("%d bytes of noise are a text", n)
		}
	}
	for name, data := range map[string][]byte{
		"a program":         append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 400)...),
		"padded with zeros": append([]byte("It rained."), make([]byte, 400)...),
		"small numbers":     bytes.Repeat([]byte{1, 0, 2, 0, 7, 0, 3, 0}, 50),
		"noise in UTF-16":   append([]byte("\xff\xfe"), noise(4000)...),
		"the middle":        append([]byte(strings.Repeat("It rained. ", 1000)), noise(40_000)...),
	} {
		if !IsBinary(data) {
			t.Errorf("%s: a text", name)
		}
	}
	for _, text := range []string{"", "\x00", "a\x00", "<p>It\x00 rained", "\x01\x02 and a line of a terminal: \x1b[1mrain\x1b[0m"} {
		if IsBinary([]byte(text)) {
			t.Errorf("%q is binary", text)
		}
	}
}
