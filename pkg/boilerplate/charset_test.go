package boilerplate

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// undeclared are pages and the encodings in which they are known without a declaration.
var undeclared = []struct{ page, labels string }{
	{russianPage, "windows-1251 koi8-r iso-8859-5 utf-16le utf-16be"},
	{"<title>橋を閉鎖</title><p>港の橋は来週から二週間、車の通行ができなくなると、港湾局が発表しました。点検で四本のケーブルのうち二本に錆が見つかったためです。</p><p>渡し船は朝六時から夜中まで十分ごとに出ており、住民は無料で乗ることができます。</p>", "shift_jis euc-jp utf-16le"},
	{"<title>大桥封闭</title><p>港务局说，港口的大桥从下个星期起封闭两个星期，因为工程师发现四根主缆中有两根已经生锈。</p><p>渡船从早上六点到半夜每十分钟开一班，居民可以不用买票，工作人员说这是第一次。</p>", "gb18030 utf-16be"},
	{"<title>新闻 - 足球</title><p>甲级联赛昨晚继续激战，港口队凭借队长梅开二度三比一击败客队，豪取五连胜，积分暂列榜首。</p><p>教练赛后称赞球员拼搏顽强，下轮客场挑战卫冕冠军，球票已告售罄。</p>", "gb18030"},
	{"<html lang=\"zh-CN\"><title>球队豪取连胜</title><p>甲级联赛昨晚激战，港口队豪取五连胜，积分暂列榜首。教练称赞球员拼搏顽强，球票已告售罄。</p>", "gb18030"},
	{"<title>大橋封閉</title><p>港務局說，港口的大橋從下個星期起封閉兩個星期，因為工程師發現四根主纜中有兩根已經生鏽。</p><p>渡船從早上六點到半夜每十分鐘開一班，居民可以不用買票，工作人員說這是第一次。</p>", "big5 utf-16le"},
	{"<title>다리 폐쇄</title><p>항만청은 항구의 다리가 다음 주부터 두 주 동안 차량 통행이 금지된다고 밝혔다. 점검에서 네 개의 주 케이블 가운데 두 개에 녹이 슨 것이 발견되었기 때문이다.</p>", "euc-kr utf-16le"},
	{"<title>歷史 산책 - 漢字 신문</title><p>朝鮮 後期의 港口 都市를 다룬 展示會가 來週 市立 博物館에서 열린다. 박물관은 古地圖와 文書 백여 점을 처음으로 公開한다고 밝혔다.</p>", "euc-kr"},
	{"<title>Κλείνει η γέφυρα</title><p>Η γέφυρα του λιμανιού θα κλείσει για δύο εβδομάδες, είπε η αρχή του λιμανιού, γιατί οι μηχανικοί βρήκαν σκουριά σε δύο από τα τέσσερα καλώδια και πρέπει να τα αλλάξουν.</p>", "windows-1253 utf-16be"},
	{"<title>Le pont ferme</title><p>Le pont du port sera fermé pendant deux semaines, a annoncé l’autorité, parce que les ingénieurs ont trouvé de la rouille sur deux des quatre câbles où passe la charge.</p>", "windows-1252 utf-16le"},
	{"<title>Die Brücke</title><p>Die Brücke über den Hafen wird für zwei Wochen geschlossen, weil die Prüfer Rost an zwei der vier großen Seile gefunden haben; die Fähren fahren häufiger.</p>", "windows-1252"},
	{"<title>Most zavřen</title><p>Most bude na dva týdny uzavřen, uvedl úřad. Inženýři, kteří jej prohlíželi, našli rez na dvou lanech. Řidiči, kteří po něm jezdí do práce, pojedou přes horní most, a lidé, kteří nemají auto, přívozem.</p>", "windows-1250"},
	{"<title>Köprü kapanıyor</title><p>Liman köprüsü iki hafta boyunca kapalı olacak, çünkü mühendisler dört ana kablonun ikisinde pas buldu; bunun ilk olduğunu, ancak son değil diyen yetkililer, vapurlar daha sık çalışacak, ancak ücret almayacak.</p>", "windows-1254"},
	{"<title>Vapur iskelesi açıldı</title><p>Yeni iskele dün akşam düzenlenen törenle hizmete açıldı. Adalılar artık şehir merkezine kırk dakikada ulaşacak.</p>", "windows-1254"},
	{"<p>İskelede şiddetli rüzgâr yüzünden seferler yapılamadı. İtfaiye kıyıdaki ağaçları kaldırdı, yollar sabaha karşı açıldı.</p>", "windows-1254"},
	{"<p>Balıkçılar salı günü kıyıda toplandı, alınan kararı kınadı. Başkan bakım parasının bu yıl ayrıldığını, işin sonbaharda başlayacağını söyledi.</p>", "windows-1254"},
	{"<title>הגשר נסגר</title><p>הגשר של הנמל ייסגר לשבועיים, כי המהנדסים מצאו חלודה על שני הכבלים. התושבים יכולים לשוט במעבורת, אבל לא בלילה.</p>", "windows-1255"},
	{"<title>ปิดสะพาน</title><p>สะพานข้ามท่าเรือจะปิดสองสัปดาห์ เพราะวิศวกรพบสนิมบนสายเคเบิลสองเส้น ชาวบ้านขึ้นเรือข้ามฟากได้โดยไม่ต้องซื้อตั๋ว</p>", "windows-874"},
	{"<title>Zamknięty most</title><p>Inżynierowie znaleźli rdzę. Wyższą część mostu zamknięto wcześniej, dłuższe objazdy mają potrwać kilkanaście tygodni, mówiąc najkrócej.</p>", "windows-1250 iso-8859-2"},
	{"<p>Мощный шторм повредил причал</p>", "windows-1251 koi8-r iso-8859-5"},
}

// encodeAs returns the text in an encoding.
func encodeAs(t *testing.T, label, text string) []byte {
	t.Helper()
	enc, _ := charset.Lookup(label)
	out, err := enc.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(label, err)
	}
	return out
}

// A page that declares nothing, or UTF-8 wrongly, is read as what it is; and so is a text.
func TestDecodeUndeclared(t *testing.T) {
	for _, tt := range undeclared {
		text := strings.NewReplacer("<title>", "", "</title>", "\n", "<p>", "", "</p>", "\n").Replace(tt.page)
		lie := strings.Replace(tt.page, "<title>", "<meta charset=utf-8><title>", 1)
		for label := range strings.FieldsSeq(tt.labels) {
			for _, c := range []struct{ page, contentType string }{{tt.page, ""}, {tt.page, "text/html; charset=UTF-8"}, {lie, "text/html"}, {text, "text/plain"}} {
				if c.contentType == "text/plain" && strings.HasPrefix(label, "utf-16") && !strings.Contains(tt.labels, "125") {
					continue // without markup its zero bytes are too few, or stand in letters, too
				}
				if got, name := Decode(encodeAs(t, label, c.page), c.contentType); got != c.page || name != label {
					t.Errorf("%s of type %q is %s: %.60q", label, c.contentType, name, got)
				}
			}
		}
	}
}

func TestDecode(t *testing.T) {
	const word = "\xc4\xee\xe6\xe4\xfc" // Дождь in windows-1251
	for _, tt := range []struct{ name, page, contentType, want, charset string }{
		{"nothing", "", "", "", ""},
		{"UTF-8", "<p>Дождь", "text/html", "<p>Дождь", ""},
		{"UTF-8 with a mark", "\xef\xbb\xbf<p>Дождь", "", "<p>Дождь", ""},
		{"UTF-8, declared as something else", "<meta charset=koi8-r><p>Дождь", "text/html; charset=gbk", "<meta charset=koi8-r><p>Дождь", ""},
		{"UTF-8 with a stray byte, declared as something else", "<p>Дождь и дождь\xff", "text/html; charset=gbk", "<p>Дождь и дождь\uFFFD", "utf-8, damaged"},
		{"declared by the server", word, "text/html; charset=windows-1251", "Дождь", "windows-1251"},
		{"declared by the server, not by the page", "<meta charset=koi8-r>" + word, "text/html; charset=cp1251", "<meta charset=koi8-r>Дождь", "windows-1251"},
		{"declared by the page", "<meta charset=windows-1251>" + word, "text/html", "<meta charset=windows-1251>Дождь", "windows-1251"},
		{"declared by the page, and the server is wrong", "<meta charset=windows-1251>" + word, "text/html; charset=utf-8", "<meta charset=windows-1251>Дождь", "windows-1251"},
		{"declared by the page, and a script's beside", "<script charset=koi8-r></script><meta charset=latin1>" + word, "", "<script charset=koi8-r></script><meta charset=latin1>Äîæäü", "windows-1252"},
		{"declared late", strings.Repeat(" ", 2000) + "<meta charset=windows-1251>" + word, "", strings.Repeat(" ", 2000) + "<meta charset=windows-1251>Дождь", "windows-1251"},
		{"declared in XML", "<?xml version='1.0' encoding='windows-1251'?>" + word, "application/xml", "<?xml version='1.0' encoding='windows-1251'?>Дождь", "windows-1251"},
		{"declared as what browsers do not read", "<p>caf\xe9", "text/html; charset=iso-2022-kr", "<p>café", "windows-1252"},
		{"declared as UTF-16 in bytes", "<?xml encoding='utf-16'?><p>caf\xe9", "", "<?xml encoding='utf-16'?><p>café", "windows-1252"},
		{"Japanese in seven bits", "\x1b$B1+\x1b(B", "text/html; charset=iso-2022-jp", "雨", "iso-2022-jp"},
		{"Japanese in seven bits, undeclared", "\x1b$B1+\x1b(B", "text/plain", "雨", "iso-2022-jp"},
		{"its escapes in UTF-8", "é \x1b$B1+\x1b(B", "text/plain", "é \x1b$B1+\x1b(B", ""},
		{"an escape", "\x1b[1m", "text/plain", "\x1b[1m", ""},
		{"UTF-16 with a mark and no blank", "\xff\xfe\xe8\x96", "", "雨", "utf-16le"},
		{"UTF-32", "\xff\xfe\x00\x00\xe8\x96\x00\x00\x00\xf6\x01\x00", "text/html; charset=utf-8", "雨😀", "utf-32le"},
		{"UTF-32, big endian", "\x00\x00\xfe\xff\x00\x00\x96\xe8", "", "雨", "utf-32be"},
		{"UTF-16 with zeros in both halves", "<\x00p\x00>\x00\x00\x4e", "", "<p>一", "utf-16le"},
		{"a word that no language has", "\xe9\xe9", "", "éé", "windows-1252"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if text, name := Decode([]byte(tt.page), tt.contentType); text != tt.want || name != tt.charset {
				t.Errorf("%q as %q", text, name)
			}
		})
	}
}

// What was decoded before is not decoded by its old declaration, not even where an escape stands in it.
func TestParseHTMLDecoded(t *testing.T) {
	p, err := ParseHTML([]byte("<meta charset=iso-2022-jp><p>It rained \x1b$B1+\x1b(B.</p>"+para), Options{ContentType: "text/html; charset=utf-8"})
	if err != nil || strings.Contains(p.Blocks[0].Text, "雨") {
		t.Errorf("%v %+v", err, p.Blocks)
	}
}

func BenchmarkDecode(b *testing.B) {
	page := []byte(strings.Repeat(russianPage, 40))
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		Decode(page, "text/html")
	}
}

// Whatever comes is UTF-8 afterwards, and what is UTF-8 without control characters stays what it is.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("<meta charset=gbk>\xc4\xee"), "text/html; charset=big5")
	f.Add([]byte("\xff\xfe<\x00"), "text/plain")
	f.Add([]byte("encoding=\xe9\xe9\xe9\xe9\xe9"), "")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		text, name := Decode(page, contentType)
		if !utf8.ValidString(text) {
			t.Fatalf("%s: %q", name, text)
		}
		if utf8.Valid(page) && !bytes.ContainsAny(page, "\x00\x1b\uFEFF") && (name != "" || text != string(page)) {
			t.Fatalf("UTF-8 as %q: %q", name, text)
		}
	})
}
