//go:build !purego

package record

import "golang.org/x/sys/cpu"

// vector says that the processor has what vector_amd64.s needs: AVX-512 (BW; Intel servers since
// Skylake, AMD since Zen 4). JSON strings are then looked through 64 bytes at a time.
var vector = cpu.X86.HasAVX512BW && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// copyVector is copyPlain.
//
//go:noescape
func copyVector(dst []byte, text string, stop byte) int

// skipVector returns the place of the first quote, backslash or control character, or the length.
//
//go:noescape
func skipVector(text []byte) int

// asciiVector returns the place of the first byte beyond ASCII, or the length.
//
//go:noescape
func asciiVector(text string) int
