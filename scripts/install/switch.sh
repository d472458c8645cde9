# From one version to another and back. Sourced; needs words.sh, places.sh, service.sh.

# switch_to VERSION: what runs from the next start on. Its own unit comes with it.
switch_to() {
  point_link current "$1"
  if [ "$(readlink "$command" 2>/dev/null)" != "$opt/current/node_modules/.bin/mailstead" ]; then
    ln -sfn "$opt/current/node_modules/.bin/mailstead" "$command.new"
    mv -Tf "$command.new" "$command"
  fi
  if has_systemd && ! cmp -s "$opt/current/scripts/install/mailstead.service" "$unit"; then
    install -m 0644 "$opt/current/scripts/install/mailstead.service" "$unit"
    systemctl daemon-reload
    say "The service is $unit"
  fi
}

# databases copy|give-back VERSION FOLDER: by the program of VERSION, as the owner of the data.
databases() {
  as_owner "$opt/$2/node_modules/node/bin/node" --disable-warning=ExperimentalWarning "$opt/$2/scripts/install/database-copies.ts" "$1" "$data" "$3"
}

upgrade_to() {
  before=$(version_of current)
  copies=$data/backup-before-$1
  say "Stopping $before"
  stop_service
  say "Copying the databases to $copies"
  if ! quietly "Copying the databases" databases copy "$1" "$copies"; then
    start_service || :
    fail "Nothing was changed; $before runs on." "Is the disk full?"
  fi
  switch_to "$1"
  say "Starting $1"
  start_service || :
  if wait_ready; then
    point_link previous "$before"
    forget_old_versions
    say "Upgraded from $before; ./install.sh --rollback goes back"
    return 0
  fi
  reason=$(service_log)
  stop_service
  databases give-back "$1" "$copies" >/dev/null || :
  switch_to "$before"
  start_service || :
  wait_ready || :
  fail "$1 did not become ready, so $before runs again with its data. The end of the log:" '' "$reason"
}

forget_old_versions() {
  for old in "$opt"/*/; do
    name=$(basename "$old")
    case "$name" in current | previous) continue ;; esac
    [ "$name" = "$(version_of current)" ] || [ "$name" = "$(version_of previous)" ] || rm -rf "${opt:?}/$name"
  done
}
