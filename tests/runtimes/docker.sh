# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --timeout 900 --mem 2048 --file tests/vm/runtimes/runtimes.sh
# vm: --file /usr/sbin/dockerd:/usr/sbin/dockerd --file /usr/bin/docker:/usr/bin/docker
# vm: --file /usr/bin/containerd:/usr/bin/containerd
# vm: --file /usr/bin/containerd-shim-runc-v2:/usr/bin/containerd-shim-runc-v2
# vm: --file /usr/bin/docker-registry:/usr/bin/docker-registry
# The real Docker, with a registry: alerts of a container's first process, of `docker exec`, after a
# rename, a restart and a removal, and of short containers have all that Docker knows.
. ./lib.sh
. ./runtimes.sh
modprobe saker || exit 1
modprobe overlay || exit 1
mkdir -p /etc/docker /var/tmp
echo '{"data-root": "/srv/docker"}' > /etc/docker/daemon.json
cat > registry.yml << REGISTRY
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /srv/registry}}
http: {addr: "127.0.0.1:5000"}
REGISTRY
check "the daemon starts" 'start_daemon $options'
docker-registry serve registry.yml > registry.log 2>&1 &
dockerd --bridge=none --iptables=false --log-level warn > docker.log 2>&1 &
web=localhost:5000/shop/web
archive "$web:1.2" author web.tar
check "Docker starts" 'await "docker version > /dev/null 2>&1"'
check "it loads an image" 'docker load --quiet --input web.tar > /dev/null'
check "and pushes it" 'docker push --quiet "$web:1.2" > /dev/null'
digest=$(docker image inspect --format '{{index .RepoDigests 0}}' "$web:1.2")
digest=${digest#*@}
check "it has a digest" '[ "${digest#sha256:}" != "$digest" ]'
[ $failed = 0 ] || { cat docker.log registry.log; exit 1; }

run="run --network none"
context="image=$web tag=1.2 digest=$digest who=author"
id=$(docker $run --detach --name web --label more=own "$web:1.2" \
  sh -c "/bin/true mark-first; exec sleep 1000")
check "docker run: the first process" 'alert first "id=$(short "$id")" name=web "$context" more=own'
docker exec web true mark-exec
check "docker exec" 'alert exec "id=$(short "$id")" name=web "$context" more=own'
docker rename web shop
check "a rename is followed" 'await "docker exec shop true mark-renamed;
  grep mark-renamed\; alerts | grep -q \"name=shop image=$web \""'
mv alerts before
docker restart --time 0 shop > /dev/null
check "a restart: its first process again" \
  'alert first "id=$(short "$id")" name=shop "$context" more=own'
docker rm --force shop > /dev/null
again=$(docker $run --detach --name shop --label who=us "$web:1.2" \
  sh -c "/bin/true mark-again; exec sleep 1000")
check "after its removal, another one with its name" \
  'alert again "id=$(short "$again")" name=shop "image=$web tag=1.2 digest=$digest who=us"'
# Short containers, as many as the time allows.
n=0 end=$(($(date +%s) + 20))
while [ "$(date +%s)" -lt $end ]; do
  docker $run --rm --name "short-$n" "$web:1.2" true "mark-short-$n" && n=$((n + 1))
done
check "$n short containers" '[ $n -gt 0 ] && known short- $n "$context"'
docker rm --force shop > /dev/null
check "none is left" 'await "[ \$(counter containers) = 0 ]"'

[ $failed = 0 ] || { cat log; tail -n 60 docker.log; tail -n 60 alerts; }
