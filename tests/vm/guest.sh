# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# The guest itself has the properties that other tests rely on.
. ./lib.sh
check "cgroup v2 with controllers" 'grep -qw memory /sys/fs/cgroup/cgroup.subtree_control'
check "loopback answers" 'ping -c 1 -W 2 127.0.0.1'
check "an outbound route" 'ip route get 198.51.100.1'
check "users" 'su user -c "[ \$(id -u) = 1000 ]" -s /bin/sh'
check "output is not a terminal" '[ ! -t 1 ]'
check "overlayfs with an upper layer" 'mkdir -p /tmp/o/u /tmp/o/w /tmp/o/m &&
  mount -t overlay overlay -o lowerdir=/usr,upperdir=/tmp/o/u,workdir=/tmp/o/w /tmp/o/m &&
  touch /tmp/o/m/new'
mkdir -p /tmp/c && cd /tmp/c && runc spec &&
  sed -i 's/"terminal": true/"terminal": false/; s/"sh"$/"true"/
    s#"path": "rootfs"#"path": "/var/lib/saker-vm/rootfs"#' config.json
check "runc runs a container" 'runc run guest-check'
