#!/usr/bin/env bash
# Makes tests/data/tap/*.log by really running prove and Test::More (Perl), node-tap 18,
# tape 5 and Node's own TAP reporter in /build/tap.
set -u
out=$(cd "$(dirname "$0")/../tap" && pwd)
mkdir -p /build/tap && cd /build/tap || exit 1
[ -d node_modules/tape ] || { npm init -y && npm install --no-audit --no-fund tape@5 tap@18; } >/dev/null 2>&1
rm -rf t js .tap && mkdir -p t js

cat > t/basic.t <<'EOF'
use strict; use warnings; use Test::More tests => 8;
ok(1, 'one is true');
is(1 + 1, 3, 'sum of two');
is_deeply({ a => 1 }, { a => 2 }, 'same tree - really');
ok(0);
TODO: { local $TODO = 'not written'; ok(0, 'will work one day'); }
SKIP: { skip 'no network', 1; }
subtest 'inner things' => sub { plan tests => 2; ok(1, 'fine'); like('abc', qr/x/, 'has an x'); };
print "not ok 99 - printed in the middle of a line is fine\n" if 0;
isnt('x', 'x', 'not the same');
EOF
cat > t/dies.t <<'EOF'
use Test::More; ok(1, 'before'); die "cannot open the database\n"; ok(1); done_testing;
EOF
cat > t/plan.t <<'EOF'
use Test::More tests => 3; ok(1, 'only one ran');
EOF
cat > t/bail.t <<'EOF'
use Test::More; ok(1, 'ready'); BAIL_OUT('the server is gone'); done_testing;
EOF
cat > t/broken.t <<'EOF'
use Test::More; ok(1, 'never') ; my $x = (;
EOF
cat > t/good.t <<'EOF'
use Test::More; ok(1, 'good'); ok(1, 'also good'); done_testing;
EOF
cat > t/todo_passes.t <<'EOF'
use Test::More; TODO: { local $TODO = 'some day'; ok(1, 'already works'); } done_testing;
EOF
cat > js/tape.js <<'EOF'
const test = require('tape');
test('adding', (t) => { t.equal(1 + 1, 2, 'two'); t.equal(1 + 1, 3, 'three'); t.deepEqual({ a: 1 }, { a: 2 }, 'trees'); t.end(); });
test('planned', (t) => { t.plan(2); t.ok(true, 'only one'); });
test('thrown', (t) => { t.throws(() => {}, 'should throw'); t.skip('later'); t.end(); });
EOF
cat > js/tap.js <<'EOF'
const t = require('tap');
t.test('adding', (t) => { t.equal(1 + 1, 3, 'three'); t.ok(true, 'fine'); t.end(); });
t.test('throws', () => { throw new TypeError('no such thing'); });
t.test('later', { todo: true }, (t) => t.end());
EOF
cat > js/node.js <<'EOF'
const { describe, it, test } = require('node:test'); const assert = require('node:assert');
describe('math', () => { it('adds', () => { assert.strictEqual(1, 2); }); it('is fine', () => {}); });
test('later', { todo: 'some day' }, () => { throw new Error('known'); });
test('skipped', { skip: true }, () => {});
test('never answers', { timeout: 50 }, () => new Promise((r) => setTimeout(r, 2000)));
test('throws', () => { throw new TypeError('no such thing'); });
EOF

run() { name=$1; shift; "$@" > "$out/$name.log" 2>&1; }
run prove prove t/basic.t t/good.t t/plan.t t/dies.t t/broken.t t/todo_passes.t
run prove_verbose prove -v t/basic.t t/good.t t/dies.t
run prove_bail prove t/good.t t/bail.t
run prove_merge prove -m -v t/basic.t
run prove_passed prove t/good.t
run prove_missing prove t/absent.t
run raw perl t/basic.t
run raw_plan perl t/plan.t
run bail perl t/bail.t
run tape node js/tape.js
run node_tap node_modules/.bin/tap --disable-coverage --reporter=tap js/tap.js
run node_tap_base node_modules/.bin/tap --disable-coverage --allow-incomplete-coverage js/tap.js
run node_reporter node --test --test-reporter=tap js/node.js
