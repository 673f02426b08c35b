// SPDX-License-Identifier: Apache-2.0
#include "enrich/user_names.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "enrich/colon_lines.h"

namespace saker::enrich {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
// How long an answer holds. An account may be made just before its first login.
constexpr std::uint64_t named_ns = 3600 * second_ns, unnamed_ns = 60 * second_ns,
                        failed_ns = 10 * second_ns, refresh_ns = 60 * second_ns;
constexpr std::size_t most_answers = 32768, most_waiting = 1024, most_ranges = 65536;
// A service that needs longer is not waited for until it has answered faster.
constexpr std::uint64_t slow_ns = 100'000'000;
// Publishing makes the drain threads forget cached results, so quick answers are gathered this
// long. Answers slower than `quick_ns` are published one by one.
constexpr std::uint64_t gather_ns = 20'000'000, quick_ns = 1'000'000;

std::string file_state(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) < 0) return "-";
  return std::to_string(st.st_ino) + "." + std::to_string(st.st_size) + "." +
         std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec) + " ";
}

}  // namespace

UserNames::UserNames(std::string root, NameService* service)
    : root_(std::move(root)), service_(service) {}

// Lines "NAME:FIRST:COUNT".
std::vector<UserNames::Range> UserNames::ranges_of(const std::string& file) {
  std::vector<Range> out;
  Result<std::string> text = read_regular_file(file, 1u << 20);
  each_line(text ? std::string_view(*text) : std::string_view(), [&](std::string_view line) {
    const auto parts = split<3>(line);
    if (!parts || out.size() >= most_ranges || (*parts)[2].end() != line.end()) return;
    const auto first = number((*parts)[1]), count = number((*parts)[2]);
    if (first && count && *count != 0)
      out.push_back({*first, *first + std::min(*count - 1, ~std::uint32_t{0} - *first)});
  });
  return out;
}

bool UserNames::read_files(bool force) {
  std::string state;
  for (const char* name : {"/etc/passwd", "/etc/group", "/etc/subuid", "/etc/subgid"})
    state += file_state(root_ + name);
  {
    std::lock_guard guard(lock_);
    if (!force && state == files_state_) return false;
  }
  Users files = Users::load(root_);
  std::vector<Range> users = ranges_of(root_ + "/etc/subuid"),
                     groups = ranges_of(root_ + "/etc/subgid");
  std::lock_guard guard(lock_);
  files_state_ = std::move(state);
  files_ = std::move(files);
  no_users_ = std::move(users);
  no_groups_ = std::move(groups);
  return true;
}

Users UserNames::make() const {
  std::lock_guard guard(lock_);
  // Names from the files come first, and so win: the sorting is stable.
  std::vector<Users::User> users(files_.users().begin(), files_.users().end());
  std::vector<Users::Group> groups(files_.groups().begin(), files_.groups().end());
  for (const auto& [key, answer] : answers_) {
    if (answer.user) users.push_back(*answer.user);
    if (answer.group) groups.push_back(*answer.group);
  }
  return Users::of(std::move(users), std::move(groups));
}

// Whether it would be useless to ask for a number: it is in the files, it stands for "none", or it
// is a subordinate number.
bool UserNames::nameless(const Key& key) const {
  if (key.number == ~std::uint32_t{0}) return true;
  const bool user = key.kind == Kind::user;
  if (user ? files_.user(key.number) != nullptr : files_.group(key.number) != nullptr) return true;
  return std::ranges::any_of(user ? no_users_ : no_groups_, [&](const Range& range) {
    return range.first <= key.number && key.number <= range.last;
  });
}

// The oldest answers without a name give way. Names that many processes have are few.
bool UserNames::make_room() {
  for (int tries = 0; answers_.size() >= most_answers; tries++) {
    if (tries == 16) return false;
    const Key oldest = order_.front();
    order_.pop_front();
    const Answer& answer = answers_[oldest];
    if (answer.waiting || answer.named())
      order_.push_back(oldest);
    else
      answers_.erase(oldest);
  }
  return true;
}

// 0: no room.
std::uint64_t UserNames::enqueue(const Key& key) {
  if (queue_.size() >= most_waiting || (!answers_.contains(key) && !make_room())) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return 0;
  }
  const auto [at, fresh] = answers_.try_emplace(key);
  if (fresh) order_.push_back(key);
  at->second.waiting = true;
  queue_.push_back(key);
  return at->second.ticket = ++tickets_;
}

std::uint64_t UserNames::ask(Kind kind, std::uint32_t number, std::uint64_t now) {
  if (!service_) return 0;
  const Key key{kind, number};
  std::uint64_t ticket;
  {
    std::lock_guard guard(lock_);
    const auto at = answers_.find(key);
    if (at != answers_.end() && at->second.waiting) {
      ticket = at->second.ticket;
    } else {
      if (at != answers_.end() && (at->second.named() || now < at->second.until)) return 0;
      if (nameless(key)) return 0;
      ticket = enqueue(key);
      if (ticket) bell_.ring();
    }
  }
  const std::uint64_t since = busy_since();
  const bool slow = slow_.load(std::memory_order_relaxed) || (since && now > since + slow_ns);
  return slow ? 0 : ticket;
}

std::string UserNames::home(std::uint32_t uid) {
  {
    std::lock_guard guard(lock_);
    if (const Users::User* user = files_.user(uid)) return user->home;
    const auto at = answers_.find({Kind::user, uid});
    if (at != answers_.end() && at->second.user) return at->second.user->home;
  }
  (void)ask(Kind::user, uid, boot_ns());
  return "";
}

// Stores an answer; true if make() has something new.
bool UserNames::note(const Key& key, Answer answer, bool failed, std::uint64_t now) {
  std::lock_guard guard(lock_);
  const auto at = answers_.find(key);
  if (at == answers_.end()) return false;
  Answer& known = at->second;
  known.waiting = false;
  known.until = now + (failed ? failed_ns : answer.named() ? named_ns : unnamed_ns);
  if (failed) return false;
  const bool same = known.user == answer.user && known.group == answer.group;
  known.user = std::move(answer.user);
  known.group = std::move(answer.group);
  return !same;
}

bool UserNames::look_up(const Key& key, std::uint64_t now) {
  Answer answer;
  bool failed = false;
  busy_with_.store(std::uint64_t{key.kind == Kind::group} << 32 | key.number,
                   std::memory_order_relaxed);
  const std::uint64_t began = boot_ns();
  busy_since_.store(began, std::memory_order_relaxed);
  if (key.kind == Kind::user) {
    Result<std::optional<Users::User>> user = service_->user(key.number);
    failed = !user;
    if (user) answer.user = std::move(*user);
  } else {
    Result<std::optional<Users::Group>> group = service_->group(key.number);
    failed = !group;
    if (group) answer.group = std::move(*group);
  }
  busy_since_.store(0, std::memory_order_relaxed);
  const std::uint64_t took = boot_ns() - began;
  slow_.store(took > slow_ns, std::memory_order_relaxed);
  asked_.fetch_add(1, std::memory_order_relaxed);
  if (failed) failed_.fetch_add(1, std::memory_order_relaxed);
  if (answer.named()) found_.fetch_add(1, std::memory_order_relaxed);
  if (took > longest_ns_.load(std::memory_order_relaxed))
    longest_ns_.store(took, std::memory_order_relaxed);
  return note(key, std::move(answer), failed, now + took);
}

// Old names are asked for again, because accounts change; until then they hold.
void UserNames::refresh(std::uint64_t now) {
  std::lock_guard guard(lock_);
  if (now < next_refresh_) return;
  next_refresh_ = now + refresh_ns;
  for (auto& [key, answer] : answers_)
    if (answer.named() && !answer.waiting && now >= answer.until &&
        queue_.size() < most_waiting / 2)
      (void)enqueue(key);
}

void UserNames::serve(std::uint64_t now, const std::function<void()>& publish) {
  bell_.clear();
  if (!service_) return;
  refresh(now);
  bool fresh = false;
  std::uint64_t published = boot_ns(), answered = 0;
  for (;;) {
    Key key{};
    bool last;
    {
      std::lock_guard guard(lock_);
      if (queue_.empty() || stopping_.load(std::memory_order_relaxed)) return;
      key = queue_.front();
      queue_.pop_front();
      answered = tickets_ - queue_.size();
      last = queue_.empty();
    }
    const std::uint64_t began = boot_ns();
    fresh |= look_up(key, now);
    const std::uint64_t ended = boot_ns();
    if (!last && ended - began < quick_ns && ended - published < gather_ns) continue;
    if (std::exchange(fresh, false)) publish();
    published = ended;
    done_.store(answered, std::memory_order_release);  // [names-known]
  }
}

void UserNames::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  bell_.ring();
}

std::string UserNames::busy_with() const {
  const std::uint64_t with = busy_with_.load(std::memory_order_relaxed);
  return (with >> 32 ? "group " : "user ") + std::to_string(with & ~std::uint32_t{0});
}

}  // namespace saker::enrich
