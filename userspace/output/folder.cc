// SPDX-License-Identifier: Apache-2.0
#include "output/folder.h"

#include "output/clock.h"

namespace saker::output {

bool Folder::take(const std::shared_ptr<Alert>& alert, std::uint64_t now) {
  if (window_ns_ == 0 || alert->message.empty() || alert->message.size() > longest_message)
    return false;
  Key key{alert->rule_name, alert->message};
  const auto at = open_.find(key);
  if (at == open_.end()) {
    std::size_t& of_rule = of_rule_[alert->rule_name];
    if (open_.size() >= most_messages || of_rule >= most_of_rule) return false;
    of_rule++;
    open_[std::move(key)].ends = now + window_ns_;
    return false;
  }
  Open& open = at->second;
  // Its window is over, but due() was not called yet: this alert belongs to the next one.
  if (now >= open.ends && open.repeats == 0) {
    open.ends = now + window_ns_;
    return false;
  }
  if (open.repeats++ == 0) open.first = open.last = alert->time;
  // Drain threads are not synchronised.
  open.first = std::min(open.first, alert->time);
  open.last = std::max(open.last, alert->time);
  open.latest = alert;
  return true;
}

std::vector<std::shared_ptr<Alert>> Folder::due(std::uint64_t now, bool all) {
  std::vector<std::shared_ptr<Alert>> out;
  for (auto at = open_.begin(); at != open_.end();) {
    Open& open = at->second;
    if (!all && now < open.ends) {
      ++at;
      continue;
    }
    if (open.repeats != 0) {
      add_repeats(*open.latest, open.repeats, open.first, open.last);
      out.push_back(std::move(open.latest));
    }
    const auto of_rule = of_rule_.find(at->first.first);
    if (--of_rule->second == 0) of_rule_.erase(of_rule);
    at = open_.erase(at);
  }
  return out;
}

void add_repeats(Alert& alert, std::uint64_t count, std::uint64_t first_ns, std::uint64_t last_ns) {
  std::string first, last;
  append_utc(first, first_ns);
  append_utc(last, last_ns);
  if (!alert.text.empty())
    alert.text += " repeated=" + std::to_string(count) + " from=" + first + " to=" + last;
  if (alert.json.empty()) return;
  alert.json.pop_back();
  alert.json += ",\"repeated\":{\"count\":" + std::to_string(count) + ",\"first\":\"" + first +
                "\",\"last\":\"" + last + "\"}}";
}

}  // namespace saker::output
