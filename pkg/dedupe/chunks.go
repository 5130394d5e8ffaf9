package dedupe

// chunks is an array that grows without moving and can be frozen: after freeze
// the copy shares every chunk, and the owner copies a chunk before it first
// writes to it. That is what makes a snapshot of a large index cheap to take.
// Chunks are small, so that no write has to copy much.
type chunks[T any] struct {
	list   []*chunk[T] // nil below the window
	shared []bool      // a frozen copy has this chunk too
}

type chunk[T any] [chunkLen]T

const (
	chunkBits = 8
	chunkLen  = 1 << chunkBits
)

// at returns element i for reading.
func (c *chunks[T]) at(i uint64) *T { return &c.list[i>>chunkBits][i%chunkLen] }

// own returns element i for writing.
func (c *chunks[T]) own(i uint64) *T {
	k := i >> chunkBits
	if c.shared[k] {
		own := *c.list[k]
		c.list[k], c.shared[k] = &own, false
	}
	return &c.list[k][i%chunkLen]
}

// reach makes room for element i. Chunks that were passed over stay nil.
func (c *chunks[T]) reach(i uint64) {
	k := i >> chunkBits
	for uint64(len(c.list)) <= k {
		c.list = append(c.list, nil)
		c.shared = append(c.shared, false)
	}
	if c.list[k] == nil {
		c.list[k] = new(chunk[T])
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
	return chunks[T]{list: append([]*chunk[T](nil), c.list...), shared: append([]bool(nil), c.shared...)}
}
