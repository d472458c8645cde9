# Puts a version together in a folder beside its place: it is whole when it gets its name. Sourced; needs words.sh, places.sh, packages.sh.

parts='daemon migrations panel scripts package.json package-lock.json LICENSE install.sh'

program_version() { sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json"; }

# What the program is made of, as eight digits: another content is another version.
fingerprint() {
  # shellcheck disable=SC2086
  (cd "$root" && find $parts -path panel/dist -prune -o -type f -print | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c1-8)
}

# choose_version: its folder's name, which is free or holds this very content.
choose_version() {
  version=$(program_version)
  build=$(fingerprint)
  [ ! -e "$opt/$version" ] || [ "$(cat "$opt/$version/BUILD" 2>/dev/null)" = "$build" ] || version="$version-$build"
}

stage_version() {
  install -d -m 0755 "$opt"
  # What an interrupted run left.
  rm -rf "$opt"/.staging.*
  stage=$(mktemp -d "$opt/.staging.XXXXXX")
  trap 'rm -rf "$stage"' EXIT
  extra=$(cd "$root" && ls -d README.md CHANGELOG.md 2>/dev/null || :)
  # shellcheck disable=SC2086
  tar -C "$root" -c --exclude=./panel/dist --exclude=panel/dist --exclude=node_modules $parts $extra | tar -C "$stage" -x --no-same-owner
  say "Fetching packages (a minute or two)"
  quietly "Fetching packages" fetch_packages "$stage" --omit=dev || fail "Nothing was changed." "Is the network there? Then run this again."
  say "Building the panel"
  quietly "Building the panel" build_panel "$stage" || fail "Nothing was changed."
  printf '%s\n' "$build" >"$stage/BUILD"
  chown -R root:root "$stage"
  chmod -R u=rwX,go=rX "$stage"
  quietly "Trying the program" "$stage/node_modules/.bin/mailstead" --version || fail "Nothing was changed."
  mv -T "$stage" "$opt/$version"
  trap - EXIT
}
