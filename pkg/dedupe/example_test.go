package dedupe_test

import (
	"bytes"
	"fmt"

	"winnow/pkg/dedupe"
)

const story = `The harbour authority said on Tuesday that the old lighthouse at the northern pier would be
repaired before winter, after a survey found cracks in the lantern room and rust in the iron stairs. Work
is to begin next month and will cost about 240,000 crowns, two thirds of it from a fund for monuments.
Ships will be guided by a temporary light on the pier while the tower is dark, the harbour master said,
adding that fishermen had been asked for their opinion and had none but the best.`

func Example() {
	params := dedupe.DefaultParams()
	index, err := dedupe.NewIndex(params)
	if err != nil {
		fmt.Println(err)
		return
	}
	sketcher := dedupe.NewSketcher(params)
	var sketch dedupe.Sketch
	for i, d := range []struct{ id, publisher, text string }{
		{"agency-1", "agency", story},
		{"daily-7", "daily", "LIGHTHOUSE TO BE REPAIRED — from our correspondent. " + story},
		{"blog-3", "blog", story[:300]},
		{"daily-8", "daily", "The town library will stay open until nine from next week, and lend tools as well as books."},
	} {
		sketcher.Sketch(&sketch, d.text)
		v := index.Judge(dedupe.Doc{ID: d.id, Seq: uint64(i), Publisher: d.publisher}, &sketch)
		fmt.Printf("%s: %s %s, story %s\n", d.id, v.Kind, v.Of.ID, v.Cluster)
	}
	// Output:
	// agency-1: clean , story agency-1
	// daily-7: near agency-1, story agency-1
	// blog-3: contained agency-1, story agency-1
	// daily-8: clean , story daily-8
}

func ExamplePassages() {
	a := "By our staff. The tower was built in 1801 and has stood dark since the storm of last March."
	b := "It is a sad sight: “The tower was built in 1801, and has stood dark” for too long."
	for _, p := range dedupe.Passages(a, b) {
		fmt.Printf("%d words: %q\n", p.Words, b[p.BStart:p.BEnd])
	}
	// Output:
	// 10 words: "The tower was built in 1801, and has stood dark"
}

func ExampleIndex_Freeze() {
	params := dedupe.DefaultParams()
	index, _ := dedupe.NewIndex(params)
	sketcher := dedupe.NewSketcher(params)
	var sketch dedupe.Sketch
	sketcher.Sketch(&sketch, story)
	index.Judge(dedupe.Doc{ID: "1", Seq: 1}, &sketch)

	snapshot := index.Freeze() // cheap; the index may go on
	var file bytes.Buffer
	if _, err := snapshot.WriteTo(&file); err != nil { // in another goroutine, as a rule
		fmt.Println(err)
	}
	restored, err := dedupe.ReadIndex(&file, params)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := restored.Judge(dedupe.Doc{ID: "2", Seq: 2}, &sketch)
	fmt.Println(v.Kind, v.Of.ID)
	// Output:
	// exact 1
}
