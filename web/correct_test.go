package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"onrecord/editor"
	"onrecord/index"
	"onrecord/record"
)

func TestAStatementShowsWhatEditorsDecided(t *testing.T) {
	h := open(t, "x")
	id := h.ids[0]
	h.say(h.ar, h.db, 12, "Theatres open again on Monday and everybody who waits has been given a new date in writing.", "y")
	all, err := h.db.StatementIDs(t.Context(), "", 10)
	must(t, err)
	other := all[0]
	if other == id {
		other = all[1]
	}
	_, err = h.edit.Merge(t.Context(), other, id, "Mara", "one answer")
	must(t, err)
	stays, made, err := h.edit.Split(t.Context(), id, []editor.Part{{Page: string(h.page)}}, "Mara", "two answers <i>")
	must(t, err)
	_, err = h.edit.Attribute(t.Context(), id, editor.NewSpeaker{Name: "Orla Hennessy", Title: "Dr", Role: "chair", Org: "board"}, nil, "Mara", "she signed it")
	must(t, err)
	_, err = index.CatchUp(t.Context(), h.ix, h.db, nil)
	must(t, err)

	doc, err := goquery.NewDocumentFromReader(h.ask("GET", "/s/"+string(id), "").Body)
	must(t, err)
	text := strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	for _, want := range []string{
		"by Orla Hennessy", "Attributed by an editorMara, 20 March 2025, 12:00 GMT: “she signed it”", "Before thatJane x, Chair x, Board x", "names Jane x",
		"Corrected by editors: 3 times", "was split off this statement", "two answers <i>", string(other) + " was merged into this statement", "attributed to Dr Orla Hennessy, chair, Board of Health",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "likely; worth a look") || doc.Find("main i").Length() > 0 {
		t.Errorf("the page rates what an editor set, or runs an editor's markup:\n%s", text)
	}
	if w := h.ask("GET", "/s/"+string(other), ""); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/s/"+string(id) {
		t.Errorf("the merged id: %d %v", w.Code, w.Header())
	}
	if part := h.ask("GET", "/s/"+string(made.ID), "").Body.String(); !strings.Contains(part, `this statement was split off <a href="/s/`+string(stays.ID)) {
		t.Errorf("the part does not lead to what it was split off: %s", part)
	}
	if found := h.ask("GET", "/search?q=person:%22Orla+Hennessy%22", "").Body.String(); !strings.Contains(found, "/s/"+string(id)) || strings.Contains(found, "/s/"+string(made.ID)) {
		t.Error("search by the new speaker does not find it alone")
	}
	if person := h.ask("GET", "/p/"+string(record.PersonID("Orla Hennessy", "board")), "").Body.String(); !strings.Contains(person, "/s/"+string(id)) {
		t.Error("the person's page does not list it")
	}
}
