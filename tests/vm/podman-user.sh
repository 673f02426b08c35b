# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --timeout 900 --mem 1536 --file tests/vm/runtimes/runtimes.sh --file build/tests/silent_fuse
# vm: --file /usr/bin/podman:/usr/bin/podman --file /usr/bin/crun:/usr/bin/crun
# vm: --file /usr/bin/conmon:/usr/bin/conmon
# vm: --file /usr/bin/newuidmap:/usr/bin/newuidmap --file /usr/bin/newgidmap:/usr/bin/newgidmap
# vm: --file /etc/containers/policy.json:/etc/containers/policy.json
# vm: --file /usr/share/containers/seccomp.json:/usr/share/containers/seccomp.json
# The real podman of an ordinary user (rootless): alerts of a container's first process and of
# `podman exec` have all that podman knows. The same user writes false files into his
# storage: they describe only his own containers, and delay nobody else's.
. ./lib.sh
. ./runtimes.sh
modprobe saker || exit 1
modprobe overlay && modprobe fuse || exit 1
mkdir -p /var/tmp /dev/shm
chmod 1777 /var/tmp
mount --make-rshared /
mount -t tmpfs -o mode=1777 shm /dev/shm
# The groups of a user's session as systemd makes them, and those that it gives to the user.
own=/user.slice/user-1000.slice/user@1000.service
groups=/sys/fs/cgroup$own
for at in "" /user.slice /user.slice/user-1000.slice "$own"; do
  mkdir -p "/sys/fs/cgroup$at"
  echo "+memory +pids" > "/sys/fs/cgroup$at/cgroup.subtree_control"
done
mkdir -p "$groups/session" "$groups/containers"
echo "+memory +pids" > "$groups/containers/cgroup.subtree_control"
chown -R 1000:1000 "$groups"
echo user:100000:65536 | tee /etc/subuid > /etc/subgid
home=/home/user
storage=$home/.local/share/containers/storage
mkdir -p /run/user/1000 $home
chown 1000:1000 /run/user/1000 $home
cp -r /var/lib/saker-vm/rootfs $home/rootfs
chown -R 1000:1000 $home/rootfs
# user COMMAND: shell text, as that user in that session.
user() {
  sh -c 'echo 0 > "$1/session/cgroup.procs"; exec su user -s /bin/sh -c "cd; $2"' - "$groups" \
    "export XDG_RUNTIME_DIR=/run/user/1000 HOME=$home; $1"
}
# pod ARGUMENT...: the user's podman, without systemd.
pod() {
  user "podman --cgroup-manager cgroupfs --events-backend file --storage-driver vfs $*" \
    2>> podman.log
}
run="run --network none --cgroup-parent $own/containers"
image() {
  user "tar -C rootfs -cf - . | podman --storage-driver vfs import --change 'LABEL who=$2' - $1" \
    > /dev/null 2>> podman.log
}
digest() { pod image inspect --format '{{.Digest}}' "$1"; }
check "the daemon starts" 'start_daemon $options'

web=registry.local:5000/shop/web
image $web:1.2 author
digest=$(digest $web:1.2)
check "a user's podman makes an image" '[ -n "$digest" ]'
[ $failed = 0 ] || { cat podman.log; exit 1; }
context="image=$web tag=1.2 digest=$digest who=author more=own"
id=$(pod $run --detach --name web --label more=own $web:1.2 \
  sh -c "'/bin/true mark-first; exec sleep 1000'")
check "it runs a container ($(short "$id"))" '[ ${#id} = 64 ]'
[ $failed = 0 ] || { cat podman.log; exit 1; }
check "its first process" 'alert first "id=$(short "$id")" name=web "$context"'
pod exec web true mark-exec
check "podman exec" 'alert exec "id=$(short "$id")" name=web "$context"'
pod rename web shop
check "a rename is followed" 'await "pod exec shop true mark-renamed;
  grep mark-renamed\; alerts | grep -q \"name=shop image=$web \""'
mv alerts before
pod restart --time 0 shop > /dev/null
check "a restart: its first process again" 'alert first "id=$(short "$id")" name=shop "$context"'
pod $run --rm --name short $web:1.2 true mark-short
check "a short container" 'known short 1 "name=short image=$web tag=1.2"'

# Root's container, which the user imitates. A container's group and its files need no podman.
other=$(podman --cgroup-manager cgroupfs --events-backend file run --detach --network none \
  --name kept --label who=root --rootfs /var/lib/saker-vm/rootfs sleep 1000 2>> podman.log)
check "root runs a container ($(short "$other"))" '[ ${#other} = 64 ]'
# enter ID MARK: a program in namespaces and a group as podman makes them for that id.
enter() {
  user "mkdir $groups/libpod-$1; echo 0 > $groups/libpod-$1/cgroup.procs;
    unshare -U -r -m /bin/true mark-$2"
}
kept() {
  podman --cgroup-manager cgroupfs --events-backend file exec kept true "mark-kept-$1" \
    2>> podman.log
  alert "kept-$1" "id=$(short "$other")" name=kept who=root && timeout 10 saker status > /dev/null
}
cat > /tmp/false << 'FALSE'
# false STORAGE ID KIND ROOTS OTHER: what the user writes about his container.
mkdir -p "$1/vfs-containers/$2/userdata"
file=$1/vfs-containers/$2/userdata/config.json list=$1/vfs-containers/containers.json
echo {} > "$file"
rm -rf "$list"
case $3 in
  name)
    names="{\"id\": \"$2\", \"names\": [\"kept\"]}, {\"id\": \"$5\", \"names\": [\"x\"]}"
    echo "[$names]" > "$list"
    ;;
  huge) truncate -s 4G "$list" "$1/libpod/bolt_state.db" ;;
  fifo) mkfifo "$list" ;;
  directory) mkdir "$list" ;;
  link) ln -s "$4/overlay-containers/containers.json" "$list" ;;
  links) rm -r "$1/vfs-containers/$2" && ln -s "$4/overlay-containers/$5" "$1/vfs-containers/$2" ;;
  broken) yes '[{"id":' | head -c 2000000 > "$list" ;;
esac
FALSE
n=0
for kind in name huge fifo directory link links broken; do
  n=$((n + 1)) false=$(printf '%064d' $n)
  user "sh /tmp/false $storage $false $kind /var/lib/containers/storage $other"
  enter "$false" "false-$kind"
  check "files of a user's container: $kind" '
    alert false-$kind "id=$(short "$false")" && kept $kind'
done
check "a false name is that of the user's own container" \
  'grep mark-false-name\; alerts | grep -q name=kept'
enter "$other" false-id
check "root's id names no container of the user" 'alert false-id id=host'

# A file system of the user that never answers.
rm -rf "$storage/vfs-containers"
user "mkdir $storage/vfs-containers"
silent_fuse "$storage/vfs-containers" /bin/busybox > fuse.log 2>&1 &
fuse=$!
await "grep -q mounted fuse.log"
kill -USR1 $fuse
await "grep -q silent fuse.log"
for n in 11 12 13 14 15 16; do
  enter "$(printf '%064d' $n)" "silent-$n"
done
check "a user's file system that never answers: alerts" '
  await "[ \$(grep -c \" mark-silent-\" alerts) = 6 ]" &&
  [ "$(grep " mark-silent-" alerts | grep -c id=0000)" = 6 ]'
more=$(podman --cgroup-manager cgroupfs --events-backend file run --detach --network none \
  --name more --rootfs /var/lib/saker-vm/rootfs sh -c "/bin/true mark-more; exec sleep 1000" \
  2>> podman.log)
check "and root's next container is described at once" \
  'alert more "id=$(short "$more")" name=more && kept silent'
kill -9 $fuse
podman --cgroup-manager cgroupfs --events-backend file rm --force --all --time 0 > /dev/null 2>&1

[ $failed = 0 ] || { cat log podman.log fuse.log; tail -n 60 alerts; }
