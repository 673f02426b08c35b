# SPDX-License-Identifier: Apache-2.0
# Run in the guest by `run`: the attacks that need no container, REPEAT times each; the result is
# one JSON line.
modprobe saker || exit 1
sakerd > /dev/null 2> /run/sakerd.err &
sakerd=$!
i=0
while [ $i -lt 100 ] && ! saker status > /dev/null 2>&1; do i=$((i + 1)); sleep 0.1; done
saker generate --json --repeat "$1" \
  read-sensitive-file write-below-etc ptrace mining-port load-module reverse-shell
status=$?
kill $sakerd
wait $sakerd
cat /run/sakerd.err
exit $status
