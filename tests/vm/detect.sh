# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12
# The whole path: module, daemon and shipped rules see every attack of the generator, and lose
# nothing.
. ./lib.sh
modprobe saker || { echo "not ok - the module loads"; exit 1; }
sakerd -o file_output.enabled=true -o file_output.filename=/run/alerts.json \
  -o file_output.format=json > /run/sakerd.out 2> /run/sakerd.err &
sakerd=$!
await "saker status > /dev/null 2>&1"
saker status || { echo "not ok - the daemon answers"; cat /run/sakerd.err; exit 1; }
before=$(ls -R /etc /usr/bin /run/containerd /sys/fs/cgroup/kubepods 2> /dev/null; cat /proc/mounts)

saker generate --timeout 30 > /run/table
status=$?
cat /run/table
saker generate --list | while read -r scenario _; do
  row=$(grep "^$scenario " /run/table | tail -n 1)
  case $row in *' seen '*) echo "ok - $scenario" ;; *) echo "not ok - $scenario" ;; esac
done
check "nothing is lost" \
  'grep -q "^records: [1-9][0-9]* seen, [1-9][0-9]* written, 0 lost" /run/table'
[ $status = 0 ] && echo "ok - exit status 0" || echo "not ok - exit status 0 ($status)"
after=$(ls -R /etc /usr/bin /run/containerd /sys/fs/cgroup/kubepods 2> /dev/null; cat /proc/mounts)
check "nothing stays behind" '[ "$before" = "$after" ]'
[ "$before" = "$after" ] || echo "$after"

# The container's alerts name the container.
alert_has() {
  if grep "\"rule\":\"$1\"" /run/alerts.json | grep -q "$2"; then ok "$3"; else bad "$3"; fi
}
alert_has 'Container run as root' '"container.name":"saker-generate"' "alerts name the container"
alert_has 'Container run as root' \
  '"container.image.repository":"docker.io/library/busybox"' "and its image"
alert_has 'Container run as root' '"k8s.ns.name":"saker-generate"' "and its namespace"
alert_has 'Terminal shell in container' '"k8s.pod.name":"saker-' "and its pod"
alert_has 'Read sensitive file untrusted' '"container.id":"host"' "the host is called host"
alert_has 'Mining\|Cryptocurrency mining ports' '"fd.sport":3333' "a port is a number"

kill $sakerd
wait $sakerd
status=$?
check "the daemon ends well ($status)" '[ $status = 0 ]'
cat /run/sakerd.err
