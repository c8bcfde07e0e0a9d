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
	var r runner
	flag.StringVar(&r.corpus, "corpus", "", "rows, one JSON object a line; needed once, to fill the folder")
	flag.StringVar(&r.queries, "queries", "", "queries.json of the corpus; empty asks none")
	flag.StringVar(&r.dir, "dir", "out/bench/onrecord", "folder for catalogue and index; a catalogue that is there is used again")
	flag.StringVar(&r.sets, "sets", "", "comma-separated sets to ask; empty asks all")
	flag.BoolVar(&r.reindex, "reindex", true, "build the index again")
	flag.BoolVar(&r.direct, "direct", false, "build the index of the corpus itself, without a catalogue: for a million rows, whose import takes an hour")
	flag.BoolVar(&r.bulk, "bulk", false, "fill the catalogue by writing its tables: for a million rows, whose import takes an hour")
	flag.BoolVar(&r.plain, "plain", false, "measure Bleve as it comes instead of onrecord: its own mapping, queries, sorting and facets over the corpus")
	flag.BoolVar(&r.suggest, "suggest", false, "also let incidents be suggested from the latest statements")
	flag.StringVar(&r.profile, "profile", "", "write a CPU profile of the queries, or of the reindex where none are asked, to this file")
	flag.Parse()
	if err := r.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// runner is what was asked for.
type runner struct {
	corpus, queries, dir, sets, profile   string
	reindex, direct, bulk, plain, suggest bool
}

func (r runner) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	if r.plain {
		return plainBleve(ctx, r)
	}
	log, err := r.log(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if r.profile != "" {
		f, err := os.Create(r.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if !r.reindex || r.queries == "" {
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
			defer pprof.StopCPUProfile()
		}
	}
	ix, err := r.index(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	if cat, ok := log.(*sqlite.DB); ok && r.suggest {
		if err := suggest(ctx, cat, ix); err != nil {
			return fmt.Errorf("suggesting incidents: %w", err)
		}
	}
	if r.queries == "" {
		return nil
	}
	if err := ask(ctx, ix, r.queries, r.sets); err != nil {
		return err
	}
	memory("serving")
	return nil
}

// closingLog is where an index is built from.
type closingLog interface {
	index.Log
	Close() error
}

// log is the corpus itself, or the catalogue that it fills.
func (r runner) log(ctx context.Context) (closingLog, error) {
	if r.direct {
		return openStream(r.corpus)
	}
	if r.bulk {
		if err := bulk(ctx, r.dir, r.corpus); err != nil {
			return nil, fmt.Errorf("filling the catalogue: %w", err)
		}
	}
	cat, err := sqlite.Open(ctx, filepath.Join(r.dir, "catalogue.db"), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, cat, r.corpus); err != nil {
		return nil, errors.Join(err, cat.Close())
	}
	return cat, nil
}

// index builds the index, or opens the one that is there.
func (r runner) index(ctx context.Context, log index.Log) (*bleveindex.Index, error) {
	dir := filepath.Join(r.dir, "index")
	if r.reindex {
		ix, err := bleveindex.Create(dir)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(build(ctx, ix, log, dir), ix.Close()); err != nil {
			return nil, err
		}
	}
	start, cpu := time.Now(), cpuSeconds()
	ix, err := bleveindex.Open(dir) // which removes what merges left behind
	if err != nil {
		return nil, err
	}
	all, err := ix.Search(ctx, index.Request{Limit: 1})
	if err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	wall, spent := time.Since(start).Seconds(), cpuSeconds()-cpu
	fmt.Printf("B\tonrecord\topen and first question\tn=%d\twall=%.2f\tcpu=%.2f\tsize_MB=%.1f\n", all.Total, wall, spent, float64(settledSize(dir))/1e6)
	runtime.GC()
	return ix, nil
}

// build fills an index as reindex does.
func build(ctx context.Context, ix *bleveindex.Index, log index.Log, dir string) error {
	start, cpu := time.Now(), cpuSeconds()
	defer watch("indexing")()
	if _, err := index.CatchUp(ctx, ix, log, nil); err != nil {
		return err
	}
	fmt.Printf("B\tonrecord\tbatches\twall=%.1f\tcpu=%.1f\tRssAnon=%d kB\n", time.Since(start).Seconds(), cpuSeconds()-cpu, held("RssAnon"))
	if err := ix.Settle(ctx); err != nil {
		return err
	}
	wall, spent := time.Since(start).Seconds(), cpuSeconds()-cpu
	if s, ok := log.(*stream); ok {
		spent -= s.spent // as Lucene's program leaves reading the rows out
	}
	all, err := ix.Search(ctx, index.Request{Limit: 1})
	if err != nil {
		return err
	}
	fmt.Printf("B\tonrecord\treindex\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\n", all.Total, wall, spent, float64(all.Total)/spent)
	memory("indexing")
	return nil
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
