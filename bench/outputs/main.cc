// SPDX-License-Identifier: Apache-2.0
// Alerts per second that an output takes, with the whole sensor side on one CPU: to a file, to the
// spool, through the spool to a web server in batches; and the memory of outputs whose servers are
// all dead. A table on stdout, and build/bench/outputs.json. SECONDS: for each (5).
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "output/format.h"
#include "output/kinds/kind.h"
#include "output/line_peer.h"
#include "output/queued_sink.h"
#include "output/sinks/open_peer.h"
#include "output/spool/cursor.h"
#include "output/spool/spool_peer.h"

namespace {

using namespace saker;
using namespace saker::output;

constexpr double ns_per_s = 1e9;
// The producer is at most this far ahead of an output.
constexpr std::uint64_t most_waiting = 20'000;

nlohmann::ordered_json results = nlohmann::ordered_json::array();

struct Rate {
  double per_second = 0, per_cpu_second = 0;
  std::uint64_t lost = 0;
};

void report(const std::string& what, double value, const std::string& unit, double target) {
  std::printf("%-52s %14.0f %-10s %s%.0f\n", what.c_str(), value, unit.c_str(),
              unit == "alerts/s" ? "at least " : "at most ", target);
  results.push_back({{"what", what}, {"value", value}, {"unit", unit}, {"target", target}});
}

// Also what the sensor's side would do with a CPU of its own: other work on the machine changes the
// rate, but hardly this.
void report_rate(const std::string& what, const Rate& rate, double target) {
  report(what, rate.per_second, "alerts/s", target);
  report(what + ", a second of CPU", rate.per_cpu_second, "alerts/s", target);
}

double cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void use_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof(set), &set) < 0) std::perror("sched_setaffinity");
}

// As the official rule "Read sensitive file untrusted" makes them, about 1 KiB as JSON.
SharedAlert sample_alert(std::uint64_t number) {
  FormatOptions format;
  format.hostname = "bench";
  const std::map<std::string, std::string> fields = {
      {"container.id", "\"0123456789ab\""},
      {"container.image.repository", "\"registry.example/team/service\""},
      {"evt.type", "\"openat\""},
      {"fd.name", "\"/etc/shadow\""},
      {"k8s.ns.name", "\"production\""},
      {"k8s.pod.name", "\"service-7c9d6b5f4-x2x9p\""},
      {"proc.aname[2]", "\"containerd-shim\""},
      {"proc.cmdline", "\"cat /etc/shadow --number " + std::to_string(number) + "\""},
      {"proc.exepath", "\"/usr/bin/cat\""},
      {"proc.name", "\"cat\""},
      {"proc.pname", "\"bash\""},
      {"proc.tty", "34816"},
      {"user.loginuid", "1000"},
      {"user.name", "\"root\""},
  };
  return std::make_shared<Alert>(
      internal_alert(format, "Read sensitive file untrusted", lang::Priority::warning,
                     "Sensitive file opened for reading by non-trusted program (file=/etc/shadow "
                     "gparent=containerd-shim evt_type=openat user=root process=cat parent=bash)",
                     clock_ns(CLOCK_REALTIME) + number, fields));
}

std::vector<SharedAlert> sample_alerts() {
  std::vector<SharedAlert> out;
  for (std::uint64_t number = 0; number < 4096; number++) out.push_back(sample_alert(number));
  return out;
}

// As many as `last` takes in this many seconds; they are passed to `first`.
Rate measure(Sink& first, const Sink& last, const std::vector<SharedAlert>& alerts,
             double seconds) {
  const std::uint64_t begin = boot_ns();
  const double cpu_before = cpu_s();
  const auto end = begin + static_cast<std::uint64_t>(seconds * ns_per_s);
  const auto written = [&] { return last.counters().written.load(std::memory_order_relaxed); };
  std::uint64_t given = 0;
  while (boot_ns() < end) {
    for (int i = 0; i < 64; i++) first.take(alerts[given++ % alerts.size()]);
    while (given - written() > most_waiting && boot_ns() < end) ::usleep(200);
  }
  const double took = static_cast<double>(boot_ns() - begin) / ns_per_s;
  return {static_cast<double>(written()) / took,
          static_cast<double>(written()) / (cpu_s() - cpu_before),
          first.counters().lost.load() + last.counters().lost.load()};
}

QueuedSinkOptions options_of(const char* name) {
  QueuedSinkOptions out{.name = name, .queue_bytes = 64u << 20};
  out.announce = [](std::string_view what) {
    std::fprintf(stderr, "%s\n", std::string(what).c_str());
  };
  return out;
}

void bench_file(const std::string& directory, const std::vector<SharedAlert>& alerts,
                double seconds) {
  auto peer = file_peer(directory + "/alerts", Form::json);
  auto sink = QueuedSink::start(std::move(*peer), options_of("file"));
  report_rate("file, JSON lines", measure(**sink, **sink, alerts, seconds), 300'000);
  std::filesystem::remove(directory + "/alerts");
}

SharedSpool open_spool(const std::string& directory) {
  auto spool = Spool::open({.directory = directory + "/spool", .max_bytes = 1u << 30});
  if (!spool || !(*spool)->begin()) {
    std::fprintf(stderr, "%s\n", spool ? "no thread" : spool.error().message.c_str());
    std::exit(1);
  }
  return *spool;
}

void bench_spool(const std::string& directory, const std::vector<SharedAlert>& alerts,
                 double seconds) {
  SharedSpool spool = open_spool(directory);
  auto sink = QueuedSink::start(spool_peer(spool), options_of("spool"));
  report_rate("spool, flushed once a second", measure(**sink, **sink, alerts, seconds), 100'000);
  sink->reset();
  spool.reset();
  std::filesystem::remove_all(directory + "/spool");
}

// Answers every request with 200, on the other CPU.
pid_t start_server(std::uint16_t& port) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof(address);
  if (::bind(listening, reinterpret_cast<sockaddr*>(&address), size) < 0 ||
      ::listen(listening, 8) < 0 ||
      ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) < 0)
    std::exit(1);
  port = ntohs(address.sin_port);
  const pid_t child = ::fork();
  if (child != 0) {
    ::close(listening);
    return child;
  }
  use_cpu(1);
  std::string got(1 << 20, '\0');
  for (;;) {
    const int client = ::accept(listening, nullptr, nullptr);
    std::string head;
    std::size_t body = 0;  // remaining bytes of it
    for (ssize_t bytes; (bytes = ::read(client, got.data(), got.size())) > 0;) {
      std::string_view rest(got.data(), static_cast<std::size_t>(bytes));
      while (!rest.empty() || (head.empty() && body == 0)) {
        if (body != 0) {
          const std::size_t taken = std::min(body, rest.size());
          rest.remove_prefix(taken);
          body -= taken;
          if (body != 0) break;
          constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
          (void)!::write(client, answer.data(), answer.size());
          if (rest.empty()) break;
          continue;
        }
        const std::size_t before = head.size();
        head += rest;
        const std::size_t end = head.find("\r\n\r\n");
        if (end == head.npos) break;
        const std::size_t length = head.find("Content-Length: ");
        body = length < end ? std::strtoull(head.c_str() + length + 16, nullptr, 10) : 0;
        rest.remove_prefix(end + 4 - before);
        head.clear();
        if (rest.empty()) break;
      }
    }
    ::close(client);
  }
}

Settings settings_of(const std::string& type, std::map<std::string, Setting> values) {
  Settings out;
  out.type = type;
  out.values = std::move(values);
  complete(*find_kind(type), out);
  return out;
}

void bench_http(const std::string& directory, const std::vector<SharedAlert>& alerts,
                double seconds) {
  std::uint16_t port = 0;
  const pid_t server = start_server(port);
  const Settings settings =
      settings_of("elasticsearch", {{"hostport", "http://127.0.0.1:" + std::to_string(port)}});
  for (const bool spooled : {false, true}) {
    auto peer = open_peer(settings, {.hostname = "bench"});
    if (!peer) {
      std::fprintf(stderr, "%s\n", peer.error().message.c_str());
      break;
    }
    SharedSpool spool = spooled ? open_spool(directory) : nullptr;
    QueuedSinkOptions options = options_of("elasticsearch");
    if (spool) options.cursor = *spool->cursor("elasticsearch");
    auto sink = std::move(*QueuedSink::start(std::move(*peer), std::move(options)));
    auto writer =
        spool ? std::move(*QueuedSink::start(spool_peer(spool), options_of("spool"))) : nullptr;
    const Rate rate = measure(writer ? *writer : *sink, *sink, alerts, seconds);
    report_rate(spooled ? "bulk of Elasticsearch, spooled" : "bulk of Elasticsearch", rate, 20'000);
    sink.reset();
    writer.reset();
    spool.reset();
    std::filesystem::remove_all(directory + "/spool");
  }
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
}

std::uint64_t resident() {
  const Result<std::string> text = read_file("/proc/self/statm", 256);
  unsigned long long total = 0, pages = 0;
  if (text) std::sscanf(text->c_str(), "%llu %llu", &total, &pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Never accepts anything.
class DeadPeer final : public Peer {
 public:
  Delivery deliver(std::span<const SharedAlert>, Patience&) override { return {.error = "dead"}; }
  std::string preview(std::span<const SharedAlert>) override { return {}; }
};

void bench_dead(const std::string& directory, double seconds) {
  constexpr int outputs = 10;
  for (const bool spooled : {false, true}) {
    SharedSpool spool = spooled ? open_spool(directory) : nullptr;
    std::vector<std::unique_ptr<QueuedSink>> sinks;
    if (spool) sinks.push_back(std::move(*QueuedSink::start(spool_peer(spool), {.name = "spool"})));
    const std::uint64_t before = resident();
    for (int i = 0; i < outputs; i++) {
      QueuedSinkOptions options{.name = "dead" + std::to_string(i)};
      if (spool) options.cursor = *spool->cursor(options.name);
      sinks.push_back(
          std::move(*QueuedSink::start(std::make_unique<DeadPeer>(), std::move(options))));
    }
    const auto end = boot_ns() + static_cast<std::uint64_t>(seconds * ns_per_s);
    std::uint64_t most = 0;
    for (std::uint64_t number = 0; boot_ns() < end; number++) {
      const SharedAlert alert = sample_alert(number);
      for (auto& sink : sinks) sink->take(alert);
      if (number % 1024 == 0) most = std::max(most, resident());
    }
    // docs/operating.md, "Memory".
    const double formula = spooled ? (8 + outputs * 1.0) : outputs * 8.0;
    report(spooled ? "memory of 10 dead outputs with the spool"
                   : "memory of 10 dead outputs in memory",
           static_cast<double>(most - std::min(most, before)) / (1 << 20), "MiB", formula);
    sinks.clear();
    spool.reset();
    std::filesystem::remove_all(directory + "/spool");
  }
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const char* wanted = std::getenv("SECONDS_EACH");
  const double seconds = wanted ? std::atof(wanted) : 5;
  std::string directory = "build/bench/outputs.XXXXXX";
  if (!::mkdtemp(directory.data())) return std::perror("build/bench"), 1;
  use_cpu(0);
  const std::vector<SharedAlert> alerts = sample_alerts();
  std::printf("an alert is %zu bytes as JSON; the sensor's side is on one CPU\n",
              alerts[0]->json.size());
  bench_file(directory, alerts, seconds);
  bench_spool(directory, alerts, seconds);
  bench_http(directory, alerts, seconds);
  bench_dead(directory, seconds);
  std::filesystem::remove_all(directory);
  Fd out(::open("build/bench/outputs.json", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const std::string text = results.dump(1) + "\n";
  return out && ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())
             ? 0
             : 1;
}
