// Command winnow turns scraped news and web pages into clean records: it strips their boilerplate
// and recognises wire copy that was already seen. `winnow -h` lists what it can do.
package main

import "winnow/internal/cli"

func main() { cli.Main("winnow", winnow.Run) }

var winnow = &cli.Command{
	Name:  "winnow",
	Short: "clean records from scraped pages",
	Long: `Winnow strips the boilerplate of news and web pages and recognises near-duplicate wire copy, over
archives or a live stream. Nothing is lost: every document in becomes one clean record, one
duplicate that names its original, or one dead record with the reason.`,
	Examples: []cli.Example{
		{Line: "winnow clean -out clean/ pages/ archive.jsonl.gz", Doc: "the main job: files in, clean segments out"},
		{Line: "winnow cat clean/ | head -1", Doc: "read the result"},
		{Line: "winnow serve -http :8080 -out clean/", Doc: "a live pipeline with HTTP intake"},
	},
	Sub: []*cli.Command{cleanCommand, serveCommand, stripCommand, dedupeCommand, explainCommand, catCommand, verifyCommand, statsCommand, clustersCommand},
}
