#!/bin/sh
# Leaves node_modules/.bin/mailstead: npm does not link a package's own command, and the machine's node is too old for it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ -d "$root/node_modules/.bin" ] || exit 0
cat > "$root/node_modules/.bin/mailstead" <<'END'
#!/bin/sh
self=$(readlink -f "$0")
root=$(cd "$(dirname "$self")/../.." && pwd)
# Compiled code is kept: a start from it takes a third of the time and half of the memory.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compile}"
exec "$root/node_modules/node/bin/node" --disable-warning=ExperimentalWarning "$root/daemon/cli/main.ts" "$@"
END
chmod 755 "$root/node_modules/.bin/mailstead"
