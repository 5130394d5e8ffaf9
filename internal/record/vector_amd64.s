//go:build !purego

#include "textflag.h"

// STOPS sets DX to the bytes of Z0 at which a plain part of a JSON string ends: control characters, quotes,
// backslashes, and what has a bit of Z23.
#define STOPS \
	VPCMPUB $1, Z20, Z0, K1 \
	VPCMPEQB Z21, Z0, K2    \
	VPCMPEQB Z22, Z0, K3    \
	VPTESTMB Z23, Z0, K4    \
	KORQ K1, K2, K1         \
	KORQ K3, K4, K3         \
	KORQ K1, K3, K1         \
	KMOVQ K1, DX

// CONSTANTS loads what STOPS compares with, but for Z23.
#define CONSTANTS \
	MOVL $0x20, DX        \
	VPBROADCASTB DX, Z20  \
	MOVL $0x22, DX        \
	VPBROADCASTB DX, Z21  \
	MOVL $0x5C, DX        \
	VPBROADCASTB DX, Z22

// func copyVector(dst []byte, text string, stop byte) int
TEXT ·copyVector(SB), NOSPLIT, $0-56
	MOVQ dst_base+0(FP), DI
	MOVQ text_base+24(FP), SI
	MOVQ text_len+32(FP), CX
	MOVBLZX stop+40(FP), DX
	VPBROADCASTB DX, Z23
	CONSTANTS
	XORQ AX, AX

whole:
	CMPQ CX, $64
	JLT  rest
	VMOVDQU64 (SI)(AX*1), Z0
	VMOVDQU64 Z0, (DI)(AX*1)
	STOPS
	TESTQ DX, DX
	JNZ  stop
	ADDQ $64, AX
	SUBQ $64, CX
	JMP  whole

rest:
	MOVQ $-1, R8
	BZHIQ CX, R8, R8
	KMOVQ R8, K5
	VMOVDQU8.Z (SI)(AX*1), K5, Z0
	VMOVDQU8 Z0, K5, (DI)(AX*1)
	STOPS
	ANDQ R8, DX
	JNZ  stop
	ADDQ CX, AX
	JMP  done

stop:
	TZCNTQ DX, DX
	ADDQ DX, AX

done:
	VZEROUPPER
	MOVQ AX, ret+48(FP)
	RET

// func skipVector(text []byte) int
TEXT ·skipVector(SB), NOSPLIT, $0-32
	MOVQ text_base+0(FP), SI
	MOVQ text_len+8(FP), CX
	VPXORQ Z23, Z23, Z23
	CONSTANTS
	XORQ AX, AX

whole:
	CMPQ CX, $64
	JLT  rest
	VMOVDQU64 (SI)(AX*1), Z0
	STOPS
	TESTQ DX, DX
	JNZ  stop
	ADDQ $64, AX
	SUBQ $64, CX
	JMP  whole

rest:
	MOVQ $-1, R8
	BZHIQ CX, R8, R8
	KMOVQ R8, K5
	VMOVDQU8.Z (SI)(AX*1), K5, Z0
	STOPS
	ANDQ R8, DX
	JNZ  stop
	ADDQ CX, AX
	JMP  done

stop:
	TZCNTQ DX, DX
	ADDQ DX, AX

done:
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET

// func asciiVector(text string) int
TEXT ·asciiVector(SB), NOSPLIT, $0-24
	MOVQ text_base+0(FP), SI
	MOVQ text_len+8(FP), CX
	XORQ AX, AX

whole:
	CMPQ CX, $64
	JLT  rest
	VMOVDQU64 (SI)(AX*1), Z0
	VPMOVB2M Z0, K1
	KMOVQ K1, DX
	TESTQ DX, DX
	JNZ  stop
	ADDQ $64, AX
	SUBQ $64, CX
	JMP  whole

rest:
	MOVQ $-1, DX
	BZHIQ CX, DX, DX
	KMOVQ DX, K5
	VMOVDQU8.Z (SI)(AX*1), K5, Z0
	VPMOVB2M Z0, K1
	KMOVQ K1, DX
	TESTQ DX, DX
	JNZ  stop
	ADDQ CX, AX
	JMP  done

stop:
	TZCNTQ DX, DX
	ADDQ DX, AX

done:
	VZEROUPPER
	MOVQ AX, ret+16(FP)
	RET
