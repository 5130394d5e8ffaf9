//go:build !amd64 || purego

package boilerplate

const vector = false

func runsVector(*wordChunk, string) { panic("boilerplate: no vector instructions") }

func wordsVector(*wordChunk, *vocabulary, string) { panic("boilerplate: no vector instructions") }

func scoreVector([]treeGroup, int32, []textBlock) { panic("boilerplate: no vector instructions") }
