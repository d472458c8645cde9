# What the installer says: one calm line a step; a failure with the end of its log and the next step. Sourced.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$(printf '\033[1m') faint=$(printf '\033[2m') live=$(printf '\033[36m') plain=$(printf '\033[0m')
else
  bold='' faint='' live='' plain=''
fi

say() { printf '  %s\n' "$*"; }

# fail SENTENCE [NEXT STEP]...
fail() {
  printf '\n%s\n' "$1" >&2
  shift
  for line in "$@"; do printf '%s\n' "$line" >&2; done
  exit 1
}

fail_usage() {
  printf '%s.\n%s\n' "$1" "./install.sh --help shows how it is used" >&2
  exit 2
}

# quietly WHAT COMMAND...: runs it with its output in a log that is shown only when it fails.
quietly() {
  what=$1
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/mailstead-install.XXXXXX")
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  printf '\n%s failed. The end of its log (%s):\n\n' "$what" "$log" >&2
  tail -n 20 "$log" | sed 's/^/    /' >&2
  return 1
}
