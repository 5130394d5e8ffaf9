package dedupe

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
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
	at        uint32 // where the record begins in the log: see log.place
	grams     uint16 // grams in the record's bitmap
	level     uint8  // their least level, and repeats
	numbers   uint8  // numbers in the record
}

// repeats marks, in a document's level, one that was found to repeat another and so is not kept
// by who drops duplicates: nothing is a duplicate of it alone.
const repeats = 0x80

// A record in the log holds the document's id, its numbers, and a bitmap of its
// grams, one bit each:
//
//	2 bytes length of the id (packed hexadecimal: | 0x8000), id, numbers x 2 bytes, bitmap
//
// Records do not cross the end of a page.
type log struct {
	pages [][]byte // those of the window
	first uint64   // number of the first of them
	end   uint64   // where the next record begins, in units of 4 bytes since the first of all
}

const (
	pageBits  = 15 // units of 4 bytes: pages of 128 KiB
	pageUnits = 1 << pageBits
	maxLog    = 1<<32 - pageUnits // units that the records of the window may span: 16 GiB
	packedHex = 0x80
)

// maxIDBytes bounds what is kept of an id.
const maxIDBytes = 1024

// append stores a record and returns where it is, as an entry keeps it.
func (l *log) append(rec []byte) uint32 {
	units := uint64(len(rec)+3) / 4
	if room := pageUnits - l.end%pageUnits; l.end%pageUnits == 0 || units > room {
		if l.end%pageUnits != 0 {
			l.end += room
		}
		l.pages = append(l.pages, make([]byte, 4*pageUnits))
	}
	at := uint32(l.end)
	copy(l.page(l.end)[l.end%pageUnits*4:], rec)
	l.end += units
	return at
}

// place returns where a record of the window begins. An entry keeps the low half of that: the window
// is shorter than what it can tell apart.
func (l *log) place(at uint32) uint64 { return l.end - uint64(uint32(l.end)-at) }

// page returns the page that holds a place.
func (l *log) page(place uint64) []byte { return l.pages[place>>pageBits-l.first] }

// record returns the page from the record on.
func (l *log) record(at uint32) []byte {
	return l.page(l.place(at))[at%pageUnits*4:]
}

// span returns the units from a record to the end.
func (l *log) span(at uint32) uint64 { return l.end - l.place(at) }

// drop lets go of the pages wholly below a record.
func (l *log) drop(at uint32) {
	first := l.place(at) >> pageBits
	n := first - l.first
	clear(l.pages[:n])
	l.pages, l.first = l.pages[n:], first
}

// appendID appends an id: 32 hexadecimal digits take 16 bytes.
func appendID(dst []byte, id string) []byte {
	if len(id) > maxIDBytes {
		id = id[:maxIDBytes]
	}
	at := len(dst)
	dst = append(dst, 0, 0)
	if packed, ok := appendHex(dst, id); ok {
		binary.LittleEndian.PutUint16(packed[at:], uint16(len(id)/2)|packedHex<<8)
		return packed
	}
	binary.LittleEndian.PutUint16(dst[at:], uint16(len(id)))
	return append(dst, id...)
}

// appendHex appends the bytes that lower-case hexadecimal digits stand for, if id is that.
func appendHex(dst []byte, id string) (packed []byte, ok bool) {
	if len(id) == 0 || len(id)%2 != 0 {
		return dst, false
	}
	all := byte(0)
	for ; len(id) >= 2; id = id[2:] {
		high, low := hexDigit[id[0]], hexDigit[id[1]]
		all |= high | low
		dst = append(dst, high<<4|low)
	}
	return dst, all < 16
}

// hexDigit is what each lower-case hexadecimal digit stands for, and 255 for all else.
var hexDigit = func() (t [256]byte) {
	for c := range t {
		t[c] = byte(strings.IndexByte("0123456789abcdef", byte(c)))
	}
	return t
}()

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

// signature is what a record holds beside the id.
type signature struct {
	numbers []byte // 2 bytes each, ascending
	bitmap  []byte
}

func (l *log) signature(e *entry) signature {
	rec := l.record(e.at)
	n, _ := cutID(rec)
	rec = rec[2+n:]
	n = 2 * int(e.numbers)
	return signature{rec[:n], rec[n : n+bitmapBytes(int(e.grams))]}
}
