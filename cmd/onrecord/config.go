package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	gotoml "github.com/pelletier/go-toml/v2"

	"onrecord/register"
)

// settings is config.toml. Flags go before the environment
// (ONRECORD_SECTION_KEY), the environment before the file, the file before
// these defaults.
type settings struct {
	Data struct {
		Dir string `koanf:"dir" toml:"dir"`
	} `koanf:"data" toml:"data"`
	Server struct {
		Listen  string `koanf:"listen" toml:"listen"`
		BaseURL string `koanf:"base_url" toml:"base_url"`
	} `koanf:"server" toml:"server"`
	Register struct {
		File   string   `koanf:"file" toml:"file"`
		Extend []string `koanf:"extend" toml:"extend"`
	} `koanf:"register" toml:"register"`
	Archive struct {
		MaxFileMiB int64 `koanf:"max_file_mib" toml:"max_file_mib"`
	} `koanf:"archive" toml:"archive"`
	Crawl   crawlSettings   `koanf:"crawl" toml:"crawl"`
	Sources []sourceSetting `koanf:"source" toml:"source"`
	Log     struct {
		Level  string `koanf:"level" toml:"level"`
		Format string `koanf:"format" toml:"format"`
	} `koanf:"log" toml:"log"`
}

// crawlSettings say how others are asked.
type crawlSettings struct {
	PublicURL   string   `koanf:"public_url" toml:"public_url"`
	Contact     string   `koanf:"contact" toml:"contact"`
	Workers     int      `koanf:"workers" toml:"workers"`
	GapS        float64  `koanf:"gap_s" toml:"gap_s"`
	OwnNetworks []string `koanf:"own_networks" toml:"own_networks"`
	OwnGapMS    int64    `koanf:"own_gap_ms" toml:"own_gap_ms"`
	ConnectTo   []string `koanf:"connect_to" toml:"connect_to"`
	CAFile      string   `koanf:"ca_file" toml:"ca_file"`
	Pins        []string `koanf:"pins" toml:"pins"`
	ContentAPI  []string `koanf:"content_api" toml:"content_api"`
	BlueskyAPI  string   `koanf:"bluesky_api" toml:"bluesky_api"`
	XAPI        string   `koanf:"x_api" toml:"x_api"`
	// The rhythm: see crawler.Rhythm.
	MostS             int64    `koanf:"most_s" toml:"most_s"`
	IncidentS         int64    `koanf:"incident_s" toml:"incident_s"`
	IncidentMostS     int64    `koanf:"incident_most_s" toml:"incident_most_s"`
	IncidentPageS     int64    `koanf:"incident_page_s" toml:"incident_page_s"`
	IncidentPageMostS int64    `koanf:"incident_page_most_s" toml:"incident_page_most_s"`
	RevisitH          []string `koanf:"revisit_h" toml:"revisit_h"`
}

// sourceSetting is one [[source]] of the settings.
type sourceSetting struct {
	Org     string `koanf:"org" toml:"org"`
	Kind    string `koanf:"kind" toml:"kind"`
	URL     string `koanf:"url" toml:"url"`
	Name    string `koanf:"name" toml:"name"`
	Enabled bool   `koanf:"enabled" toml:"enabled"`
	EveryS  int64  `koanf:"every_s" toml:"every_s"`
	MostS   int64  `koanf:"most_s" toml:"most_s"`
	Links   string `koanf:"links" toml:"links"`
	Pages   int64  `koanf:"pages" toml:"pages"`
	Since   string `koanf:"since" toml:"since"`
	Until   string `koanf:"until" toml:"until"`
	Note    string `koanf:"note" toml:"note"`
}

func defaults() settings {
	var s settings
	s.Data.Dir = "data"
	s.Server.Listen = "127.0.0.1:8080"
	s.Archive.MaxFileMiB = 1024
	s.Crawl.Workers = 8
	s.Crawl.GapS = 2
	s.Crawl.ContentAPI = []string{"www.gov.uk"}
	s.Crawl.BlueskyAPI = "https://public.api.bsky.app"
	s.Crawl.XAPI = "https://api.x.com"
	s.Crawl.MostS = 6 * 3600
	s.Crawl.IncidentS, s.Crawl.IncidentMostS = 300, 900
	s.Crawl.IncidentPageS, s.Crawl.IncidentPageMostS = 900, 6*3600
	s.Crawl.RevisitH = []string{"1", "6", "24", "72", "168", "720", "2160"}
	s.Log.Level = "info"
	s.Log.Format = "text"
	return s
}

// settings reads the configuration. It is the only place that does.
func (p *program) settings() (settings, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(defaults(), "koanf"), nil); err != nil {
		return settings{}, fmt.Errorf("default settings: %w", err)
	}
	if err := p.loadFile(k); err != nil {
		return settings{}, err
	}
	if err := k.Load(env.Provider(".", env.Opt{Prefix: "ONRECORD_", TransformFunc: envKey}), nil); err != nil {
		return settings{}, fmt.Errorf("settings of the environment: %w", err)
	}
	given := map[string]any{}
	for key, v := range p.flags {
		given[key] = v
	}
	if err := k.Load(confmap.Provider(given, "."), nil); err != nil {
		return settings{}, fmt.Errorf("settings of the flags: %w", err)
	}
	var s settings
	if err := k.Unmarshal("", &s); err != nil {
		return settings{}, usage("settings: %v", err)
	}
	return s, s.check()
}

func (p *program) loadFile(k *koanf.Koanf) error {
	name := p.configFile
	if name == "" {
		name = "config.toml"
	}
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && p.configFile == "" {
		return nil
	}
	if err != nil {
		return usage("settings: %v", err)
	}
	if err := checkKeys(name, raw); err != nil {
		return err
	}
	given, err := toml.Parser().Unmarshal(raw)
	if err != nil {
		return usage("%s: %v", name, err)
	}
	if err := k.Load(confmap.Provider(given, "."), nil); err != nil {
		return usage("%s: %v", name, err)
	}
	return nil
}

// checkKeys refuses a key that nothing reads, with its line and the nearest
// key that something does.
func checkKeys(name string, raw []byte) error {
	var s settings
	err := gotoml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&s)
	var unknown *gotoml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		key := strings.Join(first.Key(), ".")
		return usage("%s, line %d: unknown key %q%s", name, line, key, didYouMean(key, settingKeys()))
	}
	var bad *gotoml.DecodeError
	if errors.As(err, &bad) {
		line, column := bad.Position()
		return usage("%s, line %d, column %d: %v", name, line, column, bad)
	}
	if err != nil {
		return usage("%s: %v", name, err)
	}
	return nil
}

// settingKeys lists every key, such as data.dir.
func settingKeys() []string {
	var keys []string
	t := reflect.TypeFor[settings]()
	for section := range t.Fields() {
		keys = append(keys, section.Tag.Get("toml"))
		if section.Type.Kind() != reflect.Struct {
			continue // sources stand in the file alone
		}
		for key := range section.Type.Fields() {
			keys = append(keys, section.Tag.Get("toml")+"."+key.Tag.Get("toml"))
		}
	}
	return keys
}

// envKey turns ONRECORD_SERVER_BASE_URL into server.base_url. A variable that
// names no setting is left alone: ONRECORD_CHROMIUM belongs to the tests.
func envKey(key, value string) (string, any) {
	key = strings.Replace(strings.ToLower(strings.TrimPrefix(key, "ONRECORD_")), "_", ".", 1)
	for _, known := range settingKeys() {
		if known == key && key == "register.extend" {
			return key, filepath.SplitList(value)
		}
		if known == key && (key == "crawl.own_networks" || key == "crawl.content_api" || key == "crawl.connect_to" || key == "crawl.revisit_h") {
			return key, strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
		}
		if known == key {
			return key, value
		}
	}
	return "", nil
}

func (s settings) check() error {
	if s.Data.Dir == "" {
		return usage("settings: data.dir is empty; give a folder, such as data")
	}
	if _, _, err := net.SplitHostPort(s.Server.Listen); err != nil {
		return usage("settings: server.listen %q: want host:port, such as 127.0.0.1:8080", s.Server.Listen)
	}
	if u, err := url.Parse(s.Server.BaseURL); err != nil || s.Server.BaseURL != "" && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usage("settings: server.base_url %q: want an address such as https://onrecord.example.org", s.Server.BaseURL)
	}
	if s.Archive.MaxFileMiB < 1 {
		return usage("settings: archive.max_file_mib %d: want 1 or more", s.Archive.MaxFileMiB)
	}
	if err := s.Crawl.check(); err != nil {
		return err
	}
	var l slog.Level
	if err := l.UnmarshalText([]byte(s.Log.Level)); err != nil {
		return usage("settings: log.level %q: want debug, info, warn or error", s.Log.Level)
	}
	if s.Log.Format != "text" && s.Log.Format != "json" {
		return usage("settings: log.format %q: want text or json", s.Log.Format)
	}
	return nil
}

// register is the register that the settings name.
func (s settings) register() (*register.Register, error) {
	reg := register.Default()
	if s.Register.File != "" {
		var err error
		if reg, err = readRegister(s.Register.File); err != nil {
			return nil, err
		}
	}
	for _, name := range s.Register.Extend {
		more, err := readRegister(name)
		if err != nil {
			return nil, err
		}
		if reg, err = reg.Extend(more); err != nil {
			return nil, fmt.Errorf("register %s: %w", name, err)
		}
	}
	return reg, nil
}

func readRegister(name string) (*register.Register, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer f.Close()
	return register.Read(f, name)
}
