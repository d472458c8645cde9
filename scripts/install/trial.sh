#!/bin/sh
# ./install.sh --trial [DIR] [--stop] [-- serve options]
# Fetches packages and builds the panel when needed, then leaves the rest to trial.ts under the pinned Node.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/scripts/install/words.sh"
. "$root/scripts/install/packages.sh"

dir='' action=start
while [ $# -gt 0 ]; do
  case "$1" in
    --)
      shift
      break
      ;;
    --stop) action=stop ;;
    -*) fail_usage "A trial has no option $1; options of the server stand after --" ;;
    *)
      [ -z "$dir" ] || fail_usage "\"$1\" is one word too many"
      dir=$1
      ;;
  esac
  shift
done

require_node
if ! packages_are_current "$root"; then
  [ "$action" = start ] || fail "Nothing was started from here."
  say "Fetching packages (a minute or two)"
  # Who has the tools of development keeps them.
  if [ -x "$root/node_modules/.bin/tsc" ]; then dev=''; else dev=--omit=dev; fi
  # shellcheck disable=SC2086
  quietly "Fetching packages" fetch_packages "$root" $dev || fail "Nothing was started." "Is the network there? Then run this again."
fi
if [ "$action" = start ] && ! panel_is_current "$root"; then
  say "Building the panel"
  quietly "Building the panel" build_panel "$root" || fail "Nothing was started."
fi
exec "$root/node_modules/node/bin/node" --disable-warning=ExperimentalWarning "$root/scripts/install/trial.ts" "$action" "${dir:-trial}" "$@"
