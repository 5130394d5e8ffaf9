package cleaner

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"winnow/internal/fsync"
	"winnow/pkg/boilerplate"
	"winnow/pkg/dedupe"
)

var (
	// ErrSnapshot is wrapped by what reading a damaged snapshot returns.
	ErrSnapshot = errors.New("damaged snapshot")
	// ErrParams is wrapped when a snapshot was made with other parameters.
	ErrParams = errors.New("parameters differ from the stored state's")
)

// A snapshot is one file: magic, the sections model and index, a JSON footer that says where they
// lie and what they hash to, the footer's length and hash. It is written to a temporary name,
// synced and renamed, and named by the sequence it covers. The two newest are kept, so that a
// damaged one costs time and not the state: RAW is only trimmed up to the older.
const (
	snapshotMagic = "WINNOW-STATE-1\n"
	snapshotKeep  = 2
	snapshotTemp  = ".snapshot-*" // names of half a snapshot
	footerMax     = 1 << 20       // bytes
)

type footer struct {
	Position Position  `json:"position"`
	Params   Params    `json:"params"`
	Sections []section `json:"sections"`
}

type section struct {
	Name   string `json:"name"`
	Length int64  `json:"length"` // bytes
	Hash   uint64 `json:"hash"`   // xxhash64
}

// snapshotName is the file name of the snapshot that covers RAW up to seq.
func snapshotName(seq uint64) string { return fmt.Sprintf("state-%020d.snapshot", seq) }

// snapshots lists the sequences of the snapshots in dir, newest first.
func snapshots(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var seqs []uint64
	for _, e := range entries {
		digits, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".snapshot"), "state-")
		if seq, err := strconv.ParseUint(digits, 10, 64); ok && err == nil && e.Name() == snapshotName(seq) {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	slices.Reverse(seqs)
	return seqs, nil
}

// snapshot is a fold's state as it was. It may be written while the fold goes on.
type snapshot struct {
	position Position
	params   Params
	model    *boilerplate.ModelSnapshot
	index    *dedupe.Snapshot
}

// freeze returns the fold's state as it is. Until the snapshot is written and gone, what the fold
// changes takes its memory twice.
func (f *Fold) freeze() *snapshot {
	return &snapshot{f.Position, f.params, f.model.Freeze(), f.index.Freeze()}
}

// save writes the state to dir and removes the snapshots that are no longer needed. It returns the
// sequence up to which every kept snapshot covers RAW.
func (s *snapshot) save(dir string) (covered uint64, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	tmp, err := os.CreateTemp(dir, snapshotTemp)
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name())
	err = s.write(tmp)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return 0, fmt.Errorf("snapshot at %d: %w", s.position.Seq, err)
	}
	if err := os.Rename(tmp.Name(), filepath.Join(dir, snapshotName(s.position.Seq))); err != nil {
		return 0, err
	}
	if err := fsync.Dir(dir); err != nil {
		return 0, err
	}
	return prune(dir)
}

// prune removes all but the newest snapshots and returns the oldest sequence kept.
func prune(dir string) (uint64, error) {
	seqs, err := snapshots(dir)
	if err != nil {
		return 0, err
	}
	for len(seqs) > snapshotKeep {
		last := len(seqs) - 1
		if err := os.Remove(filepath.Join(dir, snapshotName(seqs[last]))); err != nil {
			return 0, err
		}
		seqs = seqs[:last]
	}
	if len(seqs) < snapshotKeep {
		return 0, nil // a damaged one would leave none: keep RAW whole
	}
	return seqs[len(seqs)-1], nil
}

func (s *snapshot) write(file *os.File) error {
	if _, err := io.WriteString(file, snapshotMagic); err != nil {
		return err
	}
	foot := footer{Position: s.position, Params: s.params}
	for _, part := range []struct {
		name string
		from io.WriterTo
	}{{"model", s.model}, {"index", s.index}} {
		h := xxhash.New()
		n, err := part.from.WriteTo(io.MultiWriter(file, h))
		if err != nil {
			return err
		}
		foot.Sections = append(foot.Sections, section{part.name, n, h.Sum64()})
	}
	tail, err := json.Marshal(foot)
	if err != nil {
		return err
	}
	size := len(tail)
	tail = binary.BigEndian.AppendUint64(tail, xxhash.Sum64(tail))
	tail = binary.BigEndian.AppendUint64(tail, uint64(size))
	if _, err := file.Write(tail); err != nil {
		return err
	}
	return file.Sync()
}

// load reads the snapshot at seq into f, which must have the parameters it was made with. On an
// error f is as it was.
func (f *Fold) load(dir string, seq uint64) error {
	name := filepath.Join(dir, snapshotName(seq))
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	foot, err := readFooter(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if diff := differences(reflect.ValueOf(foot.Params), reflect.ValueOf(f.params), ""); len(diff) > 0 {
		return fmt.Errorf("%s: %w: %s (stored, now): use the settings it was made with, or start afresh with another state and output directory",
			name, ErrParams, strings.Join(diff, "; "))
	}
	parts, err := sections(file, foot)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	model, err := boilerplate.ReadModel(parts[0], f.params.Model)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	index, err := dedupe.ReadIndex(parts[1], f.params.Dedupe)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.Position, f.model, f.index = foot.Position, model, index
	return nil
}

// sections returns readers of a snapshot's sections. It reads them all once before, so that nothing is made of
// numbers that a damage invented: a reader of an index makes room for the documents that it is said to begin behind.
func sections(file io.ReaderAt, foot footer) ([]io.Reader, error) {
	var parts []io.Reader
	at := int64(len(snapshotMagic))
	for _, s := range foot.Sections {
		sum := xxhash.New()
		if _, err := io.Copy(sum, io.NewSectionReader(file, at, s.Length)); err != nil {
			return nil, err
		}
		if sum.Sum64() != s.Hash {
			return nil, fmt.Errorf("%w: checksum of section %s", ErrSnapshot, s.Name)
		}
		parts = append(parts, io.NewSectionReader(file, at, s.Length))
		at += s.Length
	}
	return parts, nil
}

// readFooter checks a snapshot's frame.
func readFooter(file *os.File) (foot footer, err error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return foot, err
	}
	head, tail := make([]byte, len(snapshotMagic)), make([]byte, 16)
	if size < int64(len(head)+len(tail)) {
		return foot, fmt.Errorf("%w: %d bytes", ErrSnapshot, size)
	}
	if _, err := file.ReadAt(head, 0); err != nil {
		return foot, err
	}
	if string(head) != snapshotMagic {
		return foot, fmt.Errorf("%w: it does not begin like one", ErrSnapshot)
	}
	if _, err := file.ReadAt(tail, size-16); err != nil {
		return foot, err
	}
	n := binary.BigEndian.Uint64(tail[8:])
	if n > footerMax || int64(n)+16+int64(len(head)) > size {
		return foot, fmt.Errorf("%w: cut short at %d bytes", ErrSnapshot, size)
	}
	buf := make([]byte, n)
	if _, err := file.ReadAt(buf, size-16-int64(n)); err != nil {
		return foot, err
	}
	if xxhash.Sum64(buf) != binary.BigEndian.Uint64(tail) {
		return foot, fmt.Errorf("%w: checksum of the footer", ErrSnapshot)
	}
	if err := json.Unmarshal(buf, &foot); err != nil {
		return foot, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if len(foot.Sections) != 2 {
		return foot, fmt.Errorf("%w: %d sections", ErrSnapshot, len(foot.Sections))
	}
	return foot, nil
}

// differences names the fields of two values of one struct type that differ, with both values.
func differences(a, b reflect.Value, path string) (diff []string) {
	if a.Kind() != reflect.Struct {
		if !a.Equal(b) {
			name := strings.ToLower(path)
			if name == "rules" {
				name = "phrase rules (-rules and what is built in), by their digests"
			}
			diff = append(diff, fmt.Sprintf("%s %v, %v", name, a, b))
		}
		return diff
	}
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if path != "" {
			name = path + "." + name
		}
		diff = append(diff, differences(a.Field(i), b.Field(i), name)...)
	}
	return diff
}
