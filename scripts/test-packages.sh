#!/bin/sh
# Installs from Debian the foreign programs that the tests talk to. Nothing is skipped: what cannot be installed fails the run.
set -eu
WANTED="chromium postfix swaks libnet-ssleay-perl opendkim-tools isync getmail6 curl dovecot-imapd dovecot-pop3d dovecot-lmtpd nsd unbound ldnsutils strace iproute2 procps openssl"
missing=""
for package in $WANTED; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
echo "installing from Debian:$missing"
as_root apt-get -qq update
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
