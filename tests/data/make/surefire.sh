#!/usr/bin/env bash
# Makes tests/data/surefire/*.log by really running Maven 3.8 with Surefire 2.22, from
# Debian's maven-debian-helper, libsurefire-java, junit4, junit5 and testng, in
# /build/surefire.
set -u
out=$(cd "$(dirname "$0")/../surefire" && pwd)
rm -rf /build/surefire && mkdir -p /build/surefire && cd /build/surefire || exit 1

module() { # name, group, artifact, version
  mkdir -p "$1/src/test/java/com/example/$1"
  cat > "$1/pom.xml" <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>com.example</groupId><artifactId>shop</artifactId><version>1.0</version></parent>
  <artifactId>$1</artifactId>
  <dependencies>
    <dependency><groupId>$2</groupId><artifactId>$3</artifactId><version>$4</version><scope>test</scope></dependency>
  </dependencies>
</project>
EOF
}
cat > pom.xml <<'EOF'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId><artifactId>shop</artifactId><version>1.0</version><packaging>pom</packaging>
  <modules><module>cart</module><module>bill</module><module>depot</module></modules>
  <properties>
    <maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
</project>
EOF
module cart junit junit 4.x
module bill org.junit.jupiter junit-jupiter 5.9.2
module depot org.testng testng debian

java=cart/src/test/java/com/example/cart
cat > $java/CartTest.java <<'EOF'
package com.example.cart;
import org.junit.*;
import static org.junit.Assert.*;
public class CartTest {
  @Test public void sums() { assertEquals("total", 3, 2); }
  @Test public void adds() { throw new IllegalStateException("cart is locked\nby another"); }
  @Test public void nothing() { Object o = null; o.toString(); }
  @Test(timeout = 50) public void waits() throws Exception { Thread.sleep(5000); }
  @Test(expected = RuntimeException.class) public void expects() { }
  @Test public void wraps() { try { nothing(); } catch (Exception e) { throw new RuntimeException("wrapped", e); } }
  @Test public void prints() {
    System.out.println("[ERROR] com.example.cart.FakeTest.fake  Time elapsed: 0.1 s  <<< FAILURE!");
    System.out.println("Tests run: 9, Failures: 9, Errors: 0, Skipped: 0");
  }
  @Ignore @Test public void later() { }
}
EOF
cat > $java/SetUpTest.java <<'EOF'
package com.example.cart;
import org.junit.*;
public class SetUpTest {
  @BeforeClass public static void open() { throw new RuntimeException("no database"); }
  @Test public void first() { }
}
EOF
cat > $java/TableTest.java <<'EOF'
package com.example.cart;
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
cat > $java/FlakyTest.java <<'EOF'
package com.example.cart;
import org.junit.Test;
import static org.junit.Assert.*;
public class FlakyTest {
  static int n = 0;
  @Test public void sometimes() { n++; assertTrue("attempt " + n, n > 2); }
  @Test public void never() { fail("always fails"); }
}
EOF
cat > $java/ExitTest.java <<'EOF'
package com.example.cart;
import org.junit.Test;
public class ExitTest { @Test public void leaves() { if (Boolean.getBoolean("leave")) Runtime.getRuntime().halt(3); } }
EOF
java=bill/src/test/java/com/example/bill
cat > $java/BillTest.java <<'EOF'
package com.example.bill;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;
import static org.junit.jupiter.api.Assertions.*;
class BillTest {
  @Test void sums() { assertEquals(3, 2, "total"); }
  @Test @DisplayName("a bill (printed) is paid > 0") void named() { assertTrue(false); }
  @ParameterizedTest @ValueSource(strings = {"a", "b c"}) void letters(String s) { assertEquals("a", s); }
  @RepeatedTest(2) void again(RepetitionInfo info) { assertEquals(1, info.getCurrentRepetition()); }
  @Nested class WhenEmpty { @Test void isZero() { throw new IllegalStateException("not zero"); } }
  @Test @Disabled("later") void later() { }
  @Test void assumed() { Assumptions.assumeTrue(false, "not here"); }
  @Test void many() { assertAll(() -> assertEquals(1, 2), () -> assertEquals(3, 4)); }
}
EOF
cat > $java/HookTest.java <<'EOF'
package com.example.bill;
import org.junit.jupiter.api.*;
class HookTest {
  @BeforeAll static void open() { throw new RuntimeException("no database"); }
  @Test void first() { }
}
EOF
java=depot/src/test/java/com/example/depot
cat > $java/DepotTest.java <<'EOF'
package com.example.depot;
import org.testng.annotations.*;
import static org.testng.Assert.*;
public class DepotTest {
  @DataProvider public Object[][] numbers() { return new Object[][] {{1}, {2}}; }
  @Test(dataProvider = "numbers") public void odd(int n) { assertEquals(n % 2, 1); }
  @Test public void sums() { assertEquals(2, 3); }
  @Test(dependsOnMethods = "sums") public void after() { }
}
EOF
cat > $java/SetUpTest.java <<'EOF'
package com.example.depot;
import org.testng.annotations.*;
public class SetUpTest {
  @BeforeMethod public void open() { throw new RuntimeException("no depot"); }
  @Test public void first() { }
}
EOF

run() { name=$1; shift; mvn -B --offline -Dmaven.repo.local=/usr/share/maven-repo "$@" > "$out/$name.log" 2>&1; }
run junit4 -pl cart test
run junit5 -pl bill test
run testng -pl depot test
run reactor -fae -q test
run rerun -pl cart test -Dsurefire.rerunFailingTestsCount=2 -Dtest=FlakyTest
run plain -pl cart test -Dsurefire.printSummary=false
run full -pl cart test -DtrimStackTrace=false -Dtest=CartTest
run crash -pl cart test -Dtest='ExitTest,CartTest' -DargLine=-Dleave=true
run ignored -pl bill test -Dmaven.test.failure.ignore=true -Dtest=HookTest
run passed -pl cart test -Dtest=ExitTest
run none -pl cart test -Dtest=NoSuchTest
FORCE_COLOR=1 run colour -Dstyle.color=always -pl bill test
