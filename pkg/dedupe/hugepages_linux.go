package dedupe

import (
	"syscall"
	"unsafe"
)

const (
	hugePage     = 2 << 20
	madvHugePage = 14 // MADV_HUGEPAGE
)

// wantHugePages asks the kernel to back a table, and what lies beside it in the heap up to
// the next boundaries of huge pages, by huge pages from its first use on: in pages of 4 KB
// nearly every access to gigabytes at random misses the processor's cache of page tables.
// It is a wish that changes no contents; where it is refused, nothing else changes. Go's
// own setting of huge pages is left as it is, and so is all memory of smaller indexes.
func wantHugePages[T any](table []T) {
	size := uintptr(len(table)) * unsafe.Sizeof(table[0])
	from := uintptr(unsafe.Pointer(&table[0])) &^ (hugePage - 1)
	to := (uintptr(unsafe.Pointer(&table[0])) + size + hugePage - 1) &^ (hugePage - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, madvHugePage)
}
