package boilerplate

import (
	"encoding/binary"
	"os"

	"github.com/cespare/xxhash/v2"
)

// RulesDigest returns a number that changes when the built-in phrase rules or those in the files
// named change, or when a file gets another name in the reasons "rule:<name>/<section>": results
// made under different digests should not be mixed. The folders that the files lie in do not enter
// it, the files' order does.
func RulesDigest(names ...string) (uint64, error) {
	h := xxhash.New()
	add := func(name string, data []byte) {
		var lengths [16]byte // so that no two sets of files hash the same bytes
		binary.BigEndian.PutUint64(lengths[:], uint64(len(name)))
		binary.BigEndian.PutUint64(lengths[8:], uint64(len(data)))
		h.Write(lengths[:])
		h.WriteString(name)
		h.Write(data)
	}
	builtin, err := ruleFiles.ReadDir("rules")
	if err != nil {
		return 0, err
	}
	for _, f := range builtin {
		data, err := ruleFiles.ReadFile("rules/" + f.Name())
		if err != nil {
			return 0, err
		}
		add(ruleBase(f.Name()), data)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		add(ruleBase(name), data)
	}
	return h.Sum64(), nil
}
