# SPDX-License-Identifier: Apache-2.0
# Shared by the tests of container runtimes in the guest, after lib.sh: a rule, its alerts, images.
# shellcheck shell=bash
mkdir -p rules
cat > rules/a.yaml << 'RULES'
- rule: marked
  desc: each program that is started as "true mark-..."
  condition: evt.type in (execve, execveat) and proc.name = true and proc.args startswith mark-
  output: "id=%container.id name=%container.name image=%container.image.repository
    tag=%container.image.tag digest=%container.image.digest who=%container.label[who]
    more=%container.label[more] pod=%k8s.pod.name ns=%k8s.ns.name uid=%k8s.pod.uid
    app=%k8s.pod.label[app] ip=%k8s.pod.ip %proc.args;"
  priority: CRITICAL
RULES
options="-o rules_files=rules -o stdout_output.enabled=false"
options="$options -o file_output.enabled=true -o file_output.filename=/root/alerts"
short() { printf %.12s "$1"; }
# alert MARK TEXT...: it arrives, once, and has each of these texts.
alert() {
  mark=$1
  shift
  await "grep -qs ' mark-$mark;' alerts" || { echo "# no alert mark-$mark"; return 1; }
  line=$(grep " mark-$mark;" alerts)
  [ "$(echo "$line" | wc -l)" = 1 ] || { echo "# twice: $line"; return 1; }
  for text; do
    case "$line " in *"$text "*) ;; *) echo "# no $text: $line"; return 1 ;; esac
  done
}
# known PREFIX NUMBER TEXT: of NUMBER containers whose mark begins so each has an alert with that
# text, and none lacks a name.
known() {
  await "[ \"\$(grep -c ' mark-$1' alerts)\" = $2 ]" &&
    [ "$(grep " mark-$1" alerts | grep -c "$3")" = "$2" ] &&
    ! grep " mark-$1" alerts | grep -E ' (id|name|image|tag)=<NA>' && return
  echo "# of $2, with $3:"
  grep " mark-$1" alerts
  return 1
}
# archive NAME LABEL FILE: busybox as an image of that name and author's label, as `docker save`
# writes it.
archive() {
  rm -rf archive && mkdir archive
  tar -C /var/lib/saker-vm/rootfs -cf archive/layer.tar .
  diff=$(sha256sum archive/layer.tar | cut -d ' ' -f 1)
  cat > archive/config << CONFIG
{"architecture": "amd64", "os": "linux", "config": {"Labels": {"who": "$2"},
 "Cmd": ["sleep", "100000"], "Env": ["PATH=/bin"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$diff"]}}
CONFIG
  config=$(sha256sum archive/config | cut -d ' ' -f 1).json
  mv archive/config "archive/$config"
  echo "[{\"Config\": \"$config\", \"RepoTags\": [\"$1\"], \"Layers\": [\"layer.tar\"]}]" \
    > archive/manifest.json
  tar -C archive -cf "$3" .
}
