package dedupe

// chunks is an array that grows without moving and can be frozen: after freeze
// the copy shares every chunk, and the owner copies a chunk before it first
// writes to it. That is what makes a snapshot of a large index cheap to take.
type chunks[T any] struct {
	list   [][]T
	shared []bool // a frozen copy has this chunk too
}

const (
	chunkBits = 12
	chunkLen  = 1 << chunkBits
)

// at returns element i for reading.
func (c *chunks[T]) at(i uint64) *T { return &c.list[i>>chunkBits][i&(chunkLen-1)] }

// own returns element i for writing.
func (c *chunks[T]) own(i uint64) *T {
	k := i >> chunkBits
	if c.shared[k] {
		c.list[k] = append([]T(nil), c.list[k]...)
		c.shared[k] = false
	}
	return &c.list[k][i&(chunkLen-1)]
}

// extend makes room for n elements.
func (c *chunks[T]) extend(n uint64) {
	for uint64(len(c.list))<<chunkBits < n {
		c.list = append(c.list, make([]T, chunkLen))
		c.shared = append(c.shared, false)
	}
}

// drop lets go of the chunks wholly below element i.
func (c *chunks[T]) drop(i uint64) {
	for k := int(i>>chunkBits) - 1; k >= 0 && c.list[k] != nil; k-- {
		c.list[k] = nil
	}
}

func (c *chunks[T]) freeze() chunks[T] {
	for k := range c.shared {
		c.shared[k] = true
	}
	return chunks[T]{list: append([][]T(nil), c.list...), shared: append([]bool(nil), c.shared...)}
}

// reach is extend for a restored array: chunks below the first element needed
// stay nil.
func (c *chunks[T]) reach(n uint64) {
	for uint64(len(c.list)) <= (n-1)>>chunkBits {
		c.list = append(c.list, nil)
		c.shared = append(c.shared, false)
	}
	if k := (n - 1) >> chunkBits; c.list[k] == nil {
		c.list[k] = make([]T, chunkLen)
	}
}
