# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --timeout 900 --mem 1536
# vm: --file /usr/bin/podman:/usr/bin/podman --file /usr/bin/crun:/usr/bin/crun
# vm: --file /usr/bin/conmon:/usr/bin/conmon
# vm: --file /etc/containers/policy.json:/etc/containers/policy.json
# vm: --file /usr/share/containers/seccomp.json:/usr/share/containers/seccomp.json
# The real podman, of root: alerts of a container's first process and of `podman exec` have all that
# podman knows; a rename, a restart and a removal are followed; a tenant that may do everything to
# its control groups stays in its container.
. ./lib.sh
modprobe saker || exit 1
modprobe overlay || exit 1
mkdir -p /var/tmp /dev/shm
mount -t tmpfs shm /dev/shm
mkdir -p rules
cat > rules/a.yaml <<'RULES'
- rule: marked
  desc: each program that is started as "true mark-..."
  condition: evt.type in (execve, execveat) and proc.name = true and proc.args startswith mark-
  output: "id=%container.id name=%container.name image=%container.image.repository
    tag=%container.image.tag digest=%container.image.digest who=%container.label[who]
    %proc.args;"
  priority: CRITICAL
RULES
# pod ARGUMENT...: podman without systemd.
pod() { podman --cgroup-manager cgroupfs --events-backend file "$@" 2>> podman.log; }
# image NAME LABEL: busybox as an image with that label.
image() {
  tar -C /var/lib/saker-vm/rootfs -cf - . | pod import --change "LABEL who=$2" - "$1" > /dev/null
}
digest() { pod image inspect --format '{{.Digest}}' "$1"; }
short() { printf %.12s "$1"; }
# alert MARK ID NAME IMAGE TAG DIGEST LABEL: it arrives, once, and has all of these.
alert() {
  await "grep -q ' mark-$1;' alerts" || { echo "# no alert mark-$1"; return 1; }
  line=$(grep " mark-$1;" alerts)
  case $line in
    *"id=$(short "$2") name=$3 image=$4 tag=$5 digest=$6 who=$7 mark-$1;") ;;
    *) echo "# $line"; return 1 ;;
  esac
}
options="-o rules_files=rules -o stdout_output.enabled=false"
options="$options -o file_output.enabled=true -o file_output.filename=/root/alerts"
check "the daemon starts" 'start_daemon $options'

web=registry.local:5000/shop/web db=registry.local:5000/shop/db
image $web:1.2 author && image $db:2.0 other
check "podman makes images" '[ -n "$(digest $web:1.2)" ]'
[ $failed = 0 ] || { cat podman.log; exit 1; }
web_digest=$(digest $web:1.2) db_digest=$(digest $db:2.0)
id=$(pod run --detach --network none --name web $web:1.2 \
  sh -c "/bin/true mark-first; exec sleep 1000")
check "podman runs a container ($(short "$id"))" '[ ${#id} = 64 ]'
[ $failed = 0 ] || { cat podman.log; exit 1; }
check "its first process" 'alert first $id web $web 1.2 $web_digest author'
pod exec web true mark-exec
check "podman exec" 'alert exec $id web $web 1.2 $web_digest author'

pod rename web shop
check "a rename is followed" 'await "pod exec shop true mark-renamed;
  grep mark-renamed\; alerts | grep -q \"name=shop image=$web \""'
pod restart --time 0 shop > /dev/null
check "a restart: its first process again" 'await "[ \$(grep -c mark-first\; alerts) = 2 ]" &&
  grep "mark-first;" alerts | tail -n 1 |
  grep -q "id=$(short "$id") name=shop image=$web tag=1.2 digest=$web_digest who=author"'
pod rm --force --time 0 shop > /dev/null
again=$(pod run --detach --network none --name shop $db:2.0 \
  sh -c "/bin/true mark-again; sleep 1000")
check "after its removal, another one with its name" \
  '[ "$again" != "$id" ] && alert again $again shop $db 2.0 $db_digest other'
for i in 1 2 3; do pod run --rm --network none --name short-$i $web:1.2 true mark-short-$i; done
check "short containers" '
  await "[ \$(grep -c mark-short- alerts) = 3 ]" && ! grep mark-short- alerts | grep "<NA>"'

cat > names <<'NAMES'
# names OTHER: a group of each name, inside the one before, and a program in it.
cd /sys/fs/cgroup || exit 1
made=0
for name in "libpod-$1" libpod_parent "docker-$1.scope" "libpod-$1.scope" "$1" machine.slice \
  systemd-nspawn@host.service lxc.payload.host user.slice; do
  mkdir "$name" && cd "./$name" && echo $$ > cgroup.procs || continue
  made=$((made + 1))
  /bin/true "mark-name-$made"
done
mkdir -p /sys/fs/cgroup/../libpod_parent/libpod-$1
exit $((made < 9))
NAMES
tenant=$(pod run --detach --network none --name tenant --privileged --volume /root/names:/names \
  $db:2.0 sh -c "sh /names $again; echo \$? > /made; sleep 1000")
check "a tenant makes groups of nine names" 'await "[ \$(grep -c mark-name- alerts) = 9 ]"'
check "and each of its programs is in its container" '
  [ "$(grep -c "id=$(short "$tenant") name=tenant .*mark-name-" alerts)" = 9 ]'
pod exec tenant true mark-entered
check "and one that is started in it afterwards" '
  alert entered $tenant tenant $db 2.0 $db_digest other'
check "the other container keeps its own" '
  pod exec shop true mark-kept && alert kept $again shop $db 2.0 $db_digest other'
pod rm --force --all --time 0 > /dev/null
check "none is left" 'await "[ \$(counter containers) = 0 ]"'

[ $failed = 0 ] || { cat log podman.log; tail -n 60 alerts; }
