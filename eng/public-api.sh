#!/usr/bin/env bash
# Rewrites PublicAPI.Unshipped.txt of every project under src to what the code declares now, and says which changed.
# usage: eng/public-api.sh [PROJECT_NAME...]     e.g. eng/public-api.sh Agt.Core
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dotnet build eng/Agt.Docs -v q -nologo >&2
changed=0
failed=0
while IFS= read -r csproj; do
  dir=$(dirname "$csproj")
  name=$(basename "$csproj" .csproj)
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi

  file="$dir/PublicAPI.Unshipped.txt"
  keep="$dir/obj/PublicAPI.Unshipped.before"
  mkdir -p "$dir/obj"
  [ -f "$dir/PublicAPI.Shipped.txt" ] || printf '#nullable enable\n' > "$dir/PublicAPI.Shipped.txt"
  if [ -f "$file" ]; then cp "$file" "$keep"; else : > "$keep"; fi
  trap 'cp "$keep" "$file"' EXIT      # an interrupted or failed build leaves the file as it was

  # With the file empty the analyzer reports every member, and the log holds the exact line for each.
  printf '#nullable enable\n' > "$file"
  rm -f "$dir/obj/public-api.sarif"
  if ! dotnet build "$csproj" -v q -nologo -p:TreatWarningsAsErrors=false -p:MSBuildTreatWarningsAsErrors=false \
      '-p:ErrorLog=obj/public-api.sarif%2Cversion=2.1' > "$dir/obj/public-api.log" 2>&1; then
    grep -E ': error ' "$dir/obj/public-api.log" | sort -u | head -20 >&2 || true
    echo "$name: does not build, left as it was" >&2
    exit 1
  fi
  if [ ! -s "$dir/obj/public-api.sarif" ]; then echo "$name: the build wrote no log" >&2; exit 1; fi

  if dotnet run --no-build --project eng/Agt.Docs -- public-api "$dir"; then
    trap - EXIT
    if cmp -s "$keep" "$file"; then echo "$name: unchanged"; else echo "$name: changed"; changed=$((changed + 1)); fi
  else
    cp "$keep" "$file"; trap - EXIT
    failed=1
  fi
done < <(find src -name '*.csproj' -not -path '*/obj/*' | LC_ALL=C sort)

echo "public API: $changed changed"
exit "$failed"
