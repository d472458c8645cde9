# Starting and stopping the installed daemon, with systemd or without. Sourced; needs words.sh and places.sh.

has_systemd() { [ -d /run/systemd/system ]; }

service_runs() {
  if has_systemd; then systemctl is-active --quiet mailstead 2>/dev/null; else daemon_pid >/dev/null; fi
}

# The process of the daemon, if the pid file still names it.
daemon_pid() {
  [ -r "$pidfile" ] && pid=$(cat "$pidfile") && grep -q 'daemon/cli/main.ts' "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

start_service() {
  if has_systemd; then
    systemctl enable --quiet mailstead && systemctl restart mailstead
  else
    start_by_setpriv
  fi
}

start_by_setpriv() {
  install -d -m 0700 -o mailstead -g mailstead "$data/log" "$cache"
  # The bounding set holds what a port below 1024 needs and nothing else.
  (
    umask 077
    cd /
    NODE_COMPILE_CACHE=$cache setsid setpriv --reuid=mailstead --regid=mailstead --init-groups --no-new-privs \
      --bounding-set=-all,+net_bind_service --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service -- \
      "$command" --data "$data" serve --config "$etc/mailstead.jsonc" >>"$data/log/mailstead.log" 2>&1 </dev/null &
  )
}

stop_service() {
  if has_systemd; then
    systemctl stop mailstead 2>/dev/null || :
    return 0
  fi
  pid=$(daemon_pid) || return 0
  kill "$pid"
  tries=0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 400 ] || fail "Process $pid does not end." "End it by hand: kill -KILL $pid"
    sleep 0.1
  done
}

# wait_ready: until the daemon says that all is well, at most a minute.
wait_ready() {
  tries=0
  while [ $tries -lt 120 ]; do
    state=0
    "$command" --data "$data" status >/dev/null 2>&1 || state=$?
    [ $state -ne 0 ] || return 0
    ! gave_up || return 1
    tries=$((tries + 1))
    sleep 0.5
  done
  return 1
}

# gave_up: it ended again and again, or for good.
gave_up() {
  if has_systemd; then
    systemctl is-failed --quiet mailstead || [ "$(systemctl show -p NRestarts --value mailstead)" -ge 3 ]
  else
    [ $tries -gt 10 ] && ! grep -qsa 'daemon/cli/[m]ain.ts.*serve' /proc/[0-9]*/cmdline
  fi
}

service_log() {
  if has_systemd; then journalctl -u mailstead -n 20 --no-pager -o cat 2>/dev/null; else tail -n 20 "$data/log/mailstead.log" 2>/dev/null; fi | cut -c1-300 | sed 's/^/    /'
}
