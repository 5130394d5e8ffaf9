package cleaner

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"winnow/pkg/dedupe"
)

// Metrics are the cleaner's counters. They count what this process folded, which after a restart
// includes what NEWS already had.
type Metrics struct {
	documents *prometheus.CounterVec // by verdict
	dead      *prometheus.CounterVec // by stage and reason
	removed   *prometheus.CounterVec // blocks, by reason
	bytes     prometheus.Counter
	stages    *prometheus.CounterVec // seconds, by stage
	position  prometheus.Gauge
	lag       prometheus.Gauge
	writer    prometheus.Gauge
	fenced    prometheus.Counter
	snapshot  prometheus.Gauge // sequence
	saving    prometheus.Gauge // seconds the last snapshot took
	tally     *tally
}

// NewMetrics registers the cleaner's metrics with reg; nil keeps them to itself.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "winnow_cleaner_" + name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "winnow_cleaner_" + name, Help: help})
	}
	m := &Metrics{
		documents: counter("documents_total", "Documents folded, by verdict.", "verdict"),
		dead:      counter("dead_total", "Documents that became dead records, by stage and reason.", "stage", "reason"),
		removed:   counter("removed_blocks_total", "Blocks of boilerplate removed, by reason.", "reason"),
		bytes:     prometheus.NewCounter(prometheus.CounterOpts{Name: "winnow_cleaner_raw_bytes_total", Help: "Bytes of RAW folded."}),
		stages:    counter("stage_seconds_total", "Wall time of a batch's stages.", "stage"),
		position:  gauge("position_sequence", "Last sequence of RAW folded."),
		lag:       gauge("lag_messages", "Messages in RAW that are not folded yet."),
		writer:    gauge("writer", "1 while this cleaner writes NEWS, 0 while it stands by."),
		fenced:    prometheus.NewCounter(prometheus.CounterOpts{Name: "winnow_cleaner_fenced_total", Help: "Times another cleaner wrote first."}),
		snapshot:  gauge("snapshot_sequence", "Sequence the last durable snapshot covers."),
		saving:    gauge("snapshot_seconds", "Seconds the last snapshot took."),
		tally:     newTally(),
	}
	if reg != nil {
		reg.MustRegister(m.documents, m.dead, m.removed, m.bytes, m.stages, m.position, m.lag, m.writer, m.fenced, m.snapshot, m.saving)
	}
	return m
}

// count notes one document's fate.
func (m *Metrics) count(d *document) {
	m.bytes.Add(float64(len(d.msg.Data)))
	m.position.Set(float64(d.msg.Seq))
	m.tally.count(d)
	switch {
	case d.dead != nil:
		m.documents.WithLabelValues("dead").Inc()
		m.dead.WithLabelValues(d.dead.Stage, d.dead.Reason).Inc()
		return
	case d.verdict.Kind == dedupe.Unique:
		m.documents.WithLabelValues("clean").Inc()
	default:
		m.documents.WithLabelValues(d.verdict.Kind.String()).Inc()
	}
	for reason, n := range d.clean.Removed.Reasons {
		m.removed.WithLabelValues(reason).Add(float64(n))
	}
}

// stageClock adds the time since the last lap to a stage.
type stageClock struct {
	m    *Metrics
	last time.Time
}

func (m *Metrics) clock() *stageClock { return &stageClock{m: m, last: time.Now()} }

func (c *stageClock) lap(stage string) {
	now := time.Now()
	c.m.stages.WithLabelValues(stage).Add(now.Sub(c.last).Seconds())
	c.last = now
}
