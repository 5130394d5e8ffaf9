package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	parquetformat "github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// pageCheck looks at the pages of a Parquet file before the library does, which takes the memory that they announce, and
// then what they unpack to, however much it is.
type pageCheck struct {
	in      bufio.Reader // of headers
	body    bufio.Reader
	gzip    *gzip.Reader
	zstd    *zstd.Decoder
	scratch []byte
}

// check looks at all pages of a row group. A header that cannot be read ends its column here and shows when the page
// is read.
func (c *pageCheck) check(file *parquet.File, group int) error {
	var protocol thrift.CompactProtocol
	groups := file.Metadata().RowGroups
	for i, column := range groups[group].Columns {
		at, end := column.MetaData.DataPageOffset, file.Size()
		if first := column.MetaData.DictionaryPageOffset; first != 0 {
			at = first
		}
		if size := column.MetaData.TotalCompressedSize; size < end-at {
			end = at + size
		}
		for at < end {
			section := io.NewSectionReader(file, at, end-at)
			c.in.Reset(section)
			var h parquetformat.PageHeader
			if thrift.NewDecoder(protocol.NewReader(&c.in)).Decode(&h) != nil || h.CompressedPageSize < 0 {
				break
			}
			read, _ := section.Seek(0, io.SeekCurrent)
			body := at + read - int64(c.in.Buffered())
			// the codec is that of the first row group: the library takes no other
			if err := c.page(file, body, groups[0].Columns[i].MetaData.Codec, &h); err != nil {
				return fmt.Errorf("parquet: a page at byte %d: %w", at, err)
			}
			at = body + int64(h.CompressedPageSize)
		}
	}
	return nil
}

func (c *pageCheck) page(file io.ReaderAt, at int64, codec parquetformat.CompressionCodec, h *parquetformat.PageHeader) error {
	const maxValues = maxMemory / 4 // of four bytes or more
	size := max(h.UncompressedPageSize, h.CompressedPageSize)
	values := max(h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues, h.DictionaryPageHeader.V.NumValues)
	if size > maxMemory || values > maxValues {
		return fmt.Errorf("%d bytes and %d values, the limits are %d and %d", size, values, maxMemory, maxValues)
	}
	packed := int64(h.CompressedPageSize)
	if h.Type == parquetformat.DataPageV2 {
		v2 := &h.DataPageHeaderV2.V
		if v2.IsCompressed.Valid && !v2.IsCompressed.V {
			return nil
		}
		levels := int64(v2.RepetitionLevelsByteLength) + int64(v2.DefinitionLevelsByteLength)
		if at, packed = at+levels, packed-levels; packed < 0 {
			return errors.New("its levels are longer than it is")
		}
	}
	n, err := c.unpack(codec, io.NewSectionReader(file, at, packed), int64(h.UncompressedPageSize))
	if err == nil && n > int64(h.UncompressedPageSize) {
		err = fmt.Errorf("it unpacks to more than the %d bytes that it announces", h.UncompressedPageSize)
	}
	return err
}

// unpack returns how many bytes a page unpacks to, or more than most.
func (c *pageCheck) unpack(codec parquetformat.CompressionCodec, body *io.SectionReader, most int64) (n int64, err error) {
	c.body.Reset(body)
	var plain io.Reader
	switch codec {
	case parquetformat.Snappy: // it says how much, and is held to it
		head, _ := c.body.Peek(10)
		size, err := snappy.DecodedLen(head)
		return int64(size), err
	case parquetformat.Lz4Raw:
		return c.unpackBlock(body, most)
	case parquetformat.Gzip:
		const most = 1032 // times as many bytes, at most. Source: zlib's technical details
		if body.Size() <= maxMemory/most {
			return 0, nil
		}
		if c.gzip == nil {
			c.gzip = new(gzip.Reader)
		}
		plain, err = c.gzip, c.gzip.Reset(&c.body)
	case parquetformat.Zstd:
		if size, ok := c.frameSize(body); ok {
			return size, nil
		}
		if c.zstd == nil {
			c.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxMemory))
		}
		if err == nil {
			plain, err = c.zstd, c.zstd.Reset(&c.body)
		}
	case parquetformat.Brotli:
		plain = brotli.NewReader(&c.body)
	default:
		return 0, nil
	}
	if err == nil {
		n, err = io.CopyN(io.Discard, plain, most+1)
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// frameSize returns the size that the one frame of a page says it has, to which its decoder holds it.
func (c *pageCheck) frameSize(body *io.SectionReader) (size int64, ok bool) {
	var h zstd.Header
	head, _ := c.body.Peek(zstd.HeaderMaxSize) // what is wrong shows when it is read
	if h.Decode(head) != nil || !h.HasFCS || h.Skippable || h.FrameContentSize > maxMemory {
		return 0, false
	}
	n, err := io.Copy(io.Discard, &frame{in: &c.body})
	if err == nil && n == body.Size() {
		return int64(h.FrameContentSize), true
	}
	c.body.Reset(io.NewSectionReader(body, 0, body.Size()))
	return 0, false
}

// unpackBlock is unpack for LZ4, which the library tries again with twice the memory whatever is wrong.
func (c *pageCheck) unpackBlock(body *io.SectionReader, most int64) (int64, error) {
	need := int(body.Size() + most)
	if len(c.scratch) < need {
		c.scratch = make([]byte, need)
	}
	packed, plain := c.scratch[:body.Size()], c.scratch[body.Size():need]
	if _, err := io.ReadFull(body, packed); err != nil {
		return 0, err
	}
	n, err := lz4.UncompressBlock(packed, plain)
	return int64(n), err
}
