package source

import (
	"strings"
	"testing"

	"golang.org/x/net/html/charset"
)

func TestCharsets(t *testing.T) {
	russian := "<html><head><meta charset=\"windows-1251\"></head><p>\xc4\xee\xe6\xe4\xfc"
	for _, tt := range []struct{ name, file, in, want, charset string }{
		{"UTF-16 with a byte order mark", "a.txt", "\xff\xfeR\x00\xe9\x00\n\x00", "Ré\n", "utf-16le"},
		{"UTF-16, big endian", "a.txt", "\xfe\xff\x00R\x00\xe9", "Ré", "utf-16be"},
		{"UTF-32", "a.txt", "\xff\xfe\x00\x00R\x00\x00\x00\xe9\x00\x00\x00", "Ré", "utf-32le"},
		{"UTF-32, big endian, by content", "a", "\x00\x00\xfe\xff\x00\x00\x00R\x00\x00\x00\xe9", "Ré", "utf-32be"},
		{"UTF-32, a page", "a.html", "\xff\xfe\x00\x00<\x00\x00\x00p\x00\x00\x00>\x00\x00\x00\xe9\x00\x00\x00", "<p>é", "utf-32le"},
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

// undeclared are pages of one paragraph in encodings that they do not declare.
var undeclared = []struct{ label, page string }{
	{"windows-1251", "<p>Мост через залив будет закрыт для движения на две недели, сообщила администрация порта, после того как инженеры нашли ржавчину."},
	{"shift_jis", "<p>港の橋は来週から二週間、車の通行ができなくなると、港湾局が発表しました。"},
	{"gb18030", "<p>港务局说，港口的大桥从下个星期起封闭两个星期，因为工程师发现主缆已经生锈。"},
	{"euc-kr", "<p>항만청은 항구의 다리가 다음 주부터 두 주 동안 차량 통행이 금지된다고 밝혔다."},
	{"windows-1253", "<p>Η γέφυρα του λιμανιού θα κλείσει για δύο εβδομάδες, είπε η αρχή του λιμανιού, γιατί βρήκαν σκουριά σε δύο από τα καλώδια."},
	{"windows-1252", "<p>Le pont du port sera fermé pendant deux semaines, parce que les ingénieurs ont trouvé de la rouille sur deux des câbles."},
	{"utf-16le", "<p>Le pont du port sera fermé pendant deux semaines."},
}

// Pages and texts that do not declare their encoding are read right, in files, web archives and tables, and so
// are those whose server says UTF-8 of all that it has.
func TestUndeclaredCharsets(t *testing.T) {
	for _, tt := range undeclared {
		enc, _ := charset.Lookup(tt.label)
		page, err := enc.NewEncoder().String(tt.page)
		if err != nil {
			t.Fatal(tt.label, err)
		}
		files := map[string]string{
			"a.html": page, "b.txt": page,
			"c.warc": warcPage("http://a.example/1", "text/html", page) + warcPage("http://a.example/2", "text/html; charset=utf-8", page) + warcPage("http://a.example/3", "", "<html>"+page),
		}
		want := 5
		if tt.label == "utf-16le" {
			files["c.warc"] = warcPage("http://a.example/1", "text/html", page)
			want = 3
		} else {
			files["d.csv"] = "id,html\n1,\"" + page + "\"\n"
			want++
		}
		docs := readAll(t, tree(t, files), Options{})
		if len(docs) != want {
			t.Errorf("%s: %d documents", tt.label, len(docs))
		}
		for _, d := range docs {
			if strings.TrimPrefix(d.Text+d.HTML, "<html>") != tt.page || d.Path != "d.csv" && !strings.Contains(d.Metadata, `"charset":"`+tt.label+`"`) {
				t.Errorf("%s: %+v", tt.label, d)
			}
		}
	}
}
