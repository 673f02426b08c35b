# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# Rules over calls whose arguments say all, and over those of which only the name is reported.
. ./lib.sh
modprobe saker || exit 1
mkdir -p rules root/bin root/lib
rule() {
  printf -- '- rule: %s\n  desc: d\n  condition: %s\n  output: "%s: %s;"\n  priority: WARNING\n' \
    "$1" "$2" "$1" "$3" >> rules/a.yaml
}
rule signal 'evt.type = kill and evt.arg.sig = SIGTERM and evt.rawarg.pid = 4194000' \
  '%evt.args %evt.category'
rule new_root 'evt.type = chroot and evt.rawres = 0 and evt.rawarg.path = ../root/root' \
  '%evt.arg.path'
rule directory 'evt.type = chdir and evt.arg.path = /tmp/../proc' '%evt.args'
rule session 'evt.type = setsid and evt.rawres > 0' '%evt.res'
rule no_module 'evt.type = delete_module and evt.arg.res = ENOENT' \
  '%evt.arg.name %evt.arg.flags'
rule pivot 'evt.type = pivot_root' '%evt.args %evt.category %syscall.type'
rule host 'evt.type in (sethostname, setdomainname)' '%evt.type %evt.arg.nativeID'
rule follow 'evt.type = kill and evt.rawarg.pid in (4194001, 4194002)' \
  '%evt.rawarg.pid %proc.cwd %proc.is_vpgid_leader'
rule clock 'evt.type in (settimeofday, clock_settime) and evt.rawres = 0' 'set'
rule gone 'evt.type in (open, openat) and evt.argflags intersects (deleted) and evt.rawres >= 0' \
  '%fd.name %evt.argflags'
start_daemon -o rules_files=rules -o stdout_output.enabled=false \
  -o file_output.enabled=true -o file_output.filename=/root/alerts || exit 1
alert() { check "$1: $2" "await \"grep -qF '$1: $2;' alerts\""; }

kill 4194000 2> /dev/null
# By shells that run no program after they went there.
(cd /usr/share && kill 4194001) 2> /dev/null
bash -c 'set -m; (cd /usr && kill 4194002) & wait' 2> /dev/null
chroot ../root/root /bin/true 2> /dev/null
(cd -P /tmp/../proc)
setsid true
rmmod no_such_module 2> /dev/null
pivot_root /no/such /no/such 2> /dev/null
hostname "$(hostname)"
date -s "$(date '+%Y-%m-%d %H:%M:%S')" > /dev/null
echo text > kept
exec 3< kept
rm kept
cat /proc/self/fd/3 > /dev/null
exec 3<&-

alert signal 'res=-3(ESRCH) pid=4194000 sig=15(SIGTERM) signal'
alert new_root /root/root
alert directory 'res=0 path=/tmp/../proc'
alert follow '4194001 /usr/share/ false'
alert follow '4194002 /usr/ true'
alert session SUCCESS
alert no_module 'no_such_module O_NONBLOCK'
alert pivot 'ID=137(pivot_root) nativeID=155 other pivot_root'
alert host 'sethostname 170'
alert clock set
alert gone '/proc/self/fd/3 (deleted)'
check "no event is missing" '! grep -q "not recorded" alerts log'
stop_daemon
