package boilerplate

import "testing"

func TestCutSiteWithMotto(t *testing.T) {
	for _, tt := range []struct{ name, title, want string }{
		{"site and motto", "Bridge closed to lorries | The Courier | Read now!", "Bridge closed to lorries"},
		{"dashes", "Bridge closed to lorries - The Courier - News of the marsh and the isle", "Bridge closed to lorries"},
		{"box bar", "Bridge closed to lorries │ The Courier", "Bridge closed to lorries"},
		{"headline behind the site", "News and weather today - The Courier - We care | Bridge closed to lorries", "News and weather today - The Courier - We care | Bridge closed to lorries"},
		{"dashes of the title itself", "Bridge closed - for two weeks - and then for a year", "Bridge closed - for two weeks - and then for a year"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cutSite(tt.title, "The Courier", "courier.example"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A headline's element may hold more than the headline: what the head gives alone is the title, but for what belongs to it.
func TestParseHTMLTitle(t *testing.T) {
	const story = `<p>Two keepers moved into the lighthouse on Gull Rock on Monday, thirty-one years after the lamp was handed over to a machine, because the machine has failed nine times since the spring.</p>`
	for _, tt := range []struct{ name, page, want string }{
		{"topic", `<title>Two keepers return to Gull Rock</title><h1><span>Lighthouses</span> Two keepers return to Gull Rock</h1>`, "Two keepers return to Gull Rock"},
		{"topic and colon of its own", `<title>Two keepers return to Gull Rock</title><h1>Lighthouses : Two keepers return to Gull Rock</h1>`, "Two keepers return to Gull Rock"},
		{"date", `<title>Two keepers return to Gull Rock | Isle</title><meta property="og:title" content="Two keepers return to Gull Rock"><h1>Jun 17 Two keepers return to Gull Rock</h1>`, "Two keepers return to Gull Rock"},
		{"path", `<title>Two keepers return to Gull Rock</title><h1>Home » Isle » Two keepers return to Gull Rock</h1>`, "Two keepers return to Gull Rock"},
		{"responses", `<title>Two keepers return to Gull Rock</title><h1><a href="/k">Two keepers return to Gull Rock</a></h1>` + story + `<h2>3 responses to Two keepers return to Gull Rock</h2>`, "Two keepers return to Gull Rock"},
		{"site in the headline", `<title>Keepers return to Gull Rock</title><meta property="og:site_name" content="Isle Weekly"><h1>Keepers return to Gull Rock | Isle Weekly</h1>`, "Keepers return to Gull Rock"},
		{"topic that the headline has", `<title>Two keepers return to Gull Rock</title><h1>Lighthouses: Two keepers return to Gull Rock</h1>`, "Lighthouses: Two keepers return to Gull Rock"},
		{"head that says both", `<title>Why two keepers return to Gull Rock | Isle</title><meta property="og:title" content="Keepers return to Gull Rock"><h1>Why Two Keepers return to Gull Rock</h1>`, "Why Two Keepers return to Gull Rock"},
		{"sentence that goes on", `<title>keepers return to Gull Rock</title><h1>Two old keepers return to Gull Rock</h1>`, "Two old keepers return to Gull Rock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseHTML([]byte(tt.page+story), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Title != tt.want {
				t.Errorf("got %q, want %q", p.Title, tt.want)
			}
		})
	}
}
