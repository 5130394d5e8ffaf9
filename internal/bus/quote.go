package bus

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Names of files are any bytes but NUL, and JSON takes UTF-8 alone. A name that is none is stored as NUL and
// then as Go quotes a string; no other name looks like that.

func quote(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return "\x00" + strconv.Quote(name)
}

func unquote(s string) (string, error) {
	if quoted, ok := strings.CutPrefix(s, "\x00"); ok {
		return strconv.Unquote(quoted)
	}
	return s, nil
}

// names calls f for each name in cp that has the bytes of a file's.
func (cp *Checkpoint) names(f func(*string)) {
	f(&cp.Input)
	f(&cp.Path)
	for _, m := range []**Mark{&cp.Mark, &cp.Within} {
		if *m != nil {
			mark := **m // may be the caller's
			*m = &mark
			f(&mark.Path)
		}
	}
}

// encode returns cp as it is stored.
func (cp Checkpoint) encode() ([]byte, error) {
	cp.names(func(name *string) { *name = quote(*name) })
	return json.Marshal(cp)
}

// decode reads what encode wrote, names exactly as they were.
func (cp *Checkpoint) decode(data []byte) error {
	err := json.Unmarshal(data, cp)
	cp.names(func(name *string) {
		plain, wrong := unquote(*name)
		if *name = plain; wrong != nil && err == nil {
			err = fmt.Errorf("name %q: %w", *name, wrong)
		}
	})
	return err
}
