// Package batch holds the parallel map that every service's loop is built on: pure steps of a
// batch run on several goroutines and their results come back in the batch's order.
package batch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Map applies f to every element of in on at most workers goroutines and returns the results in
// the order of in. f must be pure: it runs concurrently and in no particular order. Map returns
// ctx's error, and no results, when ctx ends before the last element; a panic in f is a bug and
// is raised again in the caller with the stack of the goroutine it happened on. All goroutines
// have ended when Map returns.
func Map[T, U any](ctx context.Context, workers int, in []T, f func(T) U) ([]U, error) {
	out := make([]U, len(in))
	workers = max(1, min(workers, len(in)))
	var next atomic.Int64
	var bug atomic.Pointer[string]
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				s := fmt.Sprintf("%v\n\n%s", r, debug.Stack())
				bug.CompareAndSwap(nil, &s)
			}
		}()
		for ctx.Err() == nil && bug.Load() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(in) {
				return
			}
			out[i] = f(in[i])
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if s := bug.Load(); s != nil {
		panic("batch.Map: " + *s)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}
