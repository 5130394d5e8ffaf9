package main

import (
	"net/url"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what one page costs, on average over the pages.
type cost struct {
	seconds float64 // of CPU time of the process, median over the rounds
	allocs  float64
	bytes   float64
}

// measure lets every peer go over the pages, in turns, so that what else runs on the machine
// falls on all of them.
func measure(pages []page, peers []peer, rounds int) []cost {
	bodies, urls := make([][]byte, len(pages)), make([]*url.URL, len(pages))
	for i := range pages {
		bodies[i] = []byte(pages[i].HTML)
		urls[i], _ = url.Parse(pages[i].URL)
	}
	costs, seconds := make([]cost, len(peers)), make([][]float64, len(peers))
	for round := range rounds + 1 {
		for k, p := range peers {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpu()
			for i, body := range bodies {
				_ = p.try(body, urls[i])
			}
			spent := cpu() - start
			runtime.ReadMemStats(&after)
			if round == 0 {
				continue // compiles rules and expressions on first use
			}
			n := float64(len(bodies))
			seconds[k] = append(seconds[k], spent.Seconds()/n)
			costs[k].allocs = float64(after.Mallocs-before.Mallocs) / n
			costs[k].bytes = float64(after.TotalAlloc-before.TotalAlloc) / n
		}
	}
	for k := range costs {
		slices.Sort(seconds[k])
		costs[k].seconds = seconds[k][len(seconds[k])/2]
	}
	return costs
}

// cpu returns the CPU time that the process has taken.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
