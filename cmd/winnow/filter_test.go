package main

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
)

// A line over the limit is named with its size, as the pipeline does, and the next one is whole.
func TestLineOverTheLimit(t *testing.T) {
	line := func(size int) string { return `{"text":"` + strings.Repeat("x", size-len(`{"text":""}`)) + `"}` }
	for _, tt := range []struct {
		size int
		end  string
	}{{maxLine, "\r\n"}, {maxLine + 1, "\n"}, {maxLine + 3<<20, "\n"}} {
		in := bufio.NewReaderSize(strings.NewReader(line(tt.size)+tt.end+line(100)), filterBuffer)
		for _, size := range []int{tt.size, 100} {
			text, whole, _ := readLine(in) // the second line ends with the input
			_, err := (&inputLine{1, text, whole}).raw()
			want := fmt.Sprintf("malformed record: oversize: %d bytes, limit %d", size, maxLine)
			if whole != int64(size) || (size > maxLine) != (err != nil && err.Error() == want) {
				t.Errorf("%d bytes: %d, %v", size, whole, err)
			}
		}
	}
}
