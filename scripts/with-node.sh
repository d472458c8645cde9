#!/bin/sh
# Runs a command under the pinned Node 24 of node_modules, whatever the machine's own node is.
root=$(cd "$(dirname "$0")/.." && pwd)
PATH="$root/node_modules/node/bin:$root/node_modules/.bin:$PATH"
export PATH
exec "$@"
