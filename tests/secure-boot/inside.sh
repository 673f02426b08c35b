# SPDX-License-Identifier: Apache-2.0
# Runs inside the guest of tests/secure-boot/run. $1 is the state of the key in the firmware: "new"
# or "enrolled".
. /root/lib.sh
insmod /root/efivarfs.ko
mount -t efivarfs efivarfs /sys/firmware/efi/efivars
grep -q /sys/kernel/security /proc/mounts || mount -t securityfs securityfs /sys/kernel/security
check "Secure Boot is on, and the kernel locked down" \
  'grep -q "\[integrity\]" /sys/kernel/security/lockdown'
check "an unsigned module is refused" '! insmod /root/unsigned.ko 2> /dev/null'
if [ "$1" = new ]; then
  check "so is one signed with a key that is not enrolled" '! insmod /root/signed.ko 2> /dev/null'
  mv /var/lib/dkms/mok.pub /root/mok.pub
  sakerd > /root/refused 2>&1
  check "without a key the daemon says how to get one" \
    'grep -q "Secure Boot is on.*DKMS has no key" /root/refused'
  mv /root/mok.pub /var/lib/dkms/mok.pub
  sakerd > /root/refused 2>&1
  check "with a key it says how to enrol it" \
    'grep -q "mokutil --import /var/lib/dkms/mok.pub" /root/refused'
else
  sakerd > /root/refused 2>&1
  check "the daemon sees that the key is enrolled" 'grep -q "mok.pub is enrolled" /root/refused'
  check "the signed module loads" 'insmod /root/signed.ko'
  sakerd > /root/sakerd.log 2>&1 &
  pid=$!
  check "the sensor starts" 'await "saker status > /dev/null 2>&1"'
  cat /etc/shadow > /dev/null
  check "and sees" 'await "grep -q /etc/shadow /root/sakerd.log"'
  kill $pid
  wait $pid
  check "and the module is unloaded again" 'rmmod saker'
fi
