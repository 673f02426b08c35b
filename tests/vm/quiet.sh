# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# The ordinary work of a host makes no alert: logins, jobs, files, connections of its own, modules
# from its module directory.
. ./lib.sh
modprobe saker || { echo "not ok - the module loads"; exit 1; }
sakerd > /run/sakerd.out 2> /run/sakerd.err &
sakerd=$!
await "saker status > /dev/null 2>&1"
saker status > /dev/null || { echo "not ok - the daemon answers"; cat /run/sakerd.err; exit 1; }

# Files that a login, a job and a change of an account read and write.
su user -c 'id; echo $HOME' > /dev/null
echo 'user:secret' | chpasswd > /dev/null 2>&1
printf '* * * * * true\n' > /run/crontab.root
mkdir -p /run/crontabs && mv /run/crontab.root /run/crontabs/root
crond -c /run/crontabs -b
# Files, processes, pipes.
for d in /etc /usr/bin /proc /sys/kernel; do ls -l $d > /dev/null 2>&1; done
cat /etc/passwd /etc/hosts /etc/services > /dev/null 2>&1
find /usr /etc -name '*.conf' 2> /dev/null | sort | uniq | wc -l > /dev/null
tar -c /etc/passwd 2> /dev/null | tar -t > /dev/null
mkdir /tmp/a && cp /etc/passwd /tmp/a/b && mv /tmp/a/b /tmp/a/c && rm -r /tmp/a
ps > /dev/null; df > /dev/null 2>&1; mount > /dev/null; dmesg > /dev/null
(sleep 0.1 & wait)
# The network: a server and a client on the machine, and a name server that does not answer.
mkdir -p /run/www && echo hello > /run/www/index.html
httpd -p 127.0.0.1:8080 -h /run/www
wget -q -O - http://127.0.0.1:8080/ > /dev/null || echo "not ok - httpd answers"
timeout 1 nslookup example.org 192.0.2.1 > /dev/null 2>&1
ping -c 1 127.0.0.1 > /dev/null
# A module from the system's own directory, loaded by a program called modprobe and not by the shell
# itself, as busybox would do.
/sbin/modprobe veth && /sbin/modprobe -r veth || echo "not ok - a module loads"
sync
sleep 2

kill $sakerd
wait $sakerd
if [ -s /run/sakerd.out ]; then
  echo "not ok - no alert"
  cat /run/sakerd.out
else
  echo "ok - no alert"
fi
if grep -qE '^.*records: .* 0 lost' /run/sakerd.err; then
  echo "ok - nothing is lost"
else
  echo "not ok - nothing is lost"
  cat /run/sakerd.err
fi
