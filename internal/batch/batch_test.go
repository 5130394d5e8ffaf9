package batch_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"winnow/internal/batch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Law: for any number of workers Map equals the plain loop.
func TestMapEqualsLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.Int()).Draw(t, "in")
		workers := rapid.IntRange(-1, 9).Draw(t, "workers")
		got, err := batch.Map(t.Context(), workers, in, func(i int) int { return i*3 + 1 })
		if err != nil || len(got) != len(in) {
			t.Fatalf("%d results of %d, error %v", len(got), len(in), err)
		}
		for i := range in {
			if got[i] != in[i]*3+1 {
				t.Fatalf("result %d is %d, want %d", i, got[i], in[i]*3+1)
			}
		}
	})
}

func TestMapEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := batch.Map(ctx, 2, make([]int, 1000), func(int) int { cancel(); return 0 })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want %v", err, context.Canceled)
	}
}

func TestMapRaisesPanicInCaller(t *testing.T) {
	defer func() {
		if s, _ := recover().(string); !strings.Contains(s, "seven") {
			t.Fatalf("recovered %q, want the panic of f", s)
		}
	}()
	_, _ = batch.Map(t.Context(), 3, []int{1, 7, 3}, func(i int) int {
		if i == 7 {
			panic("seven")
		}
		return i
	})
	t.Fatal("Map returned")
}
