//go:build !amd64 || purego

package record

const vector = false

func copyVector([]byte, string, byte) int { panic("record: no vector instructions") }

func skipVector([]byte) int { panic("record: no vector instructions") }

func asciiVector(string) int { panic("record: no vector instructions") }
