#!/usr/bin/env bash
# Runs one corpus through the real engine: the tests that carry the trait Corpus=NAME. One test case is one unit of the corpus; a skipped case is an excluded unit
# and says why. Closes with "corpus NAME: N passed, N failed, N excluded".
# usage: eng/corpus.sh NAME [FOLDER]     FOLDER holds the corpora; default $AGT_CORPORA, else ../shared/data
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# name | test project | folder of the corpus below the corpora's folder
corpora='
policies|tests/Agt.Policy.Tests|policies-agt
acs|tests/Agt.Policy.Tests|acs-conformance
'

usage() {
  echo "usage: eng/corpus.sh NAME [FOLDER]" >&2
  echo "known corpora:" >&2
  awk -F'|' 'NF == 3 { printf "  %s\n", $1 }' <<< "$corpora" >&2
  exit 2
}

[ $# -ge 1 ] && [ $# -le 2 ] || usage
name=$1
line=$(awk -F'|' -v name="$name" 'NF == 3 && $1 == name' <<< "$corpora")
[ -n "$line" ] || { echo "unknown corpus: $name" >&2; usage; }
IFS='|' read -r _ project inside <<< "$line"

folder=${2:-${AGT_CORPORA:-../shared/data}}
if [ ! -d "$folder/$inside" ]; then
  echo "corpus $name: no folder $inside in $folder; give the corpora's folder as second argument or in AGT_CORPORA" >&2
  exit 2
fi
AGT_CORPORA=$(cd "$folder" && pwd)
export AGT_CORPORA DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rc=0
dotnet test --project "$project" --filter-trait "Corpus=$name" 2>&1 | tee "$log" || rc=$?
if ! counts=$(bash eng/test-summary.sh "$log"); then
  echo "corpus $name: 0 passed, 0 failed, 0 excluded"
  exit 1
fi
read -r passed failed skipped <<< "$counts"
if [ "$failed" -gt 0 ] && [ "$rc" -eq 0 ]; then rc=1; fi
echo "corpus $name: $passed passed, $failed failed, $skipped excluded"
exit "$rc"
