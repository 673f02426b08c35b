# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --file tests/vm/runtimes/runtimes.sh
# vm: --file /usr/bin/systemd-nspawn:/usr/bin/systemd-nspawn
# vm: --file /usr/bin/lxc-start:/usr/bin/lxc-start --file /usr/bin/lxc-attach:/usr/bin/lxc-attach
# vm: --file /usr/bin/lxc-stop:/usr/bin/lxc-stop
# The real systemd-nspawn and LXC: the alerts of a machine have its name, as id and as name.
. ./lib.sh
. ./runtimes.sh
modprobe saker || exit 1
check "the daemon starts" 'start_daemon $options'
root=/var/lib/saker-vm/rootfs

# In the group of the unit systemd-nspawn@shop.service, which systemd would have made.
own=/sys/fs/cgroup/machine.slice/systemd-nspawn@shop.service
mkdir -p "$own" $root/usr/bin
mkdir -p /usr/lib
printf "%032x\n" 7 > /etc/machine-id
echo ID=test | tee /usr/lib/os-release > $root/etc/os-release
sh -c 'echo 0 > "$1/cgroup.procs"; shift; exec "$@"' - "$own" \
  systemd-nspawn --quiet --keep-unit --register=no --directory=$root --machine=shop --pipe \
  /bin/sh -c '/bin/true mark-nspawn; sleep 1' < /dev/null > nspawn.log 2>&1
check "systemd-nspawn: the first process" 'alert nspawn id=shop name=shop'
[ $failed = 0 ] || cat nspawn.log

mkdir -p /var/lib/lxc/store /usr/lib/x86_64-linux-gnu/lxc/rootfs
cat > /var/lib/lxc/store/config << CONFIG
lxc.uts.name = store
lxc.rootfs.path = dir:$root
lxc.net.0.type = empty
lxc.apparmor.profile = unconfined
lxc.mount.auto = proc:mixed sys:ro
CONFIG
lxc-start --name store --logfile lxc.log -- /bin/sh -c '/bin/true mark-lxc; exec sleep 1000'
check "LXC: the first process" 'alert lxc id=store name=store'
lxc-attach --name store -- /bin/true mark-attach < /dev/null
check "lxc-attach" 'alert attach id=store name=store'
lxc-stop --name store --kill
check "none is left" 'await "[ \$(counter containers) = 0 ]"'

[ $failed = 0 ] || { cat log lxc.log; tail -n 20 alerts; }
