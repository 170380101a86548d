#!/usr/bin/env bash
# npm run check: types, lint, format, all tests (the direction of imports is one of them), and the package
# as npm packs it in the hands of its users.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
tsc --noEmit
oxlint --type-aware --deny-warnings
oxfmt --check .
# Browsers start slowly on a busy machine: their hooks get as long as their tests.
bun test --timeout 60000
npm run --silent check:package
