// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace saker::cli {
namespace {

constexpr int width = 30;
constexpr std::chrono::milliseconds redraw{100};

std::string rate_text(double rate) {
  char text[64];
  if (rate >= 1e6)
    std::snprintf(text, sizeof text, "%.1f million events/s", rate / 1e6);
  else
    std::snprintf(text, sizeof text, "%.0f events/s", rate);
  return text;
}

}  // namespace

Progress::Progress(bool wanted) : shown_(wanted && isatty(STDERR_FILENO)) {}

void Progress::begin(const std::string& name, std::uint64_t size) {
  name_ = name.substr(name.rfind('/') + 1);
  size_ = size;
  file_began_ = Clock::now();
}

void Progress::show(std::uint64_t position, std::uint64_t events) {
  Clock::time_point now = Clock::now();
  if (now - drawn_at_ < redraw) return;
  drawn_at_ = now;
  drawn_ = true;
  double elapsed = std::max(seconds(), 1e-6);
  if (size_ == 0) {
    std::fprintf(stderr, "\r\033[K%s  %llu events  %s", name_.c_str(),
                 static_cast<unsigned long long>(events),
                 rate_text(static_cast<double>(events) / elapsed).c_str());
    return;
  }
  double part = std::min(1.0, static_cast<double>(position) / static_cast<double>(size_));
  int full = static_cast<int>(part * width);
  double file = std::chrono::duration<double>(now - file_began_).count();
  double left = part > 0 ? file / part - file : 0;
  std::fprintf(stderr, "\r\033[K%s [%.*s%*s] %3.0f%%  %s  %.0f s left", name_.c_str(), full,
               "##############################", width - full, "", part * 100,
               rate_text(static_cast<double>(events) / elapsed).c_str(), left);
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

std::string Progress::total(std::uint64_t events) const {
  char text[32];
  double elapsed = seconds();
  std::snprintf(text, sizeof text, "%.2f s, ", elapsed);
  return text + rate_text(elapsed > 0 ? static_cast<double>(events) / elapsed : 0);
}

}  // namespace saker::cli
