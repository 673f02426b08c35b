#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""runc MANIFESTS BUNDLES: makes for each container of the DaemonSet what kubelet and containerd
make of it: a folder BUNDLES/NAME with the config.json of runc. Its root file system is /image of
the guest; its volumes are the guest's folders /volumes/NAME, but for those of the host."""
import json
import os
import sys

import yaml

manifests, bundles = sys.argv[1:]
documents = yaml.safe_load_all(open(manifests))
daemon_set = next(d for d in documents if d and d["kind"] == "DaemonSet")
pod = daemon_set["spec"]["template"]["spec"]
hosts = {v["name"]: v["hostPath"]["path"] for v in pod["volumes"] if "hostPath" in v}
ALL = ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
       "LINUX_IMMUTABLE NET_BIND_SERVICE NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE "
       "SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE "
       "SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP").split()


def mounts_of(container, privileged):
    yield {"destination": "/proc", "type": "proc", "source": "proc"}
    yield {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
           "options": ["nosuid", "mode=755"]}
    yield {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]}
    for mount in container["volumeMounts"]:
        source = hosts.get(mount["name"], "/volumes/" + mount["name"])
        if "subPath" in mount:
            source += "/" + mount["subPath"]
        access = "ro" if mount.get("readOnly") else "rw"
        propagation = "rslave" if "mountPropagation" in mount else "rprivate"
        yield {"destination": mount["mountPath"], "type": "bind", "source": source,
               "options": ["rbind", access, propagation]}


def config_of(container):
    security = container["securityContext"]
    privileged = security.get("privileged", False)
    names = ALL if privileged else security["capabilities"].get("add", [])
    capabilities = ["CAP_" + c for c in names]
    assert privileged or security["capabilities"]["drop"] == ["ALL"]
    words = container.get("command", ["/usr/sbin/sakerd"]) + container.get("args", [])
    namespaces = [{"type": t} for t in ("mount", "uts", "ipc")]
    if not pod["hostPID"]:
        namespaces.append({"type": "pid"})
    config = {
        "ociVersion": "1.0.2",
        "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": words,
                    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SAKER_INTERVAL=1"],
                    "capabilities": {k: capabilities
                                     for k in ("bounding", "effective", "permitted")},
                    "noNewPrivileges": security.get("allowPrivilegeEscalation", True) is False},
        "root": {"path": "/image", "readonly": security.get("readOnlyRootFilesystem", False)},
        "mounts": list(mounts_of(container, privileged)),
        "linux": {"namespaces": namespaces, "rootfsPropagation": "rslave",
                  "cgroupsPath": "/kubepods/pod1/" + container["name"]},
    }
    if privileged:
        config["linux"]["resources"] = {"devices": [{"allow": True, "access": "rwm"}]}
        # The number of the device is not known before the module is loaded: the guest puts it in.
        config["linux"]["devices"] = [{"path": "/dev/saker", "type": "c", "major": 10,
                                       "minor": 99999, "fileMode": 384, "uid": 0, "gid": 0}]
    return config


for container in pod["initContainers"] + pod["containers"]:
    os.makedirs(f"{bundles}/{container['name']}")
    with open(f"{bundles}/{container['name']}/config.json", "w") as file:
        json.dump(config_of(container), file, indent=1)
