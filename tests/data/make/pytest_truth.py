"""Prints which tests failed, from a pytest-json-report file, for the logs' tests."""

import json
import re
import sys
from pathlib import Path

FAILED = ("failed", "error")


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    failed = {}
    for test in report.get("tests", []):
        stages = [test.get(stage, {}) for stage in ("call", "setup", "teardown")]
        bad = [stage for stage in stages if stage.get("outcome") == "failed"]
        if test["outcome"] in FAILED or bad:
            crash = bad[0].get("crash", {}) if bad else {}
            failed[test["nodeid"]] = crash.get("message", "").split("\n")[0]
    xml = Path(sys.argv[1]).with_suffix(".xml").read_text(encoding="utf-8")
    collecting = r'classname="" name="([^"]+)"[^>]*><error message="collection failure"'
    failed.update({name.replace(".", "/") + ".py": "" for name in re.findall(collecting, xml)})
    summary = report.get("summary", {})
    twice = sum(
        test.get("call", {}).get("outcome") == "failed"
        and test.get("teardown", {}).get("outcome") == "failed"
        for test in report.get("tests", [])
    )
    print(json.dumps({"failed": failed, "twice": twice, "exitcode": report["exitcode"], "passed": summary.get("passed", 0)}, indent=1))


main()
