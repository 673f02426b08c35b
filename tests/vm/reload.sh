# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# Rules are changed repeatedly while events arrive: each event is reported once, with the data of
# its process.
# busybox runs its own programs by /proc/self/exe.
. ./lib.sh
modprobe saker || { echo "not ok - the module loads"; exit 1; }
mkdir rules
# Both sets match the numbered names; the second one also hooks other calls, and detaches them
# again.
wanted() {
  cat << 'RULES'
- rule: numbered name
  desc: d
  condition: evt.type in (open, openat) and fd.name startswith /numbers/
  output: at %fd.name by %proc.name of %proc.pname begun %proc.cmdline
  priority: WARNING
RULES
}
more() {
  cat << 'RULES'
- rule: something else
  desc: d
  condition: >
    evt.type in (unlink, mkdir, chmod, connect, ptrace, setuid) and
    proc.name = nobody-has-this-name
  output: never
  priority: WARNING
RULES
}
wanted > rules/a.yaml
cat > saker.toml << 'TOML'
rules_files = ["/root/rules"]
[file_output]
enabled = true
filename = "/root/alerts.log"
[stdout_output]
enabled = false
TOML
start_daemon -c /root/saker.toml || exit 1

cat > load << 'END'
i=0
while [ ! -e /run/enough ]; do
  i=$((i + 1))
  true < /numbers/$i
done 2> /dev/null
echo $i > /run/count
END
sh load one-that-was-there-before &
load=$!
reloads=0
while [ $reloads -lt 20 ]; do
  if [ $((reloads % 2)) = 0 ]; then more > rules/b.yaml; else rm rules/b.yaml; fi
  saker reload > /dev/null 2>> reload.log ||
    { echo "not ok - a reload succeeds"; cat reload.log; break; }
  reloads=$((reloads + 1))
done
: > /run/enough
wait $load
count=$(cat /run/count)
stop_daemon
by='by \(sh\|exe\) of sh begun \(sh\|exe\) load one-that-was-there-before'
sed -n "s/^.* at \/numbers\/\([0-9]*\) $by\$/\1/p" alerts.log | sort -n > seen
seq "$count" > wanted.log
check "rules were changed $reloads times" '[ $reloads = 20 ]'
check "each of $count events meanwhile was reported once, with its process" \
  '[ "$count" -gt 200 ] && cmp seen wanted.log'
check "nothing was lost" 'grep -q ", 0 lost" log'
cmp -s seen wanted.log || { head -n 3 alerts.log; diff seen wanted.log | head; cat log; }
