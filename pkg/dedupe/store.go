package dedupe

import (
	"encoding/binary"
	"encoding/hex"
)

// entry is what the index keeps of a document, beside its record in the log.
// Documents are numbered from 1 in order of arrival.
type entry struct {
	seq       uint64
	exact     uint64
	publisher uint32 // hash
	url       uint32 // hash, 0 = none
	minute    uint32 // event time, minutes since 1970, 0 = unknown
	first     uint32 // first document of the cluster; itself if it is that
	link      uint32 // of a first document: the latest member; of others: the member before
	story     uint32 // first document of the story within the publisher
	at        uint32 // where the record begins in the log, in units of 4 bytes
	grams     uint16 // grams kept
	level     uint8  // their least level
	words     uint8  // reserved
}

// A record in the log holds the document's id, how many of its grams have level
// entry.level+1, +2, +3 or more, the low 16 bits of every gram, by level, highest
// first, and its numbers:
//
//	1 byte length of the id (packed hexadecimal: | 0x80), id
//	3 x 2 bytes counts, entry.grams x 2 bytes, 1 byte count, numbers x 2 bytes
//
// Records do not cross the end of a page.
type log struct {
	pages [][]byte // nil below the window
	end   uint64   // where the next record begins, in units of 4 bytes
}

const (
	pageBits   = 18 // units of 4 bytes: pages of 1 MiB
	pageUnits  = 1 << pageBits
	packedHex  = 0x80
	countBytes = 6
)

// maxIDBytes bounds what is kept of an id.
const maxIDBytes = 1024

// append stores a record and returns where it is.
func (l *log) append(rec []byte) uint32 {
	units := uint64(len(rec)+3) / 4
	if room := pageUnits - l.end%pageUnits; l.end%pageUnits == 0 || units > room {
		if l.end%pageUnits != 0 {
			l.end += room
		}
		l.pages = append(l.pages, make([]byte, 4*pageUnits))
	}
	at := l.end
	copy(l.pages[at>>pageBits][at%pageUnits*4:], rec)
	l.end += units
	return uint32(at)
}

// record returns the page from at on.
func (l *log) record(at uint32) []byte {
	return l.pages[at>>pageBits][at%pageUnits*4:]
}

// drop lets go of the pages wholly below at.
func (l *log) drop(at uint32) {
	for k := int(at>>pageBits) - 1; k >= 0 && l.pages[k] != nil; k-- {
		l.pages[k] = nil
	}
}

// appendID appends an id: 32 hexadecimal digits take 16 bytes.
func appendID(dst []byte, id string) []byte {
	if len(id) > maxIDBytes {
		id = id[:maxIDBytes]
	}
	at := len(dst)
	dst = append(dst, 0, 0)
	if len(id)%2 == 0 && lowerHex(id) {
		n := len(id) / 2
		binary.LittleEndian.PutUint16(dst[at:], uint16(n)|packedHex<<8)
		for i := range n {
			dst = append(dst, unhex(id[2*i])<<4|unhex(id[2*i+1]))
		}
		return dst
	}
	binary.LittleEndian.PutUint16(dst[at:], uint16(len(id)))
	return append(dst, id...)
}

// cutID returns the length of the id at the head of a record, and whether it is packed.
func cutID(rec []byte) (n int, packed bool) {
	v := binary.LittleEndian.Uint16(rec)
	return int(v &^ (packedHex << 8)), v&(packedHex<<8) != 0
}

func decodeID(rec []byte) string {
	n, packed := cutID(rec)
	if packed {
		return hex.EncodeToString(rec[2 : 2+n])
	}
	return string(rec[2 : 2+n])
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return len(s) > 0
}

func unhex(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

// signature is a stored document's grams and numbers, still in the log.
type signature struct {
	level   int
	counts  [4]int // grams of level, level+1, level+2, level+3 or more
	tags    []byte
	numbers []byte
}

func (l *log) signature(e *entry) (s signature) {
	rec := l.record(e.at)
	n, _ := cutID(rec)
	rec = rec[2+n:]
	s.level = int(e.level)
	s.counts[0] = int(e.grams)
	for i := range 3 {
		s.counts[i+1] = int(binary.LittleEndian.Uint16(rec[2*i:]))
	}
	rec = rec[countBytes:]
	s.tags = rec[:2*e.grams]
	rec = rec[2*int(e.grams):]
	s.numbers = rec[1 : 1+2*int(rec[0])]
	return s
}
