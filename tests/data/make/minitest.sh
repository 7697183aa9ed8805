#!/bin/sh
# Makes tests/data/minitest/*.log: Minitest 5.17 and test-unit 3.5 (files unit_*.log).
# Needs: ruby-minitest ruby-test-unit. Usage: sh minitest.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/minitest && mkdir -p /build/minitest/test && cd /build/minitest || exit 2
cat >test/ward_test.rb <<'X'
require "minitest/autorun"

class WardTest < Minitest::Test
  def test_passes = assert(true)

  def test_fails
    assert_equal 2, 3, "beds"
  end

  def test_plain_failure = assert(false)

  def test_diff = assert_equal("one\ntwo\nthree", "one\n2\nthree")

  def test_error = raise(ArgumentError, "no bed for Ada")

  def test_nested_error
    helper
  end

  def helper = nil.length

  def test_skipped = skip("closed today")

  def test_no_assertions; end

  def test_prints
    puts "  1) Failure:"
    puts "NotReal#test_x [x.rb:1]:"
    puts "3 runs, 3 assertions, 2 failures, 1 errors, 0 skips"
    assert true
  end

  define_method("test_odd name (ü) [1]") { flunk "odd" }
end

class BrokenTest < Minitest::Test
  def setup = raise("database is down")
  def test_never_runs = assert(true)
  def teardown = raise(IOError, "cannot clean up")
end

describe "Ward spec" do
  it "counts beds" do
    _(2).must_equal 3
  end

  describe "nested" do
    it("passes") { _(1).must_equal 1 }
    it("raises") { raise "inside nested" }
  end
end
X
cat >test/unit_test.rb <<'X'
require "test/unit"

class UnitTest < Test::Unit::TestCase
  def test_passes = assert_true(true)
  def test_fails
    assert_equal(2, 3, "beds")
  end
  def test_error = raise(ArgumentError, "no bed for Ada")
  def test_pending = pend("not built")
  def test_omitted = omit("closed")
  data("even" => 2, "odd one" => 3)
  def test_data(number)
    assert_equal(0, number % 2)
  end
  test("a description, ünïcode") { flunk "described" }
end

class UnitSetup < Test::Unit::TestCase
  def setup = raise("database is down")
  def test_never_runs; end
end
X
cat >test/green_test.rb <<'X'
require "minitest/autorun"
class GreenTest < Minitest::Test
  def test_one = assert(true)
end
X
cat >test/load_test.rb <<'X'
require "minitest/autorun"
require "no/such/library"
X
cat >test/crash_test.rb <<'X'
require "minitest/autorun"
class CrashTest < Minitest::Test
  def test_crash = Process.kill("SEGV", Process.pid) && sleep
end
X
cat >test/parallel_test.rb <<'X'
require "minitest/autorun"
class ParallelTest < Minitest::Test
  parallelize_me!
  10.times { |n| define_method("test_n#{n}") { sleep 0.01; assert n != 4, "four" } }
end
X
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; }
run plain ruby test/ward_test.rb --seed 7
run verbose ruby test/ward_test.rb --seed 7 -v
run green ruby test/green_test.rb --seed 7
run load_error ruby test/load_test.rb
run crash sh -c "ruby test/crash_test.rb -v --seed 1; echo exit status \$?" # cut: the dump is long
sed -i '40,$d' "$out/crash.log"
run parallel ruby test/parallel_test.rb --seed 3
run two_runs sh -c "ruby test/green_test.rb --seed 1; ruby test/ward_test.rb --seed 2"
run pride ruby test/ward_test.rb --seed 7 --pride
run unit_plain ruby test/unit_test.rb
run unit_verbose ruby test/unit_test.rb -v
run unit_colour ruby test/unit_test.rb --use-color=yes
