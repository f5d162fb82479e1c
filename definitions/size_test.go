package definitions

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// weighed is a file whose model is held many times over.
type weighed struct {
	name    string
	content []byte
}

// weigh loads the file into a cache again and again under other digests, and
// returns the heap that each model takes and what the cache takes it for.
func weigh(tb testing.TB, f weighed) (heap, estimate float64) {
	tb.Helper()
	const copies = 64
	s := &shelf{files: map[string][]byte{}}
	names := make([]string, copies)
	for i := range names {
		// A comment at the end, so that the copies have digests of their own.
		content := fmt.Appendf(append([]byte(nil), f.content...), "<!-- %d -->", i)
		names[i] = DigestOf(content)
		s.files[names[i]] = content
	}
	cache, err := NewCache(s, CacheConfig{MaxBytes: 1 << 40})
	if err != nil {
		tb.Fatal(err)
	}
	used := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) //nolint:gosec // far below
	}
	before := used()
	for _, name := range names {
		if filepath.Ext(f.name) == ".dmn" {
			_, err = cache.Decisions(tb.Context(), name, "d", func() []string { return nil })
		} else {
			_, err = cache.Definitions(tb.Context(), name, Choices{})
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	after := used()
	heap, estimate = float64(after-before)/copies, float64(cache.Stats().Bytes)/copies
	runtime.KeepAlive(cache)
	runtime.KeepAlive(s)
	return heap, estimate
}

// wide is a table of many rules, of numbers or of texts.
func wide(rules int, numbers bool) []byte {
	list := make([][]string, rules)
	for i := range list {
		list[i] = []string{fmt.Sprintf("[%d..%d]", i*10, i*10+9), fmt.Sprintf(`"%d"`, i)}
		if !numbers {
			list[i] = []string{fmt.Sprintf("choice > %d and string length(string(choice)) < %d", i, i%7), fmt.Sprintf(`if choice = %d then "a" else "b"`, i)}
		}
	}
	return bpmntest.Table("wide", "", "FIRST", []string{"out"}, list...)
}

// chain is a process of n jobs in a row.
func chain(n int) *bpmntest.Model {
	m := bpmntest.New()
	p := m.Process("chain")
	at := p.Start("start")
	for i := range n {
		at = at.To(p.Service(fmt.Sprintf("task_%d", i), "work"))
	}
	at.To(p.End("end"))
	return m
}

func weighedFiles(tb testing.TB) []weighed {
	tb.Helper()
	list := []weighed{
		{"1 job.bpmn", chain(1).XML()},
		{"100 jobs.bpmn", chain(100).XML()},
		{"2 rules.dmn", bpmntest.Decisions()[0]},
		{"200 numbers.dmn", wide(200, true)},
		{"2000 numbers.dmn", wide(2000, true)},
		{"200 expressions.dmn", wide(200, false)},
	}
	example, err := os.ReadFile(filepath.Join("..", "examples", "discount.dmn"))
	if err != nil {
		tb.Fatal(err)
	}
	return append(list, weighed{"discount.dmn", example})
}

// Goal: the bound of the cache in bytes can be believed. Method: hold many
// models and compare with the heap.
func TestModelBytes(t *testing.T) {
	for _, f := range weighedFiles(t) {
		heap, estimate := weigh(t, f)
		t.Logf("%s: file %d, heap %.0f, estimate %.0f (%.2f)", f.name, len(f.content), heap, estimate, estimate/heap)
		if estimate < heap/2 || estimate > heap*3 {
			t.Errorf("%s: the estimate %.0f is too far from %.0f bytes of heap", f.name, estimate, heap)
		}
	}
}

// BenchmarkModelBytes measures what a parsed model takes in the cache, for
// generated models and for those of others beside the checkout.
//
//	go test ./definitions -run '^$' -bench ModelBytes -benchtime 1x
func BenchmarkModelBytes(b *testing.B) {
	list := weighedFiles(b)
	for _, pattern := range []string{
		filepath.Join("..", "..", "shared", "miwg", "*.bpmn"), filepath.Join("..", "..", "shared", "tck", "*", "*", "00*.dmn"),
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range paths {
			content, err := os.ReadFile(p)
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, weighed{filepath.Base(p), content})
		}
	}
	for _, f := range list {
		b.Run(f.name, func(b *testing.B) {
			var heap, estimate float64
			for b.Loop() {
				heap, estimate = weigh(b, f)
			}
			b.ReportMetric(float64(len(f.content)), "file-B")
			b.ReportMetric(heap, "heap-B")
			b.ReportMetric(estimate, "estimate-B")
			b.ReportMetric(estimate/heap, "estimate/heap")
		})
	}
}
