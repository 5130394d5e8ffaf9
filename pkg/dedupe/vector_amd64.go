//go:build !purego

package dedupe

import "golang.org/x/sys/cpu"

// vector says that the processor has what vector_amd64.s needs: AVX-512 with VBMI2 (Intel since Ice
// Lake, AMD since Zen 4). Two loops of the tokenizer then take 64 bytes at a
// time, the one that hashes grams and two that look up bits eight grams.
var vector = cpu.X86.HasAVX512BW && cpu.X86.HasAVX512CD && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

// copyVector is copyASCII; dst must have room for the text.
//
//go:noescape
func copyVector(dst []byte, text string) int

// edgesVector is findEdges; text must have 64 zeros after its end.
//
//go:noescape
func edgesVector(edges, text []byte) int

// probeVector is bitmap.probe.
//
//go:noescape
func probeVector(m *bitmap, grams []uint64, size uint64) uint64

// shelfVector is shelf.has, for all the grams the shelf holds.
//
//go:noescape
func shelfVector(m *bitmap, grams []uint64, publisher uint32) uint64

// gramsVector is the loop of hashGrams over whole groups of eight.
//
//go:noescape
func gramsVector(a *gramLoop)

// fetch asks for the text's cache lines and does not wait for them.
//
//go:noescape
func fetch(text string)
