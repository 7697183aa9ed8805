#!/bin/sh
# Runs unittest_suite.py under unittest and runners built on it; keeps the logs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../unittest"
rm -rf "$out" /build/proj && mkdir -p "$out" /build/proj/tests
touch /build/proj/tests/__init__.py
cp "$here/unittest_suite.py" /build/proj/tests/test_suite.py
echo 'import nonexistent_module' >/build/proj/tests/test_broken.py
printf 'import ctypes, unittest\nclass C(unittest.TestCase):\n    def test_a(self): pass\n    def test_dies(self): ctypes.string_at(0)\n' >/build/proj/tests/dies.py
cd /build
[ -d vu ] || { python3 -m venv vu; vu/bin/pip -q install stestr==4.2.0 testtools==2.7.2 django==5.2; }
keep() { # name, then a command
    name=$1; shift
    (PYTHONUNBUFFERED=1 "$@") </dev/null >"$out/$name.log" 2>&1 || true
    sed -i -E 's#/[^" ]*/lib/python3#/usr/lib/python3#g' "$out/$name.log"
}
cd proj
keep plain ../vu/bin/python -m unittest
keep verbose ../vu/bin/python -m unittest -v tests.test_suite
keep buffered ../vu/bin/python -m unittest -b tests.test_suite
keep good ../vu/bin/python -m unittest tests.test_suite.T.test_good
keep main ../vu/bin/python -c "import sys; sys.argv=['x']; import unittest; from tests.test_suite import *; unittest.main()"
keep segfault ../vu/bin/python -X faulthandler -m unittest -v tests.dies
keep testtools ../vu/bin/python -m testtools.run tests.test_suite
keep django ../vu/bin/python -c "
import django
from django.conf import settings
settings.configure(DATABASES={}, INSTALLED_APPS=[])
django.setup()
from django.core.management import call_command
call_command('test', 'tests.test_suite', verbosity=2)"
rm tests/test_broken.py
printf '[DEFAULT]\ntest_path=tests\n' >.stestr.conf
PATH=/build/vu/bin:$PATH keep stestr ../vu/bin/stestr run --concurrency 1 tests.test_suite
rm -rf /build/proj
