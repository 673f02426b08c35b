// SPDX-License-Identifier: Apache-2.0
// The control socket: JSON objects, one per line, in both directions (docs/operating.md). Served by
// the main thread's poll loop; offer() is for the output thread, give() and give_last() for the
// recording thread. For a client that does not read, data is kept up to a limit; beyond it this
// client loses alerts or events.
#pragma once

#include <poll.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker::service {

// {"cmd":"record"}: what a client wants to receive.
struct RecordRequest {
  std::string filter;       // a condition; "": all events
  bool rules_only = false;  // only events that the rules ask for
  std::uint32_t cut_ms = 1000;
  std::uint32_t pid = 0;  // the client's
};

// The client.
struct ControlCaller {
  std::uint32_t pid = 0, uid = ~0u;
  std::uint64_t client = 0;  // its connection
};

class ControlServer {
 public:
  static constexpr std::size_t max_clients = 64;
  static constexpr std::size_t max_request = 64u << 10;
  // A client with this many unread bytes of answers is not served until it reads.
  static constexpr std::size_t max_answers = 256u << 10;
  // bytes of alerts that a follower has not read
  static constexpr std::size_t max_backlog = 4u << 20;
  static constexpr std::size_t max_recording_backlog = 16u << 20;  // the same for a recording

  // The answer to a command, a JSON object without its newline; "" if there is no such command;
  // nothing: reply() will give it, and until then the client is asked nothing else.
  using Answer = std::function<std::optional<std::string>(std::string_view command,
                                                          const ControlCaller& peer)>;

  // Recordings for clients, each identified by a number. begin: its error is sent to the client;
  // ends: the client wants no more, or is gone.
  struct Recordings {
    std::function<Result<void>(std::uint64_t client, const RecordRequest& request)> begin;
    std::function<void(std::uint64_t client)> end;
  };

  // Replaces a socket file that nobody listens on. Mode 0600; with a group 0660, and its members
  // may only request what changes nothing: the status and the alerts.
  static Result<std::unique_ptr<ControlServer>> make(const std::string& path, Answer answer,
                                                     const std::string& group = "");
  ~ControlServer();
  // Called when the first client begins to follow the alerts, and when the last one ends.
  void set_following(std::function<void(bool any)> following) { following_ = std::move(following); }
  void set_recordings(Recordings recordings) { recordings_ = std::move(recordings); }

  // For poll(2): appends what to wait for. Afterwards call serve() with the same range of entries.
  void wants(std::vector<pollfd>& fds) const;
  void serve(const pollfd* fds, std::size_t count);

  // The answer to what a client asked before; it may have gone.
  void reply(std::uint64_t client, std::string_view answer);

  // Any thread: a line for everyone who follows the alerts. The last quarter of what may wait is
  // for severe ones.
  void offer(std::string_view json_line, bool severe);
  // Any thread: a block of the recording that the client requested. False: it is gone, or too far
  // behind.
  bool give(std::uint64_t client, std::string_view block);
  // Any thread: the line that ends its recording.
  void give_last(std::uint64_t client, std::string_view json_line);
  // Called after everything was offered: writes what can be written without waiting long.
  void finish();

 private:
  struct Client {
    Fd fd;
    std::uint64_t number = 0;
    ControlCaller peer;
    std::string in, out;
    std::size_t sent = 0;  // of `out`
    bool following = false, recording = false, closing = false;
    bool pending = false;  // it is to be answered later
    std::uint64_t dropped = 0;

    std::size_t waiting() const { return out.size() - sent; }
    bool may_ask() const { return !pending && (recording || waiting() <= max_answers); }
    void forget() {
      out.clear();
      sent = 0;
    }
  };

  ControlServer(std::string path, Fd listener, Fd bell, Answer answer);
  void accept_client();
  void read_from(Client& client);
  void execute_all(Client& client);
  void execute(Client& client, std::string_view line);
  std::string begin_recording(Client& client, const nlohmann::json& request);
  void end_recording(Client& client);
  void write_to(Client& client);
  void hand_out();
  void hand_out_recordings();
  void ring() const;

  const std::string path_;
  Fd listener_, bell_;
  Answer answer_;
  std::list<Client> clients_;
  std::atomic<unsigned> followers_{0};
  std::function<void(bool)> following_ = [](bool) {};
  std::mutex lock_;  // guards the data that offer() adds
  std::string offered_;
  std::uint64_t not_offered_ = 0;
  struct Given {
    std::string bytes;      // not yet taken over by the main thread
    std::size_t taken = 0;  // taken over and not sent yet
  };
  std::map<std::uint64_t, Given> given_;  // by client
  Recordings recordings_;
  std::uint64_t next_client_ = 1;
};

// {"ok":false,"error":"..."}
std::string refusal(std::string_view why);

}  // namespace saker::service
