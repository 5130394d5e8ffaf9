package ingester

import (
	"github.com/prometheus/client_golang/prometheus"

	"winnow/internal/bus"
)

// Metrics are the ingester's counters.
type Metrics struct {
	documents *prometheus.CounterVec // by origin: replay or http; and kind: record or malformed
	requests  *prometheus.CounterVec // by status code
	inFlight  prometheus.Gauge       // bytes of requests being handled
	refused   prometheus.Counter     // documents refused because RAW was full
	leftOut   prometheus.Counter     // files of a replay that have no known format
	passed    *prometheus.CounterVec // records of web archives that are no documents, by kind
}

// NewMetrics registers the ingester's metrics with reg; nil keeps them to itself.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		documents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "winnow_ingester_documents_total", Help: "Documents stored in RAW, by origin and kind.",
		}, []string{"origin", "kind"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "winnow_ingester_requests_total", Help: "HTTP requests answered, by status code.",
		}, []string{"code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "winnow_ingester_in_flight_bytes", Help: "Bytes of HTTP requests being handled.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "winnow_ingester_refused_total", Help: "Documents refused because RAW was full.",
		}),
	}
	m.leftOut = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "winnow_ingester_files_left_out_total", Help: "Files of replays that are of no known format.",
	})
	m.passed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "winnow_ingester_records_passed_total", Help: "Records of web archives that are no documents, by kind.",
	}, []string{"kind"})
	if reg != nil {
		reg.MustRegister(m.documents, m.requests, m.inFlight, m.refused, m.leftOut, m.passed)
	}
	return m
}

// replayed counts a chunk of a replay and returns how many of its documents are dead already.
func (m *Metrics) replayed(msgs []bus.Message) (bad int) {
	for i := range msgs {
		if msgs[i].Header[bus.HeaderDead] != "" {
			bad++
		}
	}
	m.documents.WithLabelValues("replay", "malformed").Add(float64(bad))
	m.documents.WithLabelValues("replay", "record").Add(float64(len(msgs) - bad))
	return bad
}
