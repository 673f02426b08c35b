// SPDX-License-Identifier: Apache-2.0
// Any number of rules for benchmarks: the shapes of real rules, with different constants.
#pragma once

#include <string>

namespace saker::bench {

inline std::string shaped_rule(std::size_t i) {
  std::string n = std::to_string(i);
  const std::string shapes[] = {
      "evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.typechar='f' and "
      "fd.num>=0 and fd.name startswith /opt/app" +
          n + "/ and not proc.name in (dpkg, rpm, tool" + n + ")",
      "evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.typechar='f' and "
      "fd.num>=0 and fd.name in (/etc/secret" +
          n + "/key, /srv/k" + n + ") and not proc.pname in (cron, agent" + n +
          ") and proc.aname[2] != helper" + n,
      "evt.type in (execve, execveat) and proc.name in (miner" + n + ", xm" + n +
          ") and proc.pname exists",
      "evt.type in (execve, execveat) and proc.pname = server" + n +
          " and proc.name in (bash, sh, dash, zsh) and not proc.cmdline contains known" + n,
      "evt.type in (connect, sendto) and fd.l4proto != udp and fd.sport = " +
          std::to_string(1024 + i % 60000) + " and proc.name = client" + n,
      "evt.type in (unlink, unlinkat, rename, renameat) and (fs.path.name startswith /var/lib/db" +
          n + "/ or fs.path.source startswith /var/lib/db" + n + "/) and not proc.name = db" + n,
      "evt.type in (open, openat, openat2) and evt.is_open_write=true and (fd.name endswith .bak" +
          n + " or fd.directory = /usr/local/lib" + n + ") and proc.name != backup" + n,
      "evt.type in (chmod, fchmodat, mkdir) and fs.path.name startswith /home/user" + n +
          "/ and container.id != host",
      "evt.type in (open, openat) and fd.name contains /.vault" + n +
          "/ and not proc.name in (vault, v" + n + ")",
      "evt.type in (execve, execveat) and proc.cmdline contains '--payload" + n +
          "' and not user.uid = " + n,
  };
  return "- rule: rule " + n + "\n  desc: d\n  condition: " + shapes[i % std::size(shapes)] +
         "\n  output: o %proc.name\n  priority: WARNING\n";
}

// The rules with numbers from `first` to `end` - 1.
inline std::string shaped_rules(std::size_t first, std::size_t end) {
  std::string text;
  for (std::size_t i = first; i < end; i++) text += shaped_rule(i);
  return text;
}

}  // namespace saker::bench
