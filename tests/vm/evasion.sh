# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12
# vm: --file build/tests/evasion:/usr/bin/evasion
# vm: --file build/tests/evasion32:/usr/bin/evasion32 --file docs/evasion.md
# Tries each way around the sensor of tests/evasion/; the live sensor must report the action and the
# program. Ways that are known not to be seen must indeed not be seen, so that the table in
# docs/evasion.md is true.
. ./lib.sh
modprobe saker || exit 1
# A detached mount's files have names from the file system's top on: it is to be that of /.
umount /tmp 2> /dev/null
mkdir -p /tmp/evasion
cat > rules.yaml << 'RULES'
- rule: file opened
  desc: by any name, by any call
  condition: >
    evt.type in (open, openat, openat2, creat, open_by_handle_at) and
    fd.name startswith /tmp/evasion/
  output: "evasion: %fd.name | by %proc.name %evt.type"
  priority: WARNING
- rule: name changed
  desc: of either end
  condition: >
    evt.type in (unlink, unlinkat, mkdir, mkdirat, rename, renameat, renameat2, link, linkat,
    symlink, symlinkat, chmod, fchmodat, fchmodat2, mknod, mknodat) and
    (evt.args contains /tmp/evasion/ or fs.path.name startswith /tmp/evasion/)
  output: "evasion: %evt.args %fs.path.name | by %proc.name %evt.type"
  priority: WARNING
- rule: port reached
  desc: from either side
  condition: >
    evt.type in (connect, accept, accept4, sendto, sendmsg, sendmmsg, recvfrom) and
    fd.sport >= 42000 and fd.sport < 43000
  output: "evasion: port %fd.sport | by %proc.name %evt.type"
  priority: WARNING
- rule: program started
  desc: whatever it is
  condition: evt.type in (execve, execveat) and proc.exepath startswith /tmp/evasion/
  output: "evasion: %proc.exepath | by evasion %evt.type"
  priority: WARNING
RULES
cat > saker.toml << 'TOML'
rules_files = ["/root/rules.yaml"]
[file_output]
enabled = true
filename = "/root/alerts.log"
TOML
start_daemon -c saker.toml || exit 1
evasion list > rows

while IFS='|' read -r id _; do
  : > "/tmp/evasion/$id"
done < rows
sleep 2
: > alerts.log
while IFS='|' read -r id _; do
  evasion "$id" > "done.$id" 2>&1
  echo $? > "status.$id"
done < rows

# seen FILE PORT EVENT: an alert of that event names the file or the port, and the program.
seen() { grep -E "($1|$2)[ |].*by evasion(32)? $3\$" alerts.log > /dev/null; }
table() { printf '| %-22s | %-55s | %s |\n' "$@"; }
{
  table way what seen
  table --- --- ---
} > table
while IFS='|' read -r id file port event not_yet what; do
  status=$(cat "status.$id")
  if [ "$status" = 77 ]; then
    echo "ok - $id: $what # SKIP this kernel does not have it"
    continue
  fi
  check "$id: it was done" "[ $status = 0 ]"
  if [ "$not_yet" = - ]; then
    check "$id: $what" "await 'seen $file \"$port\" $event' 10"
    table "$id" "$what" yes >> table
  else
    check "$id: $what: not seen yet, as the table says" "! seen $file '$port' $event"
    table "$id" "$what" "not yet: $not_yet" >> table
  fi
done < rows
cat table
while read -r line; do
  grep -qF "$line" evasion.md || bad "docs/evasion.md has the row" "$line"
done < table
# What no hook sees is counted, and named in an alert.
saker status > status.text
check "status counts the operations of io_uring" \
  'grep -q "^io_uring .*operations: .*openat [1-9]" status.text'
check "... and those that are asked for but not seen" 'grep -q "not seen: 1 (recv 1)" status.text'
check "... which are an alert, once" \
  'await "grep -q \"operation not seen. Programs use recv \" alerts.log" &&
   [ $(grep -c "operation not seen" alerts.log) = 1 ]'
stop_daemon
check "nothing was lost" 'grep -q ", 0 lost" log'

# Rows A1 must turn red if the socket is looked up by its number after the call. Without direct
# calls it is, so there they must not be seen.
rmmod saker
modprobe saker direct_calls=0 || exit 1
start_daemon -c saker.toml || exit 1
while IFS='|' read -r id file port event _; do
  case $id in A1-*) ;; *) continue ;; esac
  : > alerts.log
  evasion "$id"
  check "without direct calls $id is done" '[ $? = 0 ]'
  # By now its alert would be there.
  : > /tmp/evasion/after
  check "... and is not seen, so the row detects a look-up by number" \
    'await "grep -q /tmp/evasion/after alerts.log" && ! seen $file "$port" $event'
done < rows
stop_daemon
[ $failed = 0 ] || { cat alerts.log; cat log; }
