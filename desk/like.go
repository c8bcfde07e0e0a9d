package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"onrecord/query"
	"onrecord/record"
	"onrecord/words"
)

const (
	likeWords = 24  // telling words of a statement at most
	likeShare = 0.3 // of them another statement must have, two at least
)

// likeness is what like:ID stands for: other statements that share enough of
// its telling words, those that it has often and few others have.
func (d *Desk) likeness(ctx context.Context, id string) (query.Node, error) {
	s, err := d.cat.Statement(ctx, record.ID(id))
	var moved *record.Moved
	if errors.As(err, &moved) {
		s, err = d.cat.Statement(ctx, moved.To)
	}
	if errors.Is(err, record.ErrNotFound) || err == nil && !shown(s) {
		return nil, fmt.Errorf("like:%s: no such statement: %w", id, record.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	telling, err := d.telling(ctx, s.Text)
	if err != nil {
		return nil, err
	}
	if len(telling) < 2 {
		return nil, &FieldError{"like", fmt.Errorf("statement %s has too few telling words to find others like it: %w", id, record.ErrInvalid)}
	}
	nodes := make([]query.Node, len(telling))
	for i, w := range telling {
		nodes[i] = query.Word{Text: w}
	}
	share := query.AtLeast{N: max(2, int(math.Ceil(likeShare*float64(len(nodes))))), Nodes: nodes}
	return query.And{Nodes: []query.Node{share, query.Not{Node: query.IDs{IDs: []record.ID{s.ID}}}}}, nil
}

// telling are the words of a text that tell it from others, the most telling
// first, each stem once.
func (d *Desk) telling(ctx context.Context, text string) ([]string, error) {
	often, list := map[string]float64{}, []string{}
	seen := map[string]string{} // stem to the word that stands for it
	for _, t := range words.Tokens(text) {
		if words.Stop(t.Text) || utf8.RuneCountInString(t.Text) < 3 {
			continue
		}
		stem := words.Stem(t.Text)
		if seen[stem] == "" {
			seen[stem] = t.Text
			list = append(list, t.Text)
		}
		often[seen[stem]]++
	}
	counts, total, err := d.ix.Frequencies(ctx, list)
	if err != nil {
		return nil, err
	}
	weight := map[string]float64{}
	for i, w := range list {
		if counts[i] > 1 { // a word that nobody else has finds nobody else
			weight[w] = often[w] * math.Log(float64(total+1)/float64(counts[i]))
		}
	}
	list = slices.DeleteFunc(list, func(w string) bool { return weight[w] == 0 })
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(weight[b], weight[a]) })
	return list[:min(likeWords, len(list))], nil
}

// foundOn is what source:ID stands for: the statements that were found on a
// source and the pages it led to.
func (d *Desk) foundOn(ctx context.Context, id string) (query.Node, error) {
	states, err := d.cat.SourceStates(ctx, record.ID(id))
	if err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return nil, fmt.Errorf("source:%.60s: no such source: %w", id, record.ErrNotFound)
	}
	ids, err := d.cat.StatementsOfSource(ctx, record.ID(id))
	return query.IDs{IDs: ids}, err
}
