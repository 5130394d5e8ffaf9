package boilerplate

// The languages that are told apart by their words, in alphabetical order of their codes.
const (
	langAf = iota
	langAr
	langAz
	langBe
	langBg
	langBs
	langCa
	langCs
	langDa
	langDe
	langEl
	langEn
	langEs
	langEt
	langEu
	langFa
	langFi
	langFr
	langGa
	langGl
	langHe
	langHi
	langHr
	langHu
	langID
	langIs
	langIt
	langKk
	langLt
	langLv
	langMk
	langMr
	langMs
	langMt
	langNe
	langNl
	langNo
	langPl
	langPt
	langRo
	langRu
	langSk
	langSl
	langSq
	langSr
	langSv
	langSw
	langTl
	langTr
	langUk
	langUr
	langUz
	langVi
)

var langNames = [...]string{
	langAf: "af", langAr: "ar", langAz: "az", langBe: "be", langBg: "bg", langBs: "bs", langCa: "ca", langCs: "cs", langDa: "da", langDe: "de", langEl: "el",
	langEn: "en", langEs: "es", langEt: "et", langEu: "eu", langFa: "fa", langFi: "fi", langFr: "fr", langGa: "ga", langGl: "gl", langHe: "he", langHi: "hi",
	langHr: "hr", langHu: "hu", langID: "id", langIs: "is", langIt: "it", langKk: "kk", langLt: "lt", langLv: "lv", langMk: "mk", langMr: "mr",
	langMs: "ms", langMt: "mt", langNe: "ne", langNl: "nl", langNo: "no", langPl: "pl", langPt: "pt", langRo: "ro", langRu: "ru", langSk: "sk",
	langSl: "sl", langSq: "sq", langSr: "sr", langSv: "sv", langSw: "sw", langTl: "tl", langTr: "tr", langUk: "uk", langUr: "ur", langUz: "uz",
	langVi: "vi",
}

// langScripts gives the script of each language; what is not here is written in Latin letters.
var langScripts = func() (s [len(langNames)]script) {
	for i := range s {
		s[i] = scriptLatin
	}
	for _, l := range []int{langBe, langBg, langKk, langMk, langRu, langSr, langUk} {
		s[l] = scriptCyrillic
	}
	s[langEl], s[langHe] = scriptGreek, scriptHebrew
	for _, l := range []int{langAr, langFa, langUr} {
		s[l] = scriptArabic
	}
	for _, l := range []int{langHi, langMr, langNe} {
		s[l] = scriptDevanagari
	}
	return s
}()

// langLetters gives the languages for letters that few languages have.
var langLetters = map[rune][]uint8{
	'ß': {langDe}, 'ñ': {langEs, langGl}, 'ã': {langPt}, 'õ': {langPt, langEt}, 'å': {langSv, langNo, langDa}, 'ø': {langNo, langDa},
	'æ': {langNo, langDa, langIs}, 'ğ': {langTr, langAz}, 'ı': {langTr, langAz}, 'ş': {langTr, langAz}, 'ə': {langAz}, 'ł': {langPl}, 'ż': {langPl, langMt},
	'ą': {langPl, langLt}, 'ę': {langPl, langLt}, 'ś': {langPl}, 'ć': {langPl, langHr, langBs}, 'ő': {langHu}, 'ű': {langHu}, 'ř': {langCs}, 'ě': {langCs}, 'ů': {langCs},
	'ľ': {langSk}, 'ĺ': {langSk}, 'ŕ': {langSk}, 'ť': {langSk, langCs}, 'ď': {langSk, langCs}, 'ț': {langRo}, 'ţ': {langRo}, 'ș': {langRo}, 'ă': {langRo, langVi},
	'đ': {langVi, langHr, langBs}, 'ơ': {langVi}, 'ư': {langVi}, 'ạ': {langVi}, 'ả': {langVi}, 'ế': {langVi}, 'ộ': {langVi}, 'ệ': {langVi}, 'þ': {langIs}, 'ð': {langIs},
	'ė': {langLt}, 'ų': {langLt}, 'į': {langLt}, 'ā': {langLv}, 'ē': {langLv}, 'ī': {langLv}, 'ļ': {langLv}, 'ņ': {langLv}, 'ķ': {langLv}, 'ë': {langSq, langNl, langAf},
	'ħ': {langMt}, 'ġ': {langMt}, 'ċ': {langMt}, 'ä': {langDe, langSv, langFi, langEt, langSk}, 'ö': {langDe, langSv, langFi, langTr, langHu, langIs, langEt}, 'ü': {langDe, langTr, langHu, langEt},
	'œ': {langFr}, 'ê': {langFr, langPt, langVi}, 'è': {langFr, langIt, langCa}, 'ç': {langFr, langPt, langCa, langTr}, 'ò': {langIt, langCa, langVi}, 'ì': {langIt, langVi}, 'ù': {langFr, langIt},
	'і': {langUk, langBe, langKk}, 'ї': {langUk}, 'є': {langUk}, 'ґ': {langUk}, 'ў': {langBe}, 'ы': {langRu, langBe, langKk}, 'э': {langRu, langBe, langKk}, 'ё': {langRu, langBe},
	'ъ': {langBg, langRu}, 'ј': {langSr, langMk}, 'љ': {langSr, langMk}, 'њ': {langSr, langMk}, 'ђ': {langSr}, 'ћ': {langSr}, 'ѓ': {langMk}, 'ќ': {langMk}, 'ѕ': {langMk},
	'қ': {langKk}, 'ә': {langKk}, 'ұ': {langKk}, 'ң': {langKk}, 'ғ': {langKk}, 'پ': {langFa, langUr}, 'چ': {langFa, langUr}, 'گ': {langFa, langUr}, 'ک': {langFa, langUr},
	'ی': {langFa, langUr}, 'ٹ': {langUr}, 'ڈ': {langUr}, 'ں': {langUr}, 'ے': {langUr}, 'ہ': {langUr}, 'ھ': {langUr}, 'ة': {langAr}, 'ي': {langAr}, 'ك': {langAr}, 'ى': {langAr},
}

// langLetterTable is langLetters for the scripts that have most of them.
var langLetterTable = func() (t [foldLimit][]uint8) {
	for r, langs := range langLetters {
		if r < foldLimit {
			t[r] = langs
		}
	}
	return t
}()

// langsOfLetter returns the languages that a letter speaks for.
func langsOfLetter(r rune) []uint8 {
	if r < foldLimit {
		return langLetterTable[r]
	}
	return langLetters[r]
}

// langCommon holds the commonest words of each language.
var langCommon = [len(langNames)]string{
	langAf: "die en van het is nie in te 'n wat vir met om dat hy sy op was aan ek sal aan word ook sê baie hulle ons kan deur wees maar",
	langAr: "في من على أن إلى التي الذي هذا هذه عن مع كان لا ما قد وقال بين كما بعد أو لم قال ذلك كانت خلال غير قبل أكثر حيث",
	langAz: "və bir bu ilə üçün də olan da ki edir edib olub daha onun kimi sonra ən var ildə görə tərəfindən deyib",
	langBe: "і у на з да не што як ў па за ад для гэта але быў таксама якія яго якая іх пра было беларусі яны",
	langBg: "на и да се за от в е не са че по с си което като до ще това след беше към при които още той има бъде само",
	langBs: "je i u na se da su za od koji što kako će nije bi ili ali te sa kao iz biti bio samo kaže godine vijesti također osim",
	langCa: "de la el i a que en els per una les un amb del és no al ha es més com aquest però també ser han seva aquesta ja on són",
	langCs: "a v se na je že s o to do ve si za by ale jako jsem po jsou které který tak od být jeho roku také podle už kteří nebo která uvedl",
	langDa: "og i at er en det til af den på for de med som der ikke et har fra han var jeg vi om men også efter være kan skal blev år ved siger",
	langDe: "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei",
	langEl: "και το να του η της με για στο την που από τα είναι θα δεν τη στην ο οι σε μια ότι των αυτό τον στη έχει τους κατά",
	langEn: "the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were their one all we can her has there been if more when will would who so no said she its about than into them",
	langEs: "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está han",
	langEt: "ja on ei et see kui ta ka oli mis aga oma ning nii kes või mida seda selle siis ole veel kuid tema pärast üks eesti poolt aasta",
	langEu: "eta da ez du bat dira ere zuen izan dute egin baina bere zen dela dituzte beste hori den egiten dago zuten esan",
	langFa: "و در به از که این را با است برای آن یک خود تا کرد بر هم نیز وی شده می شد اما کرده باید های دارد بود گفت",
	langFi: "ja on ei että se hän oli ovat mutta myös kun joka mukaan ole sen jo kuin vain niin mitä tai jos vuoden olla sitä siitä vielä minä ollut",
	langFr: "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont aux avec son cette ou mais comme ont été être nous on leur sa ses deux tout vous fait même elle entre après",
	langGa: "an na agus ar a go i is bhí le tá sé do nach ag ach ní bhfuil atá sin mar leis chun seo raibh",
	langGl: "de a que o e do da en os no na un para unha con por se máis as non como dos é pola polo ao das foi tamén sobre galicia esta pero seu súa",
	langHe: "של את על לא הוא זה עם כי גם או היא אל כל מה אבל יש כך כדי אם רק אני בין לפי כמו אין היה אמר ידי לאחר עד",
	langHi: "के में की है से को और का ने पर कि भी एक हैं यह नहीं कर इस गया था ही लिए तो कहा साथ हो रहे",
	langHr: "je i u na se da su za od koji što kako će nije bi ili ali te sa kao iz biti bio samo kaže godine tijekom također prema svibnja hrvatske hrvatska",
	langHu: "a az és hogy nem is egy ez meg már volt csak de mint még azt ha szerint el ki kell után van lehet amely olyan azonban sem pedig majd minden lesz",
	langID: "yang dan di dengan untuk dari ini pada itu tidak dalam akan juga ke adalah oleh ada kata para karena saat bisa telah sudah tersebut anda saya kami mereka lebih",
	langIs: "og að í á er sem til við um en ekki það var með hann því fyrir af eru hefur þá hún þess þar ég þetta verið segir",
	langIt: "di e che la il un a per in è una del non sono della si con i da al le nel ha più dei come alla lo anche delle gli ma nella se o dal su questo ed stato loro suo tra ancora dopo essere",
	langKk: "және бұл мен бір да де үшін деп оның жылы еді болып бар осы екі ол туралы кейін қазақстан болды",
	langLt: "ir yra kad į su iš tai buvo bet kaip o ne ar nuo dėl jis jo apie už taip pat po jau dar iki tik būti metų lietuvos jie prie",
	langLv: "un ir ka no ar uz par kas bet to arī tas lai gan tika nav kā viņš līdz pēc vai pie tiek bija jau šo gada latvijas būt",
	langMk: "на и во да се за од е не со што ќе ги го по како но таа тој кои беше дека која или македонија исто рече",
	langMr: "आहे आणि या च्या आहेत ते हे नाही तो ही व होते केली केले करून होता मध्ये त्या झाली",
	langMs: "yang dan di dengan untuk dari ini pada itu tidak dalam akan juga ke adalah oleh ada kata beliau kerana telah boleh tersebut ialah bagi daripada mereka katanya berkata serta",
	langMt: "il ta li u fil ma minn dan kien biex jew għal tal din qal lil hu kif fuq wara aktar mill",
	langNe: "छ र को मा भएको हो पनि गर्न यो गरेको छन् भने लागि नेपाल तथा गरिएको थियो",
	langNl: "de van het een en in is dat op te voor met die zijn niet aan er om ook als dan maar bij uit hij door nog naar heeft wordt ze tot over worden wel deze hebben was zich of meer geen kan jaar",
	langNo: "og i å er en det til av på for de med som ikke et har fra han var jeg vi om men også etter være kan skal ble seg mot år ved sier hva dette",
	langPl: "w i na z się nie do to że jest o a jak po od za przez co dla są był oraz ale czy ze tym także może który jego już które być która tak tylko r ich przed jej było",
	langPt: "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está também só pelo pela até isso são ela",
	langRo: "de în a și la cu pe din nu care că o un pentru este mai au fost sau după prin sunt se al ale fi dar ca lui acest către şi fost fără doar această cele",
	langRu: "в и не на что с по как это он но из за к у от его для о все так мы при до же также которые был было только если или она уже будет чтобы их были еще сказал года более быть после нет",
	langSk: "a v sa na je že s o to do vo si za by ale ako som po sú ktoré ktorý tak od byť jeho roku aj podľa už ktorí alebo ktorá pre uviedol nie",
	langSl: "je in v na se da so za ki pa z ne po tudi s bi kot od iz kako še bo pri bil ali sta do ter ni kar leta ga smo med več",
	langSq: "të e në dhe një me që për nga është se i ka u më si do janë nuk por kjo ky duke ose kanë pas tha edhe",
	langSr: "је и у на се да су за од који што како ће није би или али те са као из бити био само године рекао то због после",
	langSv: "och i att det som en på är av för med den till inte har de om ett han men var jag från vi så också kan när man efter år nu under där över säger skulle vara",
	langSw: "ya na wa kwa ni katika la za cha hiyo hii kuwa kama huyo alisema watu hilo baada wake lakini pia zaidi mwa",
	langTl: "ang ng sa na mga ay at si ni para nang ito kay may hindi siya pa rin din niya mula lang kung upang noong",
	langTr: "ve bir bu da de için ile olarak daha çok en gibi sonra kadar olan ne ya ama olduğunu var o mi ise değil göre her oldu dedi yeni",
	langUk: "в і на що з не до у та за як це від про його для але він по був також які які й було вже під час яка України або буде їх після щоб року",
	langUr: "کے میں کی ہے اور سے کا کو اس نے پر کہ ہیں یہ بھی ایک کیا نہیں جو تھا ان کر گیا لیے ہو تو تھے",
	langUz: "va bu bilan uchun bir ham esa o'z deb edi bo'yicha kerak yil emas keyin ularning bo'lgan qilish",
	langVi: "và của là có trong cho không được với các những một đã này người để khi tại từ về ra đến như năm vào sẽ ở cũng",
}
