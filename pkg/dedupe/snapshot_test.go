package dedupe

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stream judges documents first to last of an invented stream of stories,
// copies, furniture and forms.
func stream(x *Index, first, last int) (out []Verdict) {
	for i := first; i < last; i++ {
		r := rand.New(rand.NewPCG(uint64(i), 4))
		pub := r.IntN(6)
		text := change(invent(uint64(r.IntN(1+i/2)), 80+r.IntN(3)*40), uint64(i), 10+r.IntN(40)) + "\n" + invent(uint64(5000+pub), 60)
		out = append(out, ask(x, Doc{
			ID: fmt.Sprintf("%032x", i), Seq: uint64(i + 1), Publisher: fmt.Sprint(pub),
			URL: fmt.Sprintf("https://%d.example/%d", pub, r.IntN(50)), Time: int64(i) * 3000,
		}, text))
	}
	return out
}

// A restored index is the original: its snapshot has the same bytes, and it gives
// the same verdicts from there on.
func TestRestoredIsOriginal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := DefaultParams()
		p.MaxDocs = rapid.IntRange(30, 200).Draw(t, "max docs")
		x, err := NewIndex(p)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 120).Draw(t, "documents")
		stream(x, 0, n)
		var a, b bytes.Buffer
		if _, err := x.WriteTo(&a); err != nil {
			t.Fatal(err)
		}
		y, err := ReadIndex(bytes.NewReader(a.Bytes()), p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := y.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatal("the second snapshot differs from the first")
		}
		if d := cmp.Diff(stream(x, n, n+20), stream(y, n, n+20)); d != "" {
			t.Fatal(d)
		}
	})
}

// A frozen copy is not changed by what the index does afterwards, and may be
// written meanwhile.
func TestFreeze(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	stream(x, 0, 300)
	var before, after bytes.Buffer
	if _, err := x.WriteTo(&before); err != nil {
		t.Fatal(err)
	}
	frozen := x.Freeze()
	done := make(chan error)
	go func() {
		_, err := frozen.WriteTo(&after)
		done <- err
	}()
	stream(x, 300, 600)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Error("the frozen copy has changed")
	}
	y, _ := NewIndex(DefaultParams())
	var a, b bytes.Buffer
	stream(y, 0, 600)
	x.WriteTo(&a)
	y.WriteTo(&b)
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the index was changed by being frozen")
	}
}

// Other parameters are refused by name.
func TestOtherParams(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	stream(x, 0, 10)
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	p := DefaultParams()
	p.Seed, p.Near = 1, 0.9
	_, err := ReadIndex(&b, p)
	var other *ParamsError
	if !errors.As(err, &other) || !errors.Is(err, ErrParams) {
		t.Fatalf("error is %v", err)
	}
	if d := cmp.Diff([]string{"Seed", "Near"}, other.Fields); d != "" {
		t.Error(d)
	}
	if !strings.Contains(err.Error(), "Near 0.8, not 0.9") {
		t.Errorf("error is %q", err)
	}
}

// A damaged snapshot is refused, wherever the damage is.
func TestDamage(t *testing.T) {
	x, _ := NewIndex(DefaultParams())
	stream(x, 0, 60)
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		bad := bytes.Clone(good)
		at := r.IntN(len(bad))
		if r.IntN(2) == 0 {
			at = r.IntN(2000)
		}
		bad[at] ^= 1 << r.IntN(8)
		if _, err := ReadIndex(bytes.NewReader(bad), DefaultParams()); !errors.Is(err, ErrSnapshot) && !errors.Is(err, ErrParams) {
			t.Errorf("byte %d changed: %v", at, err)
		}
		if _, err := ReadIndex(bytes.NewReader(good[:at]), DefaultParams()); !errors.Is(err, ErrSnapshot) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
}

// A snapshot of another version of the format is refused with both versions named.
func TestOtherFormat(t *testing.T) {
	old := strings.Replace(magic, "3", "2", 1)
	_, err := ReadIndex(strings.NewReader(old+strings.Repeat("x", 100)), DefaultParams())
	if !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), "winnow dedupe 2") || !strings.Contains(err.Error(), "winnow dedupe 3") {
		t.Errorf("error is %v", err)
	}
}

// ReadIndex never panics on what is no snapshot, and says so.
func FuzzReadIndex(f *testing.F) {
	x, _ := NewIndex(DefaultParams())
	stream(x, 0, 5)
	var b bytes.Buffer
	x.WriteTo(&b)
	f.Add(b.Bytes()[:4096])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := ReadIndex(bytes.NewReader(data), DefaultParams()); err == nil || !errors.Is(err, ErrSnapshot) && !errors.Is(err, ErrParams) {
			t.Errorf("error is %v", err)
		}
	})
}
