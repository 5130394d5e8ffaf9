//go:build !amd64 || purego

package dedupe

const vector = false

func copyVector([]byte, string) int { panic("dedupe: no vector instructions") }

func edgesVector(_, _ []byte) int { panic("dedupe: no vector instructions") }

func probeVector(*bitmap, []uint64, uint64) uint64 { panic("dedupe: no vector instructions") }

func shelfVector(*bitmap, []uint64, uint32) uint64 { panic("dedupe: no vector instructions") }

func gramsVector(*gramLoop) { panic("dedupe: no vector instructions") }

// fetch would ask for the text's cache lines.
func fetch(string) {}
