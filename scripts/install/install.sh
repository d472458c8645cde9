#!/bin/sh
# sudo ./install.sh: installs Mailstead, or upgrades what is installed. Called by ../../install.sh with hostname and admin set.
#
# 1. Until the new version is whole and named, nothing of the old one is touched.
# 2. An upgrade that does not become ready is taken back, databases included.
# 3. Run again with the same version it puts right what is missing and changes nothing else.
set -eu
umask 022
root=$(cd "$(dirname "$0")/../.." && pwd)
for part in words packages places service ports stage switch; do . "$root/scripts/install/$part.sh"; done

require_root
# shellcheck disable=SC1091
. /etc/os-release
case "${ID:-}" in
  debian) oldest=12 ;;
  ubuntu) oldest=22 ;;
  *) fail "Mailstead installs itself on Debian 12 or newer and Ubuntu LTS; this is ${PRETTY_NAME:-something else}." ;;
esac
# Debian's testing has no number.
[ "$(printf '%s' "${VERSION_ID:-99}" | cut -d. -f1)" -ge $oldest ] || fail "$PRETTY_NAME is too old: Mailstead needs Debian 12 or Ubuntu 22.04."

present=$(version_of current)
service_runs || require_free_ports

printf '%sMailstead %s%s\n' "$bold" "$(program_version)" "$plain"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  say "Installing nodejs and npm from the distribution"
  export DEBIAN_FRONTEND=noninteractive
  quietly "apt-get update" apt-get update -q || fail "Nothing was changed." "Is the network there? Then run this again."
  quietly "apt-get install" apt-get install -q -y --no-install-recommends nodejs npm ca-certificates || fail "Nothing was changed."
fi

choose_version
if [ -e "$opt/$version" ]; then
  say "The program is in $opt/$version"
else
  stage_version
  say "The program is in $opt/$version"
fi

if ! id mailstead >/dev/null 2>&1; then
  useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin mailstead
  say "The user mailstead owns the mail, and nothing else"
fi
install -d -m 0700 -o mailstead -g mailstead "$data" "$cache"
install -d -m 0755 "$etc"
if [ ! -e "$etc/mailstead.jsonc" ]; then
  install -m 0644 "$root/scripts/install/mailstead.jsonc" "$etc/mailstead.jsonc"
  say "Settings to start with are in $etc/mailstead.jsonc"
fi

if [ -z "$present" ]; then
  switch_to "$version"
  say "Starting"
  start_service || :
  wait_ready || fail "Mailstead did not become ready. The end of its log:" '' "$(service_log)" '' "$("$command" --data "$data" status 2>&1 || :)" '' "Everything is in place: mend what it names, then run this again."
elif [ "$present" = "$version" ]; then
  switch_to "$version"
  if service_runs; then say "It runs already"; else
    say "Starting"
    start_service || :
  fi
  wait_ready || fail "Mailstead is not ready. The end of its log:" '' "$(service_log)" '' "Mend what it names, then run this again."
else
  upgrade_to "$version"
fi

sh "$opt/current/scripts/install/farewell.sh"
