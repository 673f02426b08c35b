# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --cpus 2,maxcpus=240 --mem 1024 --file build/tests/kmod_cpus
# A machine with two CPUs that could have 240: rings for two, and for one more when it is brought
# up.
. ./lib.sh

possible=$(sed 's/.*-//' /sys/devices/system/cpu/possible)
if [ "$possible" = 1 ]; then
  echo "ok - far more CPUs are possible than there are" \
    "# SKIP this kernel does not believe the firmware"
else
  check "far more CPUs are possible than there are (0-$possible)" \
    '[ "$possible" -ge 127 ] && [ "$(nproc)" = 2 ]'
fi
modprobe saker
kmod_cpus 1

# The kernel memory that the daemon uses: 5 MiB and three pages per CPU.
available() { sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
mkdir rules
cat > rules/a.yaml <<'RULES'
- rule: marked file
  desc: a file whose name says so
  condition: evt.type in (open, openat, openat2, creat) and fd.name endswith .marked
  output: marked %fd.name by %proc.cmdline on CPU %evt.cpu
  priority: CRITICAL
RULES
echo 0 > /sys/devices/system/cpu/cpu1/online
before=$(available)
check "the daemon starts" 'start_daemon -o rules_files=rules \
  -o file_output.enabled=true -o file_output.filename=/root/alerts'
after=$(available)
check "rings of one CPU, not of 240 ($(((before - after) / 1024)) MiB in all)" \
  '[ $((before - after)) -lt 65536 ]'
check "with one drain thread" '[ "$(saker status --json | grep -o "first_cpu" | wc -l)" = 1 ]'
check "and one CPU in its status" '[ "$(counter source cpus)" = 1 ]'
echo 1 > /sys/devices/system/cpu/cpu1/online
taskset 2 sh -c ': > /tmp/first.marked'
check "the first event of a CPU that is brought up is reported" \
  'await "grep -q \"marked /tmp/first.marked.* on CPU 1\" alerts"'
check "with its process" 'grep -q "by [a-z]* -c : > /tmp/first.marked on CPU 1" alerts'
check "the log reports the CPU" 'await "grep -q \"CPU 1 has come up\" log"'
check "and the status has two" '[ "$(counter source cpus)" = 2 ]'
check "it ends" 'stop_daemon'
check "and has lost nothing" 'grep -q " 0 lost" log'
