package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is the path of the real program, built once for all tests that need a
// process of its own.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onrecord-test-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "onrecord")
	build := exec.Command("go", "build", "-tags", "nomsgpack", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New("go build: " + err.Error() + "\n" + string(out))
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := built(); builtAsked && err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

var builtAsked bool

func binary(t *testing.T) string {
	t.Helper()
	builtAsked = true
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// answer is what one run of the program gave.
type answer struct {
	stdout, stderr string
	code           int
}

// onrecord runs the program over a data folder.
func onrecord(t *testing.T, data string, args ...string) answer {
	t.Helper()
	cmd := command(t, data, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func command(t *testing.T, data string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary(t), append([]string{"--data", data}, args...)...)
	cmd.Dir = t.TempDir() // no config.toml there
	return cmd
}

// done runs the program and wants exit code 0.
func done(t *testing.T, data string, args ...string) string {
	t.Helper()
	a := onrecord(t, data, args...)
	if a.code != exitDone {
		t.Fatalf("onrecord %s: exit %d\n%s%s", strings.Join(args, " "), a.code, a.stdout, a.stderr)
	}
	return a.stdout
}

// everything is the sorted export of all statements.
func everything(t *testing.T, data string) string {
	t.Helper()
	lines := strings.SplitAfter(done(t, data, "export", "--all", "--format", "jsonl"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// killedWhen starts the program and kills it (SIGKILL) once the folder's
// archive has grown to size bytes. It reports whether the kill came in time.
func killedWhen(t *testing.T, data string, size int64, args ...string) bool {
	t.Helper()
	cmd := command(t, data, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
			if archiveSize(data) >= size {
				_ = cmd.Process.Kill()
				return <-ended != nil
			}
		}
	}
}

func archiveSize(data string) (sum int64) {
	files, _ := filepath.Glob(filepath.Join(archiveDir(data), "*.warc.gz"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// killAndGoOn imports list undisturbed and then, in other folders, with kills
// at the given shares of its bytes, and wants the same export from all.
func killAndGoOn(t *testing.T, flags []string, lists ...string) {
	t.Helper()
	args := append(append([]string{}, flags...), "import")
	args = append(args, lists...)
	calm := filepath.Join(t.TempDir(), "calm")
	done(t, calm, args...)
	want, size := everything(t, calm), archiveSize(calm)
	if strings.Count(want, "\n") < 10 {
		t.Fatalf("only %d statements: the test says nothing", strings.Count(want, "\n"))
	}
	killed := filepath.Join(t.TempDir(), "killed")
	for _, share := range []int64{15, 45, 80} {
		if !killedWhen(t, killed, size*share/100, args...) {
			t.Errorf("the import ended before it could be killed at %d %%", share)
		}
	}
	done(t, killed, args...)
	if got := everything(t, killed); got != want {
		t.Errorf("after three kills the export differs from an undisturbed one:\n%s", firstDifference(got, want))
	}
	if before := everything(t, killed); !strings.Contains(done(t, killed, args...), "added 0 captures") || everything(t, killed) != before {
		t.Error("the same import again changed something")
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer than the other"
}
