# SPDX-License-Identifier: Apache-2.0
# Runs in the guest: the operations without the module, then with it under one rule file after the
# other. Prints only at the end, because a terminal's interrupts would come at random times.
exec 3>&1 > /tmp/out
trap 'cat /tmp/out >&3' EXIT

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
  # A record that does not fit costs less than one that is written.
  saker status --json > /tmp/status
  grep -q '"lost":0,' /tmp/status ||
    { echo "FAILED $state: records were lost: $(cat /tmp/status)"; exit 1; }
  kill $sensor
  wait $sensor
done
