// SPDX-License-Identifier: Apache-2.0
#include "recording/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/frame.h"

namespace saker::recording {

Result<Output> Output::create(const std::string& path, std::string_view description) {
  Fd file(path == "-"
              ? ::dup(STDOUT_FILENO)
              : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  // In a directory where others may write, a link would overwrite any file.
  if (!file && errno == ELOOP)
    return Error{"cannot write recording " + path +
                 ": it is a symbolic link; name the file itself, or - for standard output"};
  if (!file) return Error::from_errno("cannot write recording " + path);
  // Recordings hold environments: an existing file must not stay readable for others.
  struct stat st;
  if (path != "-" && ::fstat(file.get(), &st) == 0 && S_ISREG(st.st_mode) &&
      ::fchmod(file.get(), 0600) < 0)
    return Error::from_errno("cannot make recording " + path + " private");
  Output output(std::move(file), path);
  Result<void> begun = output.append(file_beginning().append(description));
  if (!begun) return begun.error();
  return output;
}

Result<void> Output::append(std::string_view block) {
  while (!block.empty()) {
    ssize_t put = ::write(file_.get(), block.data(), block.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Error::from_errno("cannot write recording " + path_);
    size_ += static_cast<std::uint64_t>(put);
    block.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace saker::recording
