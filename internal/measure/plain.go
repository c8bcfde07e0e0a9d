//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/mapping"
	bleveq "github.com/blevesearch/bleve/v2/search/query"

	"onrecord/index"
	"onrecord/record"
)

// What follows is Bleve as its guide shows it: a mapping that says which fields
// are words, keywords and times, its standard analyser, its query objects, its
// sorting by a field, its facets and its paging. Nothing is stored and there is
// no field of all fields, as anyone would have it who looks at the size once.

// plainDoc is a row as Bleve is given it.
type plainDoc struct {
	Text         string    `json:"text"`
	Organisation string    `json:"organisation"`
	Kind         string    `json:"kind"`
	Outlet       string    `json:"outlet"`
	Language     string    `json:"language"`
	Speaker      string    `json:"speaker"`
	Role         string    `json:"role"`
	Incidents    []string  `json:"incidents"`
	Published    time.Time `json:"published"`
	Day          string    `json:"day"`
}

func plainMapping() mapping.IndexMapping {
	doc := bleve.NewDocumentStaticMapping()
	add := func(name string, f *mapping.FieldMapping, values bool) {
		f.Store, f.IncludeInAll, f.DocValues = false, false, values
		doc.AddFieldMappingsAt(name, f)
	}
	add("text", bleve.NewTextFieldMapping(), false)
	for _, name := range []string{"organisation", "kind", "outlet", "language", "speaker", "role", "incidents", "day"} {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.IncludeTermVectors = keyword.Name, false
		add(name, f, true)
	}
	add("published", bleve.NewDateTimeFieldMapping(), true)
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	return m
}

// plainBleve builds the index and asks the queries.
func plainBleve(ctx context.Context, r runner) (err error) {
	dir := filepath.Join(r.dir, "bleve")
	if r.reindex {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := buildPlain(ctx, dir, r.corpus); err != nil {
			return err
		}
	}
	if r.queries == "" {
		return nil
	}
	ix, err := bleve.Open(dir)
	if err != nil {
		return err
	}
	defer ix.Close()
	all, err := queriesOf(r.queries)
	if err != nil {
		return err
	}
	for _, s := range plainSets() {
		if !wanted(r.sets, s.name) {
			continue
		}
		list := all[strings.TrimSuffix(s.name, "/page1")]
		err := measured("bleve", s.name, len(list), func(i int) (int, error) {
			found, err := ix.SearchInContext(ctx, s.request(list[i]))
			if err != nil {
				return 0, err
			}
			return int(found.Total), nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	memory("bleve serving")
	return nil
}

func buildPlain(ctx context.Context, dir, corpus string) error {
	s, err := openStream(corpus)
	if err != nil {
		return err
	}
	defer s.Close()
	start, cpu := time.Now(), cpuSeconds()
	stop := watch("bleve indexing")
	ix, err := bleve.New(dir, plainMapping())
	if err != nil {
		return err
	}
	for {
		changes, err := s.Changes(ctx, record.Position{Seq: s.at}, 1000)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			break
		}
		b := ix.NewBatch()
		for _, c := range changes {
			x := index.DocOf(s.held[c.Statement])
			st := s.held[c.Statement]
			err := b.Index(string(x.ID), plainDoc{
				Text: st.Text, Organisation: st.Speaker.Org, Kind: x.Kind, Outlet: x.Outlets[0], Language: x.Lang, Speaker: st.Speaker.Name, Role: st.Speaker.Role,
				Incidents: x.Tags, Published: x.When, Day: x.When.Format(time.DateOnly),
			})
			if err != nil {
				return err
			}
		}
		if err := ix.Batch(b); err != nil {
			return err
		}
	}
	if err := ix.Close(); err != nil {
		return err
	}
	spent := cpuSeconds() - cpu - s.spent
	fmt.Printf("B\tbleve\tindex\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\tsize_MB=%.1f\ttext_MB=%.1f\n", s.at, time.Since(start).Seconds(), spent, float64(s.at)/spent, float64(sizeOf(dir))/1e6, float64(s.text)/1e6)
	stop()
	memory("bleve indexing")
	return nil
}

type plainSet struct {
	name    string
	request func(asked) *bleve.SearchRequest
}

func on[T bleveq.FieldableQuery](field string, q T) T {
	q.SetField(field)
	return q
}

// plainFiltered is a conjunction with organisation and range.
func (q asked) plainFiltered(more ...bleveq.Query) bleveq.Query {
	return bleve.NewConjunctionQuery(append(more, on("organisation", bleve.NewTermQuery(q.Org)), q.plainRange())...)
}

func (q asked) plainRange() bleveq.Query {
	from := time.Time{}
	if q.From > 0 {
		from = time.Unix(q.From, 0).UTC()
	}
	return on("published", bleve.NewDateRangeQuery(from, time.Unix(q.To, 0).UTC()))
}

func plainSets() []plainSet {
	word := func(q asked, i int) bleveq.Query { return on("text", bleve.NewMatchQuery(q.Terms[i])) }
	phrase := func(q asked) bleveq.Query { return on("text", bleve.NewMatchPhraseQuery(strings.Join(q.Terms, " "))) }
	request := func(q func(asked) bleveq.Query, size, from int, dated bool) func(asked) *bleve.SearchRequest {
		return func(x asked) *bleve.SearchRequest {
			r := bleve.NewSearchRequestOptions(q(x), size, from, false)
			if dated {
				r.SortBy([]string{"-published", "_id"})
			}
			return r
		}
	}
	facets := func(q func(asked) bleveq.Query) func(asked) *bleve.SearchRequest {
		return func(x asked) *bleve.SearchRequest {
			r := bleve.NewSearchRequestOptions(q(x), 0, 0, false)
			r.AddFacet("organisations", bleve.NewFacetRequest("organisation", 20))
			r.AddFacet("days", bleve.NewFacetRequest("day", 4000))
			return r
		}
	}
	one := func(q asked) bleveq.Query { return word(q, 0) }
	return []plainSet{
		{"term", request(one, 20, 0, false)},
		{"and2", request(func(q asked) bleveq.Query { return bleve.NewConjunctionQuery(word(q, 0), word(q, 1)) }, 20, 0, false)},
		{"phrase", request(phrase, 20, 0, false)},
		{"phrase_filter", request(func(q asked) bleveq.Query { return q.plainFiltered(phrase(q)) }, 20, 0, true)},
		{"term_filter", request(func(q asked) bleveq.Query { return q.plainFiltered(one(q)) }, 20, 0, true)},
		{"term_sortdate", request(one, 50, 0, true)},
		{"prefix", request(func(q asked) bleveq.Query { return on("text", bleve.NewPrefixQuery(q.Terms[0])) }, 20, 0, false)},
		{"fuzzy", request(func(q asked) bleveq.Query { return on("text", bleve.NewFuzzyQuery(q.Terms[0])) }, 20, 0, false)},
		{"timeline", request(func(q asked) bleveq.Query { return q.plainFiltered() }, 50, 0, true)},
		{"facet", facets(func(q asked) bleveq.Query { return on("incidents", bleve.NewTermQuery(q.Incident)) })},
		{"facet_term", facets(one)},
		{"deep/page1", request(func(q asked) bleveq.Query { return q.plainRange() }, 50, 0, true)},
		{"deep", request(func(q asked) bleveq.Query { return q.plainRange() }, 50, 4950, true)},
	}
}
