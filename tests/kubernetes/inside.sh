# SPDX-License-Identifier: Apache-2.0
# Inside the guest of tests/kubernetes/guest, which plays a node without the sensor: the containers
# of the chart's pod, run by runc as kubelet would have them run.
. ./lib.sh
loaded() { grep -q '^saker ' /proc/modules; }
rm -f /lib/modules/*/extra/saker.ko /usr/sbin/sakerd /usr/bin/saker
mkdir -p /image /volumes/config /volumes/rules /volumes/run /volumes/tmp/metrics /volumes/bundle \
  /var/lib/saker
tar -xf image.tar -C /image
tar -xf bundles.tar
cp saker.toml /volumes/config/

# once NAME: the container runs to its end.
once() { runc run --bundle bundles/"$1" "$1" > "$1".log 2>&1 < /dev/null; }
check "without a module the first container fails" '! once module && ! loaded'
for text in "no bundle was given" "the host has none" "no compiler" \
  "saker bundle --kernels $(uname -r)"; do
  check "and says: $text" 'grep -qF "$text" module.log'
done
cp modules.tar.gz /volumes/bundle/
check "with a bundle it loads the module" 'once module && loaded'
grep -q "loaded the bundle" module.log

minor=$(sed -n 's/^ *\([0-9]*\) saker$/\1/p' /proc/misc)
sed -i "s/99999/$minor/" bundles/saker/config.json
: > saker.log
runc run --bundle bundles/saker saker > saker.log 2>&1 < /dev/null &
check "the sensor watches" 'await "grep -q watching saker.log" 60'
inside() { runc exec saker "$@"; }
printf '[[output]]\ntype = "webhook"\naddress = "http://192.0.2.1/"\n' > /volumes/tmp/web.toml
check "the image has the library of outputs over HTTP" \
  'inside saker outputs test --dry-run -c /tmp/web.toml > web 2>&1 && grep -q POST web'
check "its probe succeeds" 'await "inside saker status > status 2>&1" 60'
cat /etc/shadow > /dev/null
check "what a process of the host does is seen" 'await "grep -q /etc/shadow saker.log"'
mkdir -p /tmp/other && (cd /tmp/other && runc spec && sed -i 's/"terminal": true/"terminal": false/
  s/"sh"/"cat", "\/etc\/shadow"/
  s#"rootfs"#"/var/lib/saker-vm/rootfs"#' config.json)
echo secret > /var/lib/saker-vm/rootfs/etc/shadow
lines=$(grep -c /etc/shadow saker.log)
(cd /tmp/other && runc run other > /dev/null 2>&1 < /dev/null)
check "and what another container does" 'await "[ \$(grep -c /etc/shadow saker.log) -gt $lines ]"'

: > reload.log
runc run --bundle bundles/reload reload > reload.log 2>&1 < /dev/null &
cat > /volumes/rules/mine.yaml << 'RULE'
- rule: Mine
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /tmp/mine
  output: mine is read
  priority: ERROR
RULE
echo > /tmp/mine
check "a rule that is added to the ConfigMap works without a restart" \
  'await "cat /tmp/mine > /dev/null; grep -q \"mine is read\" saker.log" 60'
echo "- rule: [" > /volumes/rules/wrong.yaml
check "an error in one is reported by the container that reloads" \
  'await "grep -q wrong.yaml reload.log" 60'
check "and the sensor goes on" 'inside saker status > status 2>&1'

runc run --bundle bundles/metrics metrics > metrics.log 2>&1 < /dev/null &
url=http://192.0.2.10:8766/cgi-bin/metrics
check "the counters are served at the pod's address" '
  await "sleep 1; timeout 10 wget -q -O counters $url && grep -q saker counters" 60'
check "and nothing else of the daemon" '
  ! wget -q -O - http://192.0.2.10:8766/versions 2> /dev/null &&
  ! wget -q -O - http://192.0.2.10:8765/metrics 2> /dev/null'
check "a new pod finds its module in use, and does not change it" \
  'once module && grep -q "uses the module" module.log'
for name in metrics reload saker; do runc kill $name KILL; done
wait
check "once the sensor is gone the module is replaced" \
  'once module && grep -q "loaded the bundle" module.log'
[ "$failed" = 0 ] || head -n 50 module.log reload.log metrics.log saker.log
echo "sizes: image $(du -sm /image | cut -f 1) MiB"
rmmod saker
