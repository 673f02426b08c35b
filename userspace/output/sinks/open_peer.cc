// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/open_peer.h"

#include <saker/version.h>
#include <unistd.h>

#include "output/kinds/additions.h"
#include "output/kinds/kind.h"
#include "output/line_peer.h"
#include "output/sinks/amqp_protocol.h"
#include "output/sinks/curl_library.h"
#include "output/sinks/frame_peer.h"
#include "output/sinks/journal_peer.h"
#include "output/sinks/kafka_peer.h"
#include "output/sinks/mail_peer.h"
#include "output/sinks/policy_report_peer.h"
#include "output/sinks/postgres_peer.h"
#include "output/sinks/program_peer.h"
#include "output/sinks/queue_protocols.h"
#include "output/sinks/recipe_peer.h"
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
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
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
  if (!endpoint.datagrams())
    if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  if (endpoint.port == 0) endpoint.port = protocol == "tls" ? 6514 : 514;
  SyslogMessage message(settings, context.hostname, ::getpid());
  return std::unique_ptr<Peer>(std::make_unique<FramePeer>(
      std::move(endpoint),
      [message = std::move(message)](const Alert& alert) { return message.frame(alert); }));
}

Opened open_program(const Settings& settings, const PeerContext&) {
  return program_peer(settings.text("program"), settings.flag("keep_alive"), settings.form());
}

// The server in a setting that was already checked.
Endpoint endpoint_of(const Settings& settings, const char* key, Transport transport) {
  const Server server = split_server(settings.text(key)).value_or(Server{"", 0});
  return {.transport = settings.flag("tls") ? Transport::tls : transport,
          .host = server.host,
          .port = server.port,
          .tls = tls_of(settings),
          .timeout_ms = timeout_of(settings)};
}

using MakeProtocol = std::unique_ptr<Protocol> (*)(const Settings&);
Opened open_protocol(const Settings& settings, const char* key, MakeProtocol make) {
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  return std::unique_ptr<Peer>(std::make_unique<ProtocolPeer>(
      endpoint_of(settings, key, Transport::tcp), make(settings), settings));
}
Opened open_redis(const Settings& settings, const PeerContext&) {
  return open_protocol(settings, "address", redis_protocol);
}
Opened open_nats(const Settings& settings, const PeerContext&) {
  return open_protocol(settings, "hostport", nats_protocol);
}
Opened open_mqtt(const Settings& settings, const PeerContext&) {
  return open_protocol(settings, "broker", mqtt_protocol);
}
Opened open_rabbitmq(const Settings& settings, const PeerContext&) {
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  const AmqpUrl url = split_amqp(settings.text("url")).value_or(AmqpUrl());
  return std::unique_ptr<Peer>(std::make_unique<ProtocolPeer>(
      Endpoint{.transport = url.tls || settings.flag("tls") ? Transport::tls : Transport::tcp,
               .host = url.server.host,
               .port = url.server.port,
               .tls = tls_of(settings),
               .timeout_ms = timeout_of(settings)},
      amqp_protocol(settings), settings));
}

Opened open_logstash(const Settings& settings, const PeerContext&) {
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  return std::unique_ptr<Peer>(std::make_unique<FramePeer>(
      Endpoint{.transport = settings.flag("tls") ? Transport::tls : Transport::tcp,
               .host = settings.text("address"),
               .port = static_cast<std::uint16_t>(settings.number("port")),
               .tls = tls_of(settings),
               .timeout_ms = timeout_of(settings)},
      [additions = Additions(settings)](const Alert& alert) -> std::optional<std::string> {
        Result<Document> document = read_document(alert);
        if (!document) return std::nullopt;
        additions.apply(*document);
        return document->json() + "\n";
      }));
}

// A component of a metric's name or tag.
std::string metric_word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    out += plain ? c : '_';
  }
  return out;
}

Opened open_statsd(const Settings& settings, const PeerContext&) {
  const bool tags = settings.type == "dogstatsd";
  return std::unique_ptr<Peer>(std::make_unique<FramePeer>(
      endpoint_of(settings, "forwarder", Transport::udp),
      [tags, space = settings.text("namespace")](const Alert& alert) {
        const std::string priority = metric_word(lang::priority_name(alert.priority));
        if (!tags) return space + "falco." + priority + ":1|c";
        return space + "falco.events:1|c|#priority:" + priority +
               ",rule:" + metric_word(alert.rule_name);
      }));
}

Opened open_smtp(const Settings& settings, const PeerContext&) {
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  return mail_peer(settings, tls_of(settings));
}
Opened open_kafka(const Settings& settings, const PeerContext&) {
  return kafka_peer(settings, tls_of(settings));
}
Opened open_timescaledb(const Settings& settings, const PeerContext&) {
  return postgres_peer(settings, tls_of(settings));
}

// Falco's http_output has different names for the same settings.
HttpOptions http_options(const Recipe& recipe, const Settings& settings) {
  HttpOptions out{.tls = tls_of(settings),
                  .timeout_ms = timeout_of(settings),
                  .keep_alive = true,
                  .compress = settings.flag("compress") || settings.flag("compress_uploads"),
                  .user_agent = settings.text("user_agent")};
  if (settings.type == "http") {
    out.keep_alive = settings.flag("keep_alive");
    out.tls.check = out.tls.check && !settings.flag("insecure");
    for (const char* key : {"ca_cert", "ca_bundle"})
      if (out.tls.ca_file.empty()) out.tls.ca_file = settings.text(key);
    out.tls.ca_path = settings.text("ca_path");
    if (settings.flag("mtls")) {
      out.tls.cert_file = settings.text("client_cert");
      out.tls.key_file = settings.text("client_key");
    }
  }
  if (out.user_agent.empty()) out.user_agent = "saker/" SAKER_VERSION;
  if (recipe.authorization().kind == Authorization::Kind::aws) {
    out.signature = "aws:amz:" + settings.text("region") + ":" + recipe.authorization().scope;
    out.credentials = settings.text("accesskeyid") + ":" + settings.text("secretaccesskey");
  }
  return out;
}

// In a pod, Kubernetes puts the certificate of its server beside the token.
Opened open_policy_report(const Settings& settings, const PeerContext& context) {
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  HttpOptions options{.tls = tls_of(settings), .timeout_ms = timeout_of(settings)};
  constexpr const char* in_pod = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  if (options.tls.ca_file.empty() && ::access(in_pod, R_OK) == 0) options.tls.ca_file = in_pod;
  options.user_agent = "saker/" SAKER_VERSION;
  return policy_report_peer(settings, context.hostname, std::move(options));
}

struct Row {
  std::string_view kind;
  Opened (*open)(const Settings& settings, const PeerContext& context);
};

constexpr Row rows[] = {
    {"stdout", open_stdout},
    {"file", open_file},
    {"unix", open_unix},
    {"journal", open_journal},
    {"syslog", open_syslog},
    {"program", open_program},
    {"redis", open_redis},
    {"nats", open_nats},
    {"mqtt", open_mqtt},
    {"rabbitmq", open_rabbitmq},
    {"logstash", open_logstash},
    {"statsd", open_statsd},
    {"dogstatsd", open_statsd},
    {"smtp", open_smtp},
    {"kafka", open_kafka},
    {"timescaledb", open_timescaledb},
    {"policyreport", open_policy_report},
};

}  // namespace

Result<std::unique_ptr<Peer>> open_peer(const Settings& settings, const PeerContext& context) {
  for (const Row& row : rows)
    if (row.kind == settings.type) return row.open(settings, context);
  if (Result<void> loaded = load_curl(); !loaded) return loaded.error();
  if (const Recipe* recipe = find_recipe(settings.type)) {
    const HttpOptions options = http_options(*recipe, settings);
    Result<std::unique_ptr<Authorizer>> authorizer = make_authorizer(*recipe, settings, options);
    if (!authorizer) return authorizer.error();
    return std::unique_ptr<Peer>(
        std::make_unique<RecipePeer>(*recipe, settings, options, std::move(*authorizer)));
  }
  return Error{"there is no kind of output \"" + settings.type + "\""};
}

}  // namespace saker::output
