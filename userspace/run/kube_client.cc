// SPDX-License-Identifier: Apache-2.0
#include "run/kube_client.h"

#include <algorithm>
#include <memory>

#include "output/sinks/kube_api.h"

namespace saker::run {
namespace {

using output::curl;

constexpr long get_ms = 10'000;
constexpr int longest_retry_s = 3600;
// Of an answer that is an error.
constexpr std::size_t longest_error = 4096;

struct ListRelease {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

}  // namespace

// One request. Its address must not change, because libcurl has it.
struct KubeClient::Transfer {
  CURL* easy = nullptr;
  std::unique_ptr<curl_slist, ListRelease> headers;
  KubeAnswer answer;
  const Line* line = nullptr;
  bool ended = false;  // by line()

  static std::size_t receive(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    return transfer.take(std::string_view(bytes, size)) ? size : 0;
  }

  void add_header(const std::string& header) {
    if (curl_slist* longer = curl().slist_append(headers.get(), header.c_str())) {
      (void)headers.release();
      headers.reset(longer);
    }
  }

 private:
  // False: nothing more is wanted.
  bool take(std::string_view bytes) {
    long status = 0;
    curl().getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
      answer.text.append(bytes.substr(0, longest_error - answer.text.size()));
      return answer.text.size() < longest_error;
    }
    const std::size_t before = answer.text.size();
    answer.text.append(bytes);
    if (line && !take_lines(before)) return false;
    answer.too_long = answer.text.size() > (line ? longest_line : longest_answer);
    return !answer.too_long;
  }
  // Only what came last can contain an end.
  bool take_lines(std::size_t searched) {
    const std::string_view text = answer.text;
    std::size_t begin = 0;
    for (std::size_t end; !ended && (end = text.find('\n', searched)) != text.npos;
         begin = searched = end + 1)
      ended = !(*line)(text.substr(begin, end - begin));
    answer.text.erase(0, begin);
    return !ended;
  }
};

void KubeClient::prepare(Transfer& transfer, CURL* easy, const std::string& path,
                         const char* accept) {
  transfer.easy = easy;
  transfer.add_header(std::string("Accept: ") + accept);
  // The token of a pod is replaced every hour.
  if (const std::string account = output::kube_authorization(token_file_); !account.empty())
    transfer.add_header("Authorization: " + account);
  curl().setopt(easy, CURLOPT_URL, (url_ + path).c_str());
  curl().setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl().setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl().setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  curl().setopt(easy, CURLOPT_USERAGENT, "saker");
  curl().setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl().setopt(easy, CURLOPT_WRITEFUNCTION, Transfer::receive);
  curl().setopt(easy, CURLOPT_WRITEDATA, &transfer);
  output::set_tls(easy, tls_);
  output::limit_by(easy, patience_);
}

namespace {

// After the transfer.
void finish(KubeAnswer& answer, CURL* easy, CURLcode code, bool wanted_end) {
  long status = 0;
  curl().getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_off_t seconds = 0;
  curl().getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  answer.retry_after_s = static_cast<int>(std::clamp<curl_off_t>(seconds, 0, longest_retry_s));
  if (answer.too_long)
    answer.error =
        "the answer is longer than " + std::to_string(KubeClient::longest_answer >> 20) + " MiB";
  else if (code != CURLE_OK && !wanted_end && (status == 200 || status == 0))
    answer.error = output::curl_error(easy, code);
}

}  // namespace

KubeAnswer KubeClient::get(const std::string& path, const char* accept) {
  if (!handle_) handle_ = output::make_curl();
  if (!handle_) return {.error = "libcurl cannot be used"};
  Transfer transfer;
  prepare(transfer, handle_.get(), path, accept);
  curl().setopt(handle_.get(), CURLOPT_TIMEOUT_MS, get_ms);
  const CURLcode code = curl().perform(handle_.get());
  finish(transfer.answer, handle_.get(), code, false);
  return std::move(transfer.answer);
}

KubeAnswer KubeClient::lines(const std::string& path, int seconds, int quiet_s, const Line& line) {
  const output::CurlHandle handle = output::make_curl();
  if (!handle) return {.error = "libcurl cannot be used"};
  CURL* easy = handle.get();
  Transfer transfer;
  transfer.line = &line;
  prepare(transfer, easy, path, "application/json");
  curl().setopt(easy, CURLOPT_TIMEOUT_MS, 1000L * seconds);
  curl().setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl().setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(quiet_s));
  const CURLcode code = curl().perform(easy);
  finish(transfer.answer, easy, code, transfer.ended);
  return std::move(transfer.answer);
}

}  // namespace saker::run
