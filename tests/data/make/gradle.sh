#!/usr/bin/env bash
# Makes tests/data/gradle/*.log by really running Debian's Gradle 4.4 with JUnit 4 in
# /build/gradle.
set -u
out=$(cd "$(dirname "$0")/../gradle" && pwd)
rm -rf /build/gradle && mkdir -p /build/gradle/src/test/java/com/example && cd /build/gradle || exit 1
cat > settings.gradle <<'EOF'
rootProject.name = 'shop'
EOF
cat > build.gradle <<'EOF'
apply plugin: 'java'
sourceCompatibility = '1.8'
targetCompatibility = '1.8'
dependencies { testCompile files('/usr/share/java/junit4.jar', '/usr/share/java/hamcrest-core.jar') }
test {
  if (project.hasProperty('full')) { testLogging { events 'passed', 'failed', 'skipped', 'standardOut'; exceptionFormat 'full' } }
  if (project.hasProperty('only')) { filter { includeTestsMatching project.property('only') } }
}
EOF
cat > src/test/java/com/example/CartTest.java <<'EOF'
package com.example;
import org.junit.*;
import static org.junit.Assert.*;
public class CartTest {
  @Test public void sums() { assertEquals("total", 3, 2); }
  @Test public void adds() { throw new IllegalStateException("cart is locked"); }
  @Test(timeout = 50) public void waits() throws Exception { Thread.sleep(5000); }
  @Test public void wraps() { try { adds(); } catch (Exception e) { throw new RuntimeException("wrapped", e); } }
  @Test public void prints() { System.out.println("com.example.FakeTest > fake FAILED\n\n7 tests completed, 7 failed"); }
  @Ignore @Test public void later() { }
}
EOF
cat > src/test/java/com/example/SetUpTest.java <<'EOF'
package com.example;
import org.junit.*;
public class SetUpTest {
  @BeforeClass public static void open() { throw new RuntimeException("no database"); }
  @Test public void first() { }
}
EOF
cat > src/test/java/com/example/TableTest.java <<'EOF'
package com.example;
import java.util.*;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import static org.junit.Assert.*;
@RunWith(Parameterized.class)
public class TableTest {
  @Parameterized.Parameters(name = "{index}: {0} is (odd)") public static Collection<Object[]> data() {
    return Arrays.asList(new Object[][] {{1}, {2}});
  }
  private final int n;
  public TableTest(int n) { this.n = n; }
  @Test public void odd() { assertEquals(1, n % 2); }
}
EOF
run() { name=$1; shift; gradle --offline --no-daemon --console=plain "$@" > "$out/$name.log" 2>&1; }
run short test
run full test -Pfull
run passed test '-Ponly=com.example.CartTest.prints'
