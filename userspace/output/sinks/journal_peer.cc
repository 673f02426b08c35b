// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/journal_peer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cctype>
#include <cstring>

#include "base/fd.h"
#include "output/escape.h"
#include "output/kinds/document.h"

namespace saker::output {
namespace {

// A field name of the journal: capital letters, digits and underscores, at most 64.
std::string journal_key(std::string_view key) {
  std::string out = "SAKER_";
  for (char c : key.substr(0, 58)) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) && byte < 0x80 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return out;
}

void append_field(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  if (value.find('\n') == value.npos) {
    out.append("=").append(value) += '\n';
    return;
  }
  // A value with several lines is preceded by its length.
  out += '\n';
  const std::uint64_t size = value.size();
  for (int i = 0; i < 8; i++) out += static_cast<char>(size >> (8 * i));
  out.append(value) += '\n';
}

class JournalPeer final : public Peer {
 public:
  explicit JournalPeer(const Settings& settings)
      : path_(settings.text("path")), tag_(settings.text("tag")) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override {
    Delivery out;
    for (const SharedAlert& alert : batch) {
      const int error = send(journal_entry(*alert, tag_), patience);
      if (error == EAGAIN) return out;
      if (error != 0) {
        out.error = Error::from_errno("journal at " + path_, error).message;
        socket_.reset();
        return out;
      }
      out.delivered++;
    }
    return out;
  }
  std::string preview(std::span<const SharedAlert> batch) override {
    std::string out;
    for (const SharedAlert& alert : batch) out += journal_entry(*alert, tag_) + "\n";
    return out;
  }

 private:
  int send(const std::string& entry, Patience& patience);
  int try_send(const std::string& entry);
  int send_in_file(const std::string& entry, const msghdr& head);

  const std::string path_, tag_;
  Fd socket_;
};

// 0, EAGAIN if the time is up, or an errno.
int JournalPeer::send(const std::string& entry, Patience& patience) {
  for (;;) {
    const int error = try_send(entry);
    if (error == EINTR) continue;
    if (error != EAGAIN) return error;
    if (!patience.wait(socket_.get(), POLLOUT, -1)) return EAGAIN;
  }
}

int JournalPeer::try_send(const std::string& entry) {
  if (!socket_) {
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) return errno;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  iovec bytes{const_cast<char*>(entry.data()), entry.size()};
  msghdr head{};
  head.msg_name = &address;
  head.msg_namelen = sizeof(address);
  head.msg_iov = &bytes;
  head.msg_iovlen = 1;
  if (::sendmsg(socket_.get(), &head, MSG_NOSIGNAL) >= 0) return 0;
  return errno == EMSGSIZE || errno == ENOBUFS ? send_in_file(entry, head) : errno;
}

// An entry that is too large for a datagram is sent as a sealed file in memory.
int JournalPeer::send_in_file(const std::string& entry, const msghdr& to) {
  const Fd file(::memfd_create("saker-journal-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return errno;
  for (std::size_t at = 0; at < entry.size();) {
    const ssize_t wrote = ::write(file.get(), entry.data() + at, entry.size() - at);
    if (wrote < 0) return errno;
    at += static_cast<std::size_t>(wrote);
  }
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) <
      0)
    return errno;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr head = to;
  head.msg_iov = nullptr;
  head.msg_iovlen = 0;
  head.msg_control = control;
  head.msg_controllen = sizeof(control);
  cmsghdr* rights = CMSG_FIRSTHDR(&head);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = file.get();
  std::memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
  return ::sendmsg(socket_.get(), &head, MSG_NOSIGNAL) >= 0 ? 0 : errno;
}

}  // namespace

std::string journal_entry(const Alert& alert, const std::string& tag) {
  std::string out;
  const Result<Document> document = read_document(alert);
  // journalctl shows a message with control characters as "blob data" only; the fields below have
  // the exact values.
  std::string message;
  append_shown(message, document ? document->output : alert.line(Form::text));
  append_field(out, "MESSAGE", message);
  append_field(out, "PRIORITY", std::to_string(static_cast<int>(alert.priority)));
  append_field(out, "SYSLOG_IDENTIFIER", tag);
  append_field(out, "SAKER_RULE", alert.rule_name);
  if (!document) return out;
  append_field(out, "SAKER_UUID", document->uuid);
  append_field(out, "SAKER_SOURCE", document->source);
  append_field(out, "SAKER_TIME", document->time);
  for (const std::string& alert_tag : document->tags) append_field(out, "SAKER_TAG", alert_tag);
  for (const Field& field : document->fields) append_field(out, journal_key(field.key), field.text);
  return out;
}

std::unique_ptr<Peer> journal_peer(const Settings& settings) {
  return std::make_unique<JournalPeer>(settings);
}

}  // namespace saker::output
