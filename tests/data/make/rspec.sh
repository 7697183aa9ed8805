#!/bin/sh
# Makes tests/data/rspec/*.log: RSpec 3.12 and rspec-retry 0.6.
# Needs: ruby-rspec ruby-rspec-retry. Usage: sh rspec.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/rspec && mkdir -p /build/rspec/spec/support && cd /build/rspec || exit 2
cat >spec/ward_spec.rb <<'X'
class Ward
  def beds = 2
  def admit(name) = raise(ArgumentError, "no bed for #{name}")
end

RSpec.shared_examples "a building" do
  it "has a roof" do
    expect(subject).to respond_to(:roof)
  end
end

RSpec.describe Ward do
  it("passes") { expect(subject.beds).to eq(2) }

  it "compares numbers" do
    expect(subject.beds).to eq(3)
  end

  it "raises" do
    subject.admit("Ada")
  end

  it "shows a diff" do
    expect("one\ntwo\nthree\n").to eq("one\n2\nthree\n")
  end

  it "has a custom message" do
    expect(false).to be(true), "the lights are off\nsecond line"
  end

  context "with ünïcode and 100% odd (names) [1]" do
    it("fails – with a dash") { expect(1).to be > 2 }
    [1, 2, 3].each do |number|
      it("treats patient #{number}") { expect(number).to be_odd }
    end
    specify { expect(subject.beds).to be_zero }
  end

  it_behaves_like "a building"

  it "is pending", pending: "not built" do
    expect(1).to eq(2)
  end

  it "was pending but is fixed" do
    pending "should fail"
    expect(1).to eq(1)
  end

  xit "is skipped" do
    fail
  end

  it "collects failures", :aggregate_failures do
    expect(1).to eq(2)
    expect(3).to eq(4)
  end

  it "prints what looks like results" do
    puts "rspec ./spec/not_real_spec.rb:1 # not real"
    puts "5 examples, 4 failures"
    puts "  1) Not real"
  end

  describe "hooks" do
    before { raise "database is down" }
    it("needs the database") { expect(1).to eq(1) }
  end

  describe "after hooks" do
    after { raise IOError, "cannot clean up" }
    it("fails afterwards") { expect(1).to eq(1) }
  end

  describe "before all" do
    before(:all) { raise "no electricity" }
    it("never runs one") {}
    it("never runs two") {}
  end

  it "has a deep cause" do
    begin
      Integer("x")
    rescue ArgumentError
      raise KeyError, "outer"
    end
  end
end
X
cat >broken_spec.rb <<'X'
RSpec.describe "broken" do
  undefined_method_here
  it("never runs") {}
end
X
cat >syntax_spec.rb <<'X'
RSpec.describe "syntax" do
  it "has no end" do
X
cat >after_suite_spec.rb <<'X'
RSpec.configure { |c| c.after(:suite) { raise "suite clean-up failed" } }
RSpec.describe("suite") { it("passes") {} }
X
cat >retry_spec.rb <<'X'
require "rspec/retry"
RSpec.configure { |c| c.verbose_retry = true; c.display_try_failure_messages = true }
RSpec.describe "retries" do
  it("succeeds the second time", retry: 3) { $n = $n.to_i + 1; expect($n).to eq(2) }
  it("never succeeds", retry: 2) { expect(1).to eq(2) }
end
X
cat >exit_spec.rb <<'X'
RSpec.describe("exit") { it("exits") { Process.kill("KILL", Process.pid); sleep } }
X
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; }
run progress rspec spec
run documentation rspec --format documentation spec
run colour rspec --force-color --format documentation spec
run backtrace rspec --backtrace spec -e raises -e "deep cause"
run profile rspec --profile 3 --order random:42 spec
run fail_fast rspec --fail-fast spec
run load_error rspec broken_spec.rb spec
run syntax_error rspec syntax_spec.rb
run after_suite rspec after_suite_spec.rb
run retries rspec retry_spec.rb
run passed rspec spec -e passes
run killed sh -c "rspec --format documentation exit_spec.rb; echo exit status \$?"
run two_runs sh -c "rspec spec -e compares; rspec spec -e raises"
