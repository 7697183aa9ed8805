#!/usr/bin/env bash
# Makes tests/data/junitconsole/*.log by really running JUnit's own console runners, JUnit
# 4.13 and the JUnit Platform 1.9 (Debian's junit4 and junit5), in /build/junit.
set -u
out=$(cd "$(dirname "$0")/../junitconsole" && pwd)
jars=/usr/share/java
four=$jars/junit4.jar:$jars/hamcrest-core.jar
five=$(ls $jars/{junit-platform-*,junit-jupiter*,junit-vintage-engine,opentest4j*,apiguardian-api,picocli,univocity-parsers}.jar | tr '\n' ':')
rm -rf /build/junit && mkdir -p /build/junit/{four,five}/com/example && cd /build/junit || exit 1
cat > four/com/example/CartTest.java <<'EOF'
package com.example;
import org.junit.*;
import static org.junit.Assert.*;
public class CartTest {
  @Test public void sums() { assertEquals("total", 3, 2); }
  @Test public void adds() { throw new IllegalStateException("cart is locked"); }
  @Test(timeout = 50) public void waits() throws Exception { Thread.sleep(5000); }
  @Test public void prints() { System.out.println("1) fake(com.example.FakeTest)\nTests run: 9,  Failures: 9"); }
  @Ignore @Test public void later() { }
}
EOF
cat > four/com/example/SetUpTest.java <<'EOF'
package com.example;
import org.junit.*;
public class SetUpTest {
  @BeforeClass public static void open() { throw new RuntimeException("no database"); }
  @Test public void first() { }
}
EOF
echo 'package com.example; public class GoodTest { @org.junit.Test public void fine() { } }' > four/com/example/GoodTest.java
cat > five/com/example/BillTest.java <<'EOF'
package com.example;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;
import static org.junit.jupiter.api.Assertions.*;
class BillTest {
  @Test void sums() { assertEquals(3, 2, "total"); }
  @Test void ok() { }
  @Test @DisplayName("a bill (printed) is paid > 0") void named() { assertTrue(false); }
  @ParameterizedTest @ValueSource(strings = {"a", "b c"}) void letters(String s) { assertEquals("a", s); }
  @Nested class WhenEmpty { @Test void isZero() { throw new IllegalStateException("not zero"); } }
  @Test @Disabled("later") void later() { }
}
EOF
cat > five/com/example/HookTest.java <<'EOF'
package com.example;
import org.junit.jupiter.api.*;
class HookTest {
  @BeforeAll static void open() { throw new RuntimeException("no database"); }
  @Test void first() { }
}
EOF
javac -cp "$four" -d four/out four/com/example/*.java
javac -cp "$five" -d five/out five/com/example/*.java
junit4() { name=$1; shift; java -cp "$four:four/out" org.junit.runner.JUnitCore "$@" > "$out/$name.log" 2>&1; }
junit5() { name=$1; shift; java -cp "$five:five/out" org.junit.platform.console.ConsoleLauncher --disable-banner --disable-ansi-colors "$@" > "$out/$name.log" 2>&1; }
junit4 four com.example.CartTest com.example.SetUpTest
junit4 four_passed com.example.GoodTest
junit5 five --class-path five/out --scan-class-path five/out
