// SPDX-License-Identifier: Apache-2.0
// An event of a capture as rules see it: its name, and each of its parameters as text, in Falco's
// form. Everything is computed on demand. Pure functions of a ShownEvent, which is valid until the
// reader's next step.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scap/event.h"
#include "scap/kept_key.h"
#include "scap/state/lookup.h"
#include "scap/state/state.h"

namespace saker::scap {

// What is known about the current event.
struct ShownEvent {
  const CaptureEvent* event = nullptr;
  const EventState* context = nullptr;
  const CaptureLookup* lookup = nullptr;
  // the thread of the event, also if the event's header does not name one
  const Thread* thread = nullptr;
  // of the first event that is not a notification, of the previous one for rules; 0: none
  std::uint64_t first_time = 0, previous_time = 0;
  KeptKey* path_key = nullptr;  // for CaptureOrigin::path_key; null: nothing is kept
};

enum class Io : std::uint8_t { none, reads, writes, both, waits };

enum class ParamKind : std::uint8_t {
  signed_number,
  unsigned_number,
  error,
  fd,
  pid,
  text,
  path,
  relative_path,
  bytes,
  sockaddr,
  socktuple,
  fd_list,
  syscall_id,
  signal,
  signal_set,
  time_span,
  time,
  flags,
  one_of,
  mode,
  user,
  group,
  chosen,
  unknown
};

struct ShownParam {
  std::string_view name;
  ParamKind kind = ParamKind::unknown;
  char format = '-';       // d, h, o
  std::string_view table;  // names, or kinds
  unsigned directory = 0;  // relative_path: the parameter that it is relative to
};

struct ShownType {
  std::string_view name;      // empty: rules never see it
  std::string_view category;  // io_read, io_write, io_other: depends on the descriptor
  Io io = Io::none;
  std::vector<ShownParam> params;
};

const ShownType& shown_type(std::uint16_t type);
// evt.type: the name of the type, or of the system call or notification that it stands for.
std::string_view event_name(const CaptureEvent& event);
// For an event of a system call without its own type: the call, in the numbering of captures. If
// the recorder did not know the call, it is identified by its number on x86-64.
std::uint16_t call_code(const CaptureEvent& event);
// The name of the system call with that number in captures; "" if there is none.
std::string_view call_name(std::uint16_t code);
// evt.category
std::string_view event_category(const ShownEvent& view);
// The event is not about a thread but about something that the recording engine found: containers,
// users, processor times.
bool is_notice(std::uint16_t type);
// The index of a parameter; -1 if the event does not have it.
int find_param(const CaptureEvent& event, std::string_view name);

// Append a parameter's raw value, and its meaning if it has one.
void put_plain(const ShownEvent& view, unsigned index, std::string& out);
void put_meaning(const ShownEvent& view, unsigned index, std::string& out);
// Appends the numbers of the descriptors in a parameter.
void list_descriptors(const ShownEvent& view, unsigned index, std::vector<std::int64_t>& out);
// name=plain(meaning) of all parameters.
std::string all_params(const ShownEvent& view);

// For a parameter that is a path: absolute as far as its base is known; "" if there is none.
std::string full_path(const ShownEvent& view, unsigned index);
// The base of paths that are relative to a descriptor: the working directory, or a name and '/';
// null if it is unknown.
const std::string* directory_of(const ShownEvent& view, std::int64_t fd, std::string& buffer);

std::string error_name(std::int64_t result);  // "" if it has none
char type_letter(FdType type);
std::string_view type_word(FdType type);

}  // namespace saker::scap
