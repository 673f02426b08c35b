// SPDX-License-Identifier: Apache-2.0
#include "output/line_peer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "base/prompt_writer.h"

namespace saker::output {
namespace {

constexpr std::string_view reset = "\033[0m";

std::string_view color_of(lang::Priority priority) {
  switch (priority) {
    case lang::Priority::emergency:
    case lang::Priority::alert:
    case lang::Priority::critical: return "\033[1;31m";
    case lang::Priority::error: return "\033[31m";
    case lang::Priority::warning: return "\033[33m";
    case lang::Priority::notice: return "\033[36m";
    case lang::Priority::informational:
    case lang::Priority::debug: break;
  }
  return {};
}

Result<Fd> open_for_append(const std::string& path) {
  // Does not become a controlling terminal and does not follow a symbolic link that somebody put
  // there; a FIFO must not block.
  int fd =
      ::open(path.c_str(),
             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0640);
  if (fd >= 0) return Fd(fd);
  Error error = Error::from_errno("alert file " + path);
  if (error.code == ENOENT) error.message += "; make its directory, or name another file";
  if (error.code == ENXIO) error.message = "alert file " + path + ": is a FIFO without a reader";
  if (error.code == ELOOP)
    error.message = "alert file " + path + ": is a symbolic link; name the file itself";
  return error;
}

// The lines of a batch, and how much of them was written.
class LinePeer : public Peer {
 public:
  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  std::string preview(std::span<const SharedAlert> batch) override;

 protected:
  // The text before each line: a colour, or for the journal the priority.
  enum class Mark { none, color, priority };
  LinePeer(Form form, Mark mark) : form_(form), mark_(mark) {}
  // Bytes, or -errno.
  virtual std::int64_t write(std::string_view bytes) = 0;
  virtual int descriptor() const = 0;
  virtual std::string prepare() { return {}; }  // the error
  void forget_begun() { begun_ = 0; }

 private:
  void append(const Alert& alert);
  std::string write_all(Patience& patience, std::size_t& written);

  const Form form_;
  const Mark mark_;
  std::string lines_;
  std::vector<std::size_t> ends_;  // of each line in lines_
  std::size_t begun_ = 0;          // bytes of the first alert that were already written
};

void LinePeer::append(const Alert& alert) {
  const std::string_view color =
      mark_ == Mark::color ? color_of(alert.priority) : std::string_view();
  if (mark_ == Mark::priority)
    lines_ += "<" + std::to_string(static_cast<int>(alert.priority)) + ">";
  lines_.append(color).append(alert.line(form_)).append(color.empty() ? "" : reset) += '\n';
  ends_.push_back(lines_.size());
}

Delivery LinePeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  Delivery out;
  out.error = prepare();
  if (!out.error.empty()) return out;
  lines_.clear();
  ends_.clear();
  for (const SharedAlert& alert : batch) append(*alert);
  std::size_t written = begun_;
  out.error = write_all(patience, written);
  while (out.delivered < ends_.size() && ends_[out.delivered] <= written) out.delivered++;
  begun_ = written - (out.delivered ? ends_[out.delivered - 1] : 0);
  return out;
}

std::string LinePeer::preview(std::span<const SharedAlert> batch) {
  std::string out;
  for (const SharedAlert& alert : batch) out.append(alert->line(form_)) += '\n';
  return out;
}

std::string LinePeer::write_all(Patience& patience, std::size_t& written) {
  while (written < lines_.size()) {
    const std::int64_t wrote = write(std::string_view(lines_).substr(written));
    if (wrote == -EINTR) continue;
    if (wrote == -EAGAIN) {
      if (!patience.wait(descriptor(), POLLOUT, -1)) return {};
      continue;
    }
    if (wrote < 0) return std::strerror(static_cast<int>(-wrote));
    if (wrote == 0) return "nothing was accepted";
    written += static_cast<std::size_t>(wrote);
  }
  return {};
}

class StdoutPeer final : public LinePeer {
 public:
  explicit StdoutPeer(Form form) : LinePeer(form, mark_for(form)), writer_(STDOUT_FILENO) {}

 private:
  static Mark mark_for(Form form) {
    if (Log::is_journal(STDOUT_FILENO)) return Mark::priority;
    return form == Form::text && ::isatty(STDOUT_FILENO) == 1 ? Mark::color : Mark::none;
  }
  std::int64_t write(std::string_view bytes) override { return writer_.write(bytes); }
  int descriptor() const override { return writer_.fd(); }

  PromptWriter writer_;
};

// Our own pipe: its reader is a program.
class PipePeer final : public LinePeer {
 public:
  PipePeer(Fd fd, Form form) : LinePeer(form, Mark::none), fd_(std::move(fd)) {}

 private:
  std::int64_t write(std::string_view bytes) override {
    const ssize_t wrote = ::write(fd_.get(), bytes.data(), bytes.size());
    return wrote < 0 ? -errno : wrote;
  }
  int descriptor() const override { return fd_.get(); }

  const Fd fd_;
};

class FilePeer final : public LinePeer {
 public:
  FilePeer(std::string path, Form form, Fd fd)
      : LinePeer(form, Mark::none), path_(std::move(path)), fd_(std::move(fd)) {}

  Result<void> reopen() override {
    wanted_ = true;
    if (std::string why = prepare(); !why.empty()) return Error{why};
    return {};
  }

 private:
  std::int64_t write(std::string_view bytes) override {
    const ssize_t wrote = ::write(fd_.get(), bytes.data(), bytes.size());
    return wrote < 0 ? -errno : wrote;
  }
  int descriptor() const override { return fd_.get(); }
  std::string prepare() override;
  bool in_place() const;

  const std::string path_;
  Fd fd_;
  bool wanted_ = false;  // the path must be opened again
};

bool FilePeer::in_place() const {
  struct stat named, open;
  return ::stat(path_.c_str(), &named) == 0 && ::fstat(fd_.get(), &open) == 0 &&
         named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

std::string FilePeer::prepare() {
  if (!wanted_ && in_place()) return {};
  Result<Fd> opened = open_for_append(path_);
  if (!opened) return opened.error().message;
  fd_ = std::move(*opened);
  wanted_ = false;
  // The beginning of the line is in the old file; the new file gets the whole line.
  forget_begun();
  return {};
}

}  // namespace

std::unique_ptr<Peer> stdout_peer(Form form) { return std::make_unique<StdoutPeer>(form); }

std::unique_ptr<Peer> pipe_peer(Fd fd, Form form) {
  return std::make_unique<PipePeer>(std::move(fd), form);
}

Result<std::unique_ptr<Peer>> file_peer(const std::string& path, Form form) {
  Result<Fd> opened = open_for_append(path);
  if (!opened) return opened.error();
  return std::unique_ptr<Peer>(std::make_unique<FilePeer>(path, form, std::move(*opened)));
}

}  // namespace saker::output
