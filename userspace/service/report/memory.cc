// SPDX-License-Identifier: Apache-2.0
#include "service/report/memory.h"

#include <unistd.h>

#include <charconv>
#include <string>

#include "base/file.h"

namespace saker::service {

MemoryUse own_memory() {
  Result<std::string> text = read_file("/proc/self/statm", 256);
  if (!text) return {};
  std::uint64_t mapped = 0, resident = 0;
  const char* end = text->data() + text->size();
  const auto first = std::from_chars(text->data(), end, mapped);
  if (first.ptr != end) std::from_chars(first.ptr + 1, end, resident);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {resident * page, mapped * page};
}

}  // namespace saker::service
