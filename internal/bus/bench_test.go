package bus_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"winnow/internal/bus"
)

// cpu returns the processor time of this process, client and embedded server together.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportPerMessage replaces the time of an operation by the time and processor time of a message.
func reportPerMessage(b *testing.B, messages int, start time.Time, used time.Duration) {
	n := float64(b.N * messages)
	b.ReportMetric(float64(time.Since(start).Microseconds())/n, "µs/msg")
	b.ReportMetric(float64((cpu()-used).Microseconds())/n, "cpu-µs/msg")
	b.ReportMetric(n/time.Since(start).Seconds(), "msg/s")
}

func payload(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i*7919>>3) | 1
	}
	return data
}

func BenchmarkPublish(b *testing.B) {
	for _, sync := range []string{"always", "interval"} {
		for _, n := range []int{1, 100, 1000} {
			b.Run(fmt.Sprintf("sync=%s/batch=%d", sync, n), func(b *testing.B) {
				s := raw(b, open(b, bus.Config{Sync: sync}), bus.StreamConfig{})
				msgs := make([]bus.Message, n)
				for i := range msgs {
					msgs[i] = bus.Message{Subject: bus.RawSubject("bench"), Data: payload(4 << 10)}
				}
				start, used := time.Now(), cpu()
				for b.Loop() {
					if _, err := s.Publish(b.Context(), msgs); err != nil {
						b.Fatal(err)
					}
				}
				reportPerMessage(b, n, start, used)
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	const total = 20_000
	for _, size := range []int{4 << 10, 60 << 10} {
		s := raw(b, open(b, bus.Config{Sync: "interval"}), bus.StreamConfig{})
		msgs := make([]bus.Message, 1000)
		for i := range msgs {
			msgs[i] = bus.Message{Subject: bus.RawSubject("bench"), Data: payload(size)}
		}
		n := total * (4 << 10) / size / 1000 * 1000
		for range n / 1000 {
			if _, err := s.Publish(b.Context(), msgs); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprintf("size=%dKiB", size>>10), func(b *testing.B) {
			start, used := time.Now(), cpu()
			for b.Loop() {
				readAll(b, s, 1, uint64(n))
			}
			reportPerMessage(b, n, start, used)
		})
	}
}
