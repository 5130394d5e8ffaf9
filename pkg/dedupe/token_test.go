package dedupe

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func exactOf(text string) Sketch {
	var sk Sketch
	NewSketcher(DefaultParams()).Sketch(&sk, text)
	return sk
}

// What is written in another way is the same text.
func TestFolding(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"case", "The Quick Brown FOX", "the quick brown fox"},
		{"case beyond ASCII", "ÄRGER ÜBER ÖL ΑΘΗΝΑ МОСКВА", "ärger über öl αθηνα москва"},
		{"width", "ＡＢＣ１２３ news", "abc123 NEWS"},
		{"quotes", "he said: “it’s fine”", "he said: \"it's fine\""},
		{"dashes", "one—two – three−four", "one - two -- three-four"},
		{"ligatures", "the ﬁrst oﬃce ﬂoor", "the first office floor"},
		{"soft hyphens", "un\u00adusu\u00adally long", "unusually long"},
		{"zero width", "un\u200busual\ufeff", "unusual"},
		{"no-break spaces", "ten\u00a0million\u202fdollars", "ten million dollars"},
		{"composed and decomposed", "café Zürich Ångström", "cafe\u0301 Zu\u0308rich A\u030angstro\u0308m"},
		{"accents lost", "Málaga señor façade", "Malaga senor facade"},
		{"sharp s", "Straße", "STRASSE"},
		{"mojibake of letters", "café naïve Zürich über", "cafÃ© naÃ¯ve ZÃ¼rich Ã¼ber"},
		{"mojibake of quotes", "it’s “fine” – yes", "itâ€™s â€œfineâ€\u009d â€“ yes"},
		{"mojibake cut short", "said “fine” yes", "said â€œfineâ€ yes"},
		{"white space", "a\tb\r\n\r\nc   d", "a b c d"},
		{"Arabic marks", "مُحَمَّد", "محمد"},
		{"Japanese width", "ﾆｭｰｽ", "ニュース"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := exactOf(c.a), exactOf(c.b)
			if a.Exact != b.Exact || a.Words != b.Words || a.Words == 0 {
				t.Errorf("%q has %d words, %q has %d, and their hashes differ: %t", c.a, a.Words, c.b, b.Words, a.Exact != b.Exact)
			}
		})
	}
}

// What is another word is another text.
func TestFoldingKeepsWordsApart(t *testing.T) {
	for _, c := range [][2]string{
		{"a b", "ab"},
		{"one two", "two one"},
		{"12", "1 2"},
		{"мир", "мор"},
		{"कि", "का"},
		{"क", "व"},
		{"가", "나"},
		{"新聞", "聞新"},
		{"ก", "ข"},
		{"a", "a a"},
		{"abcdefgh", "abcdefghi"},
		{"abcdefghijklmnop", "abcdefghijklmnopq"},
	} {
		if a, b := exactOf(c[0]), exactOf(c[1]); a.Exact == b.Exact {
			t.Errorf("%q and %q have the same hash", c[0], c[1])
		}
	}
}

// The fast path finds and hashes the words that the plain definition does,
// wherever they stand.
func TestWordsOfASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9 ,.'_@\[\x60{/:\n-]{0,200}`).Draw(t, "text")
		var want []uint64
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
		}) {
			want = append(want, hashFolded(1, []byte(w)))
		}
		got := wordsOf(text)
		if len(got.hash) != len(want) {
			t.Fatalf("%d words, want %d", len(got.hash), len(want))
		}
		for i := range want {
			if got.hash[i] != want[i] || hashFolded(1, []byte(strings.ToLower(text[got.start[i]:got.end[i]]))) != want[i] {
				t.Fatalf("word %d, %q, has another hash", i, text[got.start[i]:got.end[i]])
			}
		}
	})
}

// A word with a letter beyond ASCII takes the slow path to the same hash, and the
// path that keeps spans finds the same words.
func TestPathsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9]{1,40}`), 1, 60).Draw(t, "words")
		plain := strings.Join(words, " ")
		slow := strings.Join(words, "\u00a0") // no-break spaces: everything is one run
		a, b := exactOf(plain), exactOf(slow)
		if a.Exact != b.Exact || a.Words != len(words) || b.Words != len(words) {
			t.Fatalf("%d words, then %d, want %d", a.Words, b.Words, len(words))
		}
		if got := wordsOf(plain); len(got.hash) != len(words) {
			t.Fatalf("%d spans, want %d", len(got.hash), len(words))
		}
	})
}

// tokens returns the hashes and weights of the words of text, and of the numbers, by the
// path that keeps spans or by the fast one.
func tokens(text string, spans bool) (words []uint64) {
	t := &tokenizer{seed: 1, spans: spans, numbers: make([]uint64, 0, bufWords)}
	from := 0
	t.flush = func(bool) {
		for i, h := range t.hash[from:t.n] {
			words = append(words, h, uint64(t.weight[from+i]))
		}
		words = append(words, t.numbers...)
		from = min(t.n, carryWords)
	}
	t.run(text)
	return words
}

// The fast path, which turns Latin letters into ASCII first, finds the words that the
// slow one does, whatever stands beside them and wherever the text is cut.
func TestFastPathFindsTheSame(t *testing.T) {
	parts := rapid.SliceOf(rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9]{1,20}`),
		rapid.SampledFrom([]string{
			" ", ", ", ".\n", "é", "ü", "ß", "Æ", "Ł", "ő", "ŉ", "ı", "µ", "½", "²", "\u00a0", "\u00ad", "“", "”", "’", "—", "…", "\u200b", "\u2028",
			"Ã", "â", "€", "Ð", "Â", "™", "ž", "Œ", "ÃŸ", "â€™", "e\u0301", "д", "語", "ไ", "\xc3", "\xe2\x80", "\x80", "\xff",
		}),
		rapid.Map(rapid.IntRange(1, 40_000), func(n int) string { return strings.Repeat("x", n) }),
		rapid.Map(rapid.IntRange(1, 9000), func(n int) string { return strings.Repeat("ab ", n) }),
		rapid.Map(rapid.IntRange(1, 9000), func(n int) string { return strings.Repeat("語", n) }),
	))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(parts.Draw(t, "parts"), "")
		if a, b := tokens(text, true), tokens(text, false); !slices.Equal(a, b) {
			t.Fatalf("%d words and numbers, then %d", len(a), len(b))
		}
	})
}

// Words are the same however far into the text they stand.
func TestPositionDoesNotMatter(t *testing.T) {
	text := "Größe über alles: the “quick” brown foxes of 1,234 hills — internationalization notwithstanding"
	want := exactOf(text)
	for n := range 200 {
		if got := exactOf(strings.Repeat(" ", n) + text); got.Exact != want.Exact {
			t.Fatalf("differs after %d spaces", n)
		}
	}
}

var scripts = []struct{ name, text, other string }{
	{"Chinese", "气象部门周三表示，一场强冷空气将于本周末影响北方大部分地区，气温将下降八到十二度，部分山区可能出现大到暴雪。当地政府已要求各单位做好供暖和道路除冰准备，并提醒居民尽量减少外出。铁路部门说，列车可能会晚点，乘客应提前查询时刻表。", "市图书馆宣布，从下个月起延长开放时间，并在周末举办面向儿童的阅读活动。馆长说，去年的访客人数创下新高，新的阅览室将在春天完工。志愿者可以在网上报名，名额有限，先到先得。"},
	{"Japanese", "気象庁は水曜日、週末にかけて強い寒気が北日本に流れ込み、気温が平年より八度から十度低くなるところがあると発表した。山沿いでは大雪のおそれがあり、交通機関への影響に注意が必要だ。自治体は除雪車の準備を進めており、住民に不要な外出を控えるよう呼びかけている。", "市立図書館は来月から開館時間を延長し、週末には子ども向けの読書会を開くと発表した。館長によると、昨年の来館者数は過去最高となり、新しい閲覧室は春に完成する予定だ。参加の申し込みは先着順で受け付ける。"},
	{"Thai", "กรมอุตุนิยมวิทยาประกาศเมื่อวันพุธว่าจะมีมวลอากาศเย็นกำลังแรงแผ่ลงมาปกคลุมภาคเหนือในช่วงสุดสัปดาห์นี้ ทำให้อุณหภูมิลดลงแปดถึงสิบองศา ขอให้ประชาชนดูแลสุขภาพและระวังอัคคีภัย", "หอสมุดเมืองจะขยายเวลาเปิดทำการตั้งแต่เดือนหน้าเป็นต้นไป และจะจัดกิจกรรมอ่านหนังสือสำหรับเด็กทุกวันเสาร์ ผู้อำนวยการกล่าวว่าปีที่แล้วมีผู้เข้าชมมากที่สุดเท่าที่เคยมีมา"},
	{"Khmer", "ក្រសួងធនធានទឹកបានប្រកាសនៅថ្ងៃពុធថានឹងមានភ្លៀងធ្លាក់ខ្លាំងនៅតំបន់ភាគខាងជើងក្នុងចុងសប្តាហ៍នេះ ហើយប្រជាពលរដ្ឋត្រូវប្រុងប្រយ័ត្នចំពោះទឹកជំនន់", "បណ្ណាល័យទីក្រុងនឹងពន្យារម៉ោងបើកទ្វារចាប់ពីខែក្រោយ ហើយនឹងរៀបចំកម្មវិធីអានសៀវភៅសម្រាប់កុមាររៀងរាល់ថ្ងៃសៅរ៍"},
	{"Lao", "ກົມອຸຕຸນິຍົມປະກາດໃນວັນພຸດວ່າຈະມີອາກາດເຢັນແຮງພັດເຂົ້າມາປົກຄຸມພາກເໜືອໃນທ້າຍອາທິດນີ້ ຂໍໃຫ້ປະຊາຊົນຮັກສາສຸຂະພາບ", "ຫໍສະໝຸດເມືອງຈະຂະຫຍາຍເວລາເປີດຕັ້ງແຕ່ເດືອນໜ້າເປັນຕົ້ນໄປ ແລະຈະຈັດກິດຈະກຳອ່ານໜັງສືສຳລັບເດັກນ້ອຍ"},
	{"Burmese", "မိုးလေဝသဌာနက ဗုဒ္ဓဟူးနေ့တွင် ယခုသီတင်းပတ်ကုန်၌ မြောက်ပိုင်းဒေသများတွင် အအေးလွန်ကဲမည်ဟု ကြေညာခဲ့သည် ပြည်သူများ ကျန်းမာရေးဂရုစိုက်ကြပါ", "မြို့တော်စာကြည့်တိုက်သည် လာမည့်လမှစ၍ ဖွင့်ချိန်ကို တိုးချဲ့မည်ဖြစ်ပြီး ကလေးများအတွက် စာဖတ်ပွဲများ ကျင်းပမည်ဖြစ်သည်"},
	{"Korean", "기상청은 수요일 주말 동안 강한 한파가 북부 지방을 덮쳐 기온이 평년보다 팔 도에서 십 도가량 낮아질 것이라고 발표했다 산간 지역에는 많은 눈이 예상되므로 교통안전에 유의해야 한다 지방자치단체는 제설 장비를 점검하고 주민들에게 불필요한 외출을 자제해 달라고 당부했다", "시립 도서관은 다음 달부터 개관 시간을 연장하고 주말마다 어린이를 위한 독서 모임을 연다고 밝혔다 관장은 지난해 방문객 수가 역대 최고를 기록했으며 새 열람실은 봄에 완공될 예정이라고 말했다"},
	{"Russian", "Метеорологи сообщили в среду, что в конце недели на север страны придёт сильное похолодание, температура опустится на восемь или десять градусов ниже нормы, а в горах возможны снегопады. Власти готовят снегоуборочную технику и просят жителей не выезжать без необходимости.", "Городская библиотека со следующего месяца продлит часы работы и будет проводить по выходным чтения для детей. Директор сказал, что в прошлом году число посетителей стало рекордным, а новый зал откроют весной."},
	{"Arabic", "أعلنت هيئة الأرصاد الجوية يوم الأربعاء أن موجة برد قوية ستصل إلى شمال البلاد في نهاية الأسبوع وأن درجات الحرارة ستنخفض ثماني درجات إلى عشر درجات عن المعدل مع احتمال تساقط الثلوج على المرتفعات ودعت السلطات السكان إلى تجنب السفر غير الضروري", "قالت مكتبة المدينة إنها ستمدد ساعات العمل ابتداء من الشهر المقبل وستنظم في عطلة نهاية الأسبوع جلسات قراءة للأطفال وأضاف المدير أن عدد الزوار في العام الماضي كان الأعلى على الإطلاق"},
	{"Hebrew", "השירות המטאורולוגי הודיע ביום רביעי כי גל קור חזק יגיע לצפון הארץ בסוף השבוע והטמפרטורות ירדו בשמונה עד עשר מעלות מתחת לממוצע וכי ייתכן שלג בהרים הרשויות ביקשו מהתושבים להימנע מנסיעות שאינן הכרחיות", "הספרייה העירונית תאריך את שעות הפתיחה החל מהחודש הבא ותקיים בסופי שבוע מפגשי קריאה לילדים המנהל אמר כי מספר המבקרים בשנה שעברה היה הגבוה ביותר"},
	{"Hindi", "मौसम विभाग ने बुधवार को कहा कि सप्ताह के अंत में उत्तर भारत में तेज़ ठंड पड़ेगी और तापमान सामान्य से आठ से दस डिग्री नीचे चला जाएगा पहाड़ी इलाकों में भारी बर्फबारी हो सकती है प्रशासन ने लोगों से अनावश्यक यात्रा न करने को कहा है", "शहर का पुस्तकालय अगले महीने से देर तक खुला रहेगा और हर सप्ताहांत बच्चों के लिए पठन सत्र आयोजित करेगा निदेशक ने बताया कि पिछले साल आगंतुकों की संख्या सबसे अधिक रही"},
	{"Greek", "Η μετεωρολογική υπηρεσία ανακοίνωσε την Τετάρτη ότι ισχυρό κύμα ψύχους θα φτάσει στη βόρεια χώρα το σαββατοκύριακο και η θερμοκρασία θα πέσει οκτώ με δέκα βαθμούς κάτω από τα κανονικά επίπεδα ενώ στα ορεινά αναμένονται χιονοπτώσεις", "Η δημοτική βιβλιοθήκη θα παρατείνει το ωράριο από τον επόμενο μήνα και θα διοργανώνει κάθε σαββατοκύριακο αναγνώσεις για παιδιά ο διευθυντής είπε ότι πέρυσι οι επισκέπτες ήταν περισσότεροι από ποτέ"},
	{"mixed", "Toyotaは水曜日、新しいEV「bZ4X Touring」を発表した。価格は5,750,000円からで、航続距離は最大734 kmに達するという。CEOは「品質を最優先にする」と述べ、2026年春に欧州でも販売を始める計画を明らかにした。", "OpenSourceの会議が来週Osakaで開かれ、約1,200人の開発者が参加する予定だ。基調講演ではRustとGoの比較が取り上げられる。入場は無料だが、事前登録が必要となる。"},
}

// Copies, cuts and quotations are found in every script, unrelated texts are not.
func TestScripts(t *testing.T) {
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			r := []rune(s.text)
			most := string(r[:len(r)*3/4])
			v := judge(DefaultParams(), s.text, s.other, most, s.other+"\n"+s.text)
			if v[1].Kind != Unique || len(v[1].Overlaps) > 0 {
				t.Errorf("an unrelated text: %+v", v[1].Verdict)
			}
			if v[2].Kind == Unique || v[2].Of.ID != "a" {
				t.Errorf("the first three quarters: %+v", v[2].Verdict)
			}
			if got := partners(v[3].Verdict); len(got) < 2 {
				t.Errorf("both texts together: %+v", v[3].Verdict)
			}
		})
	}
}

// The path for Latin letters and quotes finds the words that the general one does,
// which a soft hyphen calls for.
func TestLatinPathAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9éüßÄæØÃâ×þœ’“–»]{0,24}`), 1, 40).Draw(t, "words")
		quick, general := "", ""
		for _, w := range words {
			quick += " a" + w
			general += " a\u00ad" + w
		}
		a, b := exactOf(quick), exactOf(general)
		if a.Exact != b.Exact || a.Words != b.Words {
			t.Fatalf("%d words of %q, then %d", a.Words, quick, b.Words)
		}
	})
}
