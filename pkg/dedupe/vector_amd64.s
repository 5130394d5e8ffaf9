//go:build !purego

#include "textflag.h"

// The numbers 0 to 63.
DATA count<>+0(SB)/8, $0x0706050403020100
DATA count<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA count<>+16(SB)/8, $0x1716151413121110
DATA count<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA count<>+32(SB)/8, $0x2726252423222120
DATA count<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA count<>+48(SB)/8, $0x3736353433323130
DATA count<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL count<>(SB), RODATA|NOPTR, $64

// func copyVector(dst []byte, text string) int
TEXT ·copyVector(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ text_base+24(FP), SI
	MOVQ text_len+32(FP), CX
	XORQ AX, AX

whole:
	CMPQ CX, $64
	JLT  rest
	VMOVDQU64 (SI)(AX*1), Z0
	VMOVDQU64 Z0, (DI)(AX*1)
	VPMOVB2M Z0, K1
	KMOVQ K1, DX
	TESTQ DX, DX
	JNZ  beyond
	ADDQ $64, AX
	SUBQ $64, CX
	JMP  whole

rest:
	MOVQ $-1, DX
	BZHIQ CX, DX, DX
	KMOVQ DX, K2
	VMOVDQU8.Z (SI)(AX*1), K2, Z0
	VMOVDQU8 Z0, K2, (DI)(AX*1)
	VPMOVB2M Z0, K1
	KMOVQ K1, DX
	TESTQ DX, DX
	JNZ  beyond
	ADDQ CX, AX
	JMP  done

beyond:
	TZCNTQ DX, DX
	ADDQ DX, AX

done:
	VZEROUPPER
	MOVQ AX, ret+40(FP)
	RET

// func edgesVector(edges, text []byte) int
TEXT ·edgesVector(SB), NOSPLIT, $0-56
	MOVQ edges_base+0(FP), DI
	MOVQ text_base+24(FP), SI
	MOVQ text_len+32(FP), CX
	XORQ AX, AX // where the block begins
	XORQ BX, BX // 1 while in a word
	MOVQ DI, R11

	MOVL $0x20, DX
	VPBROADCASTB DX, Z20
	MOVL $0x61, DX // 'a'
	VPBROADCASTB DX, Z21
	MOVL $26, DX
	VPBROADCASTB DX, Z22
	MOVL $0x30, DX // '0'
	VPBROADCASTB DX, Z23
	MOVL $10, DX
	VPBROADCASTB DX, Z24
	MOVL $64, DX
	VPBROADCASTW DX, Z25
	VPXORQ Z26, Z26, Z26 // where the block begins, 32 times
	VMOVDQU64 count<>(SB), Z27

block:
	VMOVDQU64 (SI)(AX*1), Z0
	VPORQ Z20, Z0, Z1
	VPSUBB Z21, Z1, Z1
	VPSUBB Z23, Z0, Z2
	VPCMPUB $1, Z22, Z1, K1 // a letter
	VPCMPUB $1, Z24, Z2, K2 // a digit
	VPMOVB2M Z0, K3         // beyond ASCII
	KORQ K1, K2, K1
	KORQ K1, K3, K1
	KMOVQ K1, R8
	LEAQ (BX)(R8*2), R9
	MOVQ R8, BX
	SHRQ $63, BX
	XORQ R8, R9
	KMOVQ R9, K4
	VPCOMPRESSB.Z Z27, K4, Z3
	VPMOVZXBW Y3, Z4
	VEXTRACTI64X4 $1, Z3, Y5
	VPMOVZXBW Y5, Z5
	VPADDW Z26, Z4, Z4
	VPADDW Z26, Z5, Z5
	VMOVDQU64 Z4, (DI)
	VMOVDQU64 Z5, 64(DI)
	POPCNTQ R9, R9
	LEAQ (DI)(R9*2), DI
	VPADDW Z25, Z26, Z26
	ADDQ $64, AX
	CMPQ AX, CX
	JLE  block

	VZEROUPPER
	SUBQ R11, DI
	MOVQ DI, ret+48(FP)
	RET

// BITS finds out which of the bits at the places Z1 of the bitmap at SI are set, for the lanes in K2,
// and adds them to the result in BX from bit CX on.
#define BITS \
	VPSRLQ $6, Z1, Z2               \
	KMOVB K2, K3                    \
	VPXORQ Z4, Z4, Z4               \
	VPGATHERQQ (SI)(Z2*8), K3, Z4   \
	VPANDQ Z20, Z1, Z1              \
	VPSRLVQ Z1, Z4, Z4              \
	VPTESTMQ Z21, Z4, K2, K4        \
	KMOVB K4, AX                    \
	SHLQ CX, AX                     \
	ORQ AX, BX                      \
	ADDQ $64, DI                    \
	ADDQ $8, CX

// EIGHT loads up to eight of the DX grams at DI into Z0, and sets K2 to how many there are.
#define EIGHT \
	MOVQ $-1, AX                    \
	BZHIQ DX, AX, AX                \
	KMOVB AX, K2                    \
	VMOVDQU64.Z (DI), K2, Z0

// START loads what is the same for all grams.
#define START \
	XORQ BX, BX                     \
	XORQ CX, CX                     \
	MOVQ $63, AX                    \
	VPBROADCASTQ AX, Z20            \
	MOVQ $1, AX                     \
	VPBROADCASTQ AX, Z21

// func probeVector(m *bitmap, grams []uint64, size uint64) uint64
TEXT ·probeVector(SB), NOSPLIT, $0-48
	MOVQ m+0(FP), SI
	MOVQ grams_base+8(FP), DI
	MOVQ grams_len+16(FP), DX
	START
	MOVQ size+32(FP), AX
	VPBROADCASTQ AX, Z22

probe:
	EIGHT
	VPMULUDQ Z22, Z0, Z1
	VPSRLQ $32, Z1, Z1
	BITS
	SUBQ $8, DX
	JGT  probe
	VZEROUPPER
	MOVQ BX, ret+40(FP)
	RET

// func shelfVector(m *bitmap, grams []uint64, publisher uint32) uint64
TEXT ·shelfVector(SB), NOSPLIT, $0-48
	MOVQ m+0(FP), SI
	MOVQ grams_base+8(FP), DI
	MOVQ grams_len+16(FP), DX
	START
	MOVL publisher+32(FP), AX
	VPBROADCASTQ AX, Z22
	MOVQ $0x3FFF, AX
	VPBROADCASTQ AX, Z23

shelf:
	EIGHT
	VPSRLQ $20, Z0, Z1
	VPXORQ Z22, Z1, Z1
	VPANDQ Z23, Z1, Z1
	BITS
	SUBQ $8, DX
	JGT  shelf
	VZEROUPPER
	MOVQ BX, ret+40(FP)
	RET
