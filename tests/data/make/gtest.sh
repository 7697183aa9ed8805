#!/bin/sh
# Makes tests/data/gtest/*.log and tests/data/ctest/*.log: GoogleTest 1.12 under CMake 3.25.
# Needs: g++ cmake libgtest-dev. Usage: sh gtest.sh GTEST_FOLDER CTEST_FOLDER
set -u
out=$(realpath "$1")
ctest_out=$(realpath "$2")
rm -rf /build/gtest && mkdir -p /build/gtest && cd /build/gtest || exit 2
cat >clinic_test.cc <<'X'
#include <gtest/gtest.h>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

TEST(Ward, Passes) { SUCCEED(); }
TEST(Ward, Fails) {
  EXPECT_EQ(1 + 1, 3) << "sums are hard";
  EXPECT_TRUE(false);
}
TEST(Ward, Throws) { throw std::runtime_error("no beds left"); }
TEST(Ward, ThrowsInt) { throw 7; }
TEST(Ward, Skipped) { GTEST_SKIP() << "closed today"; }
TEST(Ward, DISABLED_Later) { FAIL(); }
TEST(Ward, StringDiff) { ASSERT_STREQ("left\nright", "left\nwrong"); }
TEST(Ward, PrintsFailure) {
  std::cout << "  [  FAILED  ] Not.Real (0 ms)\n";
  std::cout << "log: [  FAILED  ] Also.NotReal\n";
}
TEST(Ward, NoNewline) {
  std::cout << "glued";
  FAIL() << "after text";
}

class Dose : public testing::TestWithParam<int> {};
TEST_P(Dose, IsEven) { EXPECT_EQ(GetParam() % 2, 0); }
INSTANTIATE_TEST_SUITE_P(Small, Dose, testing::Values(2, 3, 4, 5));

class Named : public testing::TestWithParam<std::string> {};
TEST_P(Named, HasFour) { EXPECT_EQ(GetParam().size(), 4u); }
INSTANTIATE_TEST_SUITE_P(All, Named, testing::Values("four", "three"),
                         [](const auto& info) { return info.param; });

template <typename T>
class Typed : public testing::Test {};
using Types = testing::Types<char, long>;
TYPED_TEST_SUITE(Typed, Types);
TYPED_TEST(Typed, IsSmall) { EXPECT_LT(sizeof(TypeParam), 4u); }

class Broken : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("BREAK_SUITE")) FAIL() << "no electricity";
  }
  void SetUp() override { FAIL() << "fixture is broken"; }
};
TEST_F(Broken, NeverRuns) {}

TEST(Flaky, EverySecondTime) {
  static int times = 0;
  EXPECT_EQ(++times % 2, 0);
}

TEST(CrashTest, Aborts) {
  if (std::getenv("CRASH")) {
    std::cerr << "terminate called on purpose" << std::endl;
    std::abort();
  }
}
TEST(CrashTest, Segfaults) {
  if (std::getenv("SEGV")) {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
}
X
cat >CMakeLists.txt <<'X'
cmake_minimum_required(VERSION 3.20)
project(clinic CXX)
find_package(GTest REQUIRED)
enable_testing()
add_executable(clinic_test clinic_test.cc)
target_link_libraries(clinic_test GTest::gtest GTest::gtest_main)
include(GoogleTest)
gtest_discover_tests(clinic_test)
add_test(NAME passes COMMAND true)
add_test(NAME "odd name: (with) 100% spaces" COMMAND false)
add_test(NAME sleeps COMMAND sleep 20)
set_tests_properties(sleeps PROPERTIES TIMEOUT 1)
add_test(NAME crashes COMMAND clinic_test --gtest_filter=CrashTest.*)
set_tests_properties(crashes PROPERTIES ENVIRONMENT "CRASH=1;GTEST_COLOR=no")
add_test(NAME segfaults COMMAND clinic_test --gtest_filter=CrashTest.*)
set_tests_properties(segfaults PROPERTIES ENVIRONMENT "SEGV=1;GTEST_COLOR=no")
add_test(NAME missing COMMAND /build/gtest/no-such-program)
add_test(NAME expected_text COMMAND echo other)
set_tests_properties(expected_text PROPERTIES PASS_REGULAR_EXPRESSION "wanted")
add_test(NAME will_fail COMMAND true)
set_tests_properties(will_fail PROPERTIES WILL_FAIL TRUE)
add_test(NAME skips COMMAND sh -c "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME second_time COMMAND sh -c "test -e marker || { touch marker; exit 1; }")
add_test(NAME prints COMMAND echo "  1/9 Test  #1: not_real ....***Failed    0.01 sec")
add_test(NAME disabled COMMAND false)
set_tests_properties(disabled PROPERTIES DISABLED TRUE)
add_test(NAME fixture_setup COMMAND false)
set_tests_properties(fixture_setup PROPERTIES FIXTURES_SETUP db)
add_test(NAME needs_fixture COMMAND true)
set_tests_properties(needs_fixture PROPERTIES FIXTURES_REQUIRED db)
X
cmake -S . -B out >/dev/null && cmake --build out >build.log 2>&1 || { cat build.log; exit 2; }
ulimit -c 0
run() { name=$1; shift; "$@" >"$name" 2>&1; }
cd out || exit 2
run "$out/plain.log" ./clinic_test --gtest_color=no
run "$out/colour.log" ./clinic_test --gtest_color=yes
run "$out/brief.log" ./clinic_test --gtest_brief=1
run "$out/suite_setup.log" env BREAK_SUITE=1 ./clinic_test --gtest_filter='Broken.*:Ward.Passes'
run "$out/repeat.log" ./clinic_test --gtest_repeat=3 --gtest_filter='Flaky.*:Ward.Passes:Ward.Fails'
run "$out/shuffle.log" ./clinic_test --gtest_shuffle --gtest_random_seed=7 --gtest_filter='Ward.*'
run "$out/abort.log" env CRASH=1 ./clinic_test --gtest_filter='Ward.Fails:CrashTest.*'
run "$out/segv.log" sh -c "SEGV=1 ./clinic_test --gtest_filter='Ward.Passes:CrashTest.*'; echo exit status \$?"
run "$out/passed.log" ./clinic_test --gtest_filter='Ward.Passes:CrashTest.*'
run "$out/fail_fast.log" ./clinic_test --gtest_fail_fast
run "$out/no_catch.log" sh -c "./clinic_test --gtest_catch_exceptions=0 --gtest_filter='Ward.Passes:Ward.Throws'; echo exit status \$?"
run "$out/threads.log" sh -c "./clinic_test --gtest_filter='Ward.*'; ./clinic_test --gtest_filter='Dose*'"
rm -f marker
run "$ctest_out/plain.log" ctest -E Ward
rm -f marker
run "$ctest_out/on_failure.log" ctest --output-on-failure -R 'Ward|crash|segf|odd|sleeps|expected|missing|prints'
rm -f marker
run "$ctest_out/verbose.log" ctest -V -R 'Dose|crashes|odd|prints'
rm -f marker
run "$ctest_out/repeat.log" ctest --repeat until-pass:3 -R 'second_time|odd|passes'
rm -f marker
run "$ctest_out/parallel.log" ctest -j4 --output-on-failure --timeout 5
run "$ctest_out/passed.log" ctest -R '^passes$'
run "$ctest_out/stop.log" ctest --stop-on-failure -R 'Ward'
run "$ctest_out/none.log" ctest -R nothing_like_this
