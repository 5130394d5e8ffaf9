//go:build !linux

package dedupe

// wantHugePages does nothing where the kernel cannot be asked.
func wantHugePages[T any]([]T) {}
