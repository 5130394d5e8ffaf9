package sink

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"winnow/internal/segment"
)

// Metrics are the sink's counters. They count what this process committed.
type Metrics struct {
	records   *prometheus.CounterVec // by kind
	segments  prometheus.Counter
	bytes     prometheus.Counter
	rawBytes  prometheus.Counter
	read      prometheus.Gauge // sequence
	committed prometheus.Gauge // sequence
	lag       prometheus.Gauge
	ahead     prometheus.Gauge
	full      prometheus.Gauge
	trimmed   prometheus.Gauge // sequence

	written           atomic.Int64 // records, of all kinds
	lastRead, lastPut atomic.Uint64
}

// Written returns how many records this process committed. It may be called at any time.
func (m *Metrics) Written() int64 { return m.written.Load() }

// Progress returns the last sequences of NEWS that were read and that are in a committed segment, 0 before
// Run knows. It may be called at any time.
func (m *Metrics) Progress() (read, committed uint64) {
	committed = m.lastPut.Load()
	return max(m.lastRead.Load(), committed), committed
}

func (m *Metrics) setRead(seq uint64) {
	m.read.Set(float64(seq))
	m.lastRead.Store(seq)
}

func (m *Metrics) setCommitted(seq uint64) {
	m.committed.Set(float64(seq))
	m.lastPut.Store(seq)
}

// NewMetrics registers the sink's metrics with reg; nil keeps them to itself.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "winnow_sink_" + name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "winnow_sink_" + name, Help: help})
	}
	m := &Metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "winnow_sink_records_total", Help: "Records committed, by kind.",
		}, []string{"kind"}),
		segments:  counter("segments_total", "Segments committed."),
		bytes:     counter("bytes_total", "Bytes of data files committed, compressed."),
		rawBytes:  counter("raw_bytes_total", "Bytes of records committed, before compression."),
		read:      gauge("read_sequence", "Last sequence of NEWS read."),
		committed: gauge("committed_sequence", "Last sequence of NEWS that is in a committed segment."),
		lag:       gauge("lag_messages", "Messages in NEWS that were not read yet."),
		ahead:     gauge("ahead_messages", "Records in the segments behind the end of NEWS, which was emptied or put back: nothing is written until this is 0."),
		full:      gauge("disk_full", "1 while the sink waits for space on its disk, or for object storage that does not take segments; 0 otherwise."),
		trimmed:   gauge("trimmed_sequence", "NEWS was trimmed before this sequence."),
	}
	if reg != nil {
		reg.MustRegister(m.records, m.segments, m.bytes, m.rawBytes, m.read, m.committed, m.lag, m.ahead, m.full, m.trimmed)
	}
	return m
}

// count notes a committed segment.
func (m *Metrics) count(seg *segment.Manifest) {
	for _, k := range []segment.Kind{segment.Clean, segment.Dup, segment.Dead} {
		m.records.WithLabelValues(k.String()).Add(float64(seg.Records.Of(k)))
		m.written.Add(int64(seg.Records.Of(k)))
	}
	for _, f := range seg.Files {
		m.bytes.Add(float64(f.Bytes))
		m.rawBytes.Add(float64(f.RawBytes))
	}
	m.segments.Inc()
	m.setCommitted(seg.Last)
}
