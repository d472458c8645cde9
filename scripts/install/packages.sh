# The npm packages of a folder, the pinned Node among them, and the built panel. Sourced; needs words.sh.

# Without these nothing can be fetched or run.
require_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return 0
  fail "Mailstead needs node and npm, and this machine has none." "Install them: sudo apt install nodejs npm" "Then run this again."
}

# packages_are_current FOLDER
packages_are_current() {
  [ -x "$1/node_modules/node/bin/node" ] && [ -x "$1/node_modules/.bin/mailstead" ] && [ -x "$1/node_modules/.bin/vite" ] &&
    [ -f "$1/node_modules/.package-lock.json" ] && [ -z "$(find "$1/package-lock.json" -newer "$1/node_modules/.package-lock.json")" ]
}

# fetch_packages FOLDER [npm options]: exactly those of package-lock.json. Scripts of packages do not run, but for the one
# step that puts the pinned Node in its place: the machine's own may be too old for anything else.
fetch_packages() {
  (
    cd "$1" && shift
    NODE_OPTIONS="--require=\"$PWD/scripts/install/pinned-node-version.cjs\"" \
      npm ci --no-audit --no-fund --no-update-notifier --ignore-scripts "$@" &&
      (cd node_modules/node && node installArchSpecificPackage) &&
      node_modules/node/bin/node --version &&
      sh scripts/link-command.sh
  )
}

# panel_is_current FOLDER
panel_is_current() {
  [ -f "$1/panel/dist/index.html" ] &&
    [ -z "$(find "$1/panel" "$1/package-lock.json" -path "$1/panel/dist" -prune -o -type f -newer "$1/panel/dist/index.html" -print -quit)" ]
}

# build_panel FOLDER
build_panel() {
  (cd "$1" && sh scripts/with-node.sh vite build -c panel/vite.config.ts --logLevel warn)
}
