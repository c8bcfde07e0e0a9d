package warcfile

import (
	"bytes"
	"container/list"
	"strings"
)

// bodies remembers the bodies of a stream's answers for the revisit records
// that may follow, the last used ones, up to rememberBytes. The zero value is
// empty.
type bodies struct {
	byDigest map[string]*list.Element
	order    list.List // of *body, last used in front
	size     int
}

const rememberBytes = 32 << 20

type body struct {
	digest string
	entity []byte
}

// put remembers entity, the payload of an answer without transfer coding, if
// the record's digest is right: over those bytes or over the payload as it
// stands. Writers do it either way.
func (b *bodies) put(rec *warcRecord, entity []byte) {
	field := rec.fields.Get("Warc-Payload-Digest")
	if len(entity) == 0 || len(entity) > rememberBytes || b.byDigest[field] != nil {
		return
	}
	if !hasDigest(rec.body, field) && !hasDigest(entity, field) {
		return
	}
	if b.byDigest == nil {
		b.byDigest = map[string]*list.Element{}
	}
	b.byDigest[field] = b.order.PushFront(&body{digest: field, entity: entity})
	for b.size += len(entity); b.size > rememberBytes; {
		last := b.order.Remove(b.order.Back()).(*body)
		delete(b.byDigest, last.digest)
		b.size -= len(last.entity)
	}
}

func hasDigest(b []byte, field string) bool {
	h, want := digester(field)
	if want == nil {
		return false
	}
	h.Write(b)
	return bytes.Equal(h.Sum(nil), want)
}

// get is the entity that a revisit record stands for; nil where it is not
// remembered or the record is not of the profile that names it by digest.
func (b *bodies) get(rec *warcRecord) []byte {
	e := b.byDigest[rec.fields.Get("Warc-Payload-Digest")]
	if e == nil || !strings.HasSuffix(rec.fields.Get("Warc-Profile"), "/identical-payload-digest") {
		return nil
	}
	b.order.MoveToFront(e)
	return e.Value.(*body).entity
}
