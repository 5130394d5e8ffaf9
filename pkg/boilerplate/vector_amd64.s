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

// func runsVector(c *wordChunk, text string)
TEXT ·runsVector(SB), NOSPLIT, $0-24
	MOVQ c+0(FP), DI
	LEAQ (wordChunk_runs+4)(DI), DI
	MOVQ text_base+8(FP), SI
	MOVQ text_len+16(FP), CX
	XORQ BX, BX // 1 while in a run
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
	MOVL $0x27, DX // '\''
	VPBROADCASTB DX, Z28

block: // one more where the text ends with a whole one: a run may
	MOVQ $-1, DX
	CMPQ CX, $64
	JGE  load
	BZHIQ CX, DX, DX

load:
	KMOVQ DX, K4
	VMOVDQU8.Z (SI), K4, Z0
	VPORQ Z20, Z0, Z1
	VPSUBB Z21, Z1, Z1
	VPSUBB Z23, Z0, Z2
	VPCMPUB $1, Z22, Z1, K1 // a letter
	VPCMPUB $1, Z24, Z2, K2 // a digit
	VPMOVB2M Z0, K3         // beyond ASCII
	VPCMPEQB Z28, Z0, K4    // an apostrophe
	KORQ K1, K2, K1
	KORQ K3, K4, K3
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
	ADDQ $64, SI
	SUBQ $64, CX
	JGE  block

	VZEROUPPER
	SUBQ R11, DI
	SHRQ $2, DI
	MOVQ c+0(FP), R11
	MOVQ DI, wordChunk_n(R11)
	RET

// CHUNK sets Z9 to what addChunk makes of the hashes Z7 and the chunks Z8. The product's halves are put
// together from those of 32 bits.
#define CHUNK \
	VPXORQ Z7, Z8, Z8     \
	VPSRLQ $32, Z8, Z10   \
	VPMULUDQ Z16, Z8, Z11 \
	VPMULUDQ Z16, Z10, Z12 \
	VPMULUDQ Z17, Z8, Z13 \
	VPMULUDQ Z17, Z10, Z14 \
	VPSRLQ $32, Z11, Z15  \
	VPADDQ Z15, Z12, Z12  \
	VPANDQ Z18, Z12, Z15  \
	VPADDQ Z15, Z13, Z13  \
	VPSRLQ $32, Z12, Z12  \
	VPADDQ Z12, Z14, Z14  \
	VPSRLQ $32, Z13, Z12  \
	VPADDQ Z12, Z14, Z14  \ // the high half
	VPSLLQ $32, Z13, Z13  \
	VPANDQ Z18, Z11, Z11  \
	VPTERNLOGQ $0x1e, Z11, Z13, Z14 \
	VMOVDQA64 Z14, Z9

// SPREAD fills a vector with a number.
#define SPREAD(x, z) \
	MOVQ x, AX \
	VPBROADCASTQ AX, z

// func wordsVector(c *wordChunk, m *vocabulary, text string)
TEXT ·wordsVector(SB), NOSPLIT, $64-32
	MOVQ c+0(FP), DI
	MOVQ m+8(FP), BX
	MOVQ text_base+16(FP), SI
	MOVQ text_len+24(FP), DX
	MOVQ wordChunk_n(DI), CX
	LEAQ wordChunk_runs(DI), R8
	LEAQ wordChunk_hash(DI), R9
	LEAQ wordChunk_rough(DI), R10
	LEAQ known-64(SP), DI // a bit for each run that may be in the vocabulary
	MOVQ vocabulary_slots(BX), R12
	LEAQ vocabulary_known(BX), R13
	VPBROADCASTQ vocabulary_mask(BX), Z31
	SUBQ $const_plainBytes, DX
	VPBROADCASTQ DX, Z30 // where the last plain run may start
	SPREAD($const_plainBytes, Z29)
	SPREAD($8, Z28)
	SPREAD($1, Z27)
	SPREAD($const_highBits, Z26)
	MOVL $0x20, AX
	VPBROADCASTB AX, Z25
	MOVL $0x27, AX // '\''
	VPBROADCASTB AX, Z24
	MOVL $0x41, AX // 'A'
	VPBROADCASTB AX, Z23
	MOVL $26, AX
	VPBROADCASTB AX, Z22
	MOVL $0x30, AX // '0'
	VPBROADCASTB AX, Z21
	MOVL $10, AX
	VPBROADCASTB AX, Z20
	SPREAD($const_wordSeed, Z19)
	SPREAD($0xffffffff, Z18)
	SPREAD($const_wordPrime, Z16)
	VPSRLQ $32, Z16, Z17
	XORQ R14, R14        // runs that start with a capital
	VPXORQ Z6, Z6, Z6    // letters
	JMP  most

group:
	MOVL $0xff, AX
	CMPQ CX, $8
	JGE  all
	BZHIQ CX, AX, AX

all:
	KMOVB AX, K1
	VMOVDQU32.Z 4(R8), K1, Y0
	VMOVDQU32.Z (R8), K1, Y1
	VPSRLD $16, Y1, Y1 // where the run before ends
	VPSRLD $16, Y0, Y2
	VPSLLD $16, Y0, Y0
	VPSRLD $16, Y0, Y0 // where the run starts
	VPSUBD Y0, Y2, Y2  // its bytes
	VPSUBD Y1, Y0, Y3
	VPMOVZXDQ Y0, Z0
	VPMOVZXDQ Y2, Z2
	VPCMPQ $2, Z30, Z0, K1, K6
	VPCMPQ $2, Z29, Z2, K6, K6 // may be plain
	VPCMPQ $6, Z28, Z2, K6, K5 // and longer than eight bytes
	VPBROADCASTD X27, Y4
	VPCMPEQD Y4, Y3, K6, K2 // one byte before it
	KMOVB K2, K3
	VPXOR Y5, Y5, Y5
	VPGATHERDD (SI)(Y1*1), K3, Y5
	VPSLLD $24, Y5, Y5
	VPSRLD $24, Y5, Y5
	VPSLLD $5, Y4, Y4
	VPCMPEQD Y4, Y5, K2, K2 // a blank
	KXORB K1, K2, K2
	KMOVB K2, R11 // odd

	KMOVB K6, K3
	VPXORQ Z3, Z3, Z3
	VPGATHERQQ (SI)(Z0*1), K3, Z3
	KMOVB K5, K3
	VPXORQ Z4, Z4, Z4
	VPGATHERQQ 8(SI)(Z0*1), K3, Z4
	VPTERNLOGQ $0xff, Z1, Z1, Z1
	VPMINUQ Z28, Z2, Z7
	VPSUBQ Z28, Z2, Z8 // bytes in the second chunk
	VPSUBQ Z7, Z28, Z7
	VPSLLQ $3, Z7, Z7
	VPSRLVQ Z7, Z1, Z9
	VPANDQ Z9, Z3, Z3 // the first eight
	VPORQ Z25, Z3, Z7
	VPANDQ Z9, Z7, Z5 // folded
	VPSUBQ Z8, Z28, Z8
	VPSLLQ $3, Z8, Z8
	VPSRLVQ Z8, Z1, Z9
	VPANDQ Z9, Z4, Z4 // the second
	VPORQ Z25, Z4, Z7
	VPANDQ Z9, Z7, Z1 // folded

	VPCMPEQB Z24, Z3, K3
	VPCMPEQB Z24, Z4, K4
	KORQ K3, K4, K3
	VPMOVM2B K3, Z7
	VPTERNLOGQ $0xfe, Z3, Z4, Z7
	VPTESTNMQ Z26, Z7, K6, K6 // plain
	KXORB K1, K6, K2
	KMOVB K2, AX
	MOVB AX, (R10)
	ORL  AX, R11
	KANDB K5, K6, K5

	VPADDQ Z2, Z6, K6, Z6
	VPSUBB Z23, Z3, Z7
	VPCMPUB $1, Z22, Z7, K3
	KMOVQ K3, AX // capitals
	MOVQ $0x0101010101010101, DX
	PEXTQ DX, AX, BX // at the first place
	SHRQ $1, AX
	PEXTQ DX, AX, AX // at the second
	ANDL BX, AX
	KMOVB K6, R15
	ANDL R15, AX
	ORL  AX, R11
	MOVB R11, (wordChunk_odd-wordChunk_rough)(R10)
	ANDL R15, BX
	KMOVB BX, K3 // starts with a capital
	POPCNTL BX, BX
	ADDQ BX, R14
	VPSUBB Z21, Z3, Z7
	VPCMPUB $1, Z20, Z7, K4
	KMOVQ K4, AX
	PEXTQ DX, AX, AX
	ANDL R15, AX
	KMOVB AX, K4 // starts with a digit

	VMOVDQA64 Z19, Z7
	VMOVDQA64 Z5, Z8
	CHUNK
	VMOVDQA64 Z9, Z5
	VMOVDQA64 Z9, Z7
	VMOVDQA64 Z1, Z8
	CHUNK
	VMOVDQA64 Z9, K5, Z5
	VPMULLQ Z19, Z5, Z5
	VPSRLQ $32, Z5, Z7
	VPTERNLOGQ $0xbe, Z27, Z7, Z5
	VMOVDQU64 Z5, (R9)

	VPSRLQ $54, Z5, Z7
	KMOVB K6, K2
	VPXORQ Z8, Z8, Z8
	VPGATHERQQ (R13)(Z7*8), K2, Z8
	VPSLLQ $10, Z5, Z7
	VPSRLQ $58, Z7, Z7
	VPSRLVQ Z7, Z8, Z8
	VPTESTMQ Z27, Z8, K6, K2 // may be known
	KMOVB K2, AX
	MOVB AX, (DI)

	VPXORQ Z9, Z9, Z9
	SPREAD($(const_wordCapital<<32), Z7)
	VPORQ Z7, Z9, K3, Z9
	SPREAD($(const_wordNumber<<32), Z7)
	VPORQ Z7, Z9, K4, Z9
	VMOVDQU64 Z9, (wordChunk_token-wordChunk_hash)(R9)
	ADDQ $32, R8
	ADDQ $64, R9
	INCQ R10
	INCQ DI
	SUBQ $8, CX

most:
	TESTQ CX, CX
	JGT  group

	MOVQ c+0(FP), DI
	MOVQ R14, wordChunk_capitals(DI)
	VEXTRACTI64X4 $1, Z6, Y4
	VPADDQ Y4, Y6, Y3
	VEXTRACTI128 $1, Y3, X4
	VPADDQ X4, X3, X3
	VPSRLDQ $8, X3, X4
	VPADDQ X4, X3, X3
	VMOVQ X3, AX
	MOVQ AX, wordChunk_letters(DI)

	// The table is looked into when all hashes are there: how often is anybody's guess, and a wrong one is
	// cheap where little hangs on it.
	MOVQ wordChunk_n(DI), CX
	LEAQ wordChunk_hash(DI), R9
	LEAQ known-64(SP), R10
	JMP  any

eight:
	KMOVB (R10), K2
	VMOVDQU64 (R9), Z5
	VPSRLQ $20, Z5, Z7
	VPANDQ Z31, Z7, Z7
	VPADDQ Z27, Z7, Z7
	VPSLLQ $4, Z7, Z10 // where in the table the words are
	KMOVB K2, K1
	VPXORQ Z9, Z9, Z9
	VPGATHERQQ (R12)(Z10*1), K1, Z9
	VPCMPEQQ Z9, Z5, K2, K5 // those that are found
	VPTESTMQ Z9, Z9, K2, K2
	KXORB K5, K2, K2
	// most of the time one of eight is not where it should be
probe:
	VPANDQ Z31, Z7, Z7
	VPADDQ Z27, Z7, Z7
	VPSLLQ $4, Z7, Z8
	KMOVB K2, K1
	VPXORQ Z9, Z9, Z9
	VPGATHERQQ (R12)(Z8*1), K1, Z9
	VPCMPEQQ Z9, Z5, K2, K1
	VMOVDQA64 Z8, K1, Z10
	KORB K1, K5, K5
	VPTESTMQ Z9, Z9, K2, K2
	KXORB K1, K2, K2

more:
	KORTESTB K2, K2
	JNZ  probe
	VPXORQ Z9, Z9, Z9
	VPGATHERQQ 8(R12)(Z10*1), K5, Z9
	VPORQ (wordChunk_token-wordChunk_hash)(R9), Z9, Z9
	VMOVDQU64 Z9, (wordChunk_token-wordChunk_hash)(R9)
	ADDQ $64, R9
	INCQ R10
	SUBQ $8, CX

any:
	TESTQ CX, CX
	JGT  eight
	VZEROUPPER
	RET

// LEAVES adds to Z4 what the leaves of 16 trees say: the trees' leaves begin at off(R9), and their indices
// are the bytes of X2.
#define LEAVES(off) \
	VPMOVZXBD X2, Z5        \
	VPADDD Z20, Z5, Z5      \
	KXNORW K1, K1, K1       \
	VPXORQ Z6, Z6, Z6       \
	VPGATHERDD off(R9)(Z5*2), K1, Z6 \
	VPSLLD $16, Z6, Z6      \
	VPSRAD $16, Z6, Z6      \
	VPADDD Z6, Z4, Z4

// ANSWER adds a bit of the trees' indices, which is 1 where the feature is above the limit.
#define ANSWER(k, bit) \
	VMOVDQU64 (treeGroup_feature+64*k)(R9), Z3      \
	VPERMI2B Z1, Z0, Z3                             \
	VPCMPUB $6, (treeGroup_above+64*k)(R9), Z3, K1  \
	VPADDB bit, Z2, K1, Z2

// func scoreVector(groups []treeGroup, bias int32, blocks []textBlock)
TEXT ·scoreVector(SB), NOSPLIT, $0-56
	MOVQ groups_base+0(FP), DI
	MOVQ groups_len+8(FP), DX
	MOVL bias+24(FP), R8
	MOVQ blocks_base+32(FP), SI
	MOVQ blocks_len+40(FP), CX
	MOVL $1, AX
	VPBROADCASTB AX, Z10
	VPADDB Z10, Z10, Z11
	VPADDB Z11, Z11, Z12
	VPADDB Z12, Z12, Z13
	VPADDB Z13, Z13, Z14
	VPADDB Z14, Z14, Z15
	VPMOVZXBD count<>(SB), Z20
	VPSLLD $const_lineDepth, Z20, Z20 // where the leaves of 16 trees begin
	MOVQ $((1<<(const_lineFeatureCount-64))-1), AX
	KMOVQ AX, K2
	JMP  most

line:
	VMOVDQU64 textBlock_f(SI), Z0
	VMOVDQU8.Z (textBlock_f+64)(SI), K2, Z1
	VPXORQ Z4, Z4, Z4
	MOVQ DI, R9
	MOVQ DX, R10
	JMP  any

group:
	VPXORQ Z2, Z2, Z2
	ANSWER(0, Z10)
	ANSWER(1, Z11)
	ANSWER(2, Z12)
	ANSWER(3, Z13)
	ANSWER(4, Z14)
	ANSWER(5, Z15)
	VMOVDQA64 Z2, Z7
	LEAVES(treeGroup_leaf)
	VEXTRACTI32X4 $1, Z7, X2
	LEAVES(treeGroup_leaf+2048)
	VEXTRACTI32X4 $2, Z7, X2
	LEAVES(treeGroup_leaf+4096)
	VEXTRACTI32X4 $3, Z7, X2
	LEAVES(treeGroup_leaf+6144)
	ADDQ $treeGroup__size, R9

any:
	DECQ R10
	JGE  group
	VEXTRACTI64X4 $1, Z4, Y5
	VPADDD Y5, Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	VPADDD X5, X4, X4
	VPSRLDQ $8, X4, X5
	VPADDD X5, X4, X4
	VPSRLDQ $4, X4, X5
	VPADDD X5, X4, X4
	VMOVD X4, AX
	ADDL R8, AX
	MOVL AX, textBlock_score(SI)
	ADDQ $textBlock__size, SI

most:
	DECQ CX
	JGE  line
	VZEROUPPER
	RET
