package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sink": main})
}

// The stories in testdata/script tell what the command does for who types it. What it does to a
// pipeline is tested in apptest, with a broker.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
