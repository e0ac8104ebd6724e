#!/usr/bin/env bash
# Runs the benchmarks that match FILTER and prints their tables, as Markdown.
# usage: eng/bench.sh FILTER [BenchmarkDotNet options]     e.g. eng/bench.sh '*PolicyEvaluation*' --job short
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -ge 1 ] || { echo "usage: eng/bench.sh FILTER [BenchmarkDotNet options]" >&2; exit 2; }
filter=$1
shift

out=artifacts/bench
rm -rf "$out"
mkdir -p "$out"
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1
dotnet build bench/Agt.Benchmarks -c Release -v q -nologo >&2
# the run itself is long and chatty: it goes to the error stream, so that the tables can be piped
dotnet run --no-build -c Release --project bench/Agt.Benchmarks -- --filter "$filter" --exporters GitHub --artifacts "$out" "$@" >&2

shopt -s nullglob
tables=("$out"/results/*-report-github.md)
if [ ${#tables[@]} -eq 0 ]; then
  echo "no benchmark matches $filter" >&2
  exit 1
fi
rc=0
for table in "${tables[@]}"; do
  title=$(basename "$table" -report-github.md)
  printf '\n### %s\n\n' "${title##*.}"
  cat "$table"
  if grep -q '^Benchmarks with issues' "$table"; then rc=1; fi   # a benchmark that did not run is no figure
done
exit "$rc"
