# SPDX-License-Identifier: Apache-2.0
# In the guest: the operations without the module, then with it under one rule file after the other.
start_sensor() {
  rm -f /etc/saker/rules.d/*
  cp "/root/$1.yaml" /etc/saker/rules.d/
  sakerd > /dev/null 2> /tmp/sakerd.log &
  sensor=$!
  i=0
  until saker status > /tmp/status 2>/dev/null; do
    i=$((i + 1))
    if [ $i -gt 100 ] || ! kill -0 $sensor; then
      cat /tmp/sakerd.log
      exit 1
    fi
    sleep 0.1
  done
}

sleep 100000 &
overhead none $!
kill $!
modprobe saker || exit 1
for state in unasked asked matched; do
  start_sensor $state
  overhead $state $sensor || exit 1
  saker status --json | sed "s/^/STATUS $state /"
  kill $sensor
  wait $sensor
done
