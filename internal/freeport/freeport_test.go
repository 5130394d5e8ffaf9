package freeport

import (
	"net"
	"testing"
)

// What was given is not given again, whether somebody listens there or not, and what is in use is not given at all.
func TestAddress(t *testing.T) {
	seen := map[string]bool{}
	for n := range 200 {
		address, err := Address()
		if err != nil || seen[address] {
			t.Fatalf("%q after %d others, error %v", address, n, err)
		}
		seen[address] = true
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	taken.Add(^uint32(199)) // 200 back
	if address, err := Address(); err != nil || seen[address] {
		t.Errorf("%q is in use, error %v", address, err)
	}
}
