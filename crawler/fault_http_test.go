package crawler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestFaultsOfHTTP(t *testing.T) {
	suffer(t, 8, slices.Concat(redirected(), validators(), brokenHTTP(), codings(), patience(), walls(), otherThanAFeed(), headers()))
	suffer(t, 1, large())
}

// redirect answers 302 to this place.
func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func redirected() []fault {
	var list []fault
	add := func(f fault) { list = append(list, f) }
	add(fault{id: "H1 a redirect loop", state: record.VisitFailed, says: "redirect loop: still redirected after 10 hops, last to /x", serve: redirect("/x"), check: func(h *house) {
		if n := h.asks(faulty); n != 11 {
			h.Errorf("asked %d times, want once and ten redirects", n)
		}
		if h.captured(faulty) == 0 {
			h.Error("the chain is not kept")
		}
	}})
	add(fault{id: "H1 a chain that has no end", state: record.VisitFailed, says: "redirect loop: still redirected after 10 hops, last to /11", serve: func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Path[1:])
		redirect("/"+strconv.Itoa(n+1))(w, r)
	}, check: func(h *house) {
		for n := range 10 {
			if h.captured(fmt.Sprintf("https://faults.example/%d", n+1)) != 1 {
				h.Errorf("hop %d is not kept", n+1)
			}
		}
	}})
	add(fault{id: "H2 from https to http", state: record.VisitFailed, says: "redirected from https to http://faults.example/y without TLS; not followed", serve: redirect("http://faults.example/y")})
	add(fault{id: "H3 to another host that forbids it", state: record.VisitRobots, says: "robots.txt of https://echo.example forbids it", serve: redirect("https://echo.example/y"),
		pages: []fakeweb.Page{page("https://echo.example/robots.txt", "User-agent: *\nDisallow: /y\n"), page("https://echo.example/y", article("Y", sorry))}, check: func(h *house) {
			if h.asks("https://echo.example/y") != 0 {
				h.Error("it was asked all the same")
			}
		}})
	add(fault{id: "H3 to another host that allows it", serve: redirect("https://echo.example/y"), pages: []fakeweb.Page{page("https://echo.example/y", article("Y", sorry))}, check: func(h *house) {
		if len(h.words()) != 1 {
			h.Errorf("words %q", h.words())
		}
	}})
	for id, tt := range map[string]struct{ from, to, says string }{
		"H4 to a link-local address":     {plain, "http://169.254.169.254/latest/meta-data/", "blocked address: 169.254.169.254:80"},
		"H4 to a private one over https": {faulty, "https://10.0.0.7/", "blocked address: 10.0.0.7:443"},
		"H5 to a file":                   {faulty, "file:///etc/passwd", "not http or https"},
		"H5 by ftp":                      {faulty, "ftp://faults.example/x", "not http or https"},
		"H5 to data":                     {faulty, "data:text/html,x", "not http or https"},
		"H5 to no address":               {faulty, "https://%zz/", "which is no address"},
		"H5 to nowhere":                  {faulty, "", "without saying where to"},
	} {
		var r recorder
		state := record.VisitFailed
		if strings.Contains(tt.says, "blocked") {
			state = record.VisitBarred
		}
		add(fault{id: id, url: tt.from, state: state, says: tt.says, serve: redirect(tt.to), guard: func(o *guard.Options) { o.Strangers, o.Witness = true, r.witness }, check: func(h *house) {
			if len(r.passed) > 0 {
				h.Errorf("passed %v", r.passed)
			}
		}})
	}
	add(fault{id: "H6 to an address with a password", serve: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			redirect("https://wilma:s3cretword@faults.example/y")(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusTeapot)
		}
		io.WriteString(w, article("Y", sorry))
	}, check: func(h *house) { h.nowhere("s3cretword") }})
	for id, to := range map[string]string{"H6 to a broken one with a password": "https://wilma:s3cretword@faults.example/a b\\c", "H6 to none, with a password": "https://wilma:s3cretword@%zz/", "H6 in a loop": "https://wilma:s3cretword@faults.example/x"} {
		add(fault{id: id, state: record.VisitFailed, says: "redirect", serve: redirect(to), check: func(h *house) { h.nowhere("s3cretword") }})
	}
	return list
}

// changing answers with a header and a body of the n-th visit.
func changing(answer func(w http.ResponseWriter, r *http.Request, n int)) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) { answer(w, r, int(n.Add(1))) }
}

// visits makes n passes an hour apart.
func visits(n int) func(*house) {
	return func(h *house) {
		for range n {
			h.once()
			h.clock().move(time.Hour)
		}
	}
}

func (h *house) versions(want int) {
	h.Helper()
	if got := h.Report().Versions; got != want {
		h.Errorf("%d new versions, want %d (words %q)", got, want, h.words())
	}
}

func validators() []fault {
	next := strings.Replace(sorry, "this week", "next week", 1)
	return []fault{
		{id: "H8 a feed that is gone for good", kind: record.SourceFeed, state: record.VisitGone, says: "answered with status 410; the source has ended and is not asked again", run: visits(3), serve: changing(func(w http.ResponseWriter, r *http.Request, n int) {
			switch {
			case r.URL.Path == "/story":
				io.WriteString(w, article("A", sorry))
			case n == 1:
				io.WriteString(w, feed(story))
			default:
				w.WriteHeader(http.StatusGone)
			}
		}), check: func(h *house) {
			if v := h.visited(faulty); !v.Due.IsZero() || len(h.words()) != 1 || h.asks(faulty) != 2 || !strings.Contains(h.log.String(), "visit failed") {
				h.Errorf("visit %+v, words %q, asked %d times; want the end, the words kept, and it logged", v, h.words(), h.asks(faulty))
			}
		}},
		{id: "H10 304 to who holds nothing, then the page", serve: changing(func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			io.WriteString(w, article("A", sorry))
		}), check: func(h *house) {
			if len(h.words()) != 1 || h.asks(faulty) != 2 {
				h.Errorf("words %q after %d requests", h.words(), h.asks(faulty))
			}
		}},
		{id: "H10 304 to who holds nothing, always", state: record.VisitFailed, says: "answered 304 though it was not asked to compare", serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, check: func(h *house) {
			if len(h.words()) != 0 || h.asks(faulty) != 2 {
				h.Errorf("words %q after %d requests", h.words(), h.asks(faulty))
			}
		}},
		{id: "H11 another body under the same ETag", run: visits(2), serve: changing(func(w http.ResponseWriter, _ *http.Request, n int) {
			w.Header().Set("Etag", `"same"`)
			io.WriteString(w, article("A", []string{sorry, next}[n-1]))
		}), check: func(h *house) { h.versions(1) }},
		{id: "H12 the same body under another ETag", run: visits(4), serve: changing(func(w http.ResponseWriter, _ *http.Request, n int) {
			w.Header().Set("Etag", fmt.Sprintf(`"%d"`, n))
			io.WriteString(w, article("A", sorry))
		}), check: func(h *house) { h.versions(0) }},
	}
}

func brokenHTTP() []fault {
	broken := func(id, words, says_ string) fault {
		return fault{id: id, state: record.VisitFailed, says: says_, raw: says(words), check: func(h *house) {
			if n := h.captured(plain); n != 0 {
				h.Errorf("%d captures", n)
			}
		}}
	}
	early := func(n int) string {
		a := article("A", sorry)
		return strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n", n) + fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(a), a)
	}
	list := []fault{
		broken("H13 a body shorter than it says", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<p>short", "the answer was cut short"),
		broken("H14 two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n<p>xxxx", "no proper HTTP"),
		broken("H15 a chunk that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>xx\r\nzz\r\n", "no proper HTTP"),
		broken("H15 a chunk that breaks off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<p>xx", "the answer was cut short"),
		broken("H16 no status line", "<html><p>We are sorry.</html>\r\n", "no proper HTTP"),
		broken("H17 a header of 80 KiB", "HTTP/1.1 200 OK\r\nX-Long: "+strings.Repeat("x", 80<<10)+"\r\nContent-Length: 3\r\n\r\n<p>", "too large: the header has more than 64 KiB"),
		broken("H17 ten thousand headers", "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-Many: 1\r\n", 10_000)+"Content-Length: 3\r\n\r\n<p>", "too large: the header has more than 64 KiB"),
		{id: "H22 fifty early hints", raw: says(early(50))},
		broken("H22 ten thousand early hints", early(10_000), "too large: the header has more than 64 KiB"),
	}
	for id, then := range map[string]func(*http2.Framer, uint32){
		"H33 GOAWAY in mid-stream": func(fr *http2.Framer, stream uint32) {
			headed(fr, stream)
			_ = fr.WriteGoAway(0, http2.ErrCodeInternal, nil)
		},
		"H33 a stream that is reset": func(fr *http2.Framer, stream uint32) {
			headed(fr, stream)
			_ = fr.WriteRSTStream(stream, http2.ErrCodeInternal)
		},
		"H33 settings out of bounds": func(fr *http2.Framer, _ uint32) {
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<32 - 1})
		},
		"H34 a flood of CONTINUATION": func(fr *http2.Framer, stream uint32) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: head("x-first", "1")})
			for range 20_000 {
				if fr.WriteContinuation(stream, false, head("x-flood", strings.Repeat("x", 4000))) != nil {
					return
				}
			}
		},
	} {
		var conns atomic.Int32
		want := int32(2)
		f := fault{id: id, state: record.VisitFailed, says: "no proper HTTP/2", alpn: []string{"h2"}, url: faulty, raw: func(c net.Conn) { conns.Add(1); speakHTTP2(c, then) }, check: func(h *house) {
			if n := conns.Load(); n != want {
				h.Errorf("%d connections, want %d: one more try on a fresh one", n, want)
			}
			if n := h.captured(faulty); n != 0 {
				h.Errorf("%d captures", n)
			}
		}}
		list = append(list, f)
	}
	return list
}

func head(pairs ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i < len(pairs); i += 2 {
		_ = e.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return b.Bytes()
}

func headed(fr *http2.Framer, stream uint32) {
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, EndHeaders: true, BlockFragment: head(":status", "200", "content-type", "text/html")})
	_ = fr.WriteData(stream, false, []byte("<p>We are"))
}

// speakHTTP2 answers robots.txt with 404 and everything else by then.
func speakHTTP2(c net.Conn, then func(*http2.Framer, uint32)) {
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	fr := http2.NewFramer(c, c)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = fr.WriteSettings()
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = fr.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if strings.HasSuffix(f.PseudoValue("path"), "/robots.txt") {
				_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: f.StreamID, EndHeaders: true, EndStream: true, BlockFragment: head(":status", "404")})
				continue
			}
			then(fr, f.StreamID)
		}
	}
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// coded answers with a body under a Content-Encoding, whatever was asked for.
func coded(encoding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(body)
	}
}

func codings() []fault {
	a := []byte(article("A", sorry))
	z, _ := zstd.NewWriter(nil)
	wordsOf := func(h *house) {
		if len(h.words()) != 1 {
			h.Errorf("words %q", h.words())
		}
	}
	return []fault{
		{id: "H19 gzip that is plain, then asked without", serve: func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "identity" {
				coded("gzip", a)(w, r)
				return
			}
			_, _ = w.Write(a)
		}, check: wordsOf},
		{id: "H19 gzip that is plain, always", state: record.VisitFailed, says: "the body is not gzip, though Content-Encoding says so", serve: coded("gzip", a), check: func(h *house) {
			if n := h.asks(faulty); n != 2 {
				h.Errorf("asked %d times, want once more without a coding", n)
			}
		}},
		{id: "H19 gzip that breaks off", state: record.VisitFailed, says: "the gzip body breaks after", serve: coded("gzip", zipped(a)[:100])},
		{id: "H20 br though not asked for", state: record.VisitFailed, says: "unsupported encoding br", serve: coded("br", a)},
		{id: "H20 zstd though not asked for", serve: coded("zstd", z.EncodeAll(a, nil)), check: wordsOf},
		{id: "H21 gzip in gzip", serve: coded("gzip, gzip", zipped(zipped(a))), check: wordsOf},
		{id: "H21 gzip in gzip in gzip", state: record.VisitFailed, says: "3 content codings, one over the other", serve: coded("gzip, gzip, gzip", zipped(zipped(zipped(a))))},
	}
}

func patience() []fault {
	var list []fault
	for id, tt := range map[string]struct {
		status int
		value  string
		wait   time.Duration
	}{
		"H23 429 with seconds":           {429, "7200", 2 * time.Hour},
		"H23 503 with seconds":           {503, "7200", 2 * time.Hour},
		"H23 429 with a date":            {429, "Mon, 10 Mar 2025 12:00:00 GMT", 3 * time.Hour},
		"H23 503 with a date":            {503, "Monday, 10-Mar-25 12:00:00 GMT", 3 * time.Hour},
		"H23 429 without":                {429, "", 5 * time.Minute},
		"H24 a date that has passed":     {429, "Mon, 10 Mar 2025 08:00:00 GMT", 5 * time.Minute},
		"H24 less than nothing":          {429, "-5", 5 * time.Minute},
		"H24 three thousand years":       {429, "99999999999", 24 * time.Hour},
		"H24 a date of the next century": {503, "Fri, 31 Dec 2125 23:59:59 GMT", 24 * time.Hour},
		"H24 a number beyond all":        {429, "1e400", 5 * time.Minute},
		"H24 no number":                  {429, "NaN", 5 * time.Minute},
		"H24 words":                      {429, "soon", 5 * time.Minute},
	} {
		list = append(list, fault{
			id: id, state: record.VisitFailed, says: fmt.Sprintf("answered with status %d; https://faults.example asked to be left alone until", tt.status), more: []record.Source{{URL: "https://faults.example/beside", Kind: record.SourcePage}},
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tt.value)
				w.WriteHeader(tt.status)
			},
			run: func(h *house) {
				h.once(record.SourceID(faulty))
				h.once()
			},
			check: func(h *house) {
				if n := h.asks(faulty) + h.asks("https://faults.example/beside"); n != 1 {
					h.Errorf("the host was asked %d times, want once: patience holds for all of it", n)
				}
				for _, url := range []string{faulty, "https://faults.example/beside"} {
					if v := h.visited(url); !v.Due.Equal(monday.Add(tt.wait)) {
						h.Errorf("%s is due %v, want %v after", url, v.Due, tt.wait)
					}
				}
			},
		})
	}
	return append(list, fault{id: "H23 503 of one address alone", state: record.VisitFailed, says: "answered with status 503", more: []record.Source{{URL: "https://faults.example/beside", Kind: record.SourcePage}}, serve: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, article("A", sorry))
	}, check: func(h *house) {
		if v := h.visited("https://faults.example/beside"); v.State != record.VisitOK {
			h.Errorf("the address beside it is %s", v.State)
		}
	}})
}

func walls() []fault {
	var list []fault
	for id, body := range map[string]string{ // the last is told by what it lacks
		"H25 a consent wall": `<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>Please accept cookies to continue. Enable JavaScript and cookies to continue.</p></body></html>`,
		"H25 a captcha":      `<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing faults.example</h1><p>Verify you are human by completing the action below.</p></body></html>`,
		"H25 only a script":  `<html><head><title>News</title></head><body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div></body></html>`,
	} {
		says := "a consent, captcha or script wall"
		if strings.Contains(body, `id="root"`) {
			says = "nothing extracted"
		}
		list = append(list, fault{id: id, state: record.VisitFailed, says: says, run: visits(3), serve: changing(func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 1 {
				body := article("S", sorry)
				io.WriteString(w, body)
				return
			}
			io.WriteString(w, body)
		}), check: func(h *house) {
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			if len(ids) != 1 {
				h.Fatalf("%d statements, want the one that was there", len(ids))
			}
			s, err := h.cat.Statement(h.Context(), ids[0])
			must(h.T, err)
			if s.Status != record.Current {
				h.Errorf("the statement is %s behind a wall, want current", s.Status)
			}
		}})
	}
	return list
}

const atom = `<link rel="alternate" type="application/atom+xml" href="%s">`

func otherThanAFeed() []fault {
	names := func(href string) string {
		return `<html><head><title>News</title>` + fmt.Sprintf(atom, href) + `</head><body><p>News</p></body></html>`
	}
	by := func(answers map[string]string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, answers[r.URL.Path])
		}
	}
	return []fault{
		{id: "H27 a page that names its feed", kind: record.SourceFeed, says: "https://faults.example/x is a page; it names the feed https://faults.example/feed.xml, which was read: change the source's address",
			serve: by(map[string]string{"/x": names("/feed.xml"), "/feed.xml": feed(story), "/story": article("A", sorry)}), check: func(h *house) {
				if len(h.words()) != 1 {
					h.Errorf("words %q", h.words())
				}
			}},
		{id: "H27 a page that names itself", kind: record.SourceFeed, state: record.VisitFailed, says: "not a feed: it answered with text/html; charset=utf-8", serve: by(map[string]string{"/x": names("/x#feed")}), check: func(h *house) {
			if n := h.asks(faulty); n != 1 {
				h.Errorf("asked %d times", n)
			}
		}},
		{id: "H27 pages that name each other", kind: record.SourceFeed, state: record.VisitFailed, says: "which was asked, and is none either", serve: by(map[string]string{"/x": names("/y"), "/y": names("/x")}), check: func(h *house) {
			if n := len(h.web.Requests()); h.asks(faulty) != 1 || h.asks("https://faults.example/y") != 1 {
				h.Errorf("%d requests, want one each", n)
			}
		}},
		{id: "H27 a page that names a forbidden feed", kind: record.SourceFeed, robots: "User-agent: *\nDisallow: /feed.xml\n", state: record.VisitFailed, says: "robots.txt of https://faults.example forbids it", serve: by(map[string]string{"/x": names("/feed.xml"), "/feed.xml": feed()}), check: func(h *house) {
			if h.asks("https://faults.example/feed.xml") != 0 {
				h.Error("it was asked all the same")
			}
		}},
		{id: "H28 a feed served as a web page", kind: record.SourceFeed, says: "served as text/html, read as a feed", serve: by(map[string]string{"/x": feed(story), "/story": article("A", sorry)}), check: func(h *house) {
			if len(h.words()) != 1 {
				h.Errorf("words %q", h.words())
			}
		}},
		{id: "H28 a feed served as bytes", kind: record.SourceFeed, serve: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			io.WriteString(w, map[string]string{"/x": feed(story), "/story": article("A", sorry)}[r.URL.Path])
		}, check: func(h *house) {
			if h.visited(story).State == "" {
				h.Error("its link was not followed")
			}
		}},
		{id: "H29 a PDF without text", state: record.VisitFailed, says: "PDF, not extracted", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/pdf")
			io.WriteString(w, "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")
		}, check: func(h *house) {
			if h.captured(faulty) != 1 {
				h.Error("it is not kept")
			}
		}},
	}
}

func headers() []fault {
	var agents, accepted atomic.Value
	return []fault{
		{id: "H31 a cookie within a chain", url: faulty, serve: func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("seen"); err == nil {
				io.WriteString(w, article("A", sorry))
				return
			}
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "c00kie", Path: "/"})
			redirect("/x")(w, r)
		}, check: func(h *house) {
			if len(h.words()) != 1 {
				h.Errorf("words %q", h.words())
			}
			h.nowhere("c00kie")
		}},
		{id: "H31 no cookie of another visit or host", run: visits(2), more: []record.Source{{URL: "https://echo.example/y", Kind: record.SourcePage, Every: 900}}, pages: []fakeweb.Page{page("https://echo.example/y", "<p>y")}, serve: func(w http.ResponseWriter, r *http.Request) {
			accepted.Store(r.Header.Get("Cookie"))
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/", Domain: "faults.example"})
			io.WriteString(w, article("A", sorry))
		}, check: func(h *house) {
			for _, r := range h.web.Requests() {
				if r.Header.Get("Cookie") != "" {
					h.Errorf("%s got a cookie", r.URL)
				}
			}
		}},
		{id: "H32 one User-Agent, with a contact", serve: func(w http.ResponseWriter, r *http.Request) {
			agents.Store(r.UserAgent())
			w.Header().Set("Vary", "User-Agent")
			io.WriteString(w, article("A", sorry))
		}, check: func(h *house) {
			for _, r := range h.web.Requests() {
				if r.Header.Get("User-Agent") != "onrecord/test (+https://watcher.example/about)" {
					h.Errorf("%s was asked as %q", r.URL, r.Header.Get("User-Agent"))
				}
			}
		}},
		{id: "H35 a host whose clock is ahead", says: "the clock of faults.example is wrong: its Last-Modified is 1 January 2031, 00:00 UTC", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Wed, 01 Jan 2031 00:00:00 GMT")
			w.Header().Set("Last-Modified", "Wed, 01 Jan 2031 00:00:00 GMT")
			io.WriteString(w, `<html><head><title>A</title></head><body><article><h1>A</h1><p>Dr Mara Ellison, of Health Service Brackenshire, said: “`+sorry+`”</p></article></body></html>`)
		}, check: func(h *house) {
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			list, err := h.cat.Statements(h.Context(), ids)
			must(h.T, err)
			for _, s := range list {
				if s.Said.Time.Year() > 2025 || s.Sightings[0].Published.Time.Year() > 2025 {
					h.Errorf("said %v, published %v: out of the future", s.Said, s.Sightings[0].Published)
				}
			}
		}},
		{id: "H36 a file name that climbs", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Disposition", `attachment; filename="../../../evilname.html"; filename*=UTF-8''..%2F..%0D%0Aevilname`)
			io.WriteString(w, article("A", sorry))
		}, check: func(h *house) {
			must(h.T, filepath.WalkDir(filepath.Dir(filepath.Dir(h.dir)), func(path string, _ os.DirEntry, err error) error {
				if strings.Contains(path, "evilname") {
					h.Errorf("a file %s", path)
				}
				return nil //nolint:nilerr // of other tests' folders, which come and go
			}))
		}},
	}
}

func large() []fault {
	fill := func(kind string, n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			chunk := bytes.Repeat([]byte("<p>sorry "), 4096)
			for sent := 0; sent < n; sent += len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}
	}
	return []fault{
		{id: "H18 a gzip bomb", state: record.VisitFailed, says: "too large", serve: coded("gzip", zipped(make([]byte, 64<<20)))},
		{id: "H18 a bomb within a bomb", state: record.VisitFailed, says: "too large", serve: coded("gzip, gzip", zipped(zipped(make([]byte, 64<<20))))},
		{id: "H30 a page of 30 MiB", state: record.VisitFailed, says: "too large: the body has more than 10 MiB", serve: fill("text/html", 30<<20), check: func(h *house) {
			if h.captured(faulty) != 0 {
				h.Error("a part of it is kept as the whole")
			}
		}},
		{id: "H30 a feed of 30 MiB", kind: record.SourceFeed, state: record.VisitFailed, says: "too large: the body has more than 16 MiB", serve: fill("application/rss+xml", 30<<20)},
		{id: "H30 a feed of 6 MiB is read", kind: record.SourceFeed, serve: func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Replace(feed(), "<link>", "<!--"+strings.Repeat("x", 6<<20)+"--><link>", 1))
		}},
	}
}
