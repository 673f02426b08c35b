// SPDX-License-Identifier: Apache-2.0
#include "service/control.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

namespace saker::service {
namespace {

struct Fixture {
  std::string path =
      std::filesystem::temp_directory_path() / ("saker-control-" + std::to_string(::getpid()));
  unsigned asked = 0;
  ControlCaller peer;
  std::string status = "{\"ok\":true,\"n\":1}";
  std::unique_ptr<ControlServer> control = std::move(
      *ControlServer::make(path, [this](std::string_view command, const ControlCaller& from) {
        asked++;
        peer = from;
        return command == "status" ? status : std::string();
      }));

  Fd connect() {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return fd;
  }
  // The main thread's loop, until there is nothing to do.
  void turn() {
    std::vector<pollfd> fds;
    do {
      fds.clear();
      control->wants(fds);
      if (::poll(fds.data(), fds.size(), 0) <= 0) return;
      control->serve(fds.data(), fds.size());
    } while (true);
  }
  std::string say(const Fd& fd, const std::string& text) {
    REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    turn();
    return hear(fd);
  }
  static std::string hear(const Fd& fd) {
    std::string out(65536, '\0');
    ssize_t got = ::read(fd.get(), out.data(), out.size());
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
};

TEST_CASE("control: requests are answered in order, invalid ones with a reason") {
  Fixture f;
  Fd client = f.connect();
  CHECK(f.say(client, "{\"cmd\":\"status\"}\n") == "{\"ok\":true,\"n\":1}\n");
  CHECK(f.say(client, "{\"cmd\":\"nonsense\"}\n{\"cmd\":\"status\"}\n") ==
        refusal(
            "unknown command \"nonsense\"; the commands are status, top, alerts, record, reload") +
            "\n{\"ok\":true,\"n\":1}\n");
  CHECK(f.say(client, "not json\n").find("\"ok\":false") != std::string::npos);
  CHECK(f.say(client, "{\"cmd\":5}\n").find("\"ok\":false") != std::string::npos);
  CHECK(f.say(client, "{\"cmd\":\"sta").empty());
  CHECK(f.say(client, "tus\"}\n") == "{\"ok\":true,\"n\":1}\n");
}

TEST_CASE("control: an answer that comes later keeps the others waiting, not another client's") {
  Fixture f;
  std::vector<std::uint64_t> later;
  f.control.reset();
  f.control = std::move(
      *ControlServer::make(f.path, [&](std::string_view command, const ControlCaller& from) {
        if (command != "reload") return std::optional<std::string>("{\"now\":1}");
        later.push_back(from.client);
        return std::optional<std::string>();
      }));
  Fd one = f.connect(), other = f.connect(), gone = f.connect();
  CHECK(f.say(one, "{\"cmd\":\"reload\"}\n{\"cmd\":\"status\"}\n").empty());
  CHECK(f.say(gone, "{\"cmd\":\"reload\"}\n").empty());
  CHECK(f.say(other, "{\"cmd\":\"status\"}\n") == "{\"now\":1}\n");
  CHECK(f.say(one, "{\"cmd\":\"status\"}\n").empty());
  gone = Fd();
  f.turn();
  REQUIRE(later.size() == 2);
  for (const std::uint64_t client : later) f.control->reply(client, "{\"late\":1}");
  f.control->reply(12345, "{}");
  f.control->reply(later[0], "{\"twice\":1}");
  f.turn();
  CHECK(Fixture::hear(one) == "{\"late\":1}\n{\"now\":1}\n{\"now\":1}\n");
}

TEST_CASE("control: only for root; a dead socket is replaced, a live one is not") {
  Fixture f;
  struct stat st;
  REQUIRE(::stat(f.path.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  auto second = ControlServer::make(f.path, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("another sakerd") != std::string::npos);
  auto file = ControlServer::make("/etc/passwd", {});
  REQUIRE_FALSE(file);
  CHECK(file.error().message.find("is not a socket") != std::string::npos);
  CHECK_FALSE(ControlServer::make("/tmp/" + std::string(200, 'x'), {}));
}

TEST_CASE("control: a client that does not read its answers is paused, and loses nothing") {
  Fixture f;
  f.status = "{\"ok\":true,\"x\":\"" + std::string(100'000, 'x') + "\"}";
  Fd client = f.connect();
  constexpr unsigned requests = 500;
  std::string text;
  for (unsigned i = 0; i < requests; i++) text += "{\"cmd\":\"status\"}\n";
  REQUIRE(::write(client.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  f.turn();
  // What the kernel buffers, plus max_answers.
  CHECK(f.asked < 20);
  std::size_t got = 0, turns = 0;
  for (std::string more; turns < 100'000 && got < requests * (f.status.size() + 1); turns++) {
    more = Fixture::hear(client);
    got += more.size();
    f.turn();
  }
  CHECK(got == requests * (f.status.size() + 1));
  CHECK(f.asked == requests);
}

TEST_CASE("control: the client's identity is known, and a group can get access") {
  Fixture f;
  Fd client = f.connect();
  f.say(client, "{\"cmd\":\"status\"}\n");
  CHECK(f.peer.pid == static_cast<std::uint32_t>(::getpid()));
  CHECK(f.peer.uid == ::geteuid());
  const std::string directory = f.path + "-group";
  std::filesystem::create_directory(directory);
  ::chmod(directory.c_str(), 0750);
  {
    auto control = ControlServer::make(directory + "/socket", {}, std::to_string(::getegid()));
    REQUIRE(control);
    struct stat st;
    REQUIRE(::stat((directory + "/socket").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0660);
    CHECK(st.st_gid == ::getegid());
    auto nobody = ControlServer::make(directory + "/other", {}, "no such group");
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().message.find("groupadd") != std::string::npos);
  }
  std::filesystem::remove_all(directory);
}

TEST_CASE("control: a follower gets every alert, other clients get none") {
  Fixture f;
  Fd follower = f.connect(), other = f.connect();
  f.turn();
  f.control->offer("{\"rule\":\"early\"}", false);
  CHECK(f.say(follower, "{\"cmd\":\"alerts\"}\n") == "{\"ok\":true}\n");
  f.control->offer("{\"rule\":\"a\"}", false);
  f.control->offer("{\"rule\":\"b\"}", false);
  f.turn();
  CHECK(Fixture::hear(follower) == "{\"rule\":\"a\"}\n{\"rule\":\"b\"}\n");
  CHECK(Fixture::hear(other).empty());
}

TEST_CASE("control: a follower that does not read loses alerts, and learns how many") {
  Fixture f;
  Fd follower = f.connect();
  f.say(follower, "{\"cmd\":\"alerts\"}\n");
  std::string line = "{\"x\":\"" + std::string(1u << 20, 'x') + "\"}";
  for (int i = 0; i < 12; i++) {
    f.control->offer(line, false);
    f.turn();
  }
  std::string all;
  for (int i = 0; i < 2000; i++) {
    std::string more = Fixture::hear(follower);
    all += more;
    f.turn();
    if (more.empty()) break;
  }
  f.control->offer("{\"last\":1}", true);
  f.turn();
  all += Fixture::hear(follower);
  CHECK(all.size() < 6u << 20);
  CHECK(all.find("{\"dropped\":") != std::string::npos);
  CHECK(all.ends_with("{\"last\":1}\n"));
}

TEST_CASE("control: an endless request is refused") {
  Fixture f;
  Fd client = f.connect();
  std::string heard;
  for (int i = 0; i < 20 && heard.empty(); i++) heard = f.say(client, std::string(4096, 'a'));
  CHECK(heard.find("longer than 65536") != std::string::npos);
}

TEST_CASE(
    "control: a recording comes block by block until its end, and a client that goes ends it") {
  Fixture f;
  std::vector<std::uint64_t> begun, ended;
  RecordRequest wanted;
  f.control->set_recordings(
      {[&](std::uint64_t client, const RecordRequest& request) -> Result<void> {
         if (request.filter == "wrong") return Error{"it is wrong"};
         begun.push_back(client);
         wanted = request;
         f.control->give(client, "first");
         return {};
       },
       [&](std::uint64_t client) { ended.push_back(client); }});
  Fd client = f.connect();
  CHECK(f.say(client, "{\"cmd\":\"record\",\"filter\":\"wrong\"}\n") ==
        refusal("it is wrong") + "\n");
  CHECK(f.say(client,
              "{\"cmd\":\"record\",\"filter\":\"x\",\"events\":\"rules\",\"cut_ms\":200}\n") ==
        "{\"ok\":true}\n{\"block\":5}\nfirst");
  REQUIRE(begun.size() == 1);
  CHECK((wanted.filter == "x" && wanted.rules_only && wanted.cut_ms == 200));
  CHECK(wanted.pid == static_cast<std::uint32_t>(::getpid()));
  CHECK(f.control->give(begun[0], "a\nb"));
  f.turn();
  CHECK(f.hear(client) == "{\"block\":3}\na\nb");
  CHECK(f.say(client, "{\"cmd\":\"end\"}\n").empty());
  CHECK(ended == begun);
  f.control->give_last(begun[0], "{\"end\":true}");
  f.turn();
  CHECK(f.hear(client) == "{\"end\":true}\n");

  const std::string block(1u << 20, 'x');
  unsigned taken = 0;
  while (f.control->give(begun[0], block)) taken++;
  CHECK(taken == ControlServer::max_recording_backlog / block.size() - 1);
  client.reset();
  f.turn();
  CHECK(ended.size() == 2);
  CHECK_FALSE(f.control->give(begun[0], block));
}

}  // namespace
}  // namespace saker::service
