package segment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// hashed reads a whole file into sum and tells whether it has the hash that its manifest says.
func (s *segmentCheck) hashed(meta *File, sum hash.Hash) bool {
	b, err := s.v.store.Open(meta.Name)
	if err == nil {
		_, err = io.Copy(sum, io.NewSectionReader(b, 0, b.Size()))
		err = errors.Join(err, b.Close())
	}
	is := hex.EncodeToString(sum.Sum(nil))
	switch {
	case err != nil:
		s.failed(meta.Name, err)
	case is != meta.SHA256:
		s.damaged(meta.Name, "its SHA-256 is "+is+", its manifest says "+meta.SHA256)
	default:
		return true
	}
	return false
}

// twins checks a file that holds the records of another one in another format.
func (s *segmentCheck) twins(first, second *File) {
	if !s.hashed(second, sha256.New()) {
		return
	}
	s.v.report.Bytes += second.Bytes
	if !s.intact {
		return // there is nothing to compare it with
	}
	a, b := s.reader(first), s.reader(second)
	if a != nil && b != nil {
		if err := sameLines(a, b); err != nil {
			s.failed(second.Name, err)
		}
	}
	for _, r := range []lineReader{a, b} {
		if r != nil {
			r.close() // nothing was written
		}
	}
}

// sameLines returns an error about the first line in which b is not a.
func sameLines(a, b lineReader) error {
	for n := 1; ; n++ {
		x, err1 := a.line()
		y, err2 := b.line()
		switch {
		case err1 == io.EOF && err2 == io.EOF:
			return nil
		case err2 != nil && err2 != io.EOF:
			return err2
		case err1 != nil && err1 != io.EOF:
			return err1
		case err1 != nil || err2 != nil || !bytes.Equal(x, y):
			return fmt.Errorf("%w: row %d is not the record in the other format", ErrDamaged, n)
		}
	}
}
