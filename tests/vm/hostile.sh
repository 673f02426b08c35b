# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12
# vm: --file build/tests/as_user --timeout 900
# Tenants in containers of the real runc, users of the host, and the files of runtimes when an
# attacker controls them: each alert has the container in which its process was started, none has
# another's, and alerts and `saker status` go on.
. ./lib.sh
modprobe saker || exit 1
tasks=/run/containerd/io.containerd.runtime.v2.task/k8s.io
docker=/var/lib/docker/containers
groups=/sys/fs/cgroup
mkdir -p rules tenant "$tasks" "$docker"
cat > rules/a.yaml <<'RULES'
- rule: marked
  desc: each program that is started as "true mark-..."
  condition: evt.type in (execve, execveat) and proc.name = true and proc.args startswith mark-
  output: "id=%container.id name=%container.name image=%container.image.repository
    who=%container.label[who] %proc.args;"
  priority: CRITICAL
RULES
# id DIGITS: 64 of them, which begin with DIGITS and go on with its last one.
id() { printf "%-64s" "$1" | tr ' ' "$(printf %s "$1" | tail -c 1)"; }
short() { printf %.12s "$1"; }

# spec DIRECTORY CGROUP [NAMESPACE]: a bundle whose container may do everything to control groups;
# $annotations go into it, and $command, else it waits for `runc exec`.
wait_long='"sleep", "10000"' annotations=""
command=$wait_long
spec() {
  mkdir -p "$1"
  more=""
  [ -z "${3:-}" ] || more=", {\"type\": \"$3\"}"
  cat > "$1/config.json" <<SPEC
{"ociVersion": "1.0.2", "root": {"path": "/var/lib/saker-vm/rootfs", "readonly": true},
 "process": {"user": {"uid": 0, "gid": 0}, "args": [$command], "cwd": "/",
  "env": ["PATH=/bin"], "capabilities": {
   "bounding": ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"],
   "effective": ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"],
   "permitted": ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"]}},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs"},
  {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw"]},
  {"destination": "/tmp", "type": "bind", "source": "/root/tenant", "options": ["bind", "rw"]}],
 "annotations": {$annotations},
 "linux": {"cgroupsPath": "$2",
  "namespaces": [{"type": "pid"}, {"type": "mount"}$more]}}
SPEC
}
# container ID CGROUP [NAMESPACE]: starts it; its bundle is where containerd has it.
container() {
  spec "$tasks/$1" "$2/$1" "${3:-}"
  runc run --detach --bundle "$tasks/$1" "$1" < /dev/null > "$1.log" 2>&1 ||
    bad "runc starts $(short "$1")" "$(cat "$1.log")"
}
# in_container ID MARK: `true mark-MARK` in it.
in_container() { runc exec "$1" true "mark-$2"; }
# alert MARK ID: it arrives, once, and has that id; everything else is in $line.
alert() {
  await "grep -q ' mark-$1;' alerts" || { echo "# no alert mark-$1"; return 1; }
  line=$(grep " mark-$1;" alerts)
  case $line in *"id=$2 "*) ;; *) echo "# $line"; return 1 ;; esac
}
# alone PREFIX ID NUMBER: there are NUMBER alerts whose mark begins so, all with that id.
alone() {
  await "[ \$(grep -c ' mark-$1' alerts) -ge $3 ]"
  [ "$(grep -c "id=$2 .* mark-$1" alerts)" = "$3" ] && [ "$(grep -c " mark-$1" alerts)" = "$3" ] &&
    return
  echo "# of $3:"
  grep " mark-$1" alerts
  return 1
}
answers() { timeout 10 saker status > /dev/null; }
options="-o rules_files=rules -o stdout_output.enabled=false"
options="$options -o file_output.enabled=true -o file_output.filename=/root/alerts"
check "the daemon starts" 'start_daemon $options'

# 1. A tenant with root's rights in its container makes groups of any name.
victim=$(id b2) tenant=$(id a1) traveller=$(id c3)
annotations='"io.kubernetes.cri.image-name": "docker.io/trusted/image:1"'
container "$victim" /kubepods/pod1
annotations='"io.kubernetes.cri.image-name": "docker.io/tenant/image:1"'
container "$tenant" /kubepods/pod2 cgroup
container "$traveller" /kubepods/pod3
in_container "$victim" victim
check "a container of runc has its id" 'alert victim "$(short "$victim")"'
check "and its image" 'await "in_container $victim image; grep \"mark-image;\" alerts |
  grep -q image=docker.io/trusted/image"'
cat > tenant/names <<'NAMES'
# names OTHER: a group of each name, inside the one before, and a program in it.
cd /sys/fs/cgroup || exit 1
i=0
for name in "docker-$1.scope" "libpod-$1.scope" "cri-containerd-$1.scope" "crio-$1" "$1" docker \
  machine-x.scope machine.slice systemd-nspawn@host.service lxc.payload.host lxc user.slice \
  user-0.slice kubepods system.slice ..x ... "..  " "x:cri-containerd:$1" "/../../kubepods"; do
  mkdir "$name" 2> /dev/null && cd "./$name" && echo $$ > cgroup.procs || continue
  /bin/true "mark-name-$i"
  sh -c "/bin/true mark-name-child-$i"
  i=$((i + 1))
done
# The same again from the top, each beside the others.
cd /sys/fs/cgroup
for name in "docker-$1.scope" "$1" machine-host.scope; do
  mkdir -p "beside/$name" && echo $$ > "beside/$name/cgroup.procs" && /bin/true "mark-beside-$name"
done
# A process without its parent, which stays there.
(
  while [ ! -e "/tmp/go-${0##*/}" ]; do sleep 0.2; done
  /bin/true mark-name-later
) > /dev/null 2>&1 &
echo "$i" > /tmp/made
NAMES
runc exec "$tenant" sh /tmp/names "$victim" > names.log 2>&1
made=$(cat tenant/made)
check "a tenant makes groups of 15 names ($made)" '[ "${made:-0}" -ge 15 ]'
[ "${made:-0}" -ge 15 ] || cat names.log
check "each of its programs has its id" \
  'alone "name-" "$(short "$tenant")" $((made * 2)) && alone beside "$(short "$tenant")" 3'
in_container "$tenant" entered
check "and so has one that is started in it afterwards" 'alert entered "$(short "$tenant")"'

# 2. A tenant that sees the whole hierarchy moves where it likes.
cat > tenant/moves <<'MOVES'
# moves OTHER: into another's group, to the top, and into new groups there.
cd /sys/fs/cgroup || exit 1
i=0
for group in "kubepods/pod1/$1" . "docker/$1" machine.slice/machine-host.scope lxc.payload.host \
  "system.slice/docker-$1.scope" user.slice/user-1000.slice; do
  mkdir -p "$group" && echo $$ > "$group/cgroup.procs" || continue
  /bin/true "mark-move-$i"
  sh -c "/bin/true mark-move-child-$i"
  i=$((i + 1))
done
(
  echo 0 > "kubepods/pod1/$1/cgroup.procs"
  while [ ! -e "/tmp/go-${0##*/}" ]; do sleep 0.2; done
  /bin/true mark-move-later
) > /dev/null 2>&1 &
echo "$i" > /tmp/moved
MOVES
runc exec "$traveller" sh /tmp/moves "$victim" > moves.log 2>&1
moved=$(cat tenant/moved)
check "a tenant moves to 5 places of others ($moved)" '[ "${moved:-0}" -ge 5 ]'
[ "${moved:-0}" -ge 5 ] || cat moves.log
check "and keeps its id" 'alone move "$(short "$traveller")" $((moved * 2))'
in_container "$victim" still
check "the other container keeps its own" 'alert still "$(short "$victim")"'

# 3. A user of the host with groups of its own, as systemd gives them.
own=$groups/user.slice/user-1000.slice/user@1000.service
mkdir -p "$own"
chown -R 1000:1000 "$own"
cat > /tmp/user <<'USER'
cd "$1" || exit 1
i=0
for name in "docker-$2.scope" "libpod-$2.scope" "cri-containerd-$2.scope" "$2" machine-x.scope \
  "libpod-payload-$2" "docker-$3.scope"; do
  mkdir "$name" && echo $$ > "$name/cgroup.procs" || continue
  /bin/true "mark-user-$i"
  unshare -U -r -m /bin/true "mark-space-$i"
  i=$((i + 1))
done
USER
sh -c "echo \$\$ > $own/cgroup.procs; exec as_user 1000 sh /tmp/user $own $victim $(id d4)" \
  > user.log 2>&1
check "a user's groups make no container of the host's processes" 'alone user host 7'
check "nor another's container of processes in the user's own namespaces" '
  await "grep -q \" mark-space-6;\" alerts" &&
  ! grep " mark-space" alerts | grep -E "id=$(short "$victim")|trusted|id=x |id=machine"'

# 4. After a start of the daemon, from /proc alone.
check "the daemon ends" stop_daemon
check "and starts again" 'start_daemon $options'
touch tenant/go-names tenant/go-moves
check "processes in groups of any name are still the tenant's" \
  'alert name-later "$(short "$tenant")"'
check "and those in another's group too" 'alert move-later "$(short "$traveller")"'

# 5. Labels that an image's author wrote, and files that are none.
many=$(head -c 3000000 /dev/zero | tr '\0' x)
labels() {
  mkdir -p "$docker/$1"
  printf '{"Name": "/labels", "Config": {"Image": "img/labels", "Labels": {%s, "who": "%s"}}}' \
    "$2" "$3" > "$docker/$1/config.v2.json"
}
# elsewhere ID CGROUP: a container whose bundle is not where the daemon looks. It runs $command and
# ends.
elsewhere() {
  spec "bundle-$1" "$2"
  runc run --bundle "bundle-$1" "$1" < /dev/null > "$1.log" 2>&1 ||
    bad "runc runs $(short "$1")" "$(cat "$1.log")"
}
n=0
for labels in '"a": "x\u0000y"' '"a\u0000b": "c"' '"\u0000": "\u0000\u0000\u0000"' \
  '"a": "x\nid=host name=<NA>"' "\"a\": \"$many\"" "\"$many\": \"a\"" '"": ""'; do
  labeled=$(id "1$n")
  labels "$labeled" "$labels" 'a\u0000b\nc'
  # The first alerts may come before the labels were read.
  again="while [ ! -e /tmp/end-$n ]; do /bin/true mark-label-$n; sleep 1; done"
  command="\"sh\", \"-c\", \"$again\""
  elsewhere "$labeled" "/system.slice/docker-$labeled.scope" &
  check "labels $n leave the container's name and image" \
    'await "grep -q \"name=labels image=img/labels .* mark-label-$n;\" alerts"'
  check "labels $n: every alert has its id" \
    '! grep " mark-label-$n;" alerts | grep -v "id=$(short "$labeled") "'
  touch "tenant/end-$n"
  rm -r "$docker/$labeled"
  n=$((n + 1))
done
check "each alert is one line" '[ "$(grep -vc "id=.*;\$" alerts)" = 0 ]'

# irregular KIND FILE: FILE is of that kind.
irregular() {
  rm -rf "$2"
  case $1 in
    fifo) mkfifo "$2" ;;
    link) ln -s "$tasks/$victim/config.json" "$2" ;;
    endless) ln -s /dev/zero "$2" ;;
    device) mknod "$2" c 1 5 ;;
    terminal) mknod "$2" c 5 0 ;;
    directory) mkdir "$2" ;;
    huge) truncate -s 1G "$2" ;;
    broken) printf '{"annotations": {"io.kubernetes.cri.image-name": "trusted' > "$2" ;;
    deep) head -c 1000000 /dev/zero | tr '\0' '[' > "$2" ;;
    empty) : > "$2" ;;
  esac
}
n=0
for kind in fifo link endless device terminal directory huge broken deep empty; do
  broken=$(id "2$n")
  mkdir -p "$tasks/$broken"
  irregular $kind "$tasks/$broken/config.json"
  command="\"true\", \"mark-file-$n\""
  elsewhere "$broken" "/kubepods/pod4/$broken"
  check "a description that is $kind: the alert has the id and no image" '
    alert file-$n "$(short "$broken")" && echo "$line" | grep -q "image=<NA> " && answers'
  rm -r "$tasks/$broken"
  n=$((n + 1))
done
command=$wait_long
after=$(id e5)
annotations='"io.kubernetes.cri.image-name": "docker.io/after/image:1"'
container "$after" /kubepods/pod5
check "the next description is read" 'await "in_container $after after;
  grep \" mark-after;\" alerts | grep -q \"image=docker.io/after/image \""'

check "the daemon ends" stop_daemon
[ $failed = 0 ] || { cat log; tail -n 60 alerts; }
