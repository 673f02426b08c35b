# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12
# vm: --file build/tests/silent_fuse
# A file system that never answers, under a running program and under a runtime's files: no thread
# that handles events waits for it, alerts and `saker status` go on, other containers are described,
# and the log names it.
. ./lib.sh
modprobe saker || exit 1
modprobe fuse || exit 1
tasks=/run/containerd/io.containerd.runtime.v2.task/k8s.io
groups=/sys/fs/cgroup/kubepods
mkdir -p rules served "$tasks" "$groups"
cat > rules/a.yaml <<'RULES'
- rule: marked
  desc: each program that is started as "true mark-..."
  condition: evt.type in (execve, execveat) and proc.name = true and proc.args startswith mark-
  output: "id=%container.id image=%container.image.repository exe=%proc.aexepath[1] %proc.args;"
  priority: CRITICAL
RULES
# id DIGIT: 64 of them.
id() { printf %64s "" | tr ' ' "$1"; }
# in_container ID MARK: a program in a control group as containerd makes it.
in_container() {
  mkdir -p "$groups/$1"
  sh -c "echo \$\$ > $groups/$1/cgroup.procs; exec /bin/true mark-$2"
}
alert() { await "grep -q 'id=$2 .* mark-$1;' alerts"; }
answers() { timeout 10 saker status > /dev/null; }
# start_fuse DIRECTORY LOG: its process is in $fuse.
start_fuse() {
  silent_fuse "$1" /bin/busybox > "$2" 2>&1 &
  fuse=$!
  await "grep -q mounted $2" || bad "FUSE mounts" "$(cat "$2")"
}
silence() { kill -USR1 $fuse && await "grep -q silent $1"; }
options="-o rules_files=rules -o stdout_output.enabled=false"
options="$options -o file_output.enabled=true -o file_output.filename=/root/alerts"

start_fuse served served.log
# The whole program is read into memory before the file system stops answering.
cat served/busybox > /dev/null
(
  cd served || exit 1
  # A shell looks at its directory when it starts: it says when it is past that.
  loop=': > /root/started; while [ ! -e /root/go ]; do /bin/sleep 0.2; done'
  exec ./busybox sh -c "$loop; /bin/true mark-served; exit 0"
) &
served=$!
check "a program of the file system runs" '
  await "[ -e started ]" && grep -q served/busybox /proc/$served/maps'
silence served.log
stat served/busybox > /dev/null 2>&1 &
hanging=$!
sleep 1
check "the file system does not answer" 'kill -0 $hanging'
kill -9 $hanging 2> /dev/null
check "the daemon starts" 'start_daemon $options'
/bin/true mark-beside
check "alerts go on" 'alert beside host && answers'
touch go
check "also those of processes of that program" '
  alert served host && grep "mark-served" alerts | grep -q "exe=/root/served/busybox "'

stuck=$(id e) first=$(id a) other=$(id b)
mkdir -p "$tasks/$stuck" "$tasks/$first"
echo '{"annotations": {"io.kubernetes.cri.image-name": "docker.io/first:1"}}' \
  > "$tasks/$first/config.json"
check "a container is described" '
  await "in_container $first first; grep -q \"image=docker.io/first .* mark-first;\" alerts"'
start_fuse "$tasks/$stuck" fuse.log
silence fuse.log
in_container "$stuck" stuck
check "a container whose description is never delivered has its id" 'alert stuck eeeeeeeeeeee'
n=0
for digit in a b a b a b; do
  in_container "$(id $digit)" "later-$n"
  n=$((n + 1))
done
check "alerts of other containers go on" '
  await "[ \$(grep -c \"id=aaaaaaaaaaaa .* mark-later\" alerts) = 3 ]" &&
  await "[ \$(grep -c \"id=bbbbbbbbbbbb .* mark-later\" alerts) = 3 ]" && answers'
check "no thread that handles events hangs" '
  before=$(counter batches)
  await "[ \$(counter batches) -gt $before ]"'
check "the log names what hangs" \
  'await "grep -q \"reading the description of a container takes longer\" log"'
check "and the descriptions of other containers are read" '
  await "in_container $first after; grep -q \"image=docker.io/first .* mark-after;\" alerts"'
check "the daemon ends, although the file system does not answer" stop_daemon
[ $failed = 0 ] || { cat log; cat alerts; cat served.log; }
