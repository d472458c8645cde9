#!/bin/sh
# Installs Mailstead, or starts a trial of it.
#
#   ./install.sh --trial [DIR] [--stop] [-- serve options]     a trial in DIR (./trial), without root, on high local ports
#   sudo ./install.sh [--hostname H] [--admin EMAIL]           installs, or upgrades what is installed
#   sudo ./install.sh --rollback                               goes back to the version before the last upgrade
#   sudo ./install.sh --uninstall [--purge]                    removes the program; with --purge the mail and settings too
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/scripts/install/words.sh"

usage() { sed -n '4,7s/^# *//p' "$root/install.sh"; }

action=install hostname='' admin='' purge=no
case "${1:-}" in
  --trial)
    shift
    exec sh "$root/scripts/install/trial.sh" "$@"
    ;;
esac
while [ $# -gt 0 ]; do
  case "$1" in
    --hostname | --admin)
      [ $# -ge 2 ] || fail_usage "$1 needs a value"
      case "$1" in --hostname) hostname=$2 ;; *) admin=$2 ;; esac
      shift
      ;;
    --hostname=*) hostname=${1#*=} ;;
    --admin=*) admin=${1#*=} ;;
    --rollback) action=rollback ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --help | -h)
      usage
      exit 0
      ;;
    --trial) fail_usage "--trial stands first: ./install.sh --trial [DIR]" ;;
    *) fail_usage "install.sh has no option $1" ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$action" = uninstall ] || fail_usage "--purge goes with --uninstall"
export hostname admin purge
exec sh "$root/scripts/install/$action.sh"
