// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/authorizer.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/clock.h"
#include "output/escape.h"
#include "output/kinds/google_credentials.h"
#include "output/sinks/signature.h"

namespace saker::output {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t ns_per_s = 1'000'000'000;
// A token is renewed this long before it expires: clocks differ, and a request takes its time.
constexpr std::uint64_t early_s = 60;
constexpr std::uint64_t token_lasts_s = 3600;

std::uint64_t now_s() { return clock_ns(CLOCK_REALTIME) / ns_per_s; }

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string out;
  for (const auto& [name, value] : members)
    out.append(out.empty() ? "" : "&").append(name).append("=") += url_escaped(value);
  return out;
}

// A token from a server that answers as OAuth 2.0 has it (RFC 6749, 5.1).
class TokenServer : public Authorizer {
 protected:
  explicit TokenServer(HttpOptions options) : client_(std::move(options)) {}
  virtual Result<Request> request() = 0;

 private:
  Result<Made> make(Patience& patience) override {
    Result<Request> wanted = request();
    if (!wanted) return wanted.error();
    const HttpOutcome outcome = client_.perform({&*wanted, 1}, patience)[0];
    if (outcome.status == 0 && outcome.error.empty()) return Error{""};
    const std::string from = "no token from " + wanted->url + ": ";
    if (outcome.status == 0) return Error{from + outcome.error};
    const Json answer = Json::parse(outcome.answer, nullptr, false);
    if (outcome.status != 200 || !answer.is_object() || !answer.contains("access_token") ||
        !answer["access_token"].is_string())
      return Error{from + "it answers " + std::to_string(outcome.status) + excerpt(outcome.answer)};
    const auto lasts = answer.find("expires_in");
    return Made{"Bearer " + answer["access_token"].get<std::string>(),
                lasts != answer.end() && lasts->is_number_unsigned() ? lasts->get<std::uint64_t>()
                                                                     : 2 * early_s};
  }

  HttpClient client_;
};

// By a token that the service account's key signs (RFC 7523).
class GoogleAccount final : public TokenServer {
 public:
  GoogleAccount(GoogleCredentials credentials, std::string scope, HttpOptions options)
      : TokenServer(std::move(options)),
        credentials_(std::move(credentials)),
        scope_(std::move(scope)) {}

 private:
  Result<Request> request() override {
    Json header = {{"alg", "RS256"}, {"typ", "JWT"}};
    if (!credentials_.key_id.empty()) header["kid"] = credentials_.key_id;
    const std::uint64_t now = now_s();
    const Json claims = {{"iss", credentials_.email},
                         {"scope", scope_},
                         {"aud", credentials_.token_url},
                         {"iat", now},
                         {"exp", now + token_lasts_s}};
    Result<std::string> token = signed_token(credentials_.key, header.dump(), claims.dump());
    if (!token) return token.error();
    return Request{"POST",
                   credentials_.token_url,
                   form({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                         {"assertion", *token}}),
                   {{"Content-Type", "application/x-www-form-urlencoded"}}};
  }

  const GoogleCredentials credentials_;
  const std::string scope_;
};

// The account of the machine or pod, from Google's metadata server (workload identity).
class GoogleMachine final : public TokenServer {
 public:
  explicit GoogleMachine(HttpOptions options) : TokenServer(std::move(options)) {}

 private:
  Result<Request> request() override {
    const char* host = std::getenv("GCE_METADATA_HOST");
    return Request{"GET",
                   "http://" + std::string(host ? host : "metadata.google.internal") +
                       "/computeMetadata/v1/instance/service-accounts/default/token",
                   "",
                   {{"Metadata-Flavor", "Google"}}};
  }
};

// An application of Entra ID, with its secret.
class AzureApplication final : public TokenServer {
 public:
  AzureApplication(const Settings& settings, std::string scope, HttpOptions options)
      : TokenServer(std::move(options)), settings_(settings), scope_(std::move(scope)) {}

 private:
  Result<Request> request() override {
    return Request{"POST",
                   settings_.text("authority") + "/" + url_escaped(settings_.text("tenantid")) +
                       "/oauth2/v2.0/token",
                   form({{"grant_type", "client_credentials"},
                         {"client_id", settings_.text("clientid")},
                         {"client_secret", settings_.text("clientsecret")},
                         {"scope", scope_}}),
                   {{"Content-Type", "application/x-www-form-urlencoded"}}};
  }

  const Settings settings_;
  const std::string scope_;
};

// A shared access signature of Azure Service Bus and Event Hubs.
class AzureSignature final : public Authorizer {
 public:
  explicit AzureSignature(const Settings& settings)
      : resource_(
            url_escaped("https://" + settings.text("namespace") + "/" + settings.text("name"))),
        key_name_(settings.text("sharedaccesskeyname")),
        key_(settings.text("sharedaccesskey")) {}

 private:
  Result<Made> make(Patience&) override {
    const std::string until = std::to_string(now_s() + token_lasts_s);
    Result<std::string> signature = hmac_sha256(key_, resource_ + "\n" + until);
    if (!signature) return signature.error();
    std::string encoded;
    append_base64(encoded, *signature);
    return Made{"SharedAccessSignature sr=" + resource_ + "&sig=" + url_escaped(encoded) +
                    "&se=" + until + "&skn=" + url_escaped(key_name_),
                token_lasts_s};
  }

  const std::string resource_, key_name_, key_;
};

using Opened = Result<std::unique_ptr<Authorizer>>;

Opened open_google(const std::string& scope, const Settings& settings, HttpOptions options) {
  const std::string text = settings.text("credentials");
  if (text.empty()) {
    // An emulator has no accounts.
    if (!settings.text("endpoint").empty()) return std::unique_ptr<Authorizer>();
    return std::unique_ptr<Authorizer>(std::make_unique<GoogleMachine>(std::move(options)));
  }
  Result<GoogleCredentials> credentials = read_google_credentials(text);
  if (!credentials) return Error{"the credentials " + credentials.error().message};
  // A key that cannot sign is an error now, not at the first alert.
  if (Result<std::string> signs = sign_rs256(credentials->key, ""); !signs)
    return Error{"credentials: " + signs.error().message};
  return std::unique_ptr<Authorizer>(
      std::make_unique<GoogleAccount>(std::move(*credentials), scope, std::move(options)));
}

}  // namespace

Result<std::string> Authorizer::value(Patience& patience) {
  if (!value_.empty() && boot_ns() < until_) return value_;
  Result<Made> made = make(patience);
  if (!made) return made.error();
  value_ = std::move(made->value);
  const std::uint64_t lasts = std::max(made->lasts_s, early_s) - early_s;
  until_ = boot_ns() + std::max<std::uint64_t>(lasts, 1) * ns_per_s;
  return value_;
}

Opened make_authorizer(const Recipe& recipe, const Settings& settings, HttpOptions options) {
  options.signature.clear();
  options.compress = false;
  const Authorization& wanted = recipe.authorization();
  switch (wanted.kind) {
    case Authorization::Kind::none:
    case Authorization::Kind::aws: break;
    case Authorization::Kind::google: return open_google(wanted.scope, settings, options);
    case Authorization::Kind::azure:
      if (!settings.text("sharedaccesskey").empty())
        return std::unique_ptr<Authorizer>(std::make_unique<AzureSignature>(settings));
      return std::unique_ptr<Authorizer>(
          std::make_unique<AzureApplication>(settings, wanted.scope, options));
  }
  return std::unique_ptr<Authorizer>();
}

}  // namespace saker::output
