package record

import "errors"

// ErrMalformed is wrapped by every error of the parsers here: the bytes are not a record. The
// cause is a [*MalformedError].
var ErrMalformed = errors.New("malformed record")

// Reasons of a [MalformedError]: a closed set, fit for a metric's label.
const (
	ReasonSyntax       = "syntax"
	ReasonNotObject    = "not-object"
	ReasonInvalidUTF8  = "invalid-utf8"
	ReasonDuplicateKey = "duplicate-key"
	ReasonMissingKey   = "missing-key"
	ReasonUnknownKey   = "unknown-key"
	ReasonWrongType    = "wrong-type"
	ReasonIDTooLong    = "id-too-long"
	ReasonTextTooLong  = "text-too-long"
	ReasonHTMLTooLong  = "html-too-long"
	ReasonOversize     = "oversize"    // of what the intake read: a line, a file
	ReasonBrokenFile   = "broken-file" // the file ends or fails in the middle
	ReasonBomb         = "bomb"        // the file decompresses beyond all bounds
	ReasonBinary       = "binary"      // it is called a text or a page and is neither
)

// MalformedError says why bytes are not a record.
type MalformedError struct {
	Reason string // one of the Reason constants
	Detail string // for a person: the key and the place, at most maxDetail bytes of valid UTF-8
}

func (e *MalformedError) Error() string {
	return ErrMalformed.Error() + ": " + e.Reason + ": " + e.Detail
}

// Unwrap makes errors.Is(err, ErrMalformed) true.
func (e *MalformedError) Unwrap() error { return ErrMalformed }

const maxDetail = 300 // bytes

func malformed(reason, detail string) error {
	cut, _ := cutString(detail, maxDetail)
	return &MalformedError{Reason: reason, Detail: string(appendValid(nil, cut))}
}

// Reasons returns the closed set of reasons.
func Reasons() []string {
	return []string{
		ReasonSyntax, ReasonNotObject, ReasonInvalidUTF8, ReasonDuplicateKey, ReasonMissingKey, ReasonUnknownKey, ReasonWrongType,
		ReasonIDTooLong, ReasonTextTooLong, ReasonHTMLTooLong, ReasonOversize, ReasonBrokenFile, ReasonBomb, ReasonBinary,
	}
}
