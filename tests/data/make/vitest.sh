#!/usr/bin/env bash
# Makes tests/data/vitest/*.log by really running Vitest 3 in /build/web.
set -u
out=$(cd "$(dirname "$0")/../vitest" && pwd)
mkdir -p /build/web && cd /build/web || exit 1
[ -d node_modules/vitest ] || { npm init -y && npm install --no-audit --no-fund vitest@3; } >/dev/null 2>&1
rm -rf src projects && mkdir -p src/__snapshots__ projects/{web,api}
head='import { describe, it, test, expect, beforeAll, beforeEach, afterEach, afterAll } from "vitest";'

{ echo "$head"; cat <<'EOF'; } > src/math.test.js
const add = (a, b) => a - b;
describe('math', () => {
  describe('add', () => {
    it('adds two numbers', () => { expect(add(1, 2)).toBe(3); });
    it('is > odd: "quoted" (and ) named', () => { expect([1, 2]).toEqual([1, 3]); });
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
{ echo "$head"; cat <<'EOF'; } > src/hooks.test.js
describe('with a broken beforeAll', () => {
  beforeAll(() => { throw new Error('no database'); });
  test('first', () => {});
});
describe('with a broken beforeEach', () => {
  beforeEach(() => { throw new Error('cannot set up'); });
  test('second', () => {});
});
describe('with a broken afterAll', () => {
  afterAll(() => { throw new Error('cannot stop'); });
  test('third', () => {});
});
EOF
{ echo "$head"; echo "test('never runs', () => { expect(1).toBe("; } > src/broken.test.js
{ echo "$head"; echo "import './not-there'; test('never runs either', () => {});"; } > src/missing.test.js
echo "// no test in here" > src/empty.test.js
{ echo "$head"; cat <<'EOF'; } > src/slow.test.js
test('never answers', async () => { await new Promise(() => {}); }, 100);
EOF
{ echo "$head"; cat <<'EOF'; } > src/snap.test.js
test('matches its picture', () => { expect({ a: 2, b: 'new' }).toMatchSnapshot(); });
EOF
cat > src/__snapshots__/snap.test.js.snap <<'EOF'
// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[`matches its picture 1`] = `
{
  "a": 1,
  "b": "old",
}
`;
EOF
{ echo "$head"; cat <<'EOF'; } > src/noise.test.js
test('prints what looks like results', () => {
  console.log(' FAIL  src/fake.test.js > fake > printed by the code under test\nError: no\n\n Test Files  1 failed (1)\n      Tests  7 failed (7)');
});
test('really fails', () => { throw new Error('real'); });
EOF
{ echo "$head"; cat <<'EOF'; } > src/flaky.test.js
let n = 0;
describe('retried', () => {
  test('passes in the end', { retry: 2 }, () => { n += 1; expect(n).toBe(3); });
  test('fails every time', { retry: 2 }, () => { expect('always').toBe('never'); });
});
EOF
{ echo "$head"; cat <<'EOF'; } > src/unhandled.test.js
test('leaves a rejection behind', async () => {
  setTimeout(() => { throw new Error('nobody waits for me'); }, 1);
  await new Promise((r) => setTimeout(r, 20));
});
EOF
{ echo "$head"; echo "test('web works', () => { expect('web').toBe('up'); });"; } > projects/web/web.test.js
{ echo "$head"; echo "test('api works', () => { expect('api').toBe('up'); }); test('fine', () => {});"; } > projects/api/api.test.js
cat > multi.config.mjs <<'EOF'
export default { test: { projects: [
  { test: { name: 'web', root: './projects/web' } },
  { test: { name: 'api', root: './projects/api' } } ] } };
EOF

export CI=true
run() { name=$1; shift; node_modules/.bin/vitest run --dir src "$@" > "$out/$name.log" 2>&1; }
run default src/math src/noise
run verbose --reporter=verbose src/math src/hooks src/flaky
run dot --reporter=dot src/math src/hooks
run suites src/broken src/missing src/empty src/math
run slow src/slow
run snapshot src/snap
run retries src/flaky
run unhandled src/unhandled
run nothing src/no-such-file
run bail --bail 1 src/math
run tap --reporter=tap src/math src/noise
run tap_flat --reporter=tap-flat src/math
run github --reporter=github-actions --reporter=default src/math
FORCE_COLOR=1 run colour src
node_modules/.bin/vitest run --config multi.config.mjs > "$out/projects.log" 2>&1
{ node_modules/.bin/vitest run --dir src --reporter=verbose src/noise; node_modules/.bin/vitest run --dir src src/slow; } > "$out/two_sessions.log" 2>&1
