//go:build !purego

package boilerplate

import "golang.org/x/sys/cpu"

// vector says that the processor has what vector_amd64.s needs: AVX-512 with VBMI2 (Intel since Ice
// Lake, AMD since Zen 4). The runs of a line are then found
// 64 bytes at a time and read eight at a time, and a line is scored by 64 trees at a time.
var vector = cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

// runsVector finds the runs of a text of at most chunkBytes.
//
//go:noescape
func runsVector(c *wordChunk, text string)

// wordsVector reads the runs of a text that are plain. What stands behind the chunk's end is read too, so
// that the last runs of a text are rough when there is less than plainBytes.
//
//go:noescape
func wordsVector(c *wordChunk, m *vocabulary, text string)

// scoreVector sets the score of every block: the bias and what the trees add.
//
//go:noescape
func scoreVector(groups []treeGroup, bias int32, blocks []textBlock)
