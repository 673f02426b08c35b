// SPDX-License-Identifier: Apache-2.0
#include "scap/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace saker::scap {
namespace {

using Json = nlohmann::json;

constexpr std::size_t short_id = 12;
constexpr std::size_t most_containers = 1u << 20;

std::string text_of(const Json& from, const char* key) {
  const auto at = from.find(key);
  return at != from.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

void ContainerAddresses::take(std::string_view json, bool removed) {
  const Json all =
      Json::parse(json.substr(0, json.find('\0')), nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return;
  const auto inner = all.find("container");
  const Json& from = inner != all.end() && inner->is_object() ? *inner : all;
  const std::string id = text_of(from, "id").substr(0, short_id);
  if (id.empty() || (by_id_.size() >= most_containers && !by_id_.contains(id))) return;
  Ipv4& address = by_id_[id] = {};
  if (inet_pton(AF_INET, text_of(from, "ip").c_str(), address.data()) != 1) address = {};
  if (removed) removed_ = id;
}

void ContainerAddresses::forget_removed() {
  if (removed_.empty()) return;
  by_id_.erase(removed_);
  removed_.clear();
}

bool ContainerAddresses::has(const std::string& container,
                             const std::array<std::uint8_t, 16>& address) const {
  const auto own = by_id_.find(container);
  if (own == by_id_.end()) return false;
  auto same = [&](const Ipv4& ip) { return std::equal(ip.begin(), ip.end(), address.begin()); };
  if (own->second != Ipv4{}) return same(own->second);
  return std::ranges::any_of(by_id_, [&](const auto& each) { return same(each.second); });
}

bool local_address(const Interfaces& interfaces, const ContainerAddresses& containers,
                   const std::string& container, const std::array<std::uint8_t, 16>& address,
                   bool v6) {
  if (!container.empty()) {
    if (v6) return false;
    if (containers.has(container, address)) return true;
  }
  return interfaces.local(address, v6);
}

}  // namespace saker::scap
