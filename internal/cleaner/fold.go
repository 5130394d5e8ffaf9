package cleaner

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/batch"
	"winnow/internal/bus"
	"winnow/internal/record"
	"winnow/pkg/boilerplate"
	"winnow/pkg/dedupe"
)

// Version counts the changes of the fold that change its output. It is part of Params, so a
// state written by one version is never continued by another.
const Version = 11

// Params are the settings that change results. They are stored with the state they shaped; the
// zero value is not valid, see [DefaultParams].
type Params struct {
	Version int                     `json:"version"`
	Learn   bool                    `json:"learn"` // keep a site model
	Rules   uint64                  `json:"rules"` // digest of the phrase rules
	Model   boilerplate.ModelParams `json:"model"`
	Dedupe  dedupe.Params           `json:"dedupe"`
	Policy  string                  `json:"policy"` // what becomes of copies: Drop or Tag
}

// The policies. Dropped copies are published as dup records; tagged ones as clean records whose
// first overlap is the record they repeat.
const (
	Drop = "drop"
	Tag  = "tag"
)

// DefaultParams returns the parameters of a pipeline with the built-in phrase rules and, beside
// them, those of the files named.
func DefaultParams(rules ...string) (Params, error) {
	digest, err := boilerplate.RulesDigest(rules...)
	return Params{
		Version: Version, Learn: true, Rules: digest,
		Model: boilerplate.DefaultModelParams(), Dedupe: dedupe.DefaultParams(), Policy: Drop,
	}, err
}

// Position is a place in RAW: the last sequence folded and what identifies the history up to it.
type Position struct {
	Seq    uint64 `json:"seq"`
	Chain  uint64 `json:"chain"`  // chain_n = xxhash64(chain_{n-1} big endian, payload n); before the first, the digest of the Params
	Digest uint64 `json:"digest"` // xxhash64 of the payload at Seq
}

// advance returns the position after a message with the given sequence and payload.
func (p Position) advance(seq uint64, payload []byte) Position {
	var d xxhash.Digest
	d.Reset()
	d.Write(binary.BigEndian.AppendUint64(nil, p.Chain))
	d.Write(payload)
	return Position{Seq: seq, Chain: d.Sum64(), Digest: xxhash.Sum64(payload)}
}

// Fold turns messages of RAW into messages of NEWS. It owns the site model and the index of
// shingles, so it belongs to one goroutine; the pure steps of a batch run on several.
type Fold struct {
	Position
	params    Params
	workers   int
	rules     *boilerplate.Rules
	model     *boilerplate.Model
	index     *dedupe.Index
	sketchers sync.Pool       // of *dedupe.Sketcher, one to a goroutine at a time
	sketches  []dedupe.Sketch // of the batch, kept for the next one
	metrics   *Metrics
	log       *slog.Logger
}

// digest identifies the parameters: records made with others have another chain.
func (p Params) digest() uint64 {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and booleans
	}
	return xxhash.Sum64(data)
}

// NewFold returns a fold with empty state that has folded everything up to base, the sequence
// before NEWS's first.
func NewFold(params Params, rules *boilerplate.Rules, workers int, base uint64, metrics *Metrics, log *slog.Logger) (*Fold, error) {
	index, err := dedupe.NewIndex(params.Dedupe)
	if err != nil {
		return nil, err
	}
	if params.Policy != Drop && params.Policy != Tag {
		return nil, fmt.Errorf("cleaner: policy %q, want %s or %s", params.Policy, Drop, Tag)
	}
	return &Fold{
		Position: Position{Seq: base, Chain: params.digest()}, params: params, workers: workers, rules: rules,
		sketchers: sync.Pool{New: func() any { return dedupe.NewSketcher(params.Dedupe) }},
		model:     boilerplate.NewModel(params.Model), index: index, metrics: metrics, log: log,
	}, nil
}

// Batch folds the messages that follow the fold's position and returns one message of NEWS for
// each, in order, with its sequence. How the messages are cut into batches changes nothing. After
// an error the fold has taken in half a batch and must be thrown away.
func (f *Fold) Batch(ctx context.Context, msgs []bus.Message) ([]bus.Message, error) {
	clock := f.metrics.clock()
	docs, err := batch.Map(ctx, f.workers, msgs, f.extract)
	if err != nil {
		return nil, err
	}
	clock.lap("extract")
	f.sketches = append(f.sketches, make([]dedupe.Sketch, max(0, len(docs)-len(f.sketches)))...)
	for i, d := range docs {
		d.sk = &f.sketches[i]
		f.learn(d)
	}
	clock.lap("learn")
	if _, err = batch.Map(ctx, f.workers, docs, f.sketch); err != nil {
		return nil, err
	}
	clock.lap("sketch")
	for _, d := range docs {
		f.judge(d)
	}
	clock.lap("judge")
	news, err := batch.Map(ctx, f.workers, docs, f.encode)
	if err != nil {
		return nil, err
	}
	for i := range news {
		if want := f.Seq + 1; msgs[i].Seq != want {
			panic(fmt.Sprintf("cleaner: fold given RAW message %d after %d", msgs[i].Seq, f.Seq))
		}
		f.Position = f.advance(msgs[i].Seq, msgs[i].Data)
		news[i].Header[bus.HeaderChain] = fmt.Sprintf("%016x", f.Chain)
		f.metrics.count(docs[i])
	}
	clock.lap("encode")
	return news, nil
}

// document is one message on its way through the four steps.
type document struct {
	msg     *bus.Message
	source  string
	raw     record.Raw
	page    *boilerplate.Page
	dead    *record.Dead // set: the document's fate is decided
	clean   record.Clean
	sk      *dedupe.Sketch
	verdict dedupe.Verdict
}

// learn shows the page to the site model, which marks the blocks that recur on its site, with "www." or
// without. "m." and "amp." are sites of their own, because their pages have other templates.
func (f *Fold) learn(d *document) {
	if f.params.Learn && d.dead == nil && d.clean.Site != "" {
		f.model.Learn(record.BareSite(d.clean.Site), d.page)
	}
}

// sketch fixes the text and its language and takes its sketch. It is pure.
func (f *Fold) sketch(d *document) struct{} {
	if d.dead != nil {
		return struct{}{}
	}
	c := &d.clean
	c.Text = d.page.Text()
	c.Removed = removed(d.page)
	if c.Text == "" {
		why := fmt.Sprintf("all %d blocks of the page are boilerplate", len(d.page.Blocks))
		if len(d.page.Blocks) == 0 {
			why = "the page has no text"
		}
		d.die("strip", "empty", why)
		return struct{}{}
	}
	if len(c.Text)+len(c.Title)+len(c.Metadata)+len(c.URL) > maxRecord/8 && len(c.AppendJSON(nil)) > maxRecord {
		d.die("strip", "oversize", fmt.Sprintf("a text of %d bytes makes a record larger than %d", len(c.Text), maxRecord))
		return struct{}{}
	}
	if lang := boilerplate.DetectLanguage(c.Text); lang != "und" || c.Lang == "" {
		c.Lang = lang
	}
	sketcher := f.sketchers.Get().(*dedupe.Sketcher)
	sketcher.Sketch(d.sk, c.Text)
	f.sketchers.Put(sketcher)
	return struct{}{}
}

// judge compares the text with every earlier one.
func (f *Fold) judge(d *document) {
	if d.dead != nil {
		return
	}
	c := &d.clean
	d.verdict = f.index.Judge(dedupe.Doc{
		ID: c.ID, Seq: c.Seq, Publisher: record.Publisher(c.Site, c.Source), URL: c.URL, Time: eventTime(c),
	}, d.sk)
	c.Cluster = d.verdict.Cluster
	if f.params.Policy == Tag && d.verdict.Kind != dedupe.Unique {
		c.Overlaps = append(c.Overlaps, overlapOf(d.verdict.Of))
	}
	for _, m := range d.verdict.Overlaps {
		c.Overlaps = append(c.Overlaps, overlapOf(m))
	}
}

// overlapOf returns a match as records have it.
func overlapOf(m dedupe.Match) record.Overlap {
	return record.Overlap{ID: m.ID, Seq: m.Seq, Share: m.Share, ShareOfOther: m.ShareOfOther, Relation: m.Relation.String()}
}

// encode writes the verdict as a message of NEWS. It is pure.
func (f *Fold) encode(d *document) bus.Message {
	m := bus.Message{Seq: d.msg.Seq, Header: map[string]string{}}
	c := &d.clean
	switch {
	case d.dead != nil:
		m.Subject, m.Data = bus.DeadSubject(d.dead.Stage), d.dead.AppendJSON(nil)
	case d.verdict.Kind == dedupe.Unique || f.params.Policy == Tag:
		m.Subject = bus.CleanSubject(c.Lang, c.Site)
		m.Data = c.AppendJSON(make([]byte, 0, len(c.Text)+len(c.Text)/8+1024))
	default:
		dup := d.dup()
		m.Subject, m.Data = bus.DupSubject(c.Lang, c.Site), dup.AppendJSON(nil)
	}
	return m
}

// dup is the head of the clean record with the verdict in place of the text.
func (d *document) dup() record.Dup {
	c, of := &d.clean, d.verdict.Of
	return record.Dup{
		ID: c.ID, Seq: c.Seq, Source: c.Source, URL: c.URL, Site: c.Site, Title: c.Title, Lang: c.Lang,
		Byline: c.Byline, Published: c.Published, Added: c.Added, Cluster: c.Cluster,
		Verdict: d.verdict.Kind.String(), Of: of.ID, OfSeq: of.Seq, Share: of.Share, ShareOfOther: of.ShareOfOther, Relation: of.Relation.String(),
		Removed: c.Removed, Metadata: c.Metadata,
	}
}

// maxRecord is the largest clean record in bytes, with room for its head in one message.
const maxRecord = 7 << 20

// eventTime is when the story happened, in Unix seconds: the time of publication, or of intake.
func eventTime(c *record.Clean) int64 {
	for _, s := range [...]string{c.Published, c.Added} {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t.Unix()
		}
	}
	return 0
}
