#!/usr/bin/env bash
# Makes tests/data/nodetest/*.log by really running Node 20's test runner in /build/node.
set -u
out=$(cd "$(dirname "$0")/../nodetest" && pwd)
rm -rf /build/node && mkdir -p /build/node && cd /build/node || exit 1
cat > math.test.js <<'EOF'
const { describe, it, test } = require('node:test'); const assert = require('node:assert');
describe('math', () => {
  describe('add', () => { it('adds', () => { assert.strictEqual(1, 2); }); it('is fine', () => {}); });
  it('keeps objects', () => { assert.deepStrictEqual({ a: 1 }, { a: 2 }); });
});
test('later', { todo: 'some day' }, () => { throw new Error('known'); });
test('skipped', { skip: true }, () => {});
test('throws (always)', () => { throw new TypeError('no such thing'); });
test('parent', async (t) => { await t.test('child', () => { throw new RangeError('child is out'); }); });
test('prints', () => { console.log('✖ failing tests:\n\ntest at fake.js:1:1\n✖ fake (1ms)\n  Error: no\n'); });
EOF
cat > hooks.test.js <<'EOF'
const { describe, it, before, beforeEach } = require('node:test');
describe('broken before', () => { before(() => { throw new Error('no database'); }); it('first', () => {}); });
describe('broken beforeEach', () => { beforeEach(() => { throw new Error('cannot set up'); }); it('second', () => {}); });
EOF
cat > slow.test.js <<'EOF'
const { test } = require('node:test');
test('never answers', { timeout: 50 }, () => new Promise((r) => setTimeout(r, 500)));
EOF
echo "const x = (" > broken.test.js
echo "process.exit(3)" > exit.test.js
echo "require('node:test').test('fine', () => {})" > good.test.js
run() { name=$1; shift; node --test "$@" > "$out/$name.log" 2>&1; }
run spec --test-reporter=spec math.test.js hooks.test.js slow.test.js
run broken --test-reporter=spec broken.test.js exit.test.js good.test.js
run passed --test-reporter=spec good.test.js
run dot --test-reporter=dot math.test.js
run tap math.test.js hooks.test.js broken.test.js exit.test.js
FORCE_COLOR=1 run colour --test-reporter=spec math.test.js slow.test.js
{ node --test --test-reporter=spec slow.test.js; node --test --test-reporter=spec good.test.js; } > "$out/two_sessions.log" 2>&1
