package dedupe

import (
	"bytes"
	"testing"
)

func TestQuick(t *testing.T) {
	p := DefaultParams()
	x, _ := NewIndex(p)
	s := NewSketcher(p)
	var sk Sketch
	for i := range 5000 {
		s.Sketch(&sk, string(rune('a'+i%26))+" hello world this is a test of the thing "+string(rune('a'+i/26%26))+" and more "+string(rune(500+i)))
		x.Judge(Doc{ID: "x", Seq: uint64(i + 1)}, &sk)
	}
	var b, c bytes.Buffer
	x.WriteTo(&b)
	y, err := ReadIndex(bytes.NewReader(b.Bytes()), p)
	if err != nil {
		t.Fatal(err)
	}
	y.WriteTo(&c)
	if !bytes.Equal(b.Bytes(), c.Bytes()) {
		t.Fatal("differs")
	}
	t.Log(b.Len())
}
