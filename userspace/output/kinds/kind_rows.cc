// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/kind_rows.h"

#include <algorithm>

#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"

namespace saker::output {
namespace {

const Texts text_or_json = {"text", "json"};

Key path_key(std::string name, std::string help, std::string example) {
  return {.name = std::move(name),
          .help = std::move(help),
          .required = true,
          .example = std::move(example)};
}

// Keys of every output that supports TLS.
void add_tls_keys(std::vector<Key>& keys) {
  keys.push_back({.name = "checkcert",
                  .type = KeyType::flag,
                  .help = "the server's certificate must be valid and for its name",
                  .preset = Setting(true)});
  keys.push_back({.name = "cacertfile",
                  .help = "certificates that sign the server's, instead of the system's",
                  .example = "/etc/saker/ca.pem"});
  keys.push_back({.name = "certfile",
                  .help = "the client's own certificate",
                  .example = "/etc/saker/client.pem"});
  keys.push_back(
      {.name = "keyfile", .help = "the key of certfile", .example = "/etc/saker/client.key"});
}

Key timeout_key() {
  return {.name = "timeout",
          .type = KeyType::milliseconds,
          .help = "time limit for one attempt, after which it is tried again",
          .preset = Setting(std::int64_t{10'000}),
          .example = "10s"};
}

Kind syslog_kind() {
  Kind kind{.name = "syslog",
            .category = "logs",
            .summary = "syslog: the local socket, UDP, TCP or TLS",
            .formats = {"text", "json", "cef"},
            .keys = {}};
  kind.keys = {
      {.name = "protocol",
       .help = "how it is reached",
       .preset = Setting(std::string("local")),
       .choices = {"local", "udp", "tcp", "tls"},
       .example = "tls"},
      {.name = "host",
       .help = "the server, unless the protocol is local",
       .example = "logs.example"},
      {.name = "port",
       .type = KeyType::number,
       .help = "514, or 6514 with TLS",
       .preset = Setting(std::int64_t{0}),
       .example = "6514"},
      {.name = "path",
       .help = "the local socket",
       .preset = Setting(std::string("/dev/log")),
       .example = "/dev/log"},
      {.name = "rfc",
       .help = "format of a message: 5424, or 3164, which local sockets understand",
       .preset = Setting(std::string("")),
       .choices = {"", "3164", "5424"},
       .example = "5424"},
      {.name = "facility",
       .help = "what kind of program sends it",
       .preset = Setting(std::string("user")),
       .choices = {"user", "daemon", "auth", "authpriv", "local0", "local1", "local2", "local3",
                   "local4", "local5", "local6", "local7"},
       .example = "local0"},
      {.name = "tag",
       .help = "the program's name in the message",
       .preset = Setting(std::string("saker")),
       .example = "saker"},
      timeout_key(),
  };
  add_tls_keys(kind.keys);
  return kind;
}

// Keys of every output over HTTP.
// A recipe's own key of such a name wins, because its default is another.
void add_http_keys(std::vector<Key>& own, bool with_additions) {
  std::vector<Key> keys;
  keys.push_back(
      {.name = "customheaders", .type = KeyType::pairs, .help = "headers added to every request"});
  keys.push_back({.name = "maxconcurrentrequests",
                  .type = KeyType::number,
                  .help = "requests under way at once",
                  .preset = Setting(std::int64_t{1}),
                  .example = "4"});
  keys.push_back({.name = "compress",
                  .type = KeyType::flag,
                  .help = "bodies are sent compressed by gzip",
                  .preset = Setting(false)});
  keys.push_back(timeout_key());
  add_tls_keys(keys);
  if (with_additions)
    for (Key& key : addition_keys()) keys.push_back(std::move(key));
  for (Key& key : keys)
    if (std::ranges::find(own, key.name, &Key::name) == own.end()) own.push_back(std::move(key));
}

// A kind with its own protocol over TCP: the keys of its row, then the common ones.
Kind server_kind(std::string name, std::string category, std::string summary,
                 std::vector<Key> keys) {
  Kind kind{.name = std::move(name),
            .category = std::move(category),
            .summary = std::move(summary),
            .formats = {"json"},
            .keys = std::move(keys)};
  kind.keys.push_back({.name = "tls",
                       .type = KeyType::flag,
                       .help = "the connection is encrypted",
                       .preset = Setting(false)});
  kind.keys.push_back(timeout_key());
  add_tls_keys(kind.keys);
  for (Key& key : addition_keys()) kind.keys.push_back(std::move(key));
  return kind;
}

Key server_key(std::string name, std::string example) {
  return {.name = std::move(name),
          .help = "the server: HOST:PORT",
          .required = true,
          .example = std::move(example)};
}

Key text_key(std::string name, std::string help, std::string preset) {
  return {.name = std::move(name),
          .help = std::move(help),
          .preset = Setting(std::move(preset)),
          .example = "x"};
}

Key user_key(std::string name = "user") {
  return {.name = std::move(name), .help = "who we are", .example = "saker"};
}

Key secret_key(std::string name = "password", std::string help = "of the user") {
  return {.name = std::move(name), .help = std::move(help), .secret = true};
}

std::vector<Kind> queue_kinds() {
  std::vector<Kind> out;
  out.push_back(server_kind("redis", "database", "Redis, a list or a hash",
                            {server_key("address", "localhost:6379"),
                             user_key("username"),
                             secret_key(),
                             {.name = "database",
                              .type = KeyType::number,
                              .help = "its number",
                              .preset = Setting(std::int64_t{0}),
                              .example = "1"},
                             {.name = "storagetype",
                              .help = "RPUSH to a list, or HSET by the alert's uuid",
                              .preset = Setting(std::string("list")),
                              .choices = {"list", "hashmap"},
                              .example = "list"},
                             text_key("key", "of the list or hash", "falco")}));
  out.push_back(
      server_kind("nats", "message queue", "NATS",
                  {server_key("hostport", "localhost:4222"), user_key(), secret_key(),
                   secret_key("token", "in place of user and password"),
                   text_key("subjecttemplate", "the subject", "falco.<priority>.<rule>")}));
  out.push_back(
      server_kind("mqtt", "message queue", "MQTT 3.1.1",
                  {server_key("broker", "localhost:1883"),
                   user_key(),
                   secret_key(),
                   text_key("topic", "where it is published", "falco/events"),
                   text_key("clientid", "our name; each connection needs its own", "saker"),
                   {.name = "qos",
                    .type = KeyType::number,
                    .help = "1: the broker acknowledges; 0: no acknowledgement",
                    .preset = Setting(std::int64_t{1}),
                    .example = "1"},
                   {.name = "retained",
                    .type = KeyType::flag,
                    .help = "the broker keeps the last",
                    .preset = Setting(false)}}));
  return out;
}

std::vector<Kind> broker_kinds() {
  std::vector<Kind> out;
  out.push_back(server_kind("rabbitmq", "message queue",
                            "RabbitMQ, a queue through the default exchange",
                            {{.name = "url",
                              .help = "the server, user and password, and the virtual host",
                              .required = true,
                              .secret = true,
                              .example = "amqp://user:password@localhost:5672/"},
                             {.name = "queue",
                              .help = "the queue, which must exist",
                              .required = true,
                              .example = "falco"}}));
  out.push_back(server_kind(
      "kafka", "message queue", "Apache Kafka, by librdkafka",
      {{.name = "hostport",
        .type = KeyType::list,
        .help = "brokers: HOST:PORT",
        .required = true,
        .example = "localhost:9092"},
       {.name = "topic", .help = "the topic", .required = true, .example = "falco"},
       {.name = "sasl",
        .help = "how we log in",
        .preset = Setting(std::string("")),
        .choices = {"", "PLAIN", "SCRAM_SHA256", "SCRAM_SHA512"},
        .example = "PLAIN"},
       user_key("username"),
       secret_key(),
       text_key("clientid", "our name", "saker"),
       {.name = "compression",
        .help = "of messages",
        .preset = Setting(std::string("NONE")),
        .choices = {"NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD"},
        .example = "ZSTD"},
       {.name = "requiredacks",
        .help =
            "which acknowledgements are needed: of all in-sync replicas, of one broker, or none",
        .preset = Setting(std::string("ALL")),
        .choices = {"ALL", "ONE", "NONE"},
        .example = "ALL"},
       {.name = "topiccreation",
        .type = KeyType::flag,
        .help = "a topic that is not there is made",
        .preset = Setting(false)}}));
  return out;
}

Kind policy_report_kind() {
  Kind reports{.name = "policyreport",
               .category = "kubernetes",
               .summary = "PolicyReports of Kubernetes, one a namespace and node",
               .formats = {"json"},
               .keys = {}};
  reports.keys = {
      {.name = "apiserver",
       .help = "the server; in a pod it is found without",
       .url = true,
       .example = "https://10.0.0.1:6443"},
      {.name = "tokenfile",
       .help = "the token, read again for each request",
       .preset = Setting(std::string("/var/run/secrets/kubernetes.io/serviceaccount/token")),
       .example = "/etc/saker/token"},
      {.name = "maxevents",
       .type = KeyType::number,
       .help = "maximum number of alerts in a report",
       .preset = Setting(std::int64_t{1000}),
       .example = "1000"},
      {.name = "prunebypriority",
       .type = KeyType::flag,
       .help = "a full report loses its least severe alerts, not its oldest",
       .preset = Setting(false)}};
  reports.keys.push_back(timeout_key());
  add_tls_keys(reports.keys);
  for (Key& key : addition_keys()) reports.keys.push_back(std::move(key));
  return reports;
}

std::vector<Kind> other_kinds() {
  std::vector<Kind> out;
  out.push_back(server_kind(
      "logstash", "logs", "Logstash, JSON lines over TCP",
      {{.name = "address", .help = "the server", .required = true, .example = "localhost"},
       {.name = "port",
        .type = KeyType::number,
        .help = "of the server",
        .preset = Setting(std::int64_t{5044}),
        .example = "5044"}}));
  out.push_back(server_kind(
      "timescaledb", "database", "PostgreSQL and TimescaleDB, a row per alert, by libpq",
      {{.name = "host", .help = "the server", .required = true, .example = "localhost"},
       {.name = "port",
        .type = KeyType::number,
        .help = "of the server",
        .preset = Setting(std::int64_t{5432}),
        .example = "5432"},
       text_key("user", "who we are", "postgres"),
       secret_key(),
       text_key("database", "the database", "falcosidekick"),
       text_key("hypertablename", "the table: time, rule, priority, source, output, tags, hostname",
                "falco_events")}));
  out.push_back(server_kind(
      "smtp", "mail", "mail by SMTP, one per alert",
      {server_key("hostport", "localhost:25"),
       user_key(),
       secret_key(),
       {.name = "from", .help = "the sender", .required = true, .example = "saker@host.example"},
       {.name = "to",
        .type = KeyType::list,
        .help = "the receivers",
        .required = true,
        .example = "root@host.example"},
       {.name = "outputformat",
        .help = "how a mail looks",
        .preset = Setting(std::string("html")),
        .choices = {"html", "text"},
        .example = "text"}}));
  out.push_back(policy_report_kind());
  for (const auto& [name, summary] :
       {std::pair("statsd", "StatsD, a counter of alerts by priority"),
        std::pair("dogstatsd", "DogStatsD, a counter of alerts with tags")})
    out.push_back(
        {.name = name,
         .category = "observability",
         .summary = summary,
         .formats = {"json"},
         .keys = {server_key("forwarder", "localhost:8125"),
                  text_key("namespace", "before each name", "falcosidekick."), timeout_key()}});
  for (Kind& kind : out)
    if (kind.name == "smtp")
      std::ranges::find(kind.keys, "tls", &Key::name)->preset = Setting(true);
  return out;
}

}  // namespace

std::vector<Kind> make_kinds() {
  std::vector<Kind> out;
  out.push_back({.name = "stdout",
                 .category = "direct",
                 .summary = "lines to standard output",
                 .formats = text_or_json,
                 .keys = {}});
  out.push_back({.name = "file",
                 .category = "direct",
                 .summary = "lines to a file, which is created again if it was moved or removed",
                 .formats = text_or_json,
                 .keys = {path_key("filename", "the file", "/var/log/saker/alerts.log")}});
  out.push_back({.name = "unix",
                 .category = "direct",
                 .summary = "lines to a listening Unix socket",
                 .formats = text_or_json,
                 .keys = {path_key("path", "the socket", "/run/siem.sock"), timeout_key()}});
  out.push_back({.name = "journal",
                 .category = "direct",
                 .summary = "systemd's journal, with priority and fields",
                 .formats = {"json"},
                 .keys = {{.name = "path",
                           .help = "journald's socket",
                           .preset = Setting(std::string("/run/systemd/journal/socket")),
                           .example = "/run/systemd/journal/socket"},
                          {.name = "tag",
                           .help = "SYSLOG_IDENTIFIER",
                           .preset = Setting(std::string("saker")),
                           .example = "saker"}}});
  out.push_back(syslog_kind());
  out.push_back({.name = "program",
                 .category = "direct",
                 .summary = "lines to a program's standard input; Falco's program_output",
                 .formats = text_or_json,
                 .keys = {path_key("program", "a command of the shell", "mail -s alert root"),
                          {.name = "keep_alive",
                           .type = KeyType::flag,
                           .help = "one process takes all alerts, not one process per alert",
                           .preset = Setting(false)}}});
  for (Kind& kind : queue_kinds()) out.push_back(std::move(kind));
  for (Kind& kind : broker_kinds()) out.push_back(std::move(kind));
  for (Kind& kind : other_kinds()) out.push_back(std::move(kind));
  for (const std::unique_ptr<const Recipe>& recipe : recipes()) {
    Kind kind = recipe->kind();
    // A recipe that sends the line as it is has no place for additions.
    add_http_keys(kind.keys, !recipe->names().has("Line"));
    out.push_back(std::move(kind));
  }
  std::ranges::sort(out, {}, &Kind::name);
  return out;
}

const std::vector<AbsentKind>& absent_kinds() {
  static const std::vector<AbsentKind> absent = {
      {"stan", "NATS Streaming was discontinued in 2023; use nats"},
      {"prometheus",
       "Prometheus fetches, nothing is sent: [webserver] prometheus_metrics_enabled = true"},
  };
  return absent;
}

}  // namespace saker::output
