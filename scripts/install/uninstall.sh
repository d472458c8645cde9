#!/bin/sh
# sudo ./install.sh --uninstall [--purge]: removes the program, and with --purge mail and settings too.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for part in words places service; do . "$root/scripts/install/$part.sh"; done

require_root
[ -e "$opt" ] || [ "$purge" = yes ] || fail "Mailstead is not installed. Nothing was changed."
say "Stopping Mailstead"
stop_service
if has_systemd && [ -e "$unit" ]; then
  systemctl disable --quiet mailstead 2>/dev/null || :
  rm -f "$unit"
  systemctl daemon-reload
  systemctl reset-failed mailstead 2>/dev/null || :
fi
case "$(readlink "$command" 2>/dev/null)" in "$opt"/*) rm -f "$command" ;; esac
rm -rf "$opt" "$cache"
say "The program is removed"
if [ "$purge" = yes ]; then
  rm -rf "$data" "$etc"
  if id mailstead >/dev/null 2>&1; then userdel mailstead; fi
  say "All mail, accounts and settings are removed"
else
  say "Mail and accounts stay in $data, settings in $etc; a new install finds them there"
  say "To remove them too: sudo ./install.sh --uninstall --purge"
fi
