# Where an installed Mailstead lies. Sourced; needs words.sh.
opt=/opt/mailstead
data=/var/lib/mailstead
etc=/etc/mailstead
cache=/var/cache/mailstead
command=/usr/local/bin/mailstead
unit=/etc/systemd/system/mailstead.service
pidfile=$data/run/mailstead.pid

require_root() {
  [ "$(id -u)" = 0 ] || fail "This needs root, and root alone." "Run it with sudo: sudo ./install.sh"
}

# The version directory that a link names, '' when there is none.
version_of() {
  [ -L "$opt/$1" ] && basename "$(readlink "$opt/$1")" || :
}

# point_link NAME VERSION: in one step, so that the link always leads somewhere.
point_link() {
  ln -sfn "$2" "$opt/.$1.new"
  mv -Tf "$opt/.$1.new" "$opt/$1"
}

# as_owner COMMAND...: as the user of the data.
as_owner() {
  setpriv --reuid=mailstead --regid=mailstead --init-groups --inh-caps=-all -- "$@"
}
