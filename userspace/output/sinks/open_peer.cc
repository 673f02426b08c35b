// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/open_peer.h"

#include <unistd.h>

#include "output/line_peer.h"
#include "output/sinks/frame_peer.h"
#include "output/sinks/journal_peer.h"
#include "output/sinks/syslog_message.h"

namespace saker::output {
namespace {

using Opened = Result<std::unique_ptr<Peer>>;
using Transport = Endpoint::Transport;

TlsOptions tls_of(const Settings& settings) {
  return {.check = settings.flag("checkcert"),
          .ca_file = settings.text("cacertfile"),
          .ca_path = {},
          .cert_file = settings.text("certfile"),
          .key_file = settings.text("keyfile")};
}

int timeout_of(const Settings& settings) { return static_cast<int>(settings.number("timeout")); }

Opened open_stdout(const Settings& settings, const PeerContext&) {
  return stdout_peer(settings.form());
}

Opened open_file(const Settings& settings, const PeerContext&) {
  return file_peer(settings.text("filename"), settings.form());
}

Opened open_unix(const Settings& settings, const PeerContext&) {
  const Form form = settings.form();
  return std::unique_ptr<Peer>(
      std::make_unique<FramePeer>(Endpoint{.transport = Transport::unix_stream,
                                           .host = settings.text("path"),
                                           .timeout_ms = timeout_of(settings)},
                                  [form](const Alert& alert) { return alert.line(form) + "\n"; }));
}

Opened open_journal(const Settings& settings, const PeerContext&) { return journal_peer(settings); }

Opened open_syslog(const Settings& settings, const PeerContext& context) {
  const std::string protocol = settings.text("protocol");
  Endpoint endpoint{.transport = protocol == "local" ? Transport::unix_datagrams
                                 : protocol == "udp" ? Transport::udp
                                 : protocol == "tls" ? Transport::tls
                                                     : Transport::tcp,
                    .host = settings.text(protocol == "local" ? "path" : "host"),
                    .port = static_cast<std::uint16_t>(settings.number("port")),
                    .tls = tls_of(settings),
                    .timeout_ms = timeout_of(settings)};
  if (endpoint.port == 0) endpoint.port = protocol == "tls" ? 6514 : 514;
  SyslogMessage message(settings, context.hostname, ::getpid());
  return std::unique_ptr<Peer>(std::make_unique<FramePeer>(
      std::move(endpoint),
      [message = std::move(message)](const Alert& alert) { return message.frame(alert); }));
}

struct Row {
  std::string_view kind;
  Opened (*open)(const Settings& settings, const PeerContext& context);
};

constexpr Row rows[] = {
    {"stdout", open_stdout},   {"file", open_file},     {"unix", open_unix},
    {"journal", open_journal}, {"syslog", open_syslog},
};

}  // namespace

Result<std::unique_ptr<Peer>> open_peer(const Settings& settings, const PeerContext& context) {
  for (const Row& row : rows)
    if (row.kind == settings.type) return row.open(settings, context);
  return Error{"there is no kind of output \"" + settings.type + "\""};
}

}  // namespace saker::output
