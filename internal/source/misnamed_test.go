package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// JSON, feeds and whole pages are what they are in files called texts or pages, and texts that only begin like them are texts.
func TestMisnamed(t *testing.T) {
	const (
		rss     = `<?xml version="1.0"?><rss version="2.0"><channel><title>Post</title><item><title>Rain</title><description>It rained.</description></item></channel></rss>`
		atom    = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Rain</title><content>It rained.</content></entry></feed>`
		sitemap = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/1</loc></url></urlset>`
		index   = `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://a.example/s</loc></sitemap></sitemapindex>`
	)
	long := `{"text":"` + strings.Repeat("It rained. ", 1000) + `"}`
	for what, content := range map[string]string{
		"lines": "{\"text\":\"a\"}\r\n\n{\"text\":\"b\"}\nbroken\n", "a line": `{"text":"a"}`, "long lines": long + "\n" + long, "lines with a mark": "\ufeff{\"text\":\"a\"}\n" + long,
		"a list": "[{\"text\":\"a\"},\n" + long + "]", "a list of one": "[\n{\"text\":\"a\"}\n]\n", "an object": "{\n\"text\": \"a\"\n}\n", "an answer": "{\"articles\":[\n" + long + ",\n" + long + "]}",
		"RSS": rss, "Atom": atom, "a sitemap": sitemap, "an index": index,
	} {
		want := lineup(t, "a", []byte(content), Options{})
		for _, name := range []string{"a.txt", "a.md", "a.html", "a.htm.gz"} {
			have := lineup(t, name, pack(t, ending(name), []byte(content)), Options{})
			for i := range have {
				have[i] = strings.ReplaceAll(have[i], name, "a")
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("%s as %s: %.500s", what, name, diff)
			}
		}
	}
	for _, page := range []string{
		"\n<!DOCTYPE html>\n<title>Rain</title><p>It rained.", "<html lang=en><head><title>Rain</title>", "<!-- saved --><HTML>\n<BODY><p>It rained.",
		"<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"x.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>",
	} {
		for _, name := range []string{"a.txt", "a.html", "a"} {
			if have := lineup(t, name, []byte(page), Options{}); len(have) != 1 || have[0] != `|||`+page+`|{"path":"`+name+`"}` {
				t.Errorf("%s: %q", name, have)
			}
		}
	}
	for _, text := range []string{
		"{curly} said so", "{\"Rain\", he said", "{\"It rained\": a song}\nIt rained.", "{\"a\": 1}\nIs what they sent.", "{\"a\":1,\n", "[{\"a\":1},\nwas the list]", "[AP] Rain", "[{\"a\":1} and more]",
		"<html> is a tag", "<!doctype html> comes first", "<html", "<rss> is a format", "<feed>", "<urlset >", "<p>Rain</p>", "<htmlx><b>", "<!-- x -->It rained.", "text,url\na,http://a.example/",
		"{\"a\": \"" + strings.Repeat("It rained. ", 100) + "\nIt rained.\n" + strings.Repeat("It rained. ", 1000),
	} {
		if got := lineup(t, "a.txt", []byte(text), Options{}); len(got) != 1 || !strings.HasSuffix(got[0], text+`|{"path":"a.txt"}`) {
			t.Errorf("%.100q as text: %.300q", text, got)
		}
	}
}

// ending returns what pack makes of a name.
func ending(name string) string {
	if strings.HasSuffix(name, ".gz") {
		return ".gz"
	}
	return ""
}
