package dedupe

import "unsafe"

// Size returns the bytes of memory the index holds.
func (x *Index) Size() int64 {
	n := int64(unsafe.Sizeof(*x))
	for i := range x.posts.parts {
		p := &x.posts.parts[i]
		n += int64(p.n)*int64(unsafe.Sizeof(bucket{})) + int64(cap(p.blocks))*int64(unsafe.Sizeof(block{}))
	}
	n += x.docs.size()
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

// size returns the bytes of memory the array holds.
func (c *chunks[T]) size() (n int64) {
	for _, k := range c.list {
		if k != nil {
			n += int64(unsafe.Sizeof(*k))
		}
	}
	return n + int64(cap(c.list))*int64(unsafe.Sizeof(c.list[0])) + int64(cap(c.shared))
}
