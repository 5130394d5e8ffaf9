package main

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"winnow/internal/sink"
	"winnow/internal/web"
)

// The dashboard has the sink among its services, and says why it does not write.
func TestDashboardShowsTheSink(t *testing.T) {
	var reason error
	d := &dashboard{sink: sink.NewMetrics(nil), sinkReady: func(context.Context) error { return reason }}
	want := web.Stage{Name: "sink", Lag: 7, Ready: true, Detail: "in segments up to 0"}
	if diff := cmp.Diff(want, d.sinkStage(7)); diff != "" {
		t.Error(diff)
	}
	reason = errors.New("the disk is full")
	want.Ready, want.Detail = false, "the disk is full"
	if diff := cmp.Diff(want, d.sinkStage(7)); diff != "" {
		t.Error(diff)
	}
}
