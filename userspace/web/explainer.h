// SPDX-License-Identifier: Apache-2.0
// Explains the verdict of an alert from its recording, as `saker explain` does. A process of its
// own runs that command: it is forked before the page reads anything of the network and gives up
// starting programs, and takes only the name of a rule, a time, and a file of one directory. One
// thread polls; nothing here blocks.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker::web {

struct ExplainerOptions {
  std::string directory;           // of the recordings; no file elsewhere is opened
  std::vector<std::string> words;  // of the command line: which configuration
};

// What the process is asked: the parts of an alert that name its event. Nothing: the alert has no
// recording, or names none that the process would open.
Result<std::string> explanation_request(std::string_view alert, const std::string& directory);

class ExplainerLink {
 public:
  // The answer, a line of JSON: an explanation, or {"error": "..."}.
  using Then = std::function<void(const std::string& answer)>;

  // Forks; call it before there are threads, and before drop_privileges().
  static Result<std::unique_ptr<ExplainerLink>> start(const ExplainerOptions& options);

  void wants(std::vector<pollfd>& fds) const;
  // What wants() added, after poll.
  void serve(const pollfd* fds, std::size_t count);

  // False: too many are waited for.
  bool ask(const std::string& request, Then then);

  static constexpr std::size_t most_asked = 8;

 private:
  explicit ExplainerLink(Fd fd) : fd_(std::move(fd)) {}
  void lose();

  Fd fd_;
  std::string in_, out_;
  std::deque<Then> asked_;
};

}  // namespace saker::web
