#!/usr/bin/env bash
# Reads the log of a `dotnet test` run and prints "PASSED FAILED SKIPPED" from its closing summary.
# usage: eng/test-summary.sh LOG      exit 1 when there is no whole summary or no test ran
set -euo pipefail

sed -E 's/\x1b\[[0-9;]*[A-Za-z]//g; s/\r$//' "$1" | awk '
  /^Test run summary:/ { seen = 1; total = failed = passed = skipped = "" }
  seen && /^ *total: [0-9]+$/     { total = $2 }
  seen && /^ *failed: [0-9]+$/    { failed = $2 }
  seen && /^ *succeeded: [0-9]+$/ { passed = $2 }
  seen && /^ *skipped: [0-9]+$/   { skipped = $2 }
  END {
    if (total == "" || failed == "" || passed == "" || skipped == "") { print "no test summary found" > "/dev/stderr"; exit 1 }
    if (total != passed + failed + skipped) { print "the test summary does not add up" > "/dev/stderr"; exit 1 }
    if (passed + failed == 0) { print "no test ran" > "/dev/stderr"; exit 1 }
    print passed, failed, skipped
  }'
