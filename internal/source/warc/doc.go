// Package warc reads web archives: WARC 1.0 and 1.1 (ISO 28500), WET among them, record by record
// in the manner of archive/tar, and goes on behind what is damaged.
//
//	r := warc.NewReader(src, nil, 32<<20)
//	for {
//		rec, err := r.Next() // io.EOF at the end
//		if damage, ok := errors.AsType[*warc.DamageError](err); ok {
//			continue // so many bytes at such an offset are no record
//		}
//		status, fields, body, ok := rec.HTTP()
//		page, err := warc.Decode(fields, body, limit)
//	}
//
// # Damage
//
// A record ends where its Content-Length says, if an empty line, the next record or the end of the
// file stands there. Otherwise the length is wrong, and the record ends before the next line
// "WARC/1.x" that a header line follows: it is whole when the writer closed it with an empty line,
// and lost when not. What lies between records is skipped up to the next such line. In a
// compressed file a member that cannot be read loses the record it holds, and Members finds the
// next one. Each stretch of damage is one DamageError.
//
// A record is believed only when the member it ends with is sound, so that a checksum that does not
// fit costs the record it stands behind. What comes of a file depends on its bytes and never on how
// the reads fell.
package warc
