#!/usr/bin/env bash
# Writes docs/conformance.md from the [Requirement] attributes of the tests. With --check it only compares.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec dotnet run --project eng/Agt.Docs -v q -- conformance "$@"
