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
	if reg != nil {
		reg.MustRegister(m.documents, m.requests, m.inFlight, m.refused)
	}
	return m
}

// replayed counts a chunk of a replay.
func (m *Metrics) replayed(msgs []bus.Message) {
	bad := 0
	for i := range msgs {
		if msgs[i].Header[bus.HeaderDead] != "" {
			bad++
		}
	}
	m.documents.WithLabelValues("replay", "malformed").Add(float64(bad))
	m.documents.WithLabelValues("replay", "record").Add(float64(len(msgs) - bad))
}
