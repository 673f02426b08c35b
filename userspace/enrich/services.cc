// SPDX-License-Identifier: Apache-2.0
#include "enrich/services.h"

#include <algorithm>
#include <tuple>

#include "enrich/labels.h"

namespace saker::enrich {
namespace {

std::size_t bytes_of(const Service& service) {
  return sizeof(Service) + service.object.bytes() + service.space.size() + service.selector.size() +
         service.created.size();
}

}  // namespace

LabelSet::LabelSet(std::string_view labels) {
  each_label(labels, [this](std::string_view key, std::string_view value) {
    labels_.emplace_back(key, value);
    return false;
  });
  std::ranges::sort(labels_);
}

bool LabelSet::has_all_of(std::string_view selector) const {
  bool all = !selector.empty();
  each_label(selector, [&](std::string_view key, std::string_view value) {
    all = std::ranges::binary_search(labels_, std::pair(key, value));
    return !all;
  });
  return all;
}

bool Services::fits(const std::string& space, std::size_t bytes) const {
  const auto at = spaces_.find(space);
  const Sum sum = at == spaces_.end() ? Sum{} : at->second;
  return services_.size() < most_services && bytes_ + bytes <= most_bytes &&
         sum.count < most_services / space_share && sum.bytes + bytes <= most_bytes / space_share;
}

Services::Entries::iterator Services::erase(Entries::iterator at) {
  const auto sum = spaces_.find(at->first.first);
  bytes_ -= at->second.bytes;
  sum->second.bytes -= at->second.bytes;
  if (--sum->second.count == 0) spaces_.erase(sum);
  return services_.erase(at);
}

std::optional<Services::Change> Services::put(const Service& service) {
  const std::pair key(service.space, service.object.uid);
  Change change{service.space, "", ""};
  if (const auto at = services_.find(key); at != services_.end()) {
    if (at->second.service == service) {
      at->second.list = list_;
      return std::nullopt;
    }
    change.before = std::move(at->second.service.selector);
    erase(at);
  }
  const std::size_t bytes = bytes_of(service);
  if (service.too_long || (!service.selector.empty() && !fits(service.space, bytes))) {
    refused_++;
  } else if (!service.selector.empty()) {
    services_.emplace(key, Entry{service, bytes, list_});
    Sum& sum = spaces_[service.space];
    sum.count++;
    sum.bytes += bytes;
    bytes_ += bytes;
    change.after = service.selector;
  }
  if (change.before.empty() && change.after.empty()) return std::nullopt;
  return change;
}

std::optional<Services::Change> Services::remove(const Service& service) {
  const auto at = services_.find(std::pair(service.space, service.object.uid));
  if (at == services_.end()) return std::nullopt;
  Change change{service.space, std::move(at->second.service.selector), ""};
  erase(at);
  return change;
}

std::vector<Services::Change> Services::end_list() {
  std::vector<Change> out;
  for (auto at = services_.begin(); at != services_.end();) {
    if (at->second.list == list_) {
      ++at;
      continue;
    }
    out.push_back({at->first.first, std::move(at->second.service.selector), ""});
    at = erase(at);
  }
  return out;
}

void Services::describe(const std::string& space, std::string_view labels, Container& out) const {
  out.service_names.clear();
  out.service_uids.clear();
  out.service_labels.clear();
  auto at = services_.lower_bound(std::pair(space, std::string()));
  if (at == services_.end() || at->first.first != space) return;
  const LabelSet set(labels);
  std::vector<const Service*> found;
  for (; at != services_.end() && at->first.first == space; ++at)
    if (set.has_all_of(at->second.service.selector)) found.push_back(&at->second.service);
  if (found.size() > most_of_pod) {
    std::ranges::nth_element(found, found.begin() + most_of_pod, {}, [](const Service* service) {
      return std::tie(service->created, service->object.uid);
    });
    found.resize(most_of_pod);
  }
  std::ranges::sort(found, {}, [](const Service* service) {
    return std::tie(service->object.name, service->object.uid);
  });
  for (const Service* service : found) {
    append_label_text(out.service_names, service->object.name);
    append_label_text(out.service_uids, service->object.uid);
    out.service_labels += service->object.labels;
  }
}

}  // namespace saker::enrich
