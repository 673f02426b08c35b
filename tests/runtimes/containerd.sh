# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --timeout 900 --mem 1792 --file tests/vm/runtimes/runtimes.sh
# vm: --file /usr/bin/containerd:/usr/bin/containerd --file /usr/bin/ctr:/usr/bin/ctr
# vm: --file /usr/bin/containerd-shim-runc-v2:/usr/bin/containerd-shim-runc-v2
# vm: --file /usr/bin/curl:/usr/bin/curl
# vm: --file /usr/lib/cni/ptp:/usr/lib/cni/ptp --file /usr/lib/cni/loopback:/usr/lib/cni/loopback
# vm: --file /usr/lib/cni/host-local:/usr/lib/cni/host-local
# The real containerd, asked by ctr and through its CRI plugin as a kubelet asks it: alerts of a
# container's first process, and of one that is started in it, have all that containerd knows.
. ./lib.sh
. ./runtimes.sh
modprobe saker || exit 1
modprobe overlay || exit 1
mkdir -p /etc/containerd /etc/cni/net.d /var/tmp logs
echo nameserver 192.0.2.1 > /etc/resolv.conf
web=registry.local:5000/shop/web pause=registry.local:5000/pause
cat > /etc/containerd/config.toml << CONFIG
version = 2
root = "/var/lib/elsewhere/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
CONFIG
cat > /etc/cni/net.d/10-net.conflist << CNI
{"cniVersion": "0.4.0", "name": "net", "plugins": [
 {"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.9.0.0/24"}}]}
CNI
check "the daemon starts" 'start_daemon $options'
containerd -l warn > containerd.log 2>&1 &
archive "$web:1.2" author web.tar
archive "$pause:1" pause pause.tar
# task ARGUMENT...: ctr; images and containers of the kubelet are in the namespace k8s.io.
task() { ctr "$@" 2>> containerd.log; }
check "containerd starts" 'await "task version > /dev/null"'
check "ctr imports an image" 'task image import web.tar > /dev/null &&
  task -n k8s.io image import web.tar > /dev/null &&
  task -n k8s.io image import pause.tar > /dev/null'
digest=$(task image ls "name==$web:1.2" | awk 'NR == 2 {print $3}')
check "it has a digest" '[ "${digest#sha256:}" != "$digest" ]'
[ $failed = 0 ] || { cat containerd.log; exit 1; }

context="image=$web tag=1.2 digest=$digest who=author"
task run --detach --label more=own "$web:1.2" shop sh -c "/bin/true mark-first; exec sleep 1000"
check "ctr run: the first process" 'alert first id=shop name=shop "$context" more=own'
task task exec --exec-id e1 shop true mark-exec
check "ctr task exec" 'alert exec id=shop name=shop "$context" more=own'
hex=$(printf '%064d' 7)
task run --rm "$web:1.2" "$hex" true mark-digits
check "a container with 64 digits" 'alert digits "id=$(short "$hex")" "$context"'
task task kill --signal 9 shop
await "task container rm shop"
task run --detach --label more=new "$web:1.2" shop sh -c "/bin/true mark-again; exec sleep 1000"
check "after its removal, another one with its name" 'alert again id=shop "$context" more=new'

# What a kubelet asks, as gRPC by curl. Messages are written in hexadecimal digits: `message` is a
# field with a message in it, `text` one with a text, `pair` one entry of a map.
message() {
  printf %02x $(($1 << 3 | 2))
  size=$((${#2} / 2))
  while [ $size -gt 127 ]; do printf %02x $((size & 127 | 128)); size=$((size >> 7)); done
  printf %02x%s $size "$2"
}
text() { message "$1" "$(printf %s "$2" | od -An -v -tx1 | tr -d ' \n')"; }
pair() { message "$1" "$(text 1 "$2"; text 2 "$3")"; }
# call METHOD MESSAGE: the text at the end of the answer is an id.
call() {
  printf '00%08x%s' $((${#2} / 2)) "$2" | xxd -r -p > request
  curl --silent --show-error --http2-prior-knowledge --max-time 120 \
    --unix-socket /run/containerd/containerd.sock --header 'content-type: application/grpc' \
    --header 'te: trailers' --data-binary @request --dump-header headers --output answer \
    "http://localhost/runtime.v1.RuntimeService/$1" 2>> containerd.log
  grep -i grpc-message headers >> containerd.log
  tail -c 64 answer
}
sandbox=$(
  message 1 "$(text 1 web-0; text 2 1111-2222; text 3 shop)"
  text 2 web-0
  text 3 /root/logs
  pair 6 app web
  pair 6 io.kubernetes.pod.name web-0
  message 8 "$(text 1 /kubepods/burstable/pod1111-2222)"
)
pod=$(call RunPodSandbox "$(message 1 "$sandbox")")
check "CRI: a pod ($(short "$pod"))" '[ ${#pod} = 64 ]'
# container NAME MARK: created and started in the pod.
container() {
  id=$(call CreateContainer "$(
    text 1 "$pod"
    message 2 "$(
      message 1 "$(text 1 "$1")"
      message 2 "$(text 1 "$web:1.2")"
      text 3 sh
      text 4 -c
      text 4 "/bin/true mark-$2; exec sleep 1000"
      pair 9 io.kubernetes.container.name "$1"
      pair 9 more own
    )"
    message 3 "$sandbox"
  )")
  call StartContainer "$(text 1 "$id")" > /dev/null
}
container nginx pod
check "CRI: a container ($(short "$id"))" '[ ${#id} = 64 ]'
[ $failed = 0 ] || { cat containerd.log headers; }
address=$(cd /var/lib/cni/networks/net && echo 10.*)
pods="pod=web-0 ns=shop uid=1111-2222 app=web ip=$address"
check "its first process, with its pod" '
  alert pod "id=$(short "$id")" name=nginx "$context" more=own "$pods"'
call ExecSync "$(text 1 "$id"; text 2 /bin/true; text 2 mark-sync)" > /dev/null
check "CRI exec" 'alert sync "id=$(short "$id")" name=nginx "$context" "$pods"'
call StopPodSandbox "$(text 1 "$pod")" > /dev/null
call RemovePodSandbox "$(text 1 "$pod")" > /dev/null

# Short containers, as many as the time allows.
n=0 end=$(($(date +%s) + 15))
while [ "$(date +%s)" -lt $end ]; do
  task run --rm "$web:1.2" "short-$n" true "mark-short-$n" && n=$((n + 1))
done
check "$n short containers" '[ $n -gt 0 ] && known short- $n "$context"'
task task kill --signal 9 shop
check "none is left" 'await "[ \$(counter containers) = 0 ]"'

[ $failed = 0 ] || { cat log; tail -n 60 containerd.log; tail -n 60 alerts; }
