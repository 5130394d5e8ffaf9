package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"winnow/internal/cleaner"
	"winnow/internal/ingester"
	"winnow/internal/sink"
)

// described is a registry that only remembers what could be registered: name and labels.
type described map[string][]string

var desc = regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)

// Register implements [prometheus.Registerer].
func (d described) Register(c prometheus.Collector) error {
	descs := make(chan *prometheus.Desc, 16)
	go func() { c.Describe(descs); close(descs) }()
	for each := range descs {
		m := desc.FindStringSubmatch(each.String())
		d[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	return nil
}

// MustRegister implements [prometheus.Registerer].
func (d described) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		d.Register(c)
	}
}

// Unregister implements [prometheus.Registerer].
func (d described) Unregister(prometheus.Collector) bool { return false }

// Every metric that a board or an alert asks for is one that a service exports, with the
// labels it is selected by.
func TestMetricsExist(t *testing.T) {
	exported := described{"up": {"job", "instance"}}
	cleaner.NewMetrics(exported)
	ingester.NewMetrics(exported)
	sink.NewMetrics(exported)
	if len(exported) < 15 {
		t.Fatalf("only %d metrics: %v", len(exported), exported)
	}

	exprs := map[string][]string{"alerts": alertExprs(t), "board": boardExprs(t)}
	name := regexp.MustCompile(`\b(winnow_\w+)(?:\{(\w+)=)?`)
	group := regexp.MustCompile(`sum by \(([^)]*)\) \((?:rate|increase)\((winnow_\w+)`)
	used := map[string]bool{}
	for from, list := range exprs {
		if len(list) < 10 {
			t.Errorf("only %d expressions in the %s", len(list), from)
		}
		for _, expr := range list {
			for _, m := range name.FindAllStringSubmatch(expr, -1) {
				labels, ok := exported[m[1]]
				used[m[1]] = true
				if !ok {
					t.Errorf("%s: nobody exports %s, in %s", from, m[1], expr)
				} else if m[2] != "" && !slices.Contains(labels, m[2]) {
					t.Errorf("%s: %s has no label %q, in %s", from, m[1], m[2], expr)
				}
			}
			for _, m := range group.FindAllStringSubmatch(expr, -1) {
				for label := range strings.SplitSeq(m[1], ", ") {
					if !slices.Contains(exported[m[2]], label) {
						t.Errorf("%s: %s has no label %q, in %s", from, m[2], label, expr)
					}
				}
			}
		}
	}
	for metric := range exported {
		if !used[metric] && strings.HasPrefix(metric, "winnow_") {
			t.Logf("%s is on no board and in no alert", metric)
		}
	}
}

func alertExprs(t *testing.T) (exprs []string) {
	t.Helper()
	file := documents[struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      struct{ Severity string }
				Annotations struct{ Summary, Description string }
			}
		}
	}](t, "prometheus/winnow.rules.yml")[0]
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels.Severity == "" || r.Annotations.Summary == "" || r.Annotations.Description == "" {
				t.Errorf("alert %q does not say what is wrong, how bad it is and what to do", r.Alert)
			}
			exprs = append(exprs, r.Expr)
		}
	}
	return exprs
}

func boardExprs(t *testing.T) (exprs []string) {
	t.Helper()
	var board struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/winnow.json")), &board, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q: its number is taken, or it is empty, or it does not fit", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			exprs = append(exprs, target.Expr)
		}
	}
	return exprs
}
