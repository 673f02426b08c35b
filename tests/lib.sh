# SPDX-License-Identifier: Apache-2.0
# Shared by shell tests; sourced by bash and busybox sh.
#   On the host:   cd "$(dirname "$0")/../.." && . tests/lib.sh && host_test NAME [INPUT]...
#   In the guest:  . ./lib.sh        (tools/vm/run puts it beside the script)
# Results are lines as docs/testing.md describes them. $failed is 1 after a failure.
# shellcheck shell=bash
failed=0
ok() { echo "ok - $1"; }
# bad NAME [DETAIL]...: reports a failure; without details, the output of the last `expect` follows.
bad() {
  failed=1
  echo "not ok - $1"
  shift
  if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
  elif [ -n "${dir:-}" ]; then
    cat "$dir/out" "$dir/err" 2> /dev/null | head -n 40
  fi
}
# check NAME CONDITION: the condition is shell text; its first $? is the status of the previous
# command.
check() { if eval "$2"; then ok "$1"; else bad "$1"; fi; }
# await CONDITION [SECONDS]: waits until it is true, at most 60 seconds; an emulated guest on a busy
# machine is slow.
await() {
  local tries=$((${2:-60} * 10))
  while [ $tries -gt 0 ]; do
    eval "$1" && return 0
    sleep 0.1
    tries=$((tries - 1))
  done
  return 1
}

# On the host.
# host_test NAME [INPUT]...: sets $saker, and $dir for the test's files, which is removed at its
# end. If an input is missing, the test is skipped.
host_test() {
  local name=$1 input
  shift
  saker=${PROGRAMS:-build}/saker
  [ -x "$saker" ] || { bad "$saker is built"; exit 1; }
  for input; do [ -e "$input" ] || { echo "no input: $input"; exit 77; }; done
  dir=$(mktemp -d "${TMPDIR:-/tmp}/saker-$name.XXXXXX")
  trap 'rm -rf "$dir"' EXIT
  export TZ=UTC
}
# expect STATUS NAME ARGUMENT...: runs saker, which must exit with that status; its output is in
# $dir/out, its errors are in $dir/err.
expect() {
  local want=$1 what=$2 got=0
  shift 2
  "$saker" "$@" > "$dir/out" 2> "$dir/err" || got=$?
  if [ $got = "$want" ]; then ok "$what"; else bad "$what (status $got, not $want)"; fi
}
# says FILE TEXT NAME, matches FILE REGEX NAME: a file in $dir contains it. same A B NAME: two texts
# are equal.
says() {
  if grep -qF -- "$2" "$dir/$1"; then ok "$3"; else bad "$3" "$(head -n 40 "$dir/$1")"; fi
}
matches() {
  if grep -qE -- "$2" "$dir/$1"; then ok "$3"; else bad "$3" "$(head -n 40 "$dir/$1")"; fi
}
same() {
  if [ "$1" = "$2" ]; then ok "$3"; else bad "$3" "$(printf '%s\n--- is not:\n%s' "$1" "$2")"; fi
}
# holds CONDITION NAME: the condition is true for the JSON in $dir/out, according to jq.
holds() {
  if [ -s "$dir/out" ] && jq -e "$1" "$dir/out" > "$dir/jq" 2>&1; then ok "$2"; else bad "$2"; fi
}

# In the guest.
# start_until TEXT LOG COMMAND [ARGUMENT]...: starts the command, its errors in LOG, and waits until
# LOG has TEXT. Its process number is in $pid. LOG is removed first: an earlier command's text would
# end the wait too soon.
start_until() {
  local text=$1 errors=$2
  shift 2
  rm -f "$errors"
  "$@" 2> "$errors" &
  pid=$!
  await "grep -q '$text' '$errors'" && return
  bad "$1 starts" "$(cat "$errors")"
  return 1
}
# start_daemon [ARGUMENT]...: starts sakerd and waits until it watches; its process id is in $pid,
# its log in ./log.
start_daemon() { start_until watching log sakerd "$@"; }
# stop_daemon: stops it like a service manager; returns its exit status.
stop_daemon() {
  kill "$pid"
  wait "$pid"
}
# counter [SECTION] NAME: a number in the daemon's status.
counter() {
  case $# in
    1) saker status --json | sed "s/.*\"$1\":\([0-9]*\).*/\1/" ;;
    *) saker status --json | sed "s/.*\"$1\":{[^}]*\"$2\":\([0-9]*\).*/\1/" ;;
  esac
}
