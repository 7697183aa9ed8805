#!/usr/bin/env bash
# Makes tests/data/mocha/*.log by really running Mocha (10, and 3 for the old one-line titles) in /build/mocha.
set -u
out=$(cd "$(dirname "$0")/../mocha" && pwd)
mkdir -p /build/mocha && cd /build/mocha || exit 1
[ -d node_modules/mocha ] || { npm init -y && npm install --no-audit --no-fund mocha@10 mocha3@npm:mocha@3; } >/dev/null 2>&1
rm -rf test && mkdir -p test

cat > test/math.js <<'EOF'
const assert = require('assert');
describe('Math:', function () {
  describe('adding (two numbers)', function () {
    it('gives the sum', function () { assert.strictEqual(1 - 2, 3); });
    it('keeps objects equal', function () { assert.deepStrictEqual({ a: 1, b: [2] }, { a: 1, b: [3] }); });
    it('passes', function () {});
    it('ends in a colon:', function () { throw new TypeError('not a number'); });
  });
  it.skip('is left for later', function () {});
  it('is still to be written');
  it('throws text', function () { throw 'just a string'; });
  it('has its own error', function () {
    class StorageError extends Error {}
    const e = new StorageError('disk is gone\nsecond line'); e.name = 'StorageError'; throw e;
  });
});
it('stands alone at the top', function () { throw new Error(''); });
EOF
cat > test/hooks.js <<'EOF'
describe('hooks', function () {
  describe('before', function () {
    before('start the database', function () { throw new Error('no database'); });
    it('first', function () {});
    it('second', function () {});
  });
  describe('each', function () {
    beforeEach(function () { throw new Error('cannot set up'); });
    it('third', function () {});
  });
  describe('after', function () {
    after(function () { throw new Error('cannot stop'); });
    it('fourth', function () {});
  });
});
EOF
cat > test/slow.js <<'EOF'
describe('slow', function () {
  it('never calls done', function (done) { this.timeout(50); });
  it('never settles', function () { this.timeout(50); return new Promise(function () {}); });
  it('calls done with text', function (done) { done('sorry'); });
  it('throws later', function (done) { setTimeout(function () { throw new RangeError('too late'); }, 5); });
});
EOF
cat > test/flaky.js <<'EOF'
describe('flaky', function () {
  this.retries(2);
  let n = 0;
  it('passes in the end', function () { n += 1; if (n < 3) throw new Error('attempt ' + n); });
  it('fails every time', function () { throw new Error('never'); });
});
EOF
cat > test/noise.js <<'EOF'
describe('noise', function () {
  it('prints what looks like results', function () {
    console.log('  3 passing (2s)\n  2 failing\n\n  1) fake suite\n       fake test:\n     Error: printed by the code under test\n');
  });
  it('really fails', function () { throw new Error('real'); });
  it('prints again', function () { console.log('1) not a test'); });
});
EOF
echo "const x = (" > test/broken.js

run() { name=$1; shift; node_modules/.bin/mocha "$@" > "$out/$name.log" 2>&1; }
run spec test/math.js test/hooks.js test/slow.js
run dot -R dot test/math.js test/hooks.js
run min -R min test/math.js
run list -R list test/math.js
run nyan -R nyan test/math.js
run tap -R tap test/math.js test/hooks.js
run retries test/flaky.js
run noise test/noise.js
run broken test/math.js test/broken.js
run none test/nothing-here.js
run bail --bail test/math.js
FORCE_COLOR=1 run colour --color test/math.js test/slow.js
node node_modules/mocha3/bin/_mocha test/math.js test/hooks.js > "$out/old.log" 2>&1
{ node_modules/.bin/mocha test/noise.js --grep prints; node_modules/.bin/mocha test/flaky.js; node_modules/.bin/mocha test/math.js; } > "$out/three_sessions.log" 2>&1
