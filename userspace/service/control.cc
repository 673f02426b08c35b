// SPDX-License-Identifier: Apache-2.0
#include "service/control.h"

#include <grp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace saker::service {
namespace {

using Json = nlohmann::json;

constexpr int finish_ms = 200;

// The address, or an error if the path is too long.
Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error{"control.socket " + path + " is too long for the name of a socket (" +
                 std::to_string(sizeof(address.sun_path) - 1) + " bytes); choose a shorter one"};
  path.copy(address.sun_path, path.size());
  return address;
}

bool somebody_listens(const sockaddr_un& address) {
  Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe &&
         ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

// A number, or a group name of the system.
Result<gid_t> find_group(const std::string& name) {
  if (!name.empty() && name.size() < 10 && name.find_first_not_of("0123456789") == name.npos)
    return static_cast<gid_t>(std::stoul(name));
  const group* found = ::getgrnam(name.c_str());
  if (found) return found->gr_gid;
  return Error{"control.group: there is no group " + name + "; create it: groupadd --system " +
               name};
}

// If only root's group may enter the directory, as a service manager creates it, it is given to the
// socket's group; if others may enter too, nothing is needed.
Result<void> let_in(const std::string& path, gid_t group) {
  const std::string directory = std::filesystem::path(path).parent_path();
  struct stat st;
  if (::stat(directory.c_str(), &st) == 0 && st.st_uid == ::geteuid() && !(st.st_mode & S_IXOTH) &&
      ::chown(directory.c_str(), static_cast<uid_t>(-1), group) < 0)
    return Error::from_errno("control.group: " + directory);
  if (::chown(path.c_str(), static_cast<uid_t>(-1), group) < 0 || ::chmod(path.c_str(), 0660) < 0)
    return Error::from_errno("control.group: " + path);
  return {};
}

ControlCaller peer_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return {static_cast<std::uint32_t>(peer.pid), peer.uid};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string refusal(std::string_view why) { return dump({{"ok", false}, {"error", why}}); }

ControlServer::ControlServer(std::string path, Fd listener, Fd bell, Answer answer)
    : path_(std::move(path)),
      listener_(std::move(listener)),
      bell_(std::move(bell)),
      answer_(std::move(answer)) {}

ControlServer::~ControlServer() { ::unlink(path_.c_str()); }

Result<std::unique_ptr<ControlServer>> ControlServer::make(const std::string& path, Answer answer,
                                                           const std::string& group) {
  Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  Result<gid_t> gid = group.empty() ? gid_t{0} : find_group(group);
  if (!gid) return gid.error();
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  struct stat st;
  if (::lstat(path.c_str(), &st) == 0) {
    if (!S_ISSOCK(st.st_mode))
      return Error{"control.socket " + path + " exists and is not a socket; name another"};
    if (somebody_listens(*address))
      return Error{"another sakerd serves " + path + "; stop it first: systemctl stop saker"};
    ::unlink(path.c_str());
  }
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return Error::from_errno("control socket");
  // The mode must be right from the beginning.
  mode_t before = ::umask(0177);
  int bound =
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address));
  int error = errno;
  ::umask(before);
  if (bound < 0 || ::listen(listener.get(), 16) < 0)
    return Error::from_errno("control.socket " + path, bound < 0 ? error : errno);
  if (!group.empty())
    if (Result<void> open = let_in(path, *gid); !open) return open.error();
  Fd bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell) return Error::from_errno("eventfd");
  return std::unique_ptr<ControlServer>(
      new ControlServer(path, std::move(listener), std::move(bell), std::move(answer)));
}

void ControlServer::wants(std::vector<pollfd>& fds) const {
  fds.push_back({bell_.get(), POLLIN, 0});
  fds.push_back({listener_.get(), POLLIN, 0});
  for (const Client& client : clients_) {
    const int events = (client.may_ask() ? POLLIN : 0) | (client.waiting() ? POLLOUT : 0);
    fds.push_back({client.fd.get(), static_cast<short>(events), 0});
  }
}

void ControlServer::serve(const pollfd* fds, std::size_t count) {
  if (fds[0].revents) hand_out();
  auto client = clients_.begin();
  for (std::size_t i = 2; i < count && client != clients_.end(); i++, ++client) {
    if (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) read_from(*client);
    if (client->waiting()) write_to(*client);
    execute_all(*client);
  }
  if (fds[1].revents) accept_client();
  clients_.remove_if([this](Client& c) {
    bool ends = c.closing && (c.waiting() == 0 || !c.fd);
    if (ends && c.following && followers_.fetch_sub(1, std::memory_order_relaxed) == 1)
      following_(false);
    if (ends) end_recording(c);
    return ends;
  });
}

void ControlServer::accept_client() {
  while (Fd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)}) {
    if (clients_.size() >= max_clients) continue;  // the descriptor closes, which is answer enough
    clients_.emplace_back();
    clients_.back().fd = std::move(fd);
    clients_.back().number = next_client_++;
    clients_.back().peer = peer_of(clients_.back().fd.get());
    clients_.back().peer.client = clients_.back().number;
  }
}

void ControlServer::read_from(Client& client) {
  char buffer[4096];
  ssize_t got = ::read(client.fd.get(), buffer, sizeof(buffer));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    client.closing = true;
    client.forget();
    return;
  }
  client.in.append(buffer, static_cast<std::size_t>(got));
  execute_all(client);
}

// Executes commands as long as the client reads the answers.
void ControlServer::execute_all(Client& client) {
  std::size_t begin = 0;
  for (std::size_t end; !client.closing && client.may_ask() &&
                        (end = client.in.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    execute(client, std::string_view(client.in).substr(begin, end - begin));
  client.in.erase(0, begin);
  if (client.in.size() > max_request && !client.closing) {
    client.out += refusal("the request is longer than 65536 bytes") + "\n";
    client.closing = true;
  }
}

void ControlServer::execute(Client& client, std::string_view line) {
  if (line.empty()) return;
  Json request = Json::parse(line, nullptr, false);
  auto cmd = request.is_object() ? request.find("cmd") : request.end();
  if (!request.is_object() || cmd == request.end() || !cmd->is_string()) {
    client.out += refusal("a request is a JSON object with \"cmd\", one per line") + "\n";
    return;
  }
  const std::string& command = cmd->get_ref<const std::string&>();
  const bool changes = command == "reload" || command == "record";
  if (changes && client.peer.uid != 0 && client.peer.uid != ::geteuid()) {
    client.out += refusal("only root may ask for \"" + command + "\"") + "\n";
    return;
  }
  if (command == "alerts") {
    client.out += "{\"ok\":true}\n";
    if (!client.following && followers_.fetch_add(1, std::memory_order_relaxed) == 0)
      following_(true);
    client.following = true;
    return;
  }
  std::optional<std::string> answer =
      command == "record" ? begin_recording(client, request) : answer_(command, client.peer);
  if (command == "end" && client.recording) return recordings_.end(client.number);
  client.pending = !answer;
  if (!answer) return;
  if (answer->empty())
    answer = refusal("unknown command \"" + command +
                     "\"; the commands are status, top, alerts, record, reload");
  client.out += *answer + "\n";
}

void ControlServer::reply(std::uint64_t client, std::string_view answer) {
  const auto to = std::ranges::find(clients_, client, &Client::number);
  if (to == clients_.end() || !to->pending) return;
  to->out.append(answer).append("\n");
  to->pending = false;
}

void ControlServer::write_to(Client& client) {
  ssize_t put =
      ::send(client.fd.get(), client.out.data() + client.sent, client.waiting(), MSG_NOSIGNAL);
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (put < 0) {
    client.closing = true;
    client.forget();
    return;
  }
  client.sent += static_cast<std::size_t>(put);
  // Not at each call, because the rest is moved.
  if (client.sent >= client.waiting()) {
    client.out.erase(0, client.sent);
    client.sent = 0;
  }
  if (!client.recording) return;
  std::lock_guard guard(lock_);
  given_[client.number].taken = client.waiting();
}

std::string ControlServer::begin_recording(Client& client, const Json& request) {
  if (!recordings_.begin || client.recording) return refusal("only one recording per connection");
  RecordRequest wanted;
  wanted.pid = client.peer.pid;
  if (auto at = request.find("filter"); at != request.end() && at->is_string()) wanted.filter = *at;
  if (auto at = request.find("events"); at != request.end()) wanted.rules_only = *at == "rules";
  if (auto at = request.find("cut_ms"); at != request.end() && at->is_number_unsigned())
    wanted.cut_ms = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*at, 50, 60'000));
  {
    std::lock_guard guard(lock_);
    given_[client.number];
  }
  if (Result<void> begun = recordings_.begin(client.number, wanted); !begun) {
    std::lock_guard guard(lock_);
    given_.erase(client.number);
    return refusal(begun.error().message);
  }
  client.recording = true;
  return "{\"ok\":true}";
}

void ControlServer::end_recording(Client& client) {
  if (!client.recording) return;
  recordings_.end(client.number);
  std::lock_guard guard(lock_);
  given_.erase(client.number);
}

bool ControlServer::give(std::uint64_t client, std::string_view block) {
  {
    std::lock_guard guard(lock_);
    auto to = given_.find(client);
    if (to == given_.end() ||
        to->second.bytes.size() + to->second.taken + block.size() > max_recording_backlog)
      return false;
    to->second.bytes += "{\"block\":" + std::to_string(block.size()) + "}\n";
    to->second.bytes += block;
  }
  ring();
  return true;
}

void ControlServer::give_last(std::uint64_t client, std::string_view line) {
  {
    std::lock_guard guard(lock_);
    auto to = given_.find(client);
    if (to == given_.end()) return;
    to->second.bytes.append(line).append("\n");
  }
  ring();
}

void ControlServer::hand_out_recordings() {
  std::lock_guard guard(lock_);
  for (Client& client : clients_) {
    if (!client.recording || client.closing) continue;
    Given& given = given_[client.number];
    client.out += given.bytes;
    given.bytes = {};
    given.taken = client.waiting();
  }
}

void ControlServer::ring() const {
  std::uint64_t one = 1;
  (void)!::write(bell_.get(), &one, sizeof(one));
}

void ControlServer::offer(std::string_view line, bool severe) {
  if (followers_.load(std::memory_order_relaxed) == 0) return;
  {
    std::lock_guard guard(lock_);
    const std::size_t limit = severe ? max_backlog : max_backlog / 4 * 3;
    if (offered_.size() + line.size() > limit) {
      not_offered_++;
    } else {
      offered_ += line;
      offered_ += '\n';
    }
  }
  ring();
}

void ControlServer::hand_out() {
  hand_out_recordings();
  std::uint64_t count;
  (void)!::read(bell_.get(), &count, sizeof(count));
  std::string lines;
  std::uint64_t lost;
  {
    std::lock_guard guard(lock_);
    lines.swap(offered_);
    lost = std::exchange(not_offered_, 0);
  }
  std::uint64_t in_lines = static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  for (Client& client : clients_) {
    if (!client.following || client.closing) continue;
    client.dropped += lost;
    if (client.waiting() + lines.size() > max_backlog) {
      client.dropped += in_lines;
      continue;
    }
    if (client.dropped) client.out += dump({{"dropped", std::exchange(client.dropped, 0)}}) + "\n";
    client.out += lines;
  }
}

void ControlServer::finish() {
  hand_out();
  for (Client& client : clients_) {
    pollfd fd{client.fd.get(), POLLOUT, 0};
    while (client.waiting() && ::poll(&fd, 1, finish_ms) > 0) write_to(client);
  }
}

}  // namespace saker::service
