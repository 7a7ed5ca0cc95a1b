#!/usr/bin/env python3
"""Sums up what test runners wrote and prints `N passed, N failed`; exits 1 unless something passed and nothing failed.

Arguments: KIND=FILE, where KIND is junit (ctest and pytest), tap (node --test) or step (a file with the exit status of
a step that is no test, such as a build; it counts only when it failed). A file that is missing or cannot be read
counts as one failure: its runner did not come to its end.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

CATCH_ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
CATCH_SUMMARY = re.compile(r"^test cases:(.*)$", re.MULTILINE)


def catch_cases(text):
    """Passed and failed test cases of a Catch2 binary; nothing when it printed no summary (another kind of test)."""
    match = CATCH_ALL_PASSED.search(text)
    if match:
        return int(match[1]), 0
    match = CATCH_SUMMARY.search(text)
    if match:
        numbers = dict((word, int(count)) for count, word in re.findall(r"(\d+) (passed|failed)", match[1]))
        return numbers.get("passed", 0), numbers.get("failed", 0)
    return None


def junit(path):
    passed = failed = 0
    for case in ElementTree.parse(path).iter("testcase"):
        is_broken = case.find("failure") is not None or case.find("error") is not None
        is_broken = is_broken or case.get("status") in ("fail", "notrun")
        if not is_broken and (case.find("skipped") is not None or case.get("status") == "disabled"):
            continue
        cases = catch_cases(case.findtext("system-out") or "")
        if cases is None:
            cases = (0, 1) if is_broken else (1, 0)
        elif is_broken and cases[1] == 0:
            cases = (cases[0], 1)  # failed after its last test case, as a leak does
        passed += cases[0]
        failed += cases[1]
    return passed, failed


def tap(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        numbers = dict(re.findall(r"^# (pass|fail|cancelled) (\d+)$", file.read(), re.MULTILINE))
    return int(numbers["pass"]), int(numbers["fail"]) + int(numbers["cancelled"])


def step(path):
    with open(path, encoding="utf-8") as file:
        return (0, 0) if int(file.read()) == 0 else (0, 1)


def main(arguments):
    readers = {"junit": junit, "tap": tap, "step": step}
    passed = failed = 0
    for argument in arguments:
        kind, path = argument.split("=", 1)
        try:
            counts = readers[kind](path)
        except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
            print(f"no result of a test runner: {path}: {error!r}", file=sys.stderr)
            counts = (0, 1)
        passed += counts[0]
        failed += counts[1]
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
