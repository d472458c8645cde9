#!/bin/sh
# What the host reads when the server runs: where the panel is, and how it is stopped.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for part in words places service; do . "$root/scripts/install/$part.sh"; done

set -- --data "$data" setup --link
[ -z "${hostname:-}" ] || set -- "$@" --hostname "$hostname"
[ -z "${admin:-}" ] || set -- "$@" --admin "$admin"
printf '\n  %sMailstead is running.%s\n\n' "$bold" "$plain"
state=0
link=$("$command" "$@" 2>/dev/null) || state=$?
if [ $state = 0 ]; then
  printf '  %s\n' "Open the panel once with this link to set it up:"
  printf '%s\n' "$link" | sed 's/^/    /'
  printf '  %s\n' "Its certificate is self-made, so the browser asks."
elif [ $state = 5 ]; then
  printf '  %s\n' "Panel    $("$command" --data "$data" status | sed -n 's/^ *panel *//p')"
else
  printf '  %s\n' "For the set-up link: sudo mailstead setup --link"
fi
printf '\n'
if has_systemd; then
  printf '  %-8s %s\n' State "sudo mailstead status" Log "journalctl -u mailstead" Stop "sudo systemctl stop mailstead"
else
  printf '  %-8s %s\n' State "sudo mailstead status" Log "$data/log/mailstead.log" Stop "sudo kill \$(sudo cat $pidfile)" Start "sudo ./install.sh"
fi
printf '\n'
