#!/bin/sh
# npm test: sets up what a fresh Debian with node and npm lacks, then checks and tests everything.
#   scripts/test.sh          the whole (under 15 minutes on 2 cores)
#   scripts/test.sh --long   what takes longer
set -eu
cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$*"; }

say "setting up"
[ -x node_modules/.bin/tsc ] && [ -x node_modules/node/bin/node ] || npm ci --no-audit --no-fund
PATH="$PWD/node_modules/node/bin:$PWD/node_modules/.bin:$PATH"
export PATH
sh scripts/test-packages.sh

say "checks"
tsc -p tsconfig.json
tsc -p panel/tsconfig.json --noEmit
tsc -p test/panel/tsconfig.json
biome check --diagnostic-level=error --max-diagnostics=30 .
oxlint --type-aware --quiet daemon panel scripts test
node scripts/checks/imports.ts
node scripts/checks/specifications.ts
node scripts/checks/top-level.ts

say "panel"
vite build -c panel/vite.config.ts --logLevel warn

if [ "${1:-}" = --long ]; then
  say "long tests"
  exec node --test --test-concurrency=1 --test-timeout=1800000 'test/long/**/*.test.ts'
fi
say "tests"
node --test --test-concurrency=2 --test-timeout=300000 'test/!(long|flows|interop)/**/*.test.ts'
# These run whole servers, foreign ones too, and browsers: one at a time, so that none waits for another's load.
say "flows and foreign programs"
exec node --test --test-concurrency=1 --test-timeout=300000 'test/{flows,interop}/**/*.test.ts'
