package record

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// DerivedID returns the id of a record whose producer gave none: 32 lower-case hex digits, two
// xxhash64 with seeds 0 and 1 over url, title, text and html, each preceded by its length in bytes
// as 8 bytes big endian. It depends on nothing else, so the same page has the same id wherever and
// whenever it is read; changing this changes every derived id and is a breaking change.
func DerivedID(r *Raw) string {
	var out [16]byte
	var d xxhash.Digest
	for seed := range uint64(2) {
		d.ResetWithSeed(seed)
		for _, s := range [...]string{r.URL, r.Title, r.Text, r.HTML} {
			var n [8]byte
			binary.BigEndian.PutUint64(n[:], uint64(len(s)))
			d.Write(n[:])
			d.WriteString(s)
		}
		binary.BigEndian.PutUint64(out[8*seed:], d.Sum64())
	}
	id := make([]byte, 32)
	for i, b := range out {
		id[2*i], id[2*i+1] = hexDigits[b>>4], hexDigits[b&15]
	}
	return string(id)
}
