package dedupe

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// mask has a bit for each gram of the new document, in text order.
type mask []uint64

func (m mask) count() (c int) {
	for _, v := range m {
		c += bits.OnesCount64(v)
	}
	return c
}

// countBut returns how many bits are set in m and not in no.
func (m mask) countBut(no mask) (c int) {
	for i, v := range m {
		c += bits.OnesCount64(v &^ no[i])
	}
	return c
}

// runs keeps only the bits that stand in a run of three or more: what a text
// really shares comes in runs, what a bitmap holds by chance does not.
func (m mask) runs() {
	var before uint64 // the word before, as it was
	for i, v := range m {
		var after uint64
		if i+1 < len(m) {
			after = m[i+1]
		}
		start := v & (v>>1 | after<<63) & (v>>2 | after<<62) // where three in a row begin
		early := before & (before>>1 | v<<63) & (before>>2 | v<<62)
		m[i] = start | start<<1 | start<<2 | early>>63 | early>>62
		before = v
	}
}

// query is the document being judged, and what has been found about it.
type query struct {
	sk       *Sketch
	entry    entry
	id       string
	words    int  // of a mask
	drop     mask // grams that do not count: furniture
	masks    []uint64
	lists    []list // per key
	postings []uint32
	hits     []uint32
	found    []candidate
	own      []int
	overlaps []Match
	stories  []uint32 // scratch
	runs     mask     // scratch
	rec      []byte
	bits     bitmap // scratch
	made     twice  // scratch, zeros
	touched  uint64
}

// list is what the index holds under one key: postings[from:to].
type list struct {
	from, to int32
	skip     bool // furniture, or common everywhere: neither counts nor is posted
}

// candidate is an earlier document that may share text with the new one.
type candidate struct {
	doc     uint32
	hits    int
	level   int
	at      int     // its mask: the grams of the new document it has; -1 = none
	chance  float64 // share of its bitmap that is set
	total   int     // its grams
	mine    int     // the grams of the new document it was compared by
	n       float64 // grams shared, without furniture
	noise   float64 // standard deviation of n
	share   float64 // of the new document's grams
	other   float64 // of its own
	numbers float64 // share of the numbers the two have in common, -1 = too few to say
	listed  bool    // among the overlaps
}

func (c *candidate) best() float64 { return max(c.share, c.other) }

func hash32(s string) uint32 {
	if s == "" {
		return 0
	}
	return uint32(xxhash.Sum64String(s)>>32) | 1
}

// hashURL hashes what tells a page from others, see [Doc].
func hashURL(url string) uint32 {
	if page, place, _ := strings.Cut(url, "#"); place == "" || place[0] != '!' && place[0] != '/' {
		url = page
	}
	if scheme, rest, ok := strings.Cut(url, "//"); ok && !strings.ContainsAny(scheme, "/?") {
		url = rest
	}
	if url == "" {
		return 0
	}
	url, query := cutBefore(url, "?")
	host, path := cutBefore(url, "/")
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
	var d xxhash.Digest
	d.Reset()
	d.WriteString(host)
	d.WriteString(strings.TrimSuffix(path, "/"))
	d.WriteString(query)
	return uint32(d.Sum64()>>32) | 1
}

// cutBefore cuts s in two where sep begins, if it is there.
func cutBefore(s, sep string) (before, after string) {
	at := strings.Index(s, sep)
	if at < 0 {
		return s, ""
	}
	return s[:at], s[at:]
}

func (q *query) begin(doc *Doc, sk *Sketch) {
	q.sk, q.id = sk, doc.ID
	q.entry = entry{
		seq: doc.Seq, exact: sk.Exact, publisher: hash32(doc.Publisher), url: hashURL(doc.URL),
		level: uint8(sk.level), numbers: uint8(len(sk.numbers)),
	}
	if doc.Time > 0 {
		q.entry.minute = uint32(min(doc.Time/60+1, 1<<32-1))
	}
	q.words = (len(sk.grams) + 63) / 64
	q.masks = q.masks[:0]
	q.drop = q.mask(q.newMask())
	q.lists, q.postings, q.hits, q.found, q.overlaps = q.lists[:0], q.postings[:0], q.hits[:0], q.found[:0], q.overlaps[:0]
}

// newMask returns where a new, empty mask begins.
func (q *query) newMask() int {
	at := len(q.masks)
	for range q.words {
		q.masks = append(q.masks, 0)
	}
	if at == 0 {
		return 0
	}
	q.drop = q.masks[:q.words]
	return at
}

// grams returns the grams of word w of a mask.
func (q *query) grams(w int) []uint64 { return q.sk.grams[64*w : min(64*w+64, len(q.sk.grams))] }

func (q *query) mask(at int) mask { return q.masks[at : at+q.words] }

// record returns what the log keeps of the document, and how many grams that is.
func (q *query) record() ([]byte, int) {
	n := len(q.sk.grams) - q.drop.count()
	rec := appendID(q.rec[:0], q.id)
	for _, v := range q.sk.numbers {
		rec = binary.LittleEndian.AppendUint16(rec, v)
	}
	size := uint64(bitmapBytes(n) * 8)
	for w, drop := range q.drop {
		q.made.set(q.grams(w), ^drop, size)
	}
	q.rec = q.made.append(rec, size)
	return q.rec, n
}

// exactKey is the key under which the whole text is posted.
func exactKey(sk *Sketch) uint32 { return uint32(mix(sk.Exact*mul1) >> 32) }
