// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/kafka_peer.h"

#include <librdkafka/rdkafka.h>

#include <vector>

#include "base/library.h"
#include "output/kinds/additions.h"

namespace saker::output {
namespace {

constexpr int turn_ms = 100;

struct Kafka {
  decltype(&::rd_kafka_conf_new) conf_new;
  decltype(&::rd_kafka_conf_destroy) conf_destroy;
  decltype(&::rd_kafka_conf_set) conf_set;
  decltype(&::rd_kafka_conf_set_opaque) set_opaque;
  decltype(&::rd_kafka_conf_set_dr_msg_cb) set_report;
  decltype(&::rd_kafka_conf_set_error_cb) set_error;
  decltype(&::rd_kafka_conf_set_log_cb) set_log;
  decltype(&::rd_kafka_new) make;
  decltype(&::rd_kafka_destroy_flags) destroy;
  decltype(&::rd_kafka_topic_new) topic_new;
  decltype(&::rd_kafka_topic_destroy) topic_destroy;
  decltype(&::rd_kafka_produce) produce;
  decltype(&::rd_kafka_last_error) last_error;
  decltype(&::rd_kafka_err2str) text;
  decltype(&::rd_kafka_poll) poll;
  decltype(&::rd_kafka_purge) purge;
  Result<void> result;

  Kafka() {
    Library library("librdkafka.so.1", "librdkafka1");
    library.find(conf_new, "rd_kafka_conf_new");
    library.find(conf_destroy, "rd_kafka_conf_destroy");
    library.find(conf_set, "rd_kafka_conf_set");
    library.find(set_opaque, "rd_kafka_conf_set_opaque");
    library.find(set_report, "rd_kafka_conf_set_dr_msg_cb");
    library.find(set_error, "rd_kafka_conf_set_error_cb");
    library.find(set_log, "rd_kafka_conf_set_log_cb");
    library.find(make, "rd_kafka_new");
    library.find(destroy, "rd_kafka_destroy_flags");
    library.find(topic_new, "rd_kafka_topic_new");
    library.find(topic_destroy, "rd_kafka_topic_destroy");
    library.find(produce, "rd_kafka_produce");
    library.find(last_error, "rd_kafka_last_error");
    library.find(text, "rd_kafka_err2str");
    library.find(poll, "rd_kafka_poll");
    library.find(purge, "rd_kafka_purge");
    result = library.ready();
  }
};

const Kafka& kafka() {
  static const Kafka loaded;
  return loaded;
}

// librdkafka's names for Falcosidekick's values.
std::string mechanism(const std::string& sasl) {
  return sasl == "SCRAM_SHA256" ? "SCRAM-SHA-256" : sasl == "SCRAM_SHA512" ? "SCRAM-SHA-512" : sasl;
}
std::string acks(const std::string& word) {
  return word == "ONE" ? "1" : word == "NONE" ? "0" : "all";
}
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

class KafkaPeer final : public Peer {
 public:
  explicit KafkaPeer(const Settings& settings)
      : settings_(settings), additions_(settings), topic_name_(settings.text("topic")) {}
  ~KafkaPeer() override {
    if (topic_) kafka().topic_destroy(topic_);
    // Does not wait for a broker that is gone.
    if (producer_) kafka().destroy(producer_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }

  Result<void> configure(const TlsOptions& tls);
  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  // The broker's answers for each message of this attempt.
  struct Report {
    bool done = false;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  };

  Result<void> set(const char* name, const std::string& value);
  Result<void> start();
  std::string json_of(const Alert& alert) const;
  static void report(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void note_error(rd_kafka_t*, int, const char* reason, void* self);
  static void no_log(const rd_kafka_t*, int, const char*, const char*) {}

  const Settings settings_;
  const Additions additions_;
  const std::string topic_name_;
  rd_kafka_conf_t* conf_ = nullptr;  // until start()
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  std::vector<Report> reports_;
  std::size_t waiting_ = 0;
  std::string trouble_;
};

Result<void> KafkaPeer::set(const char* name, const std::string& value) {
  char why[512] = "";
  if (value.empty() ||
      kafka().conf_set(conf_, name, value.c_str(), why, sizeof(why)) == RD_KAFKA_CONF_OK)
    return {};
  return Error{std::string(name) + ": " + why};
}

Result<void> KafkaPeer::configure(const TlsOptions& tls) {
  conf_ = kafka().conf_new();
  const std::string sasl = settings_.text("sasl");
  const bool secure = settings_.flag("tls");
  std::string brokers;
  for (const std::string& each : settings_.list("hostport"))
    brokers += (brokers.empty() ? "" : ",") + each;
  const std::pair<const char*, std::string> all[] = {
      {"bootstrap.servers", brokers},
      {"client.id", settings_.text("clientid")},
      {"security.protocol",
       sasl.empty() ? (secure ? "ssl" : "plaintext") : (secure ? "sasl_ssl" : "sasl_plaintext")},
      {"sasl.mechanisms", mechanism(sasl)},
      {"sasl.username", settings_.text("username")},
      {"sasl.password", settings_.text("password")},
      {"enable.ssl.certificate.verification", tls.check ? "true" : "false"},
      {"ssl.ca.location", tls.ca_file},
      {"ssl.certificate.location", tls.cert_file},
      {"ssl.key.location", tls.key_file},
      {"compression.codec", lower(settings_.text("compression"))},
      {"acks", acks(settings_.text("requiredacks"))},
      {"allow.auto.create.topics", settings_.flag("topiccreation") ? "true" : "false"},
      {"message.timeout.ms", std::to_string(settings_.number("timeout"))},
      {"linger.ms", "5"}};
  for (const auto& [name, value] : all)
    if (Result<void> done = set(name, value); !done) return done;
  kafka().set_opaque(conf_, this);
  kafka().set_report(conf_, report);
  kafka().set_error(conf_, note_error);
  kafka().set_log(conf_, no_log);
  return {};
}

// Called in the sink's own thread: librdkafka starts its threads here.
Result<void> KafkaPeer::start() {
  if (producer_) return {};
  char why[512] = "";
  producer_ = kafka().make(RD_KAFKA_PRODUCER, conf_, why, sizeof(why));
  if (!producer_) return Error{why};
  conf_ = nullptr;
  topic_ = kafka().topic_new(producer_, topic_name_.c_str(), nullptr);
  return topic_ ? Result<void>() : Error{"the topic " + topic_name_ + " cannot be used"};
}

void KafkaPeer::report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& peer = *static_cast<KafkaPeer*>(self);
  const auto number = reinterpret_cast<std::uintptr_t>(message->_private);
  peer.waiting_--;
  if (number < peer.reports_.size()) peer.reports_[number] = {true, message->err};
}

void KafkaPeer::note_error(rd_kafka_t*, int, const char* reason, void* self) {
  static_cast<KafkaPeer*>(self)->trouble_ = reason;
}

std::string KafkaPeer::json_of(const Alert& alert) const {
  Result<Document> document = read_document(alert);
  if (!document) return alert.line(Form::json);
  additions_.apply(*document);
  return document->json();
}

Delivery KafkaPeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  if (Result<void> started = start(); !started) return {.error = started.error().message};
  reports_.assign(batch.size(), {});
  trouble_.clear();
  for (std::size_t i = 0; i < batch.size(); i++) {
    const std::string json = json_of(*batch[i]);
    const int taken = kafka().produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                      const_cast<char*>(json.data()), json.size(), nullptr, 0,
                                      reinterpret_cast<void*>(i));
    if (taken == 0)
      waiting_++;
    else
      reports_[i] = {true, kafka().last_error()};
  }
  while (waiting_ > 0 && patience.left_ms(turn_ms) > 0) kafka().poll(producer_, turn_ms);
  if (waiting_ > 0) {
    // The time is up: messages without an answer are sent again, possibly only after a restart of
    // the sensor.
    kafka().purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int turns = 0; waiting_ > 0 && turns < 10; turns++) kafka().poll(producer_, 10);
  }
  Delivery out;
  while (out.delivered < reports_.size() && reports_[out.delivered].done &&
         reports_[out.delivered].error == RD_KAFKA_RESP_ERR_NO_ERROR)
    out.delivered++;
  if (out.delivered == reports_.size()) return out;
  const Report& first = reports_[out.delivered];
  if (first.done && first.error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) out.refused = 1;
  if (first.done && first.error != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
      first.error != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    out.error =
        std::string(kafka().text(first.error)) + (trouble_.empty() ? "" : " (" + trouble_ + ")");
  return out;
}

std::string KafkaPeer::preview(std::span<const SharedAlert> batch) {
  std::string out;
  for (const SharedAlert& alert : batch) out += topic_name_ + ": " + json_of(*alert) + "\n";
  return out;
}

}  // namespace

Result<std::unique_ptr<Peer>> kafka_peer(const Settings& settings, const TlsOptions& tls) {
  if (!kafka().result) return kafka().result.error();
  auto peer = std::make_unique<KafkaPeer>(settings);
  if (Result<void> done = peer->configure(tls); !done) return done.error();
  return std::unique_ptr<Peer>(std::move(peer));
}

}  // namespace saker::output
