// SPDX-License-Identifier: Apache-2.0
// The files of a host in a temporary folder, for code that reads them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "capture/diagnose.h"

namespace saker::capture {

struct HostFiles {
  explicit HostFiles(const char* test)
      : host{std::filesystem::temp_directory_path() /
                 ("saker-" + std::string(test) + "-" + std::to_string(::getpid())),
             "6.1.0-test", true} {
    std::filesystem::remove_all(host.root);
  }
  ~HostFiles() { std::filesystem::remove_all(host.root); }
  HostFiles(const HostFiles&) = delete;
  HostFiles& operator=(const HostFiles&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(host.root + name).parent_path());
    std::ofstream(host.root + name) << text;
  }

  Host host;
};

}  // namespace saker::capture
