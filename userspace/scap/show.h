// SPDX-License-Identifier: Apache-2.0
// An event of a capture as rules see it: its name, and each of its parameters as text, in the form
// that Falco prints. Nothing is made before it is asked for. Pure functions over a ShownEvent; it
// is valid until the reader's next step.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scap/event.h"
#include "scap/state/lookup.h"
#include "scap/state/state.h"

namespace saker::scap {

// What is known of the event at hand.
struct ShownEvent {
  const CaptureEvent* event = nullptr;
  const EventState* context = nullptr;
  const CaptureLookup* lookup = nullptr;
  const Thread* thread = nullptr;  // who did it, those whose event has no thread by itself too
  std::uint64_t first_time = 0, previous_time = 0;  // of the first event that is no notice, of the
                                                    // one before for rules; 0: none
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
  std::string_view table;  // of names, or of kinds
  unsigned directory = 0;  // relative_path: the parameter that says relative to what
};

struct ShownType {
  std::string_view name;      // empty: rules never see it
  std::string_view category;  // io_read, io_write, io_other: by what the descriptor is
  Io io = Io::none;
  std::vector<ShownParam> params;
};

const ShownType& shown_type(std::uint16_t type);
// evt.type: the type's name, or that of the system call or of the notice that it stands for.
std::string_view event_name(const CaptureEvent& event);
// Of an event of a system call that has no type of its own: which one, as captures number them.
// What its writer did not know is told by its number on x86-64.
std::uint16_t call_code(const CaptureEvent& event);
// The system call of that number, as captures number them; "" if there is none.
std::string_view call_name(std::uint16_t code);
// evt.category
std::string_view event_category(const ShownEvent& view);
// Not about a thread but about what the engine that wrote the capture found: containers, users,
// processor times.
bool is_notice(std::uint16_t type);
// The index of a parameter, -1 if the event has none of that name.
int find_param(const CaptureEvent& event, std::string_view name);

// A parameter as it is, and what it means, where there is more to say; both append.
void put_plain(const ShownEvent& view, unsigned index, std::string& out);
void put_meaning(const ShownEvent& view, unsigned index, std::string& out);
// The descriptors that a parameter names, by number; appends.
void list_descriptors(const ShownEvent& view, unsigned index, std::vector<std::int64_t>& out);
// name=plain(meaning) of all parameters.
std::string all_params(const ShownEvent& view);

// Of a parameter that is a path: absolute as far as its base is known; "" where there is none.
std::string full_path(const ShownEvent& view, unsigned index);
// What paths relative to a descriptor start from: the working directory, or a name and '/'; null if
// it is not known.
const std::string* directory_of(const ShownEvent& view, std::int64_t fd, std::string& buffer);

std::string error_name(std::int64_t result);  // "" if it has none
char type_letter(FdType type);
std::string_view type_word(FdType type);

}  // namespace saker::scap
