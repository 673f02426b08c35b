# SPDX-License-Identifier: Apache-2.0
# Inside a guest of tests/bundle/run, which has no compiler and no module: good.tar.gz fits this
# kernel, other.tar.gz does not.
. ./lib.sh
# What `make install` puts beside the command.
mkdir -p /usr/lib/saker
rm -f /lib/modules/*/extra/saker.ko
sed -i /saker.ko/d /lib/modules/*/modules.dep
mv bundle install-bundle load-module /usr/lib/saker/
loaded() { grep -q '^saker ' /proc/modules; }
load() { /usr/lib/saker/load-module > out 2>&1; }
check "there is no compiler, and no module" \
  '! command -v gcc make > /dev/null && ! load && ! loaded'

check "a bundle for other kernels is installed, with a warning" \
  'saker bundle install other.tar.gz > out 2>&1 && grep -q "none is for the running kernel" out'
check "its modules are not loaded, and the next command is said" \
  '! load && ! loaded && grep -q "saker bundle --kernels $(uname -r)" out'
sakerd > out 2>&1
check "the daemon says it as well" \
  'grep -q "has none for this kernel.*saker bundle --kernels $(uname -r)" out'

check "one that fits is installed" \
  'saker bundle install good.tar.gz > out 2>&1 && grep -q "one is for the running kernel" out'
check "the other one is gone" '[ "$(ls /var/lib/saker-modules | wc -l)" = 2 ]'
check "a daemon of another ABI does not take it" '
  ! SAKER_ABI=9 /usr/lib/saker/load-module > out 2>&1 &&
  grep -q "this daemon takes ABI 9" out && ! loaded'
ko=/var/lib/saker-modules/current/modules/$(uname -r)/saker.ko
cp $ko kept && echo >> $ko
check "a module that was changed on the disk is not loaded" \
  '! load && ! loaded && grep -q damaged out'
cp kept $ko
check "else the module of this kernel is loaded" 'load && loaded'
check "once more changes nothing" 'load && loaded'

start_daemon
cat /etc/shadow > /dev/null
check "the sensor sees" \
  'await "saker status --json | grep -q \"\\\"alerts\\\":[1-9]\" || grep -q shadow log"'
stop_daemon
check "and the module can go" 'rmmod saker'
