package boilerplate

// prepare puts the values of every feature into bins of about equal weight, or one each.
func (b *lineBooster) prepare() {
	for f := range lineFeatureCount {
		var count [256]int
		for _, r := range b.rows {
			count[r[f]]++
		}
		b.limits[f] = binLimits(&count, len(b.rows))
		var bin [256]uint8
		k := 0
		for v := range bin {
			if v > int(b.limits[f][k]) {
				k++
			}
			bin[v] = uint8(k)
		}
		b.bins[f] = make([]uint8, len(b.rows))
		for i, r := range b.rows {
			b.bins[f][i] = bin[r[f]]
		}
	}
}

// binLimits returns the greatest value of each bin; the last is 255.
func binLimits(count *[256]int, rows int) []uint8 {
	values := 0
	for _, n := range count {
		values += min(n, 1)
	}
	var limits []uint8
	sum, bins := 0, lineBins
	for v, n := range count {
		sum += n
		if full := sum*bins >= rows || values <= lineBins; n == 0 || !full || len(limits) == lineBins-1 {
			continue
		}
		limits = append(limits, uint8(v))
		rows, sum, bins = rows-sum, 0, bins-1
	}
	if n := len(limits); n > 0 && (limits[n-1] == 255 || values <= lineBins) {
		limits[n-1] = 255
		return limits
	}
	return append(limits, 255)
}

// lineHistogram has the gradients of one feature by leaf and bin.
type lineHistogram [][lineBins]gradient

// grow makes the histogram of a level from that of the level before: it counts the rows on one
// side of the question between them, and what is left is on the other.
func (h *lineHistogram) grow(bins []uint8, depth int, side *lineSample, right bool) {
	half := 1 << depth >> 1
	*h = append(*h, make(lineHistogram, 1<<depth-len(*h))...)
	low, high := (*h)[:half], (*h)[half:]
	for k, i := range side.rows {
		high[side.leaf[k]][bins[i]].add(side.grad[k])
	}
	for l := range low {
		for k, s := range high[l] {
			low[l][k] = low[l][k].minus(s)
		}
		if !right {
			low[l], high[l] = high[l], low[l]
		}
	}
}

// cut returns the gain and the place of the best cut through the bins of all leaves.
func (h lineHistogram) cut(bins int) (gain float64, bin uint8) {
	var gains [lineBins]float64
	for l := range h {
		var all, left gradient
		for _, s := range h[l][:bins] {
			all.add(s)
		}
		for k, s := range h[l][:bins-1] {
			left.add(s)
			gains[k] += left.gain() + all.minus(left).gain() - all.gain()
		}
	}
	for k, g := range gains[:bins-1] {
		if g > gain {
			gain, bin = g, uint8(k)
		}
	}
	return gain, bin
}
