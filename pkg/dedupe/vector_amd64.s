//go:build !purego

#include "textflag.h"
#include "go_asm.h"

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

// The powers of mul1, from the eighth down to the first.
DATA powers<>+0(SB)/8, $0x06d4b2611beb6861
DATA powers<>+8(SB)/8, $0x5ecb31e4ccd2721d
DATA powers<>+16(SB)/8, $0x4be7956e30a337e9
DATA powers<>+24(SB)/8, $0x2e2b795f2d10fd85
DATA powers<>+32(SB)/8, $0xd94363fc538227b1
DATA powers<>+40(SB)/8, $0x604a5ce3addef82d
DATA powers<>+48(SB)/8, $0xdf442d22ce4859b9
DATA powers<>+56(SB)/8, $0x9e3779b97f4a7c15
GLOBL powers<>(SB), RODATA|NOPTR, $64

// func gramsVector(a *gramLoop)
//
// The hash of the text, exact = (exact+g)*mul1 for one gram after the other, is kept as nine sums: what it was before
// in R15, and in Z3 one for each place in a group, to be multiplied by its power of mul1 at the end.
TEXT ·gramsVector(SB), NOSPLIT, $0-8
	MOVQ a+0(FP), AX
	MOVQ gramLoop_hash(AX), SI
	MOVQ gramLoop_weight(AX), DI
	MOVQ gramLoop_gram(AX), R8
	MOVQ gramLoop_place(AX), R9
	MOVQ gramLoop_pick(AX), R10
	MOVQ gramLoop_grams(AX), R11
	MOVQ gramLoop_seen(AX), R12
	MOVQ gramLoop_groups(AX), CX
	MOVQ gramLoop_exact(AX), R15
	VPBROADCASTQ gramLoop_limit(AX), Z22
	VPBROADCASTQ gramLoop_cut(AX), Z23
	MOVL gramLoop_word(AX), BX
	VPBROADCASTD BX, Y24
	VPMOVZXBD count<>(SB), Y25
	VPADDD Y25, Y24, Y24      // numbers of the eight words
	MOVL $8, BX
	VPBROADCASTD BX, Y25
	MOVL $const_gramLetters, BX
	VPBROADCASTB BX, X26
	MOVL $0xFFF, BX
	VPBROADCASTD BX, Y21
	MOVL $0xFFFF, BX
	VPBROADCASTD BX, Y27
	MOVQ powers<>(SB), R13
	VPBROADCASTQ R13, Z20
	MOVQ $0x0101010101010101, BX
	VPXORQ Z3, Z3, Z3
	XORQ DX, DX
	JMP  next

group:
	VMOVDQU64 (SI), Z0
	VMOVDQU64 8(SI), Z1
	VMOVDQU64 16(SI), Z2
	VPROLQ $39, Z0, Z0
	VPROLQ $17, Z1, Z1
	VPTERNLOGQ $0x96, Z1, Z0, Z2  // the grams: one rotated by 39, by 17, and not at all
	VMOVDQU64 Z2, (R8)
	VPMULLQ Z20, Z3, Z3
	VPADDQ Z2, Z3, Z3
	IMULQ R13, R15

	VPCMPUQ $2, Z22, Z2, K1       // up to limit
	VPCOMPRESSD.Z Y24, K1, Y4
	VPMOVDW Y4, X4
	VMOVDQU X4, (R10)
	KMOVB K1, AX
	POPCNTL AX, AX
	LEAQ (R10)(AX*2), R10
	VPADDD Y25, Y24, Y24

	VMOVQ (DI), X5
	VMOVQ 1(DI), X6
	VMOVQ 2(DI), X7
	VPADDB X6, X5, X5
	VPADDB X7, X5, X5
	VPCMPUB $5, X26, X5, K2       // of enough letters
	VPCMPUQ $2, Z23, Z2, K2, K3   // and up to cut

	VPMOVQD Z2, Y8
	VPANDD Y21, Y8, Y8            // where they are looked up
	VPSRLQ $12, Z2, Z9
	VPMOVQD Z9, Y9
	VPANDD Y27, Y9, Y9            // and what stands there
	VPCONFLICTD Y8, Y10
	VPTESTMD Y10, Y10, K3, K4
	KMOVB K4, AX
	TESTL AX, AX
	JNZ  each
	KMOVW K3, K5
	VPXORD Y11, Y11, Y11
	VPGATHERDD (R12)(Y8*4), K5, Y11
	VPCMPUD $4, Y11, Y9, K3, K6
	KMOVW K6, K5
	VPSCATTERDD Y9, K5, (R12)(Y8*4)
	KMOVB K6, AX

keep:
	VPCOMPRESSQ.Z Z2, K6, Z12
	VMOVDQU64 Z12, (R11)
	VPBROADCASTW DX, X14
	PDEPQ BX, AX, R14
	IMULQ BX, R14                 // how many up to each
	VMOVQ R14, X13
	VPMOVZXBW X13, X13
	VPADDW X14, X13, X13
	VMOVDQU X13, (R9)
	POPCNTL AX, AX
	ADDQ AX, DX
	LEAQ (R11)(AX*8), R11
	ADDQ $64, SI
	ADDQ $8, DI
	ADDQ $64, R8
	ADDQ $16, R9

next:
	DECQ CX
	JGE  group

	VPMULLQ powers<>(SB), Z3, Z3
	VEXTRACTI64X4 $1, Z3, Y4
	VPADDQ Y4, Y3, Y3
	VEXTRACTI128 $1, Y3, X4
	VPADDQ X4, X3, X3
	VPSRLDQ $8, X3, X4
	VPADDQ X4, X3, X3
	VMOVQ X3, AX
	ADDQ AX, R15
	MOVQ a+0(FP), AX
	MOVQ R15, gramLoop_exact(AX)
	MOVQ DX, gramLoop_kept(AX)
	SUBQ gramLoop_pick(AX), R10
	SHRQ $1, R10
	MOVQ R10, gramLoop_picked(AX)
	VZEROUPPER
	RET

each: // two of them have one place: one after the other
	KMOVB K3, R14
	VMOVQ CX, X15
	XORL  AX, AX
	XORL  R13, R13

one:
	BTL     R13, R14
	JCC     other
	MOVQ    (R8)(R13*8), CX
	MOVL    CX, BX
	ANDL    $0xFFF, BX
	SHRQ    $12, CX
	MOVWLZX CX, CX
	CMPL    CX, (R12)(BX*4)
	JEQ     other
	MOVL    CX, (R12)(BX*4)
	BTSL    R13, AX

other:
	INCL  R13
	CMPL  R13, $8
	JNE   one
	VMOVQ X15, CX
	MOVQ  powers<>(SB), R13
	MOVQ  $0x0101010101010101, BX
	KMOVB AX, K6
	JMP   keep

// func fetch(text string)
TEXT ·fetch(SB), NOSPLIT, $0-16
	MOVQ text_base+0(FP), SI
	MOVQ text_len+8(FP), CX
	ADDQ SI, CX
	JMP  most

line:
	PREFETCHT0 (SI)
	ADDQ       $64, SI

most:
	CMPQ SI, CX
	JLT  line
	RET
