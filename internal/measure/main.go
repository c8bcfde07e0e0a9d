//go:build unix

// Command measure runs the search side by side with other engines: it makes the
// rows of a corpus statements of a catalogue, builds the index from the
// catalogue as reindex does, and asks the queries of the corpus through
// index.Index. It prints the lines of the shared bench, so that one file holds
// our figures and those of the others.
//
//	B  engine  what  n=  wall=  cpu=  docs/cpu_s=  size_MB=
//	Q  engine  set   n=  hits=  cpu_p50=  cpu_p99=  cpu_mean=  wall_p50=  wall_p99=
//
// Times of queries are milliseconds, CPU those of the whole process, so that
// what the garbage collector does is counted; each query's is the least of
// three rounds behind a warm one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"

	"onrecord/catalogue/sqlite"
	"onrecord/index"
	"onrecord/index/bleveindex"
)

func main() {
	corpus := flag.String("corpus", "", "rows, one JSON object a line; needed once, to fill the folder")
	queries := flag.String("queries", "", "queries.json of the corpus; empty asks none")
	dir := flag.String("dir", "out/bench/onrecord", "folder for catalogue and index; a catalogue that is there is used again")
	sets := flag.String("sets", "", "comma-separated sets to ask; empty asks all")
	reindex := flag.Bool("reindex", true, "build the index again")
	profile := flag.String("profile", "", "write a CPU profile of the queries, or of the reindex where none are asked, to this file")
	flag.Parse()
	if err := run(*corpus, *queries, *dir, *sets, *reindex, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(corpus, queries, dir, sets string, reindex bool, profile string) (err error) {
	ctx := context.Background()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	cat, err := sqlite.Open(ctx, filepath.Join(dir, "catalogue.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cat.Close()) }()
	text, err := fill(ctx, cat, corpus)
	if err != nil {
		return err
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if !reindex || queries == "" {
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
			defer pprof.StopCPUProfile()
		}
	}
	ix, err := build(ctx, cat, filepath.Join(dir, "index"), reindex, text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	if queries == "" {
		return nil
	}
	if err := ask(ctx, ix, queries, sets); err != nil {
		return err
	}
	memory("serving")
	return nil
}

// build builds the index from the catalogue, or opens the one that is there.
func build(ctx context.Context, cat *sqlite.DB, dir string, anew bool, text int64) (*bleveindex.Index, error) {
	if !anew {
		return bleveindex.Open(dir)
	}
	ix, err := bleveindex.Create(dir)
	if err != nil {
		return nil, err
	}
	start, cpu := time.Now(), cpuSeconds()
	if _, err := index.CatchUp(ctx, ix, cat, nil); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	if err := ix.Settle(ctx); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	wall, spent := time.Since(start).Seconds(), cpuSeconds()-cpu
	if err := ix.Close(); err != nil {
		return nil, err
	}
	counts, err := cat.Counts(ctx)
	if err != nil {
		return nil, err
	}
	if ix, err = bleveindex.Open(dir); err != nil { // which removes what merges left behind
		return nil, err
	}
	size := settledSize(dir)
	fmt.Printf("B\tonrecord\treindex\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\tsize_MB=%.1f", counts.Statements, wall, spent, float64(counts.Statements)/spent, float64(size)/1e6)
	if text > 0 {
		fmt.Printf("\tsize/text=%.2f", float64(size)/float64(text))
	}
	fmt.Println()
	memory("indexing")
	runtime.GC()
	return ix, nil
}

// settledSize waits until files of merged segments are removed, which the store
// does behind its opening.
func settledSize(dir string) int64 {
	size := sizeOf(dir)
	for range 20 {
		time.Sleep(250 * time.Millisecond)
		next := sizeOf(dir)
		if next < size {
			return next
		}
		size = next
	}
	return size
}

func sizeOf(dir string) int64 {
	var n int64
	_ = filepath.Walk(dir, func(_ string, f os.FileInfo, err error) error { // a file that a merge took away meanwhile counts nothing
		if err == nil && !f.IsDir() {
			n += f.Size()
		}
		return nil
	})
	return n
}
