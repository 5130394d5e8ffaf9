package boilerplate

// Options says what is known about a page beside its bytes, and how much of it may be read.
// The zero value is ready for use.
type Options struct {
	URL         string // address of the page, "" when unknown
	ContentType string // media type with its charset as the server declared it, "" when unknown
	Title       string // title that the producer gave, "" when unknown
	Rules       *Rules // phrase rules; nil means the built-in ones

	MaxBytes  int // longest input, in bytes: what is beyond is not read; default 32 MiB
	MaxBlocks int // most blocks of a page: the last has all the rest of a text, the rest of HTML is not read; default 100,000
	MaxDepth  int // deepest nesting of HTML elements that is followed; default 512
}

// Defaults of the limits in Options.
const (
	defaultMaxBytes  = 32 << 20
	defaultMaxBlocks = 100_000
	defaultMaxDepth  = 512
)

func (o Options) maxBytes() int  { return orDefault(o.MaxBytes, defaultMaxBytes) }
func (o Options) maxBlocks() int { return orDefault(o.MaxBlocks, defaultMaxBlocks) }
func (o Options) maxDepth() int  { return orDefault(o.MaxDepth, defaultMaxDepth) }

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}
