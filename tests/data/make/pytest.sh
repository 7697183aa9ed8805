#!/bin/sh
# Runs the suite in pytest_suite/ in many ways; keeps each log and which tests failed.
# Needs python3 with venv; runs in /build/proj so that no other path is in the logs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../pytest"
rm -rf "$out" /build/proj && mkdir -p "$out" /build/proj
cp "$here"/pytest_suite/*.py /build/proj/
cd /build
[ -d v9 ] || { python3 -m venv v9; v9/bin/pip -q install pytest==9.2.0 pytest-xdist==3.8.0 \
    pytest-rerunfailures==16.7 pytest-timeout==2.4.0 pytest-json-report==1.5.0; }
[ -d v3 ] || { python3 -m venv v3; v3/bin/pip -q install pytest==3.10.1; }
cd proj

keep() { # name, then arguments of pytest
    name=$1; shift
    rm -f report.json
    (setsid ../v9/bin/python -m pytest -p no:cacheprovider --basetemp=/build/temp --json-report \
        --json-report-file=report.json --junitxml=report.xml "$@") \
        </dev/null >"$out/$name.log" 2>&1 || true
    python3 "$here/pytest_truth.py" report.json >"$out/$name.failed.json"
    sed -i -E 's#/[^" ]*/lib/python3#/usr/lib/python3#g; s/^metadata: .*/metadata: -/;
        s/Linux-[^'\'']*glibc/Linux-glibc/' "$out/$name.log"
    sed -E 's/ hostname="[^"]*"//; s#/[^" ]*/lib/python3#/usr/lib/python3#g' report.xml >"$out/$name.junit.xml" 2>/dev/null || true
}

keep default test_kinds.py test_twin.py
keep verbose -v test_kinds.py test_twin.py
keep very_verbose -vv test_kinds.py test_twin.py
keep quiet -q test_kinds.py test_twin.py
keep very_quiet -qq test_kinds.py test_twin.py
keep live -v -s test_kinds.py test_twin.py
keep live_plain -s test_kinds.py test_twin.py
keep all_reported -rA test_kinds.py test_twin.py
keep no_summary --no-summary -v test_kinds.py test_twin.py
keep report_nothing -rN test_kinds.py test_twin.py
for style in long short line native no; do
    keep "tb_$style" --tb=$style test_kinds.py test_twin.py
done
keep tb_short_unreported --tb=short -rN test_kinds.py test_twin.py
keep tb_native_verbose --tb=native -v -rN test_kinds.py test_twin.py
keep colour --color=yes -v test_kinds.py test_twin.py
keep workers -n 2 test_kinds.py test_twin.py
keep workers_verbose -n 2 -v test_kinds.py test_twin.py
keep worker_crash -n 2 -v test_crash.py
keep collection test_broken.py test_syntax.py test_twin.py
keep collection_going_on --continue-on-collection-errors -v test_broken.py test_twin.py
keep subtests -v test_subtests.py
keep subtests_plain test_subtests.py
keep reruns --reruns 2 -v test_flaky.py
keep reruns_reported --reruns 2 -rR -ra test_flaky.py
keep timeout_signal --timeout 1 -v test_hang.py
keep first_only -x test_kinds.py
CI=1 keep on_ci test_kinds.py test_twin.py
COLUMNS=300 keep wide -v test_kinds.py test_twin.py

# Runs that die leave no report.
plain() { # name, then a command
    name=$1; shift
    (PYTHONUNBUFFERED=1 "$@") </dev/null >"$out/$name.log" 2>&1 || true
    sed -i -E 's#/[^" ]*/lib/python3#/usr/lib/python3#g; s/^metadata: .*/metadata: -/;
        s#^[^ ]*pytest.sh: line [0-9]+: *[0-9]+ ##' "$out/$name.log"
}
pytest="../v9/bin/python -m pytest -p no:cacheprovider"
plain timeout_thread $pytest --timeout 1 --timeout-method thread -v test_hang.py
plain timeout_thread_plain $pytest --timeout 1 --timeout-method thread test_hang.py
plain segfault $pytest -v test_segv.py
plain segfault_plain $pytest test_segv.py
plain killed timeout -s KILL 4 $pytest -v -p no:timeout test_hang.py
plain not_found $pytest nope.py
plain bad_option $pytest --nope
mkdir -p conf && echo 'import nonexistent_module' >conf/conftest.py && echo 'def test_a(): pass' >conf/test_a.py
plain conftest $pytest conf/test_a.py
plain sessions sh -c "$pytest -q test_twin.py; $pytest -v test_flaky.py; $pytest -q test_twin.py::test_good; $pytest -qq test_flaky.py"
plain old ../v3/bin/python -m pytest -p no:cacheprovider -v -ra --assert=plain test_old.py
cd /build/proj && plain doctest $pytest --doctest-modules doc_words.py
rm -rf /build/proj
