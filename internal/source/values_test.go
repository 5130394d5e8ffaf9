package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A file that is one object around a list of articles, as search services answer, has a document for each.
func TestListedArticles(t *testing.T) {
	for _, tt := range []struct {
		name, file, in string
		want           []string
	}{
		{"in a line", "a.json", `{"status":"ok","articles":[{"url":"u","content":"a"},{"url":"v","content":"b"}]}`, []string{"u|a", "v|b"}},
		{"a line each", "a.jsonl", `{"data":[{"url":"u","text":"a"}]}` + "\n" + `{"data":[{"url":"v","text":"b"},{"url":"w","text":"c"}]}` + "\n", []string{"u|a", "v|b", "w|c"}},
		{"indented", "a.json", "{\n  \"status\": \"ok\",\n  \"items\": [\n    {\n      \"url\": \"u\",\n      \"content\": \"a\"\n    }\n  ]\n}\n", []string{"u|a"}},
		{"an article a line", "a.json", "\ufeff{\"results\": [\r\n{\"url\":\"u\",\"text\":\"a\"},\r\n{\"url\":\"v\",\"text\":\"b\"}\r\n]}\r\n", []string{"u|a", "v|b"}},
		{"an article a line, by content", "a", "{\"results\":[{\n\"url\":\"u\",\"text\":\"a\"},\n{\"url\":\"v\",\"text\":\"b\"}]}\n", []string{"u|a", "v|b"}},
		{"a broken line that ends with a bracket", "a.json", "{\"text\":\"{\n{\"url\":\"v\",\"text\":\"b\"}\n", []string{"dead: syntax", "v|b"}},
		{"an article with items", "a.json", `{"url":"u","items":[{"text":"a"},{"text":"b"}],"text":"c"}`, []string{"u|c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(t, tt.file, tt.in, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
