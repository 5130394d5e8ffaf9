package segment_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"winnow/internal/record"
	"winnow/internal/segment"
)

// duckdb returns a function that runs SQL in DuckDB, which nobody here wrote, or skips the test.
func duckdb(t *testing.T) func(sql string) []map[string]any {
	t.Helper()
	var args []string
	switch python, node := os.Getenv("WINNOW_PYTHON"), os.Getenv("WINNOW_DUCKDB_NODE"); {
	case python != "":
		args = []string{python, "testdata/query.py"}
	case node != "":
		args = []string{"node", "testdata/query.mjs", node}
	default:
		t.Skip("no DuckDB: npm install --prefix /tmp/duckdb @duckdb/node-api@1.5.6-r.1 and set WINNOW_DUCKDB_NODE to /tmp/duckdb/node_modules/@duckdb/node-api")
	}
	return func(sql string) (rows []map[string]any) {
		t.Helper()
		cmd := exec.Command(args[0], append(args[1:], sql)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s\n%v\n%s", sql, err, stderr.String())
		}
		for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
			var row map[string]any
			if err := json.Unmarshal(s.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		return rows
	}
}

// DuckDB opens both layouts, finds real column types and the partitions, and sees the same records
// in both.
func TestIndependentReader(t *testing.T) {
	query := duckdb(t)
	keys, err := segment.ParsePartition("date,lang")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := segment.Open(segment.Dir(dir), segment.Options{Records: 100, Partition: keys, Formats: []segment.Format{segment.JSONL, segment.Parquet}, Frame: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	const last = 250
	for seq := uint64(1); seq <= last; seq++ {
		r := document(seq, 3)
		if r.Kind == segment.Clean {
			c, err := record.ParseClean(r.Line)
			if err != nil {
				t.Fatal(err)
			}
			c.Published = "2026-11-20T06:00:00Z"
			c.Overlaps = []record.Overlap{{ID: "other", Seq: 1, Share: 0.25, ShareOfOther: 0.5, Relation: record.Syndication}}
			c.Metadata = []byte(`{"section":"ferries"}`)
			r.Line = c.AppendJSON(nil)
		}
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}

	types := map[string]string{}
	parquet := "read_parquet('" + filepath.ToSlash(dir) + "/date=*/*/*.parquet', hive_partitioning = true)"
	for _, row := range query("DESCRIBE SELECT * FROM " + parquet) {
		types[row["column_name"].(string)] = strings.ReplaceAll(row["column_type"].(string), `"`, "")
	}
	for column, want := range map[string]string{
		"seq": "BIGINT", "text": "VARCHAR", "published": "TIMESTAMP WITH TIME ZONE", "added": "TIMESTAMP", "date": "DATE", "lang": "VARCHAR", "metadata": "JSON",
		"overlaps": "STRUCT(id VARCHAR, seq BIGINT, share DOUBLE, share_of_other DOUBLE, relation VARCHAR)[]",
		"removed":  "STRUCT(chars BIGINT, blocks BIGINT, reasons MAP(VARCHAR, BIGINT))",
	} {
		if !strings.HasPrefix(types[column], want) {
			t.Errorf("%s is %s, want %s", column, types[column], want)
		}
	}
	sums := func(from string) string {
		row := query("SELECT count(*)::VARCHAR AS n, sum(seq)::VARCHAR AS seqs, sum(length(text))::VARCHAR AS chars, min(published)::TIMESTAMPTZ::VARCHAR AS published, " +
			"sum(\"overlaps\"[1].share)::VARCHAR AS shares, count(DISTINCT date)::VARCHAR AS dates, count(DISTINCT lang)::VARCHAR AS langs FROM " + from)[0]
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	lines := "read_json('" + filepath.ToSlash(dir) + "/date=*/*/*.jsonl.zst', format = 'newline_delimited', hive_partitioning = true)"
	got := sums(parquet)
	if other := sums(lines); got != other {
		t.Errorf("Parquet gives %s, JSON lines %s", got, other)
	}
	if want := `"langs":"2"`; !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	if rows := query("SELECT count(*)::INT AS n FROM " + parquet + " WHERE exact IS NOT NULL"); rows[0]["n"] != 0.0 {
		t.Errorf("%v rows are kept as lines beside their columns, want none", rows[0]["n"])
	}
	for _, kind := range []string{"dup", "dead"} {
		rows := query("SELECT count(*)::INT AS n FROM read_parquet('" + filepath.ToSlash(dir) + "/" + kind + "/date=*/*/*.parquet')")
		k, _ := segment.ParseKind(kind)
		want := 0
		for range segment.Scan(segment.Dir(dir), segment.Query{Kinds: []segment.Kind{k}}) {
			want++
		}
		if rows[0]["n"] != float64(want) {
			t.Errorf("%v rows of %s, want %d", rows[0]["n"], kind, want)
		}
	}
}
