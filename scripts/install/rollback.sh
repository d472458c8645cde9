#!/bin/sh
# sudo ./install.sh --rollback: back to the version before the last upgrade.
set -eu
umask 022
root=$(cd "$(dirname "$0")/../.." && pwd)
for part in words places service switch; do . "$root/scripts/install/$part.sh"; done

require_root
newer=$(version_of current)
older=$(version_of previous)
[ -n "$older" ] && [ -d "$opt/$older" ] || fail "There is no earlier version to go back to. Nothing was changed."
printf '%sMailstead %s%s\n' "$bold" "$older" "$plain"
say "Stopping $newer"
stop_service
copies=$data/backup-before-$newer
if [ -d "$copies" ]; then
  given=$(databases give-back "$newer" "$copies") || fail "The databases could not be given back; $newer is stopped." "Start it again: sudo systemctl start mailstead"
  for name in $given; do say "$name is as it was before the upgrade; what it was since is in $data/replaced-by-rollback"; done
fi
switch_to "$older"
rm -f "$opt/previous"
say "Starting $older"
start_service || :
wait_ready || fail "$older did not become ready. The end of its log:" '' "$(service_log)"
say "$older runs. $newer is still in $opt/$newer"
