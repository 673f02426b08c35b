// SPDX-License-Identifier: Apache-2.0
// Files of container runtimes, for tests of what reads them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace saker::enrich::test {

inline const std::string id = "0123456789abcdef" + std::string(48, '0');

// A root directory with the files of runtimes, deleted with the test.
struct Root {
  std::string path =
      std::filesystem::temp_directory_path() / ("saker-root-" + std::to_string(::getpid()));
  Root() { std::filesystem::remove_all(path); }
  ~Root() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path + name).parent_path());
    std::ofstream(path + name) << text;
  }
};

inline void write_bundle(const Root& root, const std::string& name) {
  root.write(name, R"({"annotations":{
    "io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"web",
    "io.kubernetes.cri.image-name":"registry.local:5000/shop/web:1.2@sha256:feed",
    "io.kubernetes.cri.sandbox-id":"5a","io.kubernetes.cri.sandbox-name":"web-7",
    "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"u-1"},
    "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
      {"destination":"/host","type":"bind","source":"/","options":["rbind","rslave","ro"]}],
    "linux":{"maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"]},
    "process":{"capabilities":{"bounding":["CAP_CHOWN"]}}})");
}

}  // namespace saker::enrich::test
