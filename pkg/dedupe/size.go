package dedupe

import "unsafe"

// Size returns the bytes of memory the index holds.
func (x *Index) Size() int64 {
	n := int64(unsafe.Sizeof(*x))
	for _, c := range x.posts.chunks.list {
		n += int64(len(c)) * int64(unsafe.Sizeof(bucket{}))
	}
	for _, c := range x.docs.list {
		n += int64(len(c)) * int64(unsafe.Sizeof(entry{}))
	}
	for _, p := range x.log.pages {
		n += int64(len(p))
	}
	for _, s := range x.known.list {
		if s != nil {
			n += int64(unsafe.Sizeof(*s))
		}
	}
	return n
}
