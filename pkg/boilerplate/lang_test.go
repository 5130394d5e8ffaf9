package boilerplate

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/abadojack/whatlanggo"
)

func TestDetectLanguage(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "und"},
		{"digits", "12 345 678", "und"},
		{"english", "The council said on Tuesday that the bridge will be closed for two weeks", "en"},
		{"german", "Der Rat hat am Dienstag beschlossen, die Brücke für zwei Wochen zu sperren", "de"},
		{"french", "Le conseil a décidé mardi de fermer le pont pendant deux semaines", "fr"},
		{"spanish", "El consejo decidió el martes cerrar el puente durante dos semanas", "es"},
		{"portuguese", "O conselho decidiu na terça-feira fechar a ponte por duas semanas, mas não disse quando", "pt"},
		{"italian", "Il consiglio ha deciso martedì di chiudere il ponte per due settimane", "it"},
		{"dutch", "De raad besloot dinsdag om de brug twee weken te sluiten voor het verkeer", "nl"},
		{"swedish", "Rådet beslutade på tisdagen att bron ska stängas i två veckor och inte öppnas", "sv"},
		{"danish", "Rådet besluttede tirsdag at lukke broen i to uger efter en rapport af politiet", "da"},
		{"polish", "Rada zdecydowała we wtorek, że most będzie zamknięty przez dwa tygodnie", "pl"},
		{"czech", "Rada v úterý rozhodla, že most bude na dva týdny uzavřen, řekl mluvčí", "cs"},
		{"hungarian", "A tanács kedden úgy döntött, hogy a hidat két hétre lezárják és csak később nyitják meg", "hu"},
		{"finnish", "Neuvosto päätti tiistaina, että silta on suljettu kaksi viikkoa ja avataan myös sen jälkeen", "fi"},
		{"turkish", "Meclis salı günü köprünün iki hafta için kapatılacağını ve daha sonra açılacağını söyledi", "tr"},
		{"russian", "Совет решил во вторник закрыть мост на две недели, но не сказал, когда он будет открыт", "ru"},
		{"ukrainian", "Рада вирішила у вівторок закрити міст на два тижні, але не сказала, що буде далі", "uk"},
		{"bulgarian", "Съветът реши във вторник да затвори моста за две седмици и каза, че ще го отвори", "bg"},
		{"greek", "Το συμβούλιο αποφάσισε την Τρίτη να κλείσει τη γέφυρα", "el"},
		{"arabic", "قرر المجلس يوم الثلاثاء إغلاق الجسر لمدة أسبوعين في المدينة", "ar"},
		{"persian", "شورا روز سه‌شنبه تصمیم گرفت که پل را برای دو هفته ببندد", "fa"},
		{"hebrew", "המועצה החליטה ביום שלישי לסגור את הגשר", "he"},
		{"hindi", "परिषद ने मंगलवार को पुल को दो सप्ताह के लिए बंद करने का फैसला किया है", "hi"},
		{"chinese", "市议会星期二决定将大桥关闭两周", "zh"},
		{"japanese", "市議会は火曜日、橋を二週間閉鎖することを決めた", "ja"},
		{"korean", "시의회는 화요일에 다리를 2주 동안 폐쇄하기로 결정했다", "ko"},
		{"thai", "สภาตัดสินใจปิดสะพานเป็นเวลาสองสัปดาห์", "th"},
		{"vietnamese", "Hội đồng đã quyết định đóng cửa cây cầu trong hai tuần và không nói khi nào được mở", "vi"},
		{"names in another script", "The council of Αθήνα said that the bridge is closed and will be for a week", "en"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := DetectLanguage(tt.text); got != tt.want {
				t.Errorf("DetectLanguage(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// The detector looks at no more than a sample, however long the text.
func TestDetectLanguageBounded(t *testing.T) {
	text := strings.Repeat("the bridge is closed and will not be open for a week ", 100)
	if got := DetectLanguage(text + strings.Repeat("и не на что мост закрыт ", 100_000)); got != "en" {
		t.Errorf("got %q, want en", got)
	}
}

func TestDetectLanguageOnGold(t *testing.T) {
	own, peer, n := 0, 0, 0
	for _, g := range readGold(t, evalDir) {
		if g.Set != "daniel" && g.Set != "fundus" {
			continue // the others do not label each page
		}
		n++
		if got := DetectLanguage(g.Gold); !sameLanguage(got, g.Lang) {
			own++
		}
		if got := whatlanggo.DetectLang(g.Gold[:min(len(g.Gold), 1500)]).Iso6391(); !sameLanguage(got, g.Lang) {
			peer++
		}
	}
	t.Logf("wrong of %d: DetectLanguage %d, whatlanggo %d", n, own, peer)
	if own*100 > n*2 {
		t.Errorf("%d of %d languages are wrong, more than 2 %%", own, n)
	}
}

// evalDir holds the labelled sets when they are there.
var evalDir = filepath.Join("..", "..", "..", "shared", "eval", "dev")

func BenchmarkDetectLanguage(b *testing.B) {
	text := strings.Repeat("The council said on Tuesday that the bridge across the river will be closed for two weeks. ", 40)
	b.Run("winnow", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			DetectLanguage(text)
		}
	})
	b.Run("whatlanggo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			whatlanggo.DetectLang(text[:1500])
		}
	})
}
