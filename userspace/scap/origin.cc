// SPDX-License-Identifier: Apache-2.0
#include "scap/origin.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <typeinfo>

#include "fields/getters.h"
#include "match/cache_key.h"
#include "scap/getters/getters.h"
#include "scap/show.h"

namespace saker::scap {

using fields::bit, fields::CacheKind;

namespace {

bool is_text(ParamKind kind) {
  return kind == ParamKind::text || kind == ParamKind::path || kind == ParamKind::relative_path;
}

// Which parameters of a type of event a key contains, as bits.
struct KeyParams {
  std::uint32_t texts = 0, descriptors = 0;
};
static_assert(most_params <= 32);

using AllKeyParams = std::array<KeyParams, type_count>;
const AllKeyParams& all_key_params() {
  static const AllKeyParams made = [] {
    AllKeyParams all;
    for (std::uint16_t type = 0; type < type_count; type++) {
      const std::vector<ShownParam>& params = shown_type(type).params;
      for (unsigned i = 0; i < std::min<std::size_t>(params.size(), most_params); i++) {
        if (is_text(params[i].kind)) all[type].texts |= 1u << i;
        if (params[i].kind == ParamKind::fd) all[type].descriptors |= 1u << i;
      }
    }
    return all;
  }();
  return made;
}

// Calls `use` with the number of each bit until it returns false.
template <typename Use>
bool each_bit(std::uint32_t bits, Use use) {
  for (; bits; bits &= bits - 1)
    if (!use(static_cast<unsigned>(std::countr_zero(bits)))) return false;
  return true;
}

// A number that no descriptor type has.
constexpr std::uint8_t not_known = 0xfe, working_directory = 0xff;

std::uint8_t kind_of(const FdInfo* fd) {
  return fd ? static_cast<std::uint8_t>(fd->type) : not_known;
}

// The keys of sockets are made from the record, but the fields use the capture's descriptors.
constexpr std::uint8_t kept_facets = bit(CacheKind::process) | bit(CacheKind::path) |
                                     bit(CacheKind::program) | bit(CacheKind::command);

const fields::Getters& table() {
  static const fields::Getters getters(
      {getters::event_getters(), getters::io_getters(), getters::argument_getters(),
       getters::fd_getters(), getters::socket_getters(), getters::ends_getters(),
       getters::path_getters(), getters::process_getters(), getters::list_getters(),
       getters::facts_getters(), fields::runtime_container_getters()},
      &fields::own_origin.getters());
  return getters;
}

}  // namespace

CaptureOrigin::CaptureOrigin() : fields::Origin(table(), kept_facets, 0) {}

const ShownEvent* view_of(const fields::Event& event) {
  if (event.origin == &fields::own_origin || typeid(*event.origin) != typeid(CaptureOrigin))
    return nullptr;
  return &static_cast<const CaptureOrigin*>(event.origin)->view();
}

bool fills(fields::FieldId field) { return table().fills(field); }

// Everything that the fields of CacheKind::path may read: the descriptor, the texts and, if one of
// the texts is relative, its possible bases.
std::string_view CaptureOrigin::path_key(fields::KeyBuffer& key, const fields::Event& event,
                                         const fields::EventPaths&, fields::Scratch&) const {
  constexpr std::size_t room = fields::KeyBuffer::path_room;
  const ShownEvent& view = *view_;
  const CaptureEvent& raw = *view.event;
  const EventState& context = *view.context;
  const bool opens = event.record.family() == decode::Family::open;
  const std::uint64_t mode = opens ? event.record.u64(SAKER_P_open_flags) & O_ACCMODE : 0;
  const std::uint64_t head = event.kind() | std::uint64_t{raw.type} << 16 | mode << 32 |
                             std::uint64_t{kind_of(context.fd)} << 40 |
                             std::uint64_t{context.has_fd} << 48 |
                             std::uint64_t{context.thread != nullptr} << 49;
  KeptKey* kept = view.path_key;
  if (kept && kept->has(head) &&
      (!kept->relative() || kept->begins_at(view.lookup->cwd_of(*context.thread))))
    return kept->whole();
  auto keep = [&](std::size_t cwd_at, std::size_t cwd_size) {
    if (kept) kept->keep(head, key.whole(), cwd_at, cwd_size);
    return key.whole();
  };
  key.begin();
  key.put(head);
  key.put_sign(raw.result());
  key.put_sign(context.fd_number);
  if (context.fd && !key.put_text(context.fd->name, room)) return {};
  static const AllKeyParams& key_params = all_key_params();
  const KeyParams params = key_params[raw.type];
  bool relative = false;
  const bool have_texts = each_bit(params.texts, [&](unsigned i) {
    const std::string_view text = raw.path(i, {});
    const std::uint32_t head =
        static_cast<std::uint32_t>(text.size()) << 1 | std::uint32_t{text.data() != nullptr};
    if (text.size() > room || !key.fits(sizeof(head) + text.size(), room)) return false;
    key.put(&head, sizeof(head));
    key.put(text.data(), text.size());
    relative |= !text.starts_with('/');
    return true;
  });
  if (!have_texts) return {};
  if (!relative || !context.thread) return keep(0, 0);
  const std::string_view cwd = view.lookup->cwd_of(*context.thread);
  if (!key.put_text(cwd, room)) return {};
  const std::size_t cwd_at = key.whole().size() - cwd.size();
  const bool have_bases = each_bit(params.descriptors, [&](unsigned i) {
    const std::int64_t number = raw.number(i);
    const FdInfo* fd = number == AT_FDCWD ? nullptr : view.lookup->fd_of(*context.thread, number);
    const std::uint8_t kind = number == AT_FDCWD ? working_directory : kind_of(fd);
    if (!key.fits(1, room)) return false;
    key.put(&kind, 1);
    return !fd || key.put_text(fd->name, room);
  });
  return have_bases ? keep(cwd_at, cwd.size()) : std::string_view();
}

}  // namespace saker::scap
