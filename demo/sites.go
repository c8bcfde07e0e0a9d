package demo

import "time"

// site is one of the world's sites. Its folder holds the frame of its pages
// (page.html), the templates of its feeds and listings, and its words.
type site struct {
	dir     string // below world/
	host    string
	org     string // id in register.json
	name    string
	robots  string // "" for none: robots.txt answers 404
	indexes []index
	pages   []page
}

// index is a feed or a listing.
type index struct {
	path, file, mediaType string
	section               string // only pages of this section; "" for all
	tracking              string // put after each link
	updates               bool   // tells of changes to its pages, not only of new ones
	kind                  string // of the source that it is; "" for a page that nobody watches
	name                  string
	every                 time.Duration
	links                 string
}

func (x index) has(p page) bool {
	return !p.apart && !p.unlisted && (x.section == "" || x.section == p.section)
}

func (x index) template(s site) string {
	if x.file == "" {
		return "home.html"
	}
	return s.dir + "/" + x.file
}

// page is one address with all its states.
type page struct {
	path                            string
	title, summary, author, section string
	leads                           []string // what stands between title and text: standfirst, bullet points
	states                          []state
	every                           time.Duration // asked again and again; 0: fetched once, where it is linked
	watched                         string        // its name as a source
	moved                           string        // the old address, which listings still print
	live                            bool          // its words are livePosts
	unlisted                        bool          // in no feed or listing
	closed                          bool          // robots.txt keeps crawlers from it
	apart                           bool          // an "about" page: in no listing, never captured
}

// state is a page from a moment on.
type state struct {
	at     string // UTC
	words  string // file in the site's folder
	note   string // in the page's own history
	status int    // 0 means 200
}

func (s site) address(path string) string { return "https://" + s.host + path }

func about(path, title string) page {
	return page{path: path, title: title, summary: "Everything on this website is invented: its county, its organisations, its people and what they say.", apart: true, states: []state{{at: "2025-01-02 09:00"}}}
}

func once(at, words string) []state { return []state{{at: at, words: words}} }

const (
	open = "User-agent: *\nDisallow:\n"
	soon = 15 * time.Minute
	slow = 30 * time.Minute
)

var sites = []site{
	{
		dir: "hsb", host: "www.hsb.example", org: "hs-brackenshire", name: "Health Service Brackenshire",
		robots: "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/feed/", file: "feed.xml", mediaType: rss, kind: "feed", name: "Health Service Brackenshire: news", every: soon},
		},
		pages: []page{
			about("/about/", "About Health Service Brackenshire"),
			{path: "/2025/01/new-scanner-for-thistlewick/", title: "New scanner for Thistlewick community hospital", summary: "The scanner will open in April.", states: once("2025-01-21 10:00", "new-scanner.html")},
			{path: "/2025/02/spring-vaccination-dates/", title: "Spring vaccination dates announced", summary: "When to book your spring vaccination.", states: once("2025-02-18 09:30", "spring-vaccination.html")},
			{
				path: "/2025/03/labline-results-statement/", title: "LabLine fault – statement from Health Service Brackenshire – 11 March 2025",
				summary: "Statement on the fault in the LabLine results system.", every: soon, watched: "statement of 11 March",
				states: []state{
					{at: "2025-03-11 08:30", words: "labline-results-statement-1.html"},
					{at: "2025-03-11 14:02", words: "labline-results-statement-2.html"},
					{at: "2025-03-13 09:12", words: "labline-results-statement-3.html"},
				},
			},
			{
				path: "/brackenshire-coast/2025/03/12/update-on-laboratory-results/", title: "Update on laboratory results on the coast – Wednesday 12 March",
				summary: "The latest on delayed laboratory results on the Brackenshire coast.", section: "Brackenshire Coast", states: once("2025-03-12 15:05", "coast-update-12-march.html"),
			},
			{
				path: "/2025/03/labline-working-again/", title: "LabLine working again – statement from Health Service Brackenshire – 14 March 2025",
				summary: "LabLine is working normally and every result that was held back has now reached the surgery or hospital that asked for it.", states: once("2025-03-14 10:00", "labline-statement-14-march.html"),
			},
		},
	},
	{
		dir: "ucm", host: "www.ucm.example", org: "ucm", name: "Union of Community Medics", robots: open,
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/media-centre", file: "listing.html", mediaType: html, kind: "listing", name: "Union of Community Medics: media centre", every: slow, links: ".cards a.card__link"},
		},
		pages: []page{
			about("/about", "About the Union of Community Medics"),
			{path: "/media-centre/winter-rota", title: "Winter rotas must be published earlier, says UCM", summary: "Doctors were told of their Christmas shifts nine days before.", states: once("2025-01-30 11:00", "winter-rota.html")},
			{path: "/media-centre/parking-charges", title: "UCM survey: what doctors pay to park at work", summary: "Four in ten pay more than a pound an hour.", states: once("2025-02-25 10:30", "parking-charges.html")},
			{
				path: "/media-centre/labline-test-results", title: "Family doctors left without test results, says UCM",
				summary: "The union responds to the fault in LabLine.", states: once("2025-03-11 11:20", "labline-press-release.html"),
			},
			{
				path: "/media-centre/labline-backlog", title: "Surgeries need paid time to clear LabLine backlog, says UCM",
				summary: "The union responds to the estimate that 16,400 results were delayed.", states: once("2025-03-13 12:15", "backlog-press-release.html"),
			},
		},
	},
	{
		dir: "gov", host: "www.gov.example", org: "dhw", name: "Department for Health and Wellbeing", robots: open,
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/government/organisations/department-for-health-and-wellbeing.atom", file: "feed.atom", mediaType: atom, updates: true, kind: "feed", name: "Department for Health and Wellbeing: news", every: slow},
		},
		pages: []page{
			about("/help", "Help"),
			about("/government/organisations/department-for-health-and-wellbeing", "Department for Health and Wellbeing"),
			{
				path: "/government/news/health-and-wellbeing-secretary-statement-on-the-labline-fault", title: "Health and Wellbeing Secretary statement on the LabLine fault",
				summary: "A statement from Rowan Tarrowby following the fault in the LabLine results system.", author: "Rowan Tarrowby", every: slow, watched: "statement of the Secretary",
				states: []state{
					{at: "2025-03-12 09:30", words: "labline-statement-1.html", note: "First published."},
					{at: "2025-03-14 11:45", words: "labline-statement-2.html", note: "Added a statement on trials of updates."},
				},
			},
		},
	},
	{
		dir: "pellwright", host: "pellwright.example", org: "pellwright", name: "Pellwright Systems", robots: open,
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/newsroom/", file: "listing.html", mediaType: html, kind: "listing", name: "Pellwright Systems: newsroom", every: slow, links: "main li a"},
		},
		pages: []page{
			about("/about/", "About Pellwright Systems"),
			{path: "/newsroom/labline-service-notice/", title: "Service notice: LabLine", states: once("2025-03-11 10:15", "service-notice.html")},
			{
				path: "/newsroom/labline-chief-executive/", moved: "/news/2025/labline-chief-executive",
				title: "Statement from our chief executive on the LabLine update", states: once("2025-03-13 10:00", "chief-executive-statement.html"),
			},
		},
	},
	{
		dir: "npg", host: "npg.example", org: "npg", name: "National Pharmacies Guild", robots: open,
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/feed.xml", file: "feed.xml", mediaType: rss, kind: "feed", name: "National Pharmacies Guild: news", every: slow},
		},
		pages: []page{
			about("/about", "About the Guild"),
			{path: "/news/labline-delay", title: "Pharmacies and the LabLine delay", summary: "What to do if your pharmacist needs a result.", states: once("2025-03-12 12:35", "prescriptions-advice.html")},
		},
	},
	{
		dir: "echo", host: "www.brackenshire-echo.example", org: "brackenshire-echo", name: "Brackenshire Echo", robots: open,
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/news/rss", file: "feed.xml", mediaType: rss, kind: "feed", name: "Brackenshire Echo: all news", every: soon},
			{path: "/health/rss", file: "feed.xml", mediaType: rss, section: "Health", tracking: "?utm_source=rss&utm_medium=feed&utm_campaign=health", kind: "feed", name: "Brackenshire Echo: health", every: slow},
		},
		pages: []page{
			about("/about", "About the Echo"),
			{path: "/whats-on/lantern-fair", title: "Everything you need to know about the Lantern Fair", summary: "Road closures, parking and the order of the boats.", author: "Piers Oakhollow", states: once("2025-03-07 09:00", "lantern-fair.html")},
			{path: "/sport/sallow-rovers", title: "Sallow Rovers boss: ‘We gave it away’", summary: "Two late goals and a long way home.", author: "Piers Oakhollow", states: once("2025-03-09 18:20", "sallow-rovers.html")},
			{
				path: "/news/surgeries-without-blood-results", title: "Surgeries left without blood results as LabLine system fails",
				summary: "Family doctors across Brackenshire worked without blood results on Tuesday.", author: "Nell Garrow, health reporter", section: "Health",
				leads:  []string{"More than two hundred surgeries could not see test results on Tuesday after an overnight update went wrong"},
				states: once("2025-03-11 12:10", "surgeries-without-results.html"),
			},
			{
				path: "/news/a-day-without-test-results", title: "‘I had to guess’: a family doctor’s day without test results",
				summary: "What the LabLine failure looked like from one consulting room.", author: "Nell Garrow, health reporter", section: "Health",
				states: once("2025-03-12 06:45", "i-had-to-guess.html"),
			},
			{
				path: "/live/labline-failure", title: "LabLine failure LIVE: latest as surgeries wait for results", author: "Nell Garrow and Piers Oakhollow",
				live: true, unlisted: true, every: soon, watched: "live page",
				states: []state{{at: "2025-03-12 08:00"}, {at: "2025-03-12 09:50"}, {at: "2025-03-12 13:30"}, {at: "2025-03-13 09:20"}, {at: "2025-03-13 10:05"}, {at: "2025-03-13 12:40"}},
			},
			{
				path: "/news/ferry-timetable", title: "‘Nobody asked us’: islanders on the new ferry timetable",
				summary: "The last boat to Gannet Island will leave an hour earlier from May.", author: "Piers Oakhollow", states: once("2025-03-12 11:00", "ferry-timetable.html"),
			},
			{
				path: "/news/four-days-in-march", title: "Four days in March: how Brackenshire lost its test results, and found them",
				summary: "The LabLine failure from first to last.", author: "Piers Oakhollow", section: "Health", states: once("2025-03-14 17:30", "four-days-in-march.html"),
			},
		},
	},
	{
		dir: "clarion", host: "www.dailyclarion.example", org: "daily-clarion", name: "Daily Clarion", robots: "User-agent: *\nDisallow: /plus/\n",
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/news/", file: "listing.html", mediaType: html, kind: "listing", name: "Daily Clarion: news", every: slow, links: "#content .puff h2 a"},
		},
		pages: []page{
			about("/about.html", "About the Daily Clarion"),
			{
				path: "/showbiz/article-1201006.html", title: "‘I’d do it all again’: soap star on her island year", summary: "Fame, rain and forty sheep.", author: "Fergus Pintail",
				leads: []string{"She left the street for a croft"}, states: once("2025-03-08 07:15", "island-year.html"),
			},
			{
				path: "/plus/article-1203954.html", title: "THE LABLINE FILES: What the firm told its salesmen", summary: "For subscribers only.", author: "Fergus Pintail",
				leads: []string{"Slides promised ‘no more lost results’"}, states: once("2025-03-12 08:10", "labline-files.html"), closed: true,
			},
			{
				path: "/news/article-1203311.html", title: "Blood test CHAOS: Doctors ‘writing results on envelopes’ as health computers crash",
				summary: "Doctors were reduced to pen and paper today.", author: "Fergus Pintail",
				leads:  []string{"Results stopped reaching surgeries at 6.20am", "Union says there’s ‘no spare hour’ to catch up"},
				states: once("2025-03-11 13:05", "blood-test-chaos.html"),
			},
			{
				path: "/news/article-1204877.html", title: "‘Sorry won’t cut it’: Fury as computer firm boss apologises for blood test blunder",
				summary: "The boss of the firm behind the blood test blunder said sorry today.", author: "Fergus Pintail",
				leads:  []string{"16,400 results were late and 38 must be done again", "Firm’s boss admits the update wasn’t properly tried"},
				states: once("2025-03-13 14:48", "sorry-wont-cut-it.html"),
			},
		},
	},
	{
		dir: "northwire", host: "northwire.example", org: "northwire", name: "Northwire", robots: "User-agent: *\nCrawl-delay: 3\nDisallow:\n",
		indexes: []index{
			{path: "/", mediaType: html},
			{path: "/latest.xml", file: "feed.xml", mediaType: rss, kind: "feed", name: "Northwire: latest", every: soon},
		},
		pages: []page{
			about("/about", "Northwire for editors"),
			{path: "/2025/03/11/labline-fault", title: "Fault stops test results reaching 212 surgeries", summary: "A fault in a computer system has stopped laboratory results.", author: "Cosmo Undertree", states: once("2025-03-11 09:40", "labline-fault.html")},
			{path: "/2025/03/12/minister-full-account", title: "Minister asks for full account of LabLine fault", summary: "The Secretary wants to know how it happened.", author: "Cosmo Undertree", states: once("2025-03-12 10:20", "minister-full-account.html")},
			{path: "/2025/03/14/labline-working-again", title: "Brackenshire test results system working again", summary: "Results are arriving after four days.", author: "Cosmo Undertree", states: once("2025-03-14 10:40", "working-again.html")},
		},
	},
}
