// SPDX-License-Identifier: Apache-2.0
#include "web/explainer.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "web/explainer_process.h"

namespace saker::web {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_answer = 8u << 20, longest_request = 32u << 10;

std::string text_of(const Json& alert, const char* key) {
  const auto at = alert.find(key);
  return at != alert.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

Result<std::string> explanation_request(std::string_view alert, const std::string& directory) {
  const Json whole = Json::parse(alert, nullptr, false);
  if (!whole.is_object()) return Error{"the alert is not sound"};
  const std::string recording = text_of(whole, "recording");
  if (recording.empty()) return Error{"the alert has no recording"};
  if (!is_recording_in(recording, directory))
    return Error{"its recording is not in flight_recorder.directory, which is " + directory};
  Json request{
      {"rule", text_of(whole, "rule")}, {"time", text_of(whole, "time")}, {"recording", recording}};
  // Exact where two events have the same time.
  if (const auto fields = whole.find("output_fields"); fields != whole.end() && fields->is_object())
    if (const auto number = fields->find("evt.num");
        number != fields->end() && number->is_number_unsigned())
      request["output_fields"] = {{"evt.num", *number}};
  std::string text = request.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > longest_request) return Error{"the name of its rule is too long"};
  return text;
}

Result<std::unique_ptr<ExplainerLink>> ExplainerLink::start(const ExplainerOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return Error::from_errno("socketpair");
  Fd ours(ends[0]), theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return Error::from_errno("fork");
  if (pid == 0) {
    ours.reset();
    ::_exit(run_explainer(std::move(theirs), options));
  }
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  return std::unique_ptr<ExplainerLink>(new ExplainerLink(std::move(ours)));
}

void ExplainerLink::wants(std::vector<pollfd>& fds) const {
  const int events = POLLIN | (out_.empty() ? 0 : POLLOUT);
  fds.push_back({fd_ ? fd_.get() : -1, static_cast<short>(events), 0});
}

void ExplainerLink::lose() {
  fd_.reset();
  in_.clear();
  out_.clear();
  for (const Then& then : std::exchange(asked_, {}))
    then("{\"error\":\"the process that explains has ended; restart saker-web\"}");
}

void ExplainerLink::serve(const pollfd* fds, std::size_t count) {
  if (!fd_ || count == 0 || (fds[0].revents == 0 && out_.empty())) return;
  while (!out_.empty()) {
    const ssize_t sent = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (sent <= 0) return lose();
    out_.erase(0, static_cast<std::size_t>(sent));
  }
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got <= 0 || in_.size() > longest_answer) return lose();
    in_.append(buffer, static_cast<std::size_t>(got));
  }
  for (std::size_t end; !asked_.empty() && (end = in_.find('\n')) != std::string::npos;) {
    const Then then = std::move(asked_.front());
    asked_.pop_front();
    const std::string line = in_.substr(0, end);
    in_.erase(0, end + 1);
    then(line);
  }
}

bool ExplainerLink::ask(const std::string& request, Then then) {
  if (!fd_ || asked_.size() >= most_asked) return false;
  out_ += request + "\n";
  asked_.push_back(std::move(then));
  return true;
}

}  // namespace saker::web
