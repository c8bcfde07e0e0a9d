package bleveindex

import (
	"context"

	"onrecord/words"
)

// Frequencies counts the statements that hold each of the words; see index.Index.
func (ix *Index) Frequencies(ctx context.Context, list []string) (counts []int, total int, err error) {
	counts = make([]int, len(list))
	stems := make([]string, len(list))
	for i, w := range list {
		if t := words.Tokens(w); len(t) == 1 {
			stems[i] = words.Stem(t[0].Text)
		}
	}
	err = ix.view(ctx, nil, func(_ *planner, _ matcher, parts []*part) error {
		for _, p := range parts {
			if err := ctx.Err(); err != nil {
				return err
			}
			total += int(p.live.GetCardinality())
			if err := p.frequencies(stems, counts); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, total, err
}

// frequencies adds to counts how many documents of the segment hold each stem.
func (p *part) frequencies(stems []string, counts []int) error {
	for i, stem := range stems {
		if stem == "" {
			continue
		}
		docs, err := p.docs(fieldStem, stem)
		if err != nil {
			return err
		}
		counts[i] += int(docs.AndCardinality(p.live))
	}
	return nil
}
