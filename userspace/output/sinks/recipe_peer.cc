// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/recipe_peer.h"

#include <algorithm>

#include "output/escape.h"

namespace saker::output {
namespace {

// The template of messageformat, which was checked.
Template message_of(const Settings& settings) {
  Result<Template> parsed = Template::parse(settings.text("messageformat"));
  return parsed ? std::move(*parsed) : Template();
}

Names names_of(const Recipe& recipe, const Template& message) {
  Names out = recipe.names();
  message.add_names(out);
  return out;
}

// What the user chose, at most what the recipe allows.
std::size_t batch_of(const Recipe& recipe, const Settings& settings) {
  if (!settings.has("batchsize")) return recipe.batch();
  const auto most = static_cast<std::int64_t>(recipe.batch());
  return static_cast<std::size_t>(std::clamp<std::int64_t>(settings.number("batchsize"), 1, most));
}

}  // namespace

RecipePeer::RecipePeer(const Recipe& recipe, const Settings& settings, HttpOptions options,
                       std::unique_ptr<Authorizer> authorizer)
    : recipe_(recipe),
      options_(std::move(options)),
      additions_(settings),
      message_(message_of(settings)),
      names_(names_of(recipe, message_)),
      config_(node_of(settings)),
      form_(settings.form()),
      echo_(settings.flag("echo")),
      concurrent_(static_cast<std::size_t>(
          std::clamp<std::int64_t>(settings.number("maxconcurrentrequests"), 1, 64))),
      batch_(batch_of(recipe, settings)),
      ignored_timeouts_(static_cast<std::size_t>(
          std::max<std::int64_t>(settings.number("max_consecutive_timeouts"), 0))),
      authorizer_(std::move(authorizer)),
      client_(options_) {}

Node RecipePeer::node_of_alert(const Alert& alert) const {
  std::optional<Node> node;
  if (additions_.empty() && message_.empty()) node = brief_node_of(alert, names_);
  if (!node) node = full_node_of(alert);
  if (names_.has("Line")) node->members.emplace_back("Line", Node::of(alert.line(form_)));
  return std::move(*node);
}

Node RecipePeer::full_node_of(const Alert& alert) const {
  Result<Document> document = read_document(alert);
  if (!document) return {.kind = Node::Kind::map};
  additions_.apply(*document);
  Node node = node_of(*document, names_);
  if (std::string message = message_.render(node, recipe_.escape()); !message.empty())
    node.members.emplace_back("Message", Node::of(std::move(message)));
  return node;
}

Request RecipePeer::request_of(Alerts alerts) const {
  std::vector<Node> nodes;
  for (const SharedAlert& alert : alerts) nodes.push_back(node_of_alert(*alert));
  return recipe_.request(nodes, config_);
}

// As many requests as are sent at once, up to the first alert that was already delivered.
std::vector<RecipePeer::Alerts> RecipePeer::cut_up(Alerts batch) const {
  const auto ahead = std::ranges::find_if(
      batch, [&](const SharedAlert& alert) { return ahead_.contains(alert.get()); });
  batch = batch.first(static_cast<std::size_t>(ahead - batch.begin()));
  std::vector<Alerts> parts;
  const std::size_t most = alone_ ? 1 : batch_;
  while (!batch.empty() && parts.size() < concurrent_) {
    parts.push_back(batch.first(std::min(most, batch.size())));
    batch = batch.subspan(parts.back().size());
  }
  return parts;
}

RecipePeer::Verdict RecipePeer::judge(const HttpOutcome& outcome, std::string& why) const {
  if (outcome.status == 0) {
    why = outcome.error;
    return Verdict::again;
  }
  const std::string& mark = recipe_.failure_mark();
  const bool marked = !mark.empty() && outcome.answer.find(mark) != outcome.answer.npos;
  if (recipe_.succeeded(outcome.status) && !marked) return Verdict::delivered;
  why = "the server answers " + std::to_string(outcome.status);
  if (outcome.status >= 300 && outcome.status < 400) why += ", and redirections are not followed";
  why += excerpt(outcome.answer);
  if (recipe_.succeeded(outcome.status))
    // In a bulk request, an item that may be accepted later has its own status.
    return outcome.answer.find("\"status\":429") != outcome.answer.npos ||
                   outcome.answer.find("\"status\":5") != outcome.answer.npos
               ? Verdict::again
               : Verdict::refused;
  return refuses_content(outcome.status) ? Verdict::refused : Verdict::again;
}

Delivery RecipePeer::deliver(Alerts batch, Patience& patience) {
  // Was delivered while an earlier request failed.
  if (ahead_.erase(batch[0].get())) return {.delivered = 1};
  const std::vector<Alerts> parts = cut_up(batch);
  std::vector<Request> requests;
  for (const Alerts part : parts) requests.push_back(request_of(part));
  if (Result<void> ready = prepare(patience); !ready) return {.error = ready.error().message};
  if (Result<void> ready = authorize(requests, patience); !ready)
    return {.error = ready.error().message};
  return settle(parts, client_.perform(requests, patience));
}

Result<void> RecipePeer::prepare(Patience& patience) {
  if (prepared_) return {};
  if (std::optional<Request> request = recipe_.preparation(config_)) {
    const HttpOutcome outcome = client_.perform({&*request, 1}, patience)[0];
    const bool before = outcome.status == 400 || outcome.status == 409;
    if (std::string why; !before && judge(outcome, why) != Verdict::delivered) return Error{why};
  }
  prepared_ = true;
  return {};
}

Result<void> RecipePeer::authorize(std::vector<Request>& requests, Patience& patience) {
  if (!authorizer_) return {};
  const Result<std::string> value = authorizer_->value(patience);
  if (!value) return value.error();
  for (Request& request : requests) request.headers.emplace_back("Authorization", *value);
  return {};
}

Delivery RecipePeer::settle(const std::vector<Alerts>& parts,
                            const std::vector<HttpOutcome>& outcomes) {
  Delivery out;
  bool first_failure = true;
  for (std::size_t i = 0; i < parts.size(); i++) {
    if (echo_ && outcomes[i].status != 0)
      out.note += (out.note.empty() ? "" : "; ") +
                  ("the server answers " + std::to_string(outcomes[i].status) +
                   excerpt(outcomes[i].answer));
    std::string why;
    Verdict verdict = judge(outcomes[i], why);
    // One of the alerts is refused: sending them one by one shows which.
    if (verdict == Verdict::refused && parts[i].size() > 1) {
      alone_ = parts[i].size();
      verdict = Verdict::again;
      why.clear();
    } else if (alone_ && verdict != Verdict::again) {
      alone_--;
    }
    if (outcomes[i].status == 401 && authorizer_) authorizer_->forget();
    timeouts_ = outcomes[i].timed_out ? timeouts_ + 1 : 0;
    if (verdict == Verdict::delivered) {
      if (first_failure)
        out.delivered += parts[i].size();
      else
        for (const SharedAlert& alert : parts[i]) ahead_.insert(alert.get());
      continue;
    }
    if (!std::exchange(first_failure, false)) continue;
    out.refused = verdict == Verdict::refused ? parts[i].size() : 0;
    // Falco's max_consecutive_timeouts: this many timeouts are not reported.
    const bool hushed = outcomes[i].timed_out && timeouts_ <= ignored_timeouts_;
    out.error = hushed ? "" : why;
    out.pause_ms = std::max(out.pause_ms, outcomes[i].retry_after_ms);
  }
  return out;
}

Result<void> RecipePeer::reopen() {
  client_.forget_connections();
  prepared_ = false;
  return {};
}

std::string RecipePeer::preview(Alerts batch) {
  std::string out;
  if (std::optional<Request> request = recipe_.preparation(config_))
    out += "# once, before the first alert\n" + shown(*request, options_);
  for (; !batch.empty(); batch = batch.subspan(std::min(batch_, batch.size()))) {
    Request request = request_of(batch.first(std::min(batch_, batch.size())));
    if (authorizer_) request.headers.emplace_back("Authorization", "(made when it is sent)");
    out += shown(request, options_);
  }
  return out;
}

}  // namespace saker::output
