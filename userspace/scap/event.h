// SPDX-License-Identifier: Apache-2.0
// One event of a capture, split into its parameters, and the table of event types. A view into the
// block it was read from or, after conversion, partly into the converter; valid until the next
// event is read. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"
#include "scap/input.h"

namespace saker::scap {

enum TypeFlag : std::uint16_t {
  none = 0,
  creates_fd = 1 << 0,
  uses_fd = 1 << 1,
  destroys_fd = 1 << 2,
  no_thread = 1 << 3,  // its header does not name a thread
  large = 1 << 4,      // parameter lengths of 32 bits
  managed = 1 << 5,    // needs the converter
  obsolete = 1 << 6,   // current writers do not make it
  unused = 1 << 7,
  syscall = 1 << 8
};

enum EventType : std::uint16_t {
#define SCAP_TYPE(number, name, flags, params) name = number,
#include "scap/types.def"
};

struct TypeInfo {
  std::string_view name;    // our own, as in the table
  std::uint16_t flags = 0;  // TypeFlag
  std::string_view params;  // one letter each
};

constexpr unsigned type_count = 454;
constexpr unsigned most_params = 32;

// `type` must be below type_count.
const TypeInfo& type_info(std::uint16_t type);
// Size of a parameter in bytes, 0 if it varies.
unsigned param_size(char letter);
inline bool is_exit(std::uint16_t type) { return type & 1; }

struct Param {
  const char* at = nullptr;
  std::uint32_t length = 0;
};

struct CaptureEvent {
  std::uint64_t time = 0;  // ns since 1970
  std::int64_t tid = -1;
  std::uint16_t type = 0;
  std::uint16_t cpu = 0;
  bool state_only = false;  // only changes state; not shown to rules
  unsigned count = 0;
  std::array<Param, most_params> params;

  const TypeInfo& info() const { return type_info(type); }
  // Whether the parameter is present and not empty.
  bool has(unsigned index) const { return index < count && params[index].length > 0; }
  std::string_view bytes(unsigned index) const {
    return has(index) ? std::string_view(params[index].at, params[index].length)
                      : std::string_view();
  }
  // A number of any written width, 0 if it is missing; `number` extends the sign.
  std::uint64_t natural(unsigned index) const {
    switch (index < count ? params[index].length : 0) {
      case 1: return load<std::uint8_t>(index);
      case 2: return load<std::uint16_t>(index);
      case 4: return load<std::uint32_t>(index);
      case 8: return load<std::uint64_t>(index);
      default: return 0;
    }
  }
  std::int64_t number(unsigned index) const {
    switch (index < count ? params[index].length : 0) {
      case 1: return load<std::int8_t>(index);
      case 2: return load<std::int16_t>(index);
      case 4: return load<std::int32_t>(index);
      case 8: return load<std::int64_t>(index);
      default: return 0;
    }
  }
  std::uint32_t u32(unsigned index) const { return static_cast<std::uint32_t>(natural(index)); }
  // A text up to its NUL. A null text (missing, or written as "(NULL)") reads as "" and as
  // `missing`.
  bool null(unsigned index) const;
  std::string_view text(unsigned index) const { return path(index, ""); }
  std::string_view path(unsigned index, std::string_view missing = "<NA>") const;
  // A list of NUL-terminated texts; the NUL of the last one may be missing.
  std::string_view list(unsigned index) const { return bytes(index); }

  // The call's return value, if the type has one.
  bool returns() const;
  std::int64_t result() const { return returns() ? number(0) : 0; }

 private:
  template <typename T>
  T load(unsigned index) const {
    T value;
    std::memcpy(&value, params[index].at, sizeof value);
    return value;
  }
};

// Splits blocks into events, reusing the same object. For a type that is not in the table, `type`
// is at least type_count and there are no parameters.
class EventCutter {
 public:
  Result<void> cut(const CaptureBlock& block, bool swapped);
  // The last event.
  CaptureEvent& event() { return event_; }

 private:
  Result<void> cut_params(const CaptureBlock& block, std::string_view rest, std::uint32_t count,
                          bool swapped);
  CaptureEvent event_;
};
// Converts the numbers of an event in the other byte order, in place; `block` is the buffer that
// contains it.
void swap_params(CaptureEvent& event);

}  // namespace saker::scap
