// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/mail_peer.h"

#include <time.h>

#include <sstream>

#include "base/base64.h"
#include "output/escape.h"
#include "output/kinds/additions.h"
#include "output/sinks/curl_options.h"

namespace saker::output {
namespace {

constexpr std::size_t longest_subject = 200;

// RFC 2047: encoded words in base64, so that no name adds a line to the header.
std::string encoded_word(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + 42, text.size());
    while (end < text.size() && end > at && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      end--;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?";
    append_base64(out, text.substr(at, end - at));
    out += "?=";
    at = end;
  }
  return out;
}

std::string mail_date(std::uint64_t ns) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char out[64];
  std::snprintf(out, sizeof(out), "%s, %d %s %d %02d:%02d:%02d +0000", days[parts.tm_wday % 7],
                parts.tm_mday, months[parts.tm_mon % 12], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return out;
}

constexpr std::string_view text_body =
    "{{ .Output | shown }}\n\nrule: {{ .Rule | shown }}\npriority: {{ .Priority }}\n"
    "source: {{ .Source | shown }}\nhostname: {{ .Hostname | shown }}\n"
    "{{ if .Tags }}tags: {{ join \", \" .Tags | shown }}\n{{ end }}time: {{ .Time }}\n\n"
    "{{ range .OutputFields }}{{ .Key | shown }}: {{ .Value | shown }}\n{{ end }}";
constexpr std::string_view html_body =
    "<html><body><p><b>{{ .Output | html }}</b></p><table>"
    "<tr><td>rule</td><td>{{ .Rule | html }}</td></tr>"
    "<tr><td>priority</td><td>{{ .Priority }}</td></tr>"
    "<tr><td>source</td><td>{{ .Source | html }}</td></tr>"
    "<tr><td>hostname</td><td>{{ .Hostname | html }}</td></tr>"
    "<tr><td>time</td><td>{{ .Time }}</td></tr>"
    "{{ range .OutputFields }}<tr><td>{{ .Key | html }}</td><td>{{ .Value | html }}</td></tr>"
    "{{ end }}</table></body></html>\n";

std::string lines_of_base64(const std::string& body) {
  std::string all, out;
  append_base64(all, body);
  for (std::size_t at = 0; at < all.size(); at += 76) out += all.substr(at, 76) + "\r\n";
  return out;
}

// The recipients; Falcosidekick has them in one text, separated by commas.
Texts receivers(const Settings& settings) {
  Texts out;
  for (const std::string& text : settings.list("to")) {
    std::istringstream parts(text);
    for (std::string one; std::getline(parts, one, ',');) {
      std::erase(one, ' ');
      if (!one.empty()) out.push_back(std::move(one));
    }
  }
  return out;
}

std::size_t give_mail(char* to, std::size_t size, std::size_t count, void* user) {
  auto& left = *static_cast<std::string_view*>(user);
  const std::size_t bytes = std::min(size * count, left.size());
  left.copy(to, bytes);
  left.remove_prefix(bytes);
  return bytes;
}

class MailPeer final : public Peer {
 public:
  MailPeer(const Settings& settings, TlsOptions tls)
      : settings_(settings), additions_(settings), tls_(std::move(tls)) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override {
    Delivery out;
    for (const SharedAlert& alert : batch) {
      const std::string mail = mail_of(document_of(*alert), settings_);
      bool refused = false;
      const Result<void> sent = send(mail, patience, refused);
      if (!sent) {
        out.error = sent.error().message;
        out.refused = refused ? 1 : 0;
        return out;
      }
      out.delivered++;
      if (patience.left_ms(1) == 0) return out;
    }
    return out;
  }
  Result<void> reopen() override {
    easy_.reset();
    return {};
  }
  std::string preview(std::span<const SharedAlert> batch) override {
    std::string out;
    for (const SharedAlert& alert : batch) {
      out += "MAIL FROM:<" + settings_.text("from") + ">\n";
      for (const std::string& to : receivers(settings_)) out += "RCPT TO:<" + to + ">\n";
      out += mail_of(document_of(*alert), settings_);
    }
    return out;
  }

 private:
  Document document_of(const Alert& alert) const {
    Result<Document> document = read_document(alert);
    Document out = document ? std::move(*document) : Document();
    additions_.apply(out);
    return out;
  }

  Result<void> send(std::string_view mail, Patience& patience, bool& refused);

  const Settings settings_;
  const Additions additions_;
  const TlsOptions tls_;
  CurlHandle easy_;  // keeps the connection open
};

Result<void> MailPeer::send(std::string_view mail, Patience& patience, bool& refused) {
  if (!easy_) easy_ = make_curl();
  if (!easy_) return Error{"libcurl cannot be used"};
  CURL* easy = easy_.get();
  const std::string from = "<" + settings_.text("from") + ">";
  curl_slist* to = nullptr;
  for (const std::string& each : receivers(settings_))
    to = curl().slist_append(to, ("<" + each + ">").c_str());
  const bool tls = settings_.flag("tls");
  curl().setopt(easy, CURLOPT_URL, ("smtp://" + settings_.text("hostport")).c_str());
  curl().setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp");
  curl().setopt(easy, CURLOPT_USE_SSL, static_cast<long>(tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  curl().setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
  curl().setopt(easy, CURLOPT_MAIL_RCPT, to);
  curl().setopt(easy, CURLOPT_UPLOAD, 1L);
  curl().setopt(easy, CURLOPT_READFUNCTION, give_mail);
  curl().setopt(easy, CURLOPT_READDATA, &mail);
  curl().setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.number("timeout")));
  const std::string user = settings_.text("user"), password = settings_.text("password");
  if (!user.empty()) {
    curl().setopt(easy, CURLOPT_USERNAME, user.c_str());
    curl().setopt(easy, CURLOPT_PASSWORD, password.c_str());
  }
  set_tls(easy, tls_);
  limit_by(easy, patience);
  const CURLcode done = curl().perform(easy);
  curl().setopt(easy, CURLOPT_MAIL_RCPT, nullptr);
  curl().slist_free_all(to);
  if (done == CURLE_OK) return {};
  if (done == CURLE_ABORTED_BY_CALLBACK) return Error{""};
  long status = 0;
  curl().getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  // The server accepted the command for the mail, and then said that it will never accept the mail.
  refused = status == 552 || status == 554;
  return Error{settings_.text("hostport") + ": " + curl_error(easy, done) +
               (status ? " (status " + std::to_string(status) + ")" : "")};
}

}  // namespace

std::string mail_of(const Document& document, const Settings& settings) {
  const bool html = settings.text("outputformat") == "html";
  static const Template text = *Template::parse(text_body), page = *Template::parse(html_body);
  std::string to, subject = "[" + std::string(lang::priority_name(document.priority)) + "] ";
  for (const std::string& each : receivers(settings)) to += (to.empty() ? "" : ", ") + each;
  append_shown(subject, std::string_view(document.rule).substr(0, longest_subject));
  return "From: " + settings.text("from") + "\r\nTo: " + to +
         "\r\nSubject: " + encoded_word(subject) + "\r\nDate: " + mail_date(document.time_ns) +
         "\r\nMessage-ID: <" + document.uuid +
         "@saker>\r\nMIME-Version: 1.0\r\nContent-Type: text/" + (html ? "html" : "plain") +
         "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         lines_of_base64((html ? page : text).render(node_of(document)));
}

std::unique_ptr<Peer> mail_peer(const Settings& settings, TlsOptions tls) {
  return std::make_unique<MailPeer>(settings, std::move(tls));
}

}  // namespace saker::output
