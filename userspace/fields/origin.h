// SPDX-License-Identifier: Apache-2.0
// Where an event came from, and what depends on that: which function fills each field, how rules
// are selected, and which parts of the event the matcher may cache. Our own events have
// `own_origin`. A foreign source (a capture, a plugin) derives its own class; its getters cast
// Event::origin back to it to find their data. An origin may hold one event at a time: it is valid
// as long as the event is. Const use from any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "decode/record.h"
#include "fields/event_names.h"
#include "fields/field.h"
#include "fields/value.h"

namespace saker::fields {

class EventPaths;
class KeyBuffer;
class Scratch;
enum class View : std::uint8_t;
struct Event;
struct FieldRef;

using Getter = Value (*)(const FieldRef&, const Event&, View, Scratch&);

struct GetterRow;  // getter_row.h

// The getters of one kind of source, looked up once, when the object is made. Constant afterwards;
// any thread.
class Getters {
 public:
  // If several rows name the same field, the first one counts. A field without a row is filled as
  // in `rest`; without `rest` it is always unset.
  explicit Getters(std::initializer_list<std::span<const GetterRow>> tables,
                   const Getters* rest = nullptr);
  // By field; null: it is always unset.
  explicit Getters(std::span<const Getter> by_field);

  // Never null. `slot`: FieldRef::slot.
  Getter operator[](std::uint16_t slot) const { return by_slot_[slot]; }
  bool fills(FieldId field) const;

 private:
  std::vector<Getter> by_slot_;  // the first entry is for no_field
};

class Origin {
 public:
  virtual ~Origin() = default;

  const Getters& getters() const { return *getters_; }
  // The parts of the event that have keys (cache_kind.h), as bits.
  std::uint8_t cache_kinds() const { return cache_kinds_; }
  // How many of the record's paths the fields use: 2, or 0 if the getters look elsewhere.
  unsigned record_paths() const { return record_paths_; }

  // How rules are selected if the record is SAKER_EV_foreign. Default: by the record's name.
  virtual EventKind kind(const decode::Record& record) const;
  // Writes a key to `key` that covers everything on which fields of CacheKind::path depend. All
  // origins share one cache, so the key must differ from their keys. Empty: nothing is cached.
  // Called only if cache_kinds() has CacheKind::path. Default: empty.
  virtual std::string_view path_key(KeyBuffer& key, const Event& event, const EventPaths& paths,
                                    Scratch& scratch) const;

 protected:
  // `getters` must outlive the origin.
  Origin(const Getters& getters, std::uint8_t cache_kinds, std::uint8_t record_paths)
      : getters_(&getters), cache_kinds_(cache_kinds), record_paths_(record_paths) {}
  Origin(const Origin&) = default;
  Origin& operator=(const Origin&) = default;

 private:
  const Getters* getters_;
  std::uint8_t cache_kinds_;
  std::uint8_t record_paths_;
};

// The origin of events from our own sources: the kernel module's records, and recordings of them.
class OwnOrigin final : public Origin {
 public:
  OwnOrigin();
  std::string_view path_key(KeyBuffer& key, const Event& event, const EventPaths& paths,
                            Scratch& scratch) const override;

 private:
  Getters own_;
};
extern const OwnOrigin own_origin;

}  // namespace saker::fields
