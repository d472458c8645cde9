# Who listens on the ports that Mailstead needs. Sourced; needs words.sh. Reads /proc, for a small machine has no ss.

# port_owner PORT: `name process unit` of who listens there; fails when nobody does.
port_owner() {
  hex=$(printf '%04X' "$1")
  inode=$(awk -v port="$hex" '$4 == "0A" && $2 ~ ":" port "$" { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [ -n "$inode" ] || return 1
  owner=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null | cut -d/ -f3)
  [ -n "$owner" ] || { echo 'another-program ? ?'; return 0; }
  service=$(sed -n 's|.*/\([^/]*\)\.service$|\1|p' "/proc/$owner/cgroup" 2>/dev/null | head -n 1)
  echo "$(basename "$(readlink "/proc/$owner/exe" || cat "/proc/$owner/comm")") $owner ${service:-?}"
}

# require_free_ports: stops at the first that is taken, and names its owner.
require_free_ports() {
  for port in 25 587 465 143 993 110 995 80 443; do
    found=$(port_owner "$port") || continue
    # shellcheck disable=SC2086
    set -- $found
    if [ "$3" != '?' ]; then
      next="End it for good: sudo systemctl disable --now $3"
    elif [ "$2" != '?' ]; then
      next="End it first: sudo kill $2"
    else
      next="Find it with: sudo ss -ltnp 'sport = :$port'"
    fi
    fail "Port $port is taken by $1 (process $2), and Mailstead needs it. Nothing was changed." "$next" "Then run this again."
  done
}
