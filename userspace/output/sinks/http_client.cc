// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/http_client.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "output/escape.h"
#include "output/sinks/curl_options.h"

namespace saker::output {
namespace {

constexpr std::size_t longest_answer_shown = 200;
// Maximum delay until a change of the patience is noticed.
constexpr int turn_ms = 200;
constexpr int longest_retry_s = 3600;

struct ListRelease {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListRelease>;

// "": it cannot be compressed.
std::string gzipped(const std::string& body) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(::deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(done ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return out;
}

// One request in progress. Its address must not change, because libcurl has it.
struct Transfer {
  CurlHandle handle;
  HeaderList headers;
  std::string body;  // as it is sent
  HttpOutcome outcome;
  std::size_t most_kept = 0;
  bool overflowed = false, finished = false;
};

std::size_t take_answer(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string& answer = transfer.outcome.answer;
  answer.append(bytes, std::min(size, transfer.most_kept - answer.size()));
  // An endless answer is not read further; its status is already known.
  transfer.overflowed = answer.size() == transfer.most_kept;
  return transfer.overflowed ? 0 : size;
}

void add_header(Transfer& transfer, const std::string& line) {
  if (curl_slist* longer = curl().slist_append(transfer.headers.get(), line.c_str())) {
    (void)transfer.headers.release();
    transfer.headers.reset(longer);
  }
}

void set_signature(CURL* easy, const HttpOptions& options) {
  if (options.signature.empty()) return;
  curl().setopt(easy, CURLOPT_AWS_SIGV4, options.signature.c_str());
  curl().setopt(easy, CURLOPT_USERPWD, options.credentials.c_str());
}

// False: no handle is available.
bool prepare(Transfer& transfer, const Request& request, const HttpOptions& options) {
  transfer.handle = make_curl();
  if (!transfer.handle) return false;
  CURL* easy = transfer.handle.get();
  transfer.most_kept = options.most_kept;
  for (const auto& [name, value] : request.headers) add_header(transfer, name + ": " + value);
  transfer.body = options.compress ? gzipped(request.body) : "";
  if (transfer.body.empty())
    transfer.body = request.body;
  else
    add_header(transfer, "Content-Encoding: gzip");
  // Do not announce a large body and wait. With a signature the header stays, because the signature
  // would cover the missing header.
  if (options.signature.empty()) add_header(transfer, "Expect:");
  curl().setopt(easy, CURLOPT_URL, request.url.c_str());
  curl().setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl().setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  if (request.method == "GET") {
    curl().setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl().setopt(easy, CURLOPT_POST, 1L);
    curl().setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl().setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
    curl().setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
  }
  curl().setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  curl().setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl().setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl().setopt(easy, CURLOPT_FORBID_REUSE, options.keep_alive ? 0L : 1L);
  curl().setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl().setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl().setopt(easy, CURLOPT_WRITEDATA, &transfer);
  set_tls(easy, options.tls);
  set_signature(easy, options);
  return true;
}

void finish(Transfer& transfer, CURLcode code) {
  CURL* easy = transfer.handle.get();
  HttpOutcome& outcome = transfer.outcome;
  transfer.finished = true;
  if (code != CURLE_OK && !transfer.overflowed) {
    outcome.error = curl_error(easy, code);
    outcome.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    return;
  }
  long status = 0;
  curl().getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  outcome.status = static_cast<int>(status);
  curl_off_t seconds = 0;
  curl().getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  outcome.retry_after_ms =
      1000 * static_cast<int>(std::clamp<curl_off_t>(seconds, 0, longest_retry_s));
}

}  // namespace

struct HttpClient::State {
  struct Release {
    void operator()(CURLM* multi) const { curl().multi_cleanup(multi); }
  };
  HttpOptions options;
  std::unique_ptr<CURLM, Release> multi;

  void run(std::vector<Transfer>& transfers, Patience& patience);
  void collect(std::vector<Transfer>& transfers);
};

void HttpClient::State::collect(std::vector<Transfer>& transfers) {
  int left = 0;
  while (const CURLMsg* message = curl().multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto transfer = std::ranges::find(transfers, message->easy_handle,
                                            [](const Transfer& each) { return each.handle.get(); });
    if (transfer != transfers.end()) finish(*transfer, message->data.result);
  }
}

void HttpClient::State::run(std::vector<Transfer>& transfers, Patience& patience) {
  int running = 1;
  while (running > 0) {
    if (curl().multi_perform(multi.get(), &running) != CURLM_OK) break;
    collect(transfers);
    const int left = patience.left_ms(turn_ms);
    if (running == 0 || left == 0) break;
    curl().multi_poll(multi.get(), nullptr, 0, left, nullptr);
  }
}

HttpClient::HttpClient(HttpOptions options) : state_(new State{std::move(options), nullptr}) {}
HttpClient::~HttpClient() = default;

void HttpClient::forget_connections() { state_->multi.reset(); }

std::vector<HttpOutcome> HttpClient::perform(std::span<const Request> requests,
                                             Patience& patience) {
  std::vector<Transfer> transfers(requests.size());
  // The first handle initialises libcurl for the others.
  bool ready = true;
  for (std::size_t i = 0; i < requests.size(); i++)
    ready = ready && prepare(transfers[i], requests[i], state_->options);
  if (ready && !state_->multi) state_->multi.reset(curl().multi_init());
  if (ready && state_->multi) {
    for (const Transfer& transfer : transfers)
      curl().multi_add(state_->multi.get(), transfer.handle.get());
    state_->run(transfers, patience);
    for (const Transfer& transfer : transfers)
      curl().multi_remove(state_->multi.get(), transfer.handle.get());
  }
  std::vector<HttpOutcome> out;
  for (Transfer& transfer : transfers) {
    if (!ready || !state_->multi) transfer.outcome.error = "libcurl cannot be used";
    out.push_back(std::move(transfer.outcome));
  }
  return out;
}

std::string excerpt(std::string_view answer) {
  std::string out;
  append_shown(out, answer.substr(0, longest_answer_shown));
  return out.empty() ? "" : ": " + out;
}

bool refuses_content(int status) { return status == 400 || status == 413 || status == 422; }

std::string shown(const Request& request, const HttpOptions& options) {
  std::string out = request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers) out += name + ": " + value + "\n";
  out += "User-Agent: " + options.user_agent + "\n";
  if (!options.signature.empty()) out += "Authorization: AWS4-HMAC-SHA256 (made when it is sent)\n";
  if (options.compress) out += "Content-Encoding: gzip\n";
  std::string body = request.body;
  if (!request.table.empty())
    body = "(a table of Parquet in " + std::to_string(request.body.size()) + " bytes)\n" +
           parquet_text(request.table);
  return out + "\n" + body + (body.ends_with('\n') ? "" : "\n");
}

}  // namespace saker::output
