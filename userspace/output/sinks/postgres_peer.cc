// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/postgres_peer.h"

#include <poll.h>
#include <postgresql/libpq-fe.h>

#include "base/library.h"
#include "output/kinds/additions.h"

namespace saker::output {
namespace {

struct Postgres {
  decltype(&::PQconnectStartParams) connect_start;
  decltype(&::PQconnectPoll) connect_poll;
  decltype(&::PQfinish) finish;
  decltype(&::PQsocket) socket;
  decltype(&::PQerrorMessage) error;
  decltype(&::PQsetnonblocking) set_nonblocking;
  decltype(&::PQsendQueryParams) send;
  decltype(&::PQflush) flush;
  decltype(&::PQconsumeInput) consume;
  decltype(&::PQisBusy) busy;
  decltype(&::PQgetResult) result_of;
  decltype(&::PQresultStatus) status;
  decltype(&::PQresultErrorMessage) result_error;
  decltype(&::PQresultErrorField) result_field;
  decltype(&::PQclear) clear;
  decltype(&::PQescapeIdentifier) identifier;
  decltype(&::PQfreemem) free_text;
  Result<void> result;

  Postgres() {
    Library library("libpq.so.5", "libpq5");
    library.find(connect_start, "PQconnectStartParams");
    library.find(connect_poll, "PQconnectPoll");
    library.find(finish, "PQfinish");
    library.find(socket, "PQsocket");
    library.find(error, "PQerrorMessage");
    library.find(set_nonblocking, "PQsetnonblocking");
    library.find(send, "PQsendQueryParams");
    library.find(flush, "PQflush");
    library.find(consume, "PQconsumeInput");
    library.find(busy, "PQisBusy");
    library.find(result_of, "PQgetResult");
    library.find(status, "PQresultStatus");
    library.find(result_error, "PQresultErrorMessage");
    library.find(result_field, "PQresultErrorField");
    library.find(clear, "PQclear");
    library.find(identifier, "PQescapeIdentifier");
    library.find(free_text, "PQfreemem");
    result = library.ready();
  }
};

const Postgres& pq() {
  static const Postgres loaded;
  return loaded;
}

std::string trimmed(const char* message) {
  std::string out = message ? message : "";
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  for (char& c : out)
    if (c == '\n') c = ' ';
  return out;
}

class PostgresPeer final : public Peer {
 public:
  PostgresPeer(const Settings& settings, TlsOptions tls)
      : settings_(settings), additions_(settings), tls_(std::move(tls)) {}
  ~PostgresPeer() override { forget(); }

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override {
    forget();
    return {};
  }
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  using Row = std::vector<std::string>;

  void forget() {
    if (connection_) pq().finish(connection_);
    connection_ = nullptr;
  }
  Row row_of(const Alert& alert) const;
  int timeout() const { return static_cast<int>(settings_.number("timeout")); }
  Result<void> connect(Patience& patience);
  Result<void> wait(Patience& patience, short events);
  Result<void> insert(const Row& row, Patience& patience, bool& refused);
  std::string statement() const;

  const Settings settings_;
  const Additions additions_;
  const TlsOptions tls_;
  PGconn* connection_ = nullptr;
};

Result<void> PostgresPeer::wait(Patience& patience, short events) {
  if (patience.wait(pq().socket(connection_), events, timeout())) return {};
  return Error{patience.left_ms(1) == 0 ? "" : "the server does not answer"};
}

Result<void> PostgresPeer::connect(Patience& patience) {
  const std::string port = std::to_string(settings_.number("port"));
  const std::string mode = !settings_.flag("tls") ? "prefer"
                           : tls_.check           ? "verify-full"
                                                  : "require";
  const std::pair<const char*, std::string> all[] = {{"host", settings_.text("host")},
                                                     {"port", port},
                                                     {"user", settings_.text("user")},
                                                     {"password", settings_.text("password")},
                                                     {"dbname", settings_.text("database")},
                                                     {"sslmode", mode},
                                                     {"sslrootcert", tls_.ca_file},
                                                     {"sslcert", tls_.cert_file},
                                                     {"sslkey", tls_.key_file},
                                                     {"application_name", "saker"}};
  std::vector<const char*> names, values;
  for (const auto& [name, value] : all) {
    if (value.empty()) continue;
    names.push_back(name);
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = pq().connect_start(names.data(), values.data(), 0);
  if (!connection_) return Error{"no memory for a connection"};
  short events = POLLOUT;
  for (;;) {
    if (pq().socket(connection_) < 0) return Error{trimmed(pq().error(connection_))};
    if (Result<void> ready = wait(patience, events); !ready) return ready;
    const PostgresPollingStatusType state = pq().connect_poll(connection_);
    if (state == PGRES_POLLING_OK) break;
    if (state == PGRES_POLLING_FAILED) return Error{trimmed(pq().error(connection_))};
    events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
  }
  pq().set_nonblocking(connection_, 1);
  return {};
}

// Columns as in Falcosidekick's TimescaleDB output; values are never part of the statement.
std::string PostgresPeer::statement() const {
  std::string table = settings_.text("hypertablename");
  if (connection_) {
    char* quoted = pq().identifier(connection_, table.data(), table.size());
    if (quoted) table = quoted;
    pq().free_text(quoted);
  }
  return "INSERT INTO " + table +
         " (time, rule, priority, source, output, tags, hostname) VALUES ($1, $2, $3, $4, $5, $6, "
         "$7)";
}

PostgresPeer::Row PostgresPeer::row_of(const Alert& alert) const {
  Result<Document> read = read_document(alert);
  Document document = read ? std::move(*read) : Document();
  additions_.apply(document);
  std::string tags;
  for (const std::string& tag : document.tags) tags += (tags.empty() ? "" : ",") + tag;
  Row row = {document.time,    document.rule,   std::string(lang::priority_name(document.priority)),
             document.source,  document.output, tags,
             document.hostname};
  // A text in the database cannot contain a NUL.
  for (std::string& text : row) std::erase(text, '\0');
  return row;
}

Result<void> PostgresPeer::insert(const Row& row, Patience& patience, bool& refused) {
  std::vector<const char*> values;
  for (const std::string& text : row) values.push_back(text.c_str());
  if (!pq().send(connection_, statement().c_str(), static_cast<int>(values.size()), nullptr,
                 values.data(), nullptr, nullptr, 0))
    return Error{trimmed(pq().error(connection_))};
  while (pq().flush(connection_) > 0)
    if (Result<void> ready = wait(patience, POLLOUT | POLLIN); !ready) return ready;
  while (pq().busy(connection_)) {
    if (Result<void> ready = wait(patience, POLLIN); !ready) return ready;
    if (!pq().consume(connection_)) return Error{trimmed(pq().error(connection_))};
  }
  Result<void> out;
  while (PGresult* result = pq().result_of(connection_)) {
    if (pq().status(result) != PGRES_COMMAND_OK) {
      out = Error{trimmed(pq().result_error(result))};
      // Class 22: the table does not accept the value.
      const char* state = pq().result_field(result, PG_DIAG_SQLSTATE);
      refused = state && std::string_view(state).starts_with("22");
    }
    pq().clear(result);
  }
  return out;
}

Delivery PostgresPeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  Delivery out;
  Result<void> done;
  if (!connection_) done = connect(patience);
  bool refused = false;
  while (done && out.delivered < batch.size()) {
    done = insert(row_of(*batch[out.delivered]), patience, refused);
    if (done) out.delivered++;
  }
  if (done) return out;
  out.error = done.error().message;
  out.refused = refused ? 1 : 0;
  if (!refused) forget();
  return out;
}

std::string PostgresPeer::preview(std::span<const SharedAlert> batch) {
  std::string out = statement() + "\n";
  for (const SharedAlert& alert : batch) {
    int number = 1;
    for (const std::string& value : row_of(*alert))
      out += "$" + std::to_string(number++) + " = " + value + "\n";
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Peer>> postgres_peer(const Settings& settings, const TlsOptions& tls) {
  if (!pq().result) return pq().result.error();
  return std::unique_ptr<Peer>(std::make_unique<PostgresPeer>(settings, tls));
}

}  // namespace saker::output
