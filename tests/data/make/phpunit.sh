#!/bin/sh
# Makes tests/data/phpunit/*.log: PHPUnit 9.6.
# Needs: phpunit php-cli. Usage: sh phpunit.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/phpunit && mkdir -p /build/phpunit/tests && cd /build/phpunit || exit 2
cat >tests/WardTest.php <<'X'
<?php
namespace Clinic\Tests;

use PHPUnit\Framework\TestCase;

final class WardTest extends TestCase
{
    public function testPasses(): void { $this->assertTrue(true); }

    public function testFails(): void { $this->assertSame(2, 3, 'beds'); }

    public function testPlainFailure(): void { $this->assertTrue(false); }

    public function testDiff(): void
    {
        $this->assertEquals(['a' => 1, 'b' => 2], ['a' => 1, 'b' => 3]);
    }

    public function testException(): void { throw new \InvalidArgumentException('no bed for Ada'); }

    public function testPrevious(): void
    {
        try {
            throw new \LogicException('inner');
        } catch (\LogicException $e) {
            throw new \RuntimeException('outer', 3, $e);
        }
    }

    public function testTypeError(): void { strlen([]); }

    public function testWarning(): void { echo $undefined; }

    public function testRisky(): void {}

    public function testSkipped(): void { $this->markTestSkipped('closed today'); }

    public function testIncomplete(): void { $this->markTestIncomplete('not built'); }

    public function testExpectsException(): void { $this->expectException(\DomainException::class); }

    /** @dataProvider numbers */
    public function testData(int $number): void { $this->assertSame(0, $number % 2); }

    public static function numbers(): array
    {
        return ['even' => [2], 'odd one' => [3], 'quote " and ünïcode' => [5], [7]];
    }

    /** @dataProvider missing */
    public function testBadProvider(): void {}

    /** @depends testFails */
    public function testDepends(): void { $this->assertTrue(true); }

    public function testPrints(): void
    {
        echo "\nThere was 1 failure:\n\n1) Not\\Real::testX\nnever\n";
        echo "Tests: 9, Assertions: 9, Failures: 9.\n";
        $this->assertTrue(true);
    }
}
X
cat >tests/BrokenTest.php <<'X'
<?php
use PHPUnit\Framework\TestCase;

final class BrokenTest extends TestCase
{
    protected function setUp(): void { throw new RuntimeException('database is down'); }

    public function testNeverRuns(): void { $this->assertTrue(true); }
}
X
cat >tests/GreenTest.php <<'X'
<?php
use PHPUnit\Framework\TestCase;

final class GreenTest extends TestCase
{
    public function testOne(): void { $this->assertTrue(true); }
    public function testTwo(): void { $this->assertTrue(true); }
}
X
cat >FatalTest.php <<'X'
<?php
use PHPUnit\Framework\TestCase;

final class FatalTest extends TestCase
{
    public function testFine(): void { $this->assertTrue(true); }
    public function testFatal(): void { ini_set('memory_limit', '30M'); $x = ''; while (true) { $x .= str_repeat('x', 100000); } }
}
X
cat >DiesTest.php <<'X'
<?php
use PHPUnit\Framework\TestCase;

final class DiesTest extends TestCase
{
    public function testDies(): void { exit(3); }
}
X
printf '<?php\nfinal class SyntaxTest extends {\n' >SyntaxTest.php
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; }
run plain phpunit tests
run colour phpunit --colors=always tests
run testdox phpunit --testdox tests
run verbose phpunit -v --debug tests
run green phpunit tests/GreenTest.php
run errors_only phpunit tests/BrokenTest.php
run one_failure phpunit --filter testFails tests
run fatal phpunit FatalTest.php
run dies phpunit DiesTest.php
run syntax phpunit SyntaxTest.php
run stop phpunit --stop-on-failure tests
run skipped phpunit --filter 'testSkipped|testIncomplete' tests
run two_runs sh -c "phpunit tests/GreenTest.php; phpunit tests/BrokenTest.php"
run none phpunit --filter nothing_like_this tests
