package boilerplate

import (
	"cmp"
	"slices"
)

// cut returns the score above which leaves are kept: the one where precision and recall, as the
// scores promise them, add up to the most. A page whose leaves are all sure is cut in the middle;
// on one where nothing is sure, more is kept. Source: the maximum of the expected F measure lies
// at one of the scores (Ye, Chai, Lee, Chieu, ICML 2012); here for the sum of its two parts.
func (x *extractor) cut() int32 {
	type leaf struct{ score, words int32 }
	leaves := make([]leaf, 0, len(x.score))
	gold := int64(0) // words of the article, expected, times sureOdds
	for i, v := range x.score {
		if words := int32(x.stats[i].words); v > doubtScore && words > 0 {
			leaves = append(leaves, leaf{v, words})
			gold += promise(v) * int64(words)
		}
	}
	slices.SortFunc(leaves, func(a, b leaf) int { return cmp.Compare(b.score, a.score) })
	var right, kept, best int64 // right is what is expected to be right of the words kept
	at := keepScore
	for i, l := range leaves {
		right += promise(l.score) * int64(l.words)
		kept += int64(l.words)
		if i+1 < len(leaves) && leaves[i+1].score == l.score {
			continue
		}
		// right/kept + right/gold, times gold
		if sum := right + right*(gold/goldUnit)/(kept*(sureOdds/goldUnit)); sum > best {
			best, at = sum, l.score-1
		}
	}
	return at
}

const (
	sureOdds   = 4096
	goldUnit   = 256 // of the expected words, so that no product of theirs overflows
	oddsStep   = 256 // between the entries of odds: a logit
	keepScore  = int32(-120)
	doubtScore = -1200 // of the forests so far; leaves below are boilerplate
)

// odds holds the share of leaves that are part of the article, in 1/sureOdds, at the scores from
// -8 to 8 logits, as pages of other hosts showed: from -1 on it is 1/(1+exp(-0.7*(logits+0.2))), below
// that it falls faster.
var odds = [...]int64{
	0, 0, 1, 8, 60, 250, 700, 1489, 2191, 2861, 3373, 3702, 3890, 3991, 4043, 4070, 4083,
}

// promise returns the chance that a leaf with the score is part of the article, in 1/sureOdds.
func promise(score int32) int64 {
	v := min(max(int(score)+oddsStep*(len(odds)/2), 0), oddsStep*(len(odds)-1)-1)
	k, rest := v/oddsStep, int64(v%oddsStep)
	return odds[k] + (odds[k+1]-odds[k])*rest/oddsStep
}
