package boilerplate

import (
	"os"

	"github.com/cespare/xxhash/v2"
)

// RulesDigest returns a number that changes when the built-in phrase rules or those in the files
// named change: results made under different digests should not be mixed. The files' names do
// not enter it, their order does.
func RulesDigest(names ...string) (uint64, error) {
	h := xxhash.New()
	builtin, err := ruleFiles.ReadDir("rules")
	if err != nil {
		return 0, err
	}
	for _, f := range builtin {
		data, err := ruleFiles.ReadFile("rules/" + f.Name())
		if err != nil {
			return 0, err
		}
		h.WriteString(f.Name())
		h.Write(data)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		h.Write(data)
	}
	return h.Sum64(), nil
}
