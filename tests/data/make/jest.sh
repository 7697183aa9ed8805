#!/usr/bin/env bash
# Makes tests/data/jest/*.log by really running Jest 29 in /build/jest.
set -u
out=$(cd "$(dirname "$0")/../jest" && pwd)
mkdir -p /build/jest && cd /build/jest || exit 1
[ -d node_modules/jest ] || { npm init -y && npm install --no-audit --no-fund jest@29; } >/dev/null 2>&1
rm -rf src projects && mkdir -p src/__snapshots__ projects/{web,api}

cat > src/math.test.js <<'EOF'
const add = (a, b) => a - b;
describe('math', () => {
  describe('add', () => {
    it('adds two numbers', () => { expect(add(1, 2)).toBe(3); });
    it('is › odd: "quoted" (and ) named', () => { expect([1, 2]).toEqual([1, 3]); });
    it('passes', () => {});
    it.each([[1, 2], [3, 3]])('each %i vs %i', (a, b) => { expect(a).toBe(b); });
  });
  it.skip('is left for later', () => {});
  it.todo('is still to be written');
});
test('throws a type error', () => { undefined.foo; });
test('throws text', () => { throw 'just a string'; });
class StorageError extends Error { constructor(m) { super(m); this.name = 'StorageError'; } }
test('throws our own error', () => { throw new StorageError('disk is gone'); });
EOF
cat > src/hooks.test.js <<'EOF'
describe('with a broken beforeAll', () => {
  beforeAll(() => { throw new Error('no database'); });
  test('first', () => {});
  test('second', () => {});
});
describe('with a broken afterEach', () => {
  afterEach(() => { throw new Error('cannot clean up'); });
  test('third', () => { expect(1).toBe(2); });
});
describe('with a broken afterAll', () => {
  afterAll(() => { throw new Error('cannot stop'); });
  test('fourth', () => {});
});
EOF
cat > src/broken.test.js <<'EOF'
test('never runs', () => {
  expect(1).toBe(
EOF
cat > src/missing.test.js <<'EOF'
require('./not-there');
test('never runs either', () => {});
EOF
cat > src/empty.test.js <<'EOF'
// no test in here
EOF
cat > src/slow.test.js <<'EOF'
test('never answers', async () => { await new Promise(() => {}); }, 100);
test('never calls done', (done) => {}, 100);
EOF
cat > src/snap.test.js <<'EOF'
test('matches its picture', () => { expect({ a: 2, b: 'new' }).toMatchSnapshot(); });
test('matches inline', () => { expect('x').toMatchInlineSnapshot(`"y"`); });
EOF
cat > src/__snapshots__/snap.test.js.snap <<'EOF'
// Jest Snapshot v1, https://goo.gl/fbAQLP

exports[`matches its picture 1`] = `
{
  "a": 1,
  "b": "old",
}
`;
EOF
cat > src/noise.test.js <<'EOF'
test('prints what looks like results', () => {
  console.log('  ● fake › printed by the code under test\n\nTests:       7 failed, 7 total');
  process.stdout.write('  ● other › fake\n\nFAIL src/fake.test.js\n');
});
EOF
cat > src/flaky.test.js <<'EOF'
jest.retryTimes(2, { logErrorsBeforeRetry: true });
let n = 0;
describe('retried', () => {
  test('passes in the end', () => { n += 1; expect(n).toBe(3); });
  test('fails every time', () => { expect('always').toBe('never'); });
});
EOF
echo "test('web works', () => { expect('web').toBe('up'); });" > projects/web/web.test.js
echo "test('api works', () => { expect('api').toBe('up'); }); test('fine', () => {});" > projects/api/api.test.js

export CI=true
run() { name=$1; shift; node_modules/.bin/jest "$@" > "$out/$name.log" 2>&1; }
run default src/math src/noise
run verbose --verbose src/math src/hooks
run suites --ci src/broken src/missing src/empty src/math
run slow src/slow
run snapshot --ci src/snap
run retries src/flaky
run retries_verbose --verbose src/flaky
FORCE_COLOR=1 run colour --verbose src/math src/hooks src/slow
run summary --ci src
run silent --silent --noStackTrace src/math
run passed src/noise
echo '{ "testMatch": 5, "colour": true }' > odd.json
run config --config odd.json
run nothing src/no-such-file
run bail --bail --runInBand src/slow src/math
cat > /build/jest/multi.json <<'EOF'
{ "projects": [
  { "displayName": "web", "rootDir": "/build/jest/projects/web" },
  { "displayName": "api", "rootDir": "/build/jest/projects/api" } ] }
EOF
run projects --config multi.json
{ node_modules/.bin/jest src/math --testNamePattern 'passes'; node_modules/.bin/jest src/slow; } > "$out/two_sessions.log" 2>&1
