package boilerplate

import (
	"strings"
	"time"
)

// monthStems holds what the names of the months begin with, in any case of the grammar: those of English, German,
// Dutch, the Scandinavian, Romance and Slavic languages, Greek, Turkish, Finnish and Indonesian. Names that mean
// another month in another language are left out (listopad in Croatian).
var monthStems = [12]string{
	"jan jän gen ene ian led sty янв січ яну ιαν oca tammi",
	"feb fév fev fäb úno lut фев лют φεβ şub helmi",
	"mar mär mrt maa bře мар бер μαρ μάρ maalis",
	"apr avr abr dub kwi апр кві απρ nis huhti",
	"may mai maj mei mag máj kvě май мая тра μαϊ μαΐ μάι touko",
	"jun juin jún giu iun cze červ июн чер юни ιουν ιούν haz kesä",
	"jul juil júl lug iul lip července červenec июл лип юли ιουλ ιούλ tem heinä",
	"aug aoû aou ago agu srp sie авг сер αυγ αύγ ağu elo",
	"sep set zář wrz сен вер сеп σεπ eyl syys",
	"oct okt ott out říj paź окт жов οκτ eki loka",
	"nov noi lis ноя лис ное νοε νοέ kas marras",
	"dec dez déc dic des pro gru дек гру δεκ ara joulu",
}

// dateFillers are the small words and signs between the parts of a date, "r." and "kl." without their dots.
var dateFillers = []string{
	"-", "–", "at", "um", "uhr", "de", "del", "den", "d", "le", "el", "à", "a", "às", "as", "las", "alle", "ore", "om", "kl", "klo",
	"г", "года", "р", "року", "в", "о", "o", "r",
}

// monthOf returns the month that a word names, whole or cut short; 0 if it names none.
func monthOf(word string) (month time.Month) {
	word = strings.ToLower(word)
	longest := 0
	for m, stems := range monthStems {
		for stem := range strings.FieldsSeq(stems) {
			if len(stem) > longest && strings.HasPrefix(word, stem) {
				month, longest = time.Month(m+1), len(stem)
			}
		}
	}
	return month
}
