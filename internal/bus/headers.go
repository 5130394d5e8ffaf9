package bus

// Headers of the pipeline's own messages.
const (
	// HeaderEncoding says how a RAW payload is compressed: zstd, gzip or s2; absent when it is not.
	HeaderEncoding = "Content-Encoding"
	// HeaderInput and HeaderIndex say where a replayed document stands: the key of its input and
	// its ordinal in it, from 0, in decimal.
	HeaderInput = "Winnow-Input"
	HeaderIndex = "Winnow-Index"
	// HeaderDigest identifies the input's documents up to this one, in hexadecimal: see
	// [Checkpoint.Digest].
	HeaderDigest = "Winnow-Digest"
	// HeaderReplay is the [Checkpoint.Secret] of the replay that published it. Whoever may publish to RAW can write the
	// other headers of a replay, and not this one.
	HeaderReplay = "Winnow-Replay"
	// HeaderDead is set by the ingester on a document that is dead already; it says why.
	HeaderDead = "Winnow-Dead"
	// HeaderAdded is the time of intake, RFC 3339, of a document that is dead already: its payload
	// cannot say.
	HeaderAdded = "Winnow-Added"
	// HeaderSize is how many bytes a document that is dead already had, in decimal, when its payload
	// is only its beginning.
	HeaderSize = "Winnow-Size"
	// HeaderChain is set on every message of NEWS: 16 hexadecimal digits that identify the
	// history of RAW up to it and the parameters of the fold. chain_n = xxhash64(chain_{n-1} as 8
	// bytes big endian, payload n); chain_0 = xxhash64 of the parameters.
	HeaderChain = "Winnow-Chain"
)
