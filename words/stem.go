package words

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// Stem is the English stem (Snowball's "Porter 2") of a token in normal form:
// "surgeries" and "surgery's" give surgeri. It is never empty for a token that
// is not. The index stems with it, so a word typed and a word stored agree.
func Stem(token string) string {
	if len(token) < 3 {
		return token
	}
	env := snowballstem.NewEnv(token)
	english.Stem(env)
	if s := env.Current(); s != "" {
		return s
	}
	return token
}

// Stop reports whether a token in normal form is one of the English words that
// say nothing about what a text is about: the, and, was, it's. Nothing is left
// out of an index for that; a query of nothing else earns a warning.
func Stop(token string) bool { return stops[token] }

var stops = setOf(
	"a", "an", "the",
	"and", "or", "but", "nor", "so", "if", "than", "then", "as", "because", "while", "until",
	"of", "at", "by", "for", "with", "about", "against", "between", "into", "through", "during", "before", "after",
	"to", "from", "in", "out", "on", "off", "over", "under", "up", "down",
	"i", "me", "my", "mine", "we", "us", "our", "ours", "you", "your", "yours", "he", "him", "his", "she", "her", "hers",
	"it", "its", "they", "them", "their", "theirs", "myself", "ourselves", "yourself", "himself", "herself", "itself", "themselves",
	"who", "whom", "whose", "which", "what", "that", "this", "these", "those", "there", "here", "when", "where", "why", "how",
	"is", "are", "was", "were", "be", "been", "being", "am", "have", "has", "had", "having", "do", "does", "did", "doing",
	"will", "would", "shall", "should", "can", "could", "may", "might", "must", "not", "no",
	"it's", "i'm", "we're", "they're", "you're", "he's", "she's", "that's", "don't", "doesn't", "didn't", "isn't", "aren't", "wasn't", "weren't",
	"all", "any", "both", "each", "more", "most", "some", "such", "only", "own", "same", "too", "very", "again", "further", "once", "also",
)

func setOf(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, w := range list {
		set[w] = true
	}
	return set
}
