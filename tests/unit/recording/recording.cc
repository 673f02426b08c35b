// SPDX-License-Identifier: Apache-2.0
// A recording returns what was written to it, and a damaged recording everything that is not
// damaged.
#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "decode/build.h"
#include "recording/builder.h"
#include "recording/column.h"
#include "recording/encoder.h"
#include "recording/frame.h"
#include "recording/output.h"
#include "recording/reader.h"

using namespace saker;

namespace {

struct TempFile {
  std::string path = "/tmp/saker-recording-XXXXXX";
  TempFile() { ::close(::mkstemp(path.data())); }
  ~TempFile() { ::unlink(path.c_str()); }
  void write(std::string_view bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
};

const std::bitset<SAKER_EV_MAX> every = std::bitset<SAKER_EV_MAX>().set();

bool is_blob(decode::ParamType type) { return type >= decode::ParamType::STR; }

// A record of the type with every slot set.
std::span<const std::byte> full_record(decode::RecordBuilder& builder, std::uint16_t type,
                                       unsigned salt) {
  builder.begin(type);
  const auto& params = decode::event_info(type).params;
  for (unsigned slot = 0; slot < params.size(); slot++) {
    if (is_blob(params[slot].type))
      builder.blob(slot, "text " + std::to_string(slot * 3 + salt), slot % 4);
    else
      builder.number(slot, (std::uint64_t{slot} << 40) + salt);
  }
  saker_rec& head = builder.head();
  head.ts = 1'000'000 + salt;
  head.tid = 70 + salt, head.pid = 69, head.uid = 1000, head.seq = 17 + salt, head.cpu = salt % 5;
  head.ret = -static_cast<std::int64_t>(salt), head.flags = SAKER_REC_COMPAT;
  return builder.finish();
}

void check_same(const decode::Record& a, const decode::Record& b) {
  CHECK(a.type() == b.type());
  const saker_rec &x = a.head(), &y = b.head();
  CHECK((x.ts == y.ts && x.tid == y.tid && x.pid == y.pid && x.uid == y.uid && x.seq == y.seq));
  CHECK((x.ret == y.ret && x.flags == y.flags && x.cpu == y.cpu && x.nparams == y.nparams));
  const auto& params = a.info().params;
  for (unsigned slot = 0; slot < params.size(); slot++) {
    INFO(a.info().name << "." << params[slot].name);
    if (is_blob(params[slot].type)) {
      CHECK(a.str(slot) == b.str(slot));
      CHECK(a.blob_flags(slot) == b.blob_flags(slot));
    } else {
      CHECK(a.u64(slot) == b.u64(slot));
    }
  }
}

enrich::Container full_container() {
  enrich::Container container;
  container.id = "0123456789ab", container.type = "docker", container.name = "web",
  container.image = "nginx:1";
  container.image_repository = "nginx", container.image_tag = "1", container.pod_name = "pod";
  container.privileged = true;
  container.mounts.push_back({"/src", "/dst", "rw", "private", true});
  return container;
}

std::string small_file() {
  std::string bytes = recording::file_beginning() + recording::encode(recording::describe_host());
  for (unsigned block = 0; block < 3; block++) {
    recording::Builder builder(1);
    enrich::LoneProcess process;
    process.pid = 5, process.known = true, process.own.comm = "cat";
    decode::RecordBuilder record;
    for (unsigned i = 0; i < 4; i++)
      builder.add({decode::Record(full_record(record, SAKER_EV_openat, i).data()), &process, 7 + i,
                   block * 4 + i + 1, nullptr});
    bytes += recording::encode(*builder.take(), 3);
  }
  return bytes;
}

struct KnownFacts final : enrich::FactsSource {
  enrich::CaptureFacts all;
  const enrich::CaptureFacts& facts() const override { return all; }
};

TEST_CASE("recording: a file that others could read becomes private, and no link is followed") {
  const TempFile file;
  const std::string link = file.path + ".link";
  file.write("old");
  REQUIRE(::chmod(file.path.c_str(), 0644) == 0);
  REQUIRE(::symlink(file.path.c_str(), link.c_str()) == 0);
  Result<recording::Output> linked = recording::Output::create(link, "");
  ::unlink(link.c_str());
  REQUIRE_FALSE(linked);
  CHECK(linked.error().message.find("symbolic link") != std::string::npos);
  std::ifstream in(file.path);
  std::string text;
  std::getline(in, text);
  CHECK(text == "old");
  REQUIRE(recording::Output::create(file.path, ""));
  struct stat st;
  REQUIRE(::stat(file.path.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
}

}  // namespace

TEST_CASE("recording: columns of every form are read back") {
  std::vector<std::vector<std::uint64_t>> columns = {
      {}, {5}, {7, 7, 7}, {1, 2, 3, 900}, {~0ull, 0, 1, ~0ull}, {1'000'000, 1'000'003, 1'000'001}};
  std::vector<std::uint64_t> wide, mixed;
  for (unsigned i = 0; i < 1000; i++) {
    wide.push_back(std::uint64_t{i} * 0x9e3779b97f4a7c15u);
    mixed.push_back(i % 100 ? i % 3 : 1ull << 50);
  }
  columns.push_back(wide);
  columns.push_back(mixed);
  for (const std::vector<std::uint64_t>& column : columns) {
    std::string bytes;
    recording::put_column(bytes, column);
    recording::ByteReader reader(bytes);
    std::vector<std::uint64_t> back(column.size());
    CHECK(recording::get_column(reader, back));
    CHECK(back == column);
    CHECK(reader.left() == 0);
  }
}

TEST_CASE("recording: a column is read where it is, up to the last byte") {
  std::vector<std::uint64_t> numbers;
  for (unsigned width = 1; width <= 8; width++) {
    for (std::uint64_t i = 0; i < 20; i++)
      numbers.push_back((i * 0x9e3779b97f4a7c15u >> (64 - 8 * width)) | 1);
    for (const std::size_t after : {0, 1, 7, 8}) {
      std::string bytes;
      recording::put_column(bytes, numbers);
      const std::size_t size = bytes.size();
      bytes.append(after, '\xff');
      // A copy of exactly that size, so that a sanitizer sees a read beyond it.
      const std::vector<char> exact(bytes.begin(), bytes.end());
      recording::ByteReader from({exact.data(), exact.size()});
      recording::Column column;
      REQUIRE(column.get(from, numbers.size()));
      CHECK(from.left() == bytes.size() - size);
      std::vector<std::uint64_t> place(numbers.size());
      if (column.needs_place()) column.set_place(place.data());
      for (std::size_t row = 0; row < numbers.size(); row++) CHECK(column[row] == numbers[row]);
      for (std::size_t cut = 0; cut < size; cut++) {
        recording::ByteReader part({exact.data(), cut});
        CHECK_FALSE(recording::Column().get(part, numbers.size()));
      }
    }
  }
}

TEST_CASE("recording: a number longer than ten bytes makes a column invalid") {
  const std::string longest = std::string(9, '\xff') + '\x01', longer = '\x80' + longest;
  constexpr std::size_t rows = 40;
  for (const char form : {'\1', '\2'}) {
    for (std::size_t at = 0; at < rows; at++) {
      auto valid = [&](const std::string& number) {
        const std::string bytes =
            form + std::string(at, '\3') + number + std::string(rows - at - 1, '\3');
        recording::ByteReader from(bytes);
        return recording::Column().get(from, rows);
      };
      CHECK(valid(longest));
      CHECK_FALSE(valid(longer));
      CHECK_FALSE(valid(std::string(30, '\x80') + '\1'));
    }
  }
}

TEST_CASE("recording: a table says whether the numbers of a column are within limits") {
  recording::TableWriter writer(2);
  for (std::uint64_t i = 5; i < 9; i++) {
    const std::uint64_t row[] = {i, 7};
    writer.add(row);
  }
  std::string bytes;
  writer.put(bytes);
  recording::ByteReader from(bytes);
  recording::TableReader table;
  REQUIRE(table.get(from));
  CHECK(table.within(0, 5, 9));
  CHECK_FALSE(table.within(0, 6, 9));
  CHECK_FALSE(table.within(0, 5, 8));
  CHECK(table.within(1, 7, 8));
  CHECK_FALSE(table.within(1, 8, 9));
  // A column that the writer did not have is 0.
  CHECK(table.within(2, 0, 1));
  CHECK_FALSE(table.within(2, 1, 2));
}

TEST_CASE("recording: records of every type are read back, with every parameter") {
  TempFile file;
  Result<recording::Output> output =
      recording::Output::create(file.path, recording::encode(recording::describe_host()));
  REQUIRE(output);
  recording::Builder builder(42);
  enrich::LoneProcess process;
  process.pid = 69;
  decode::RecordBuilder record;
  unsigned count = 0;
  for (unsigned salt = 0; salt < 3; salt++)
    for (std::uint16_t type = 1; type < SAKER_EV_MAX; type++) {
      if (decode::event_info(type).name.empty()) continue;
      builder.add({decode::Record(full_record(record, type, salt).data()), &process,
                   2'000'000 + salt, ++count, nullptr});
    }
  REQUIRE(output->append(recording::encode(*builder.take(), 3)));

  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  CHECK((*reader)->description().kernel == recording::describe_host().kernel);
  unsigned got = 0;
  for (unsigned salt = 0; salt < 3; salt++)
    for (std::uint16_t type = 1; type < SAKER_EV_MAX; type++) {
      if (decode::event_info(type).name.empty()) continue;
      const fields::Event* event = (*reader)->next(every);
      REQUIRE(event);
      CHECK(event->number == ++got);
      CHECK(event->time == 2'000'000 + salt);
      CHECK(event->users == nullptr);
      check_same(event->record, decode::Record(full_record(record, type, salt).data()));
    }
  CHECK((*reader)->next(every) == nullptr);
  CHECK((*reader)->damage().empty());
  CHECK((*reader)->events() == count);
}

// All its numbers are different, beginning with `n`.
void fill(enrich::LoneProcess& process, std::uint64_t n) {
#define RECORDED_NUMBER(member) process.member = static_cast<decltype(process.member)>(n++);
#define RECORDED_PROGRAM_NUMBER(member) process.own.member = n++;
#include "recording/fields.def"
  process.own.comm = "nginx", process.own.exe = "nginx:", process.own.exepath = "/usr/sbin/nginx";
  process.own.cwd = "/", process.own.cgroup = "/x", process.own.cmdline = "nginx -l  x y";
}

TEST_CASE("recording: images, ancestors, containers and users are read back") {
  TempFile file;
  Result<recording::Output> output =
      recording::Output::create(file.path, recording::encode(recording::Description{}));
  REQUIRE(output);
  const enrich::Container container = full_container();
  enrich::LoneProcess init, child;
  fill(child, 100);
  std::string_view args[] = {"-l", "", "x y"}, env[] = {"PATH=/bin"};
  init.own.comm = "systemd", init.pid = 1, init.known = true;
  child.own.args = args, child.own.env = env;
  child.container = &container, child.parent = &init;
  enrich::Users users =
      enrich::Users::parse("root:x:0:0:r:/root:/bin/sh\n", "root:x:0:\nadm:x:4:\n");
  recording::Builder builder(42);
  decode::RecordBuilder record;
  decode::Record view(full_record(record, SAKER_EV_openat, 0).data());
  // One block each: the second defines again what it needs, the third has a child that changed.
  for (unsigned block = 0; block < 3; block++) {
    if (block == 2) child.own.comm = "renamed";
    builder.new_batch();
    builder.add({view, &child, 1, block + 1, &users});
    REQUIRE(output->append(recording::encode(*builder.take(), 3)));
  }
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  const enrich::Process* before = nullptr;
  for (unsigned block = 0; block < 3; block++) {
    const fields::Event* event = (*reader)->next(every);
    REQUIRE(event);
    const enrich::Process& got = *event->process;
    child.own.comm = block == 2 ? "renamed" : "nginx";
#define RECORDED_NUMBER(member) CHECK(got.member == child.member);
#define RECORDED_PROGRAM_NUMBER(member) CHECK(got.program->member == child.own.member);
#define RECORDED_TEXT(member) CHECK(got.program->member == child.own.member);
#include "recording/fields.def"
    CHECK(std::vector(got.program->args.begin(), got.program->args.end()) ==
          std::vector<std::string_view>{"-l", "", "x y"});
    CHECK(std::vector(got.program->env.begin(), got.program->env.end()) ==
          std::vector<std::string_view>{"PATH=/bin"});
    REQUIRE(got.parent.get());
    CHECK(got.parent->program->comm == "systemd");
    CHECK(got.parent->parent.get() == nullptr);
    REQUIRE(got.container.get());
    const enrich::Container& in = *got.container;
#define RECORDED_CONTAINER_NUMBER(member) CHECK(in.member == container.member);
#define RECORDED_CONTAINER_TEXT(member) CHECK(in.member == container.member);
#include "recording/fields.def"
    REQUIRE(in.mounts.size() == 1);
    CHECK((in.mounts[0].dest == "/dst" && in.mounts[0].rdwr &&
           in.mounts[0].propagation == "private"));
    REQUIRE(event->users);
    CHECK(event->users->user(0)->shell == "/bin/sh");
    CHECK(event->users->group(4)->name == "adm");
    // Cached results for an image are kept as long as the image is the same.
    CHECK((before == &got) == (block == 1));
    before = &got;
  }
}

TEST_CASE("recording: the facts of a capture beyond the image are read back") {
  TempFile file;
  Result<recording::Output> output =
      recording::Output::create(file.path, recording::encode(recording::Description{}));
  REQUIRE(output);
  enrich::LoneProcess process;
  recording::Builder builder(42);
  decode::RecordBuilder record;
  decode::Record view(full_record(record, SAKER_EV_openat, 0).data());
  for (unsigned i = 0; i < 4; i++) {
    KnownFacts known;
    known.all = {-3 - std::int64_t{i}, 4, 3, 20 + i, {}, "cpu=/a memory=/b"};
    known.all.standard[1] = {SAKER_FD_FIFO, "pipe:[5]"};
    fields::Event event{view, &process, 1, i + 1, nullptr};
    event.facts = i == 3 ? nullptr : &known;
    builder.add(event);
  }
  REQUIRE(output->append(recording::encode(*builder.take(), 3)));
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  for (unsigned i = 0; i < 3; i++) {
    const fields::Event* event = (*reader)->next(every);
    REQUIRE(event);
    const enrich::CaptureFacts* facts = fields::facts_of(*event);
    REQUIRE(facts);
    CHECK(
        (facts->vtid == -3 - std::int64_t{i} && facts->threads == 4 && facts->other_threads == 3));
    CHECK((facts->descriptors == 20 + i && facts->cgroups == "cpu=/a memory=/b"));
    CHECK((facts->standard[1].type == SAKER_FD_FIFO && facts->standard[1].name == "pipe:[5]"));
    CHECK(facts->standard[0].type == 0);
  }
  const fields::Event* last = (*reader)->next(every);
  REQUIRE(last);
  CHECK(last->facts == nullptr);
}

TEST_CASE("recording: another image at the same address is another, also within a batch") {
  TempFile file;
  recording::Builder builder(1);
  decode::RecordBuilder record;
  decode::Record view(full_record(record, SAKER_EV_openat, 0).data());
  std::optional<enrich::LoneProcess> process;
  for (std::uint32_t pid = 1; pid <= 2; pid++) {
    process.emplace().pid = pid;
    builder.add({view, &*process, 1, pid, nullptr});
  }
  file.write(recording::file_beginning() + recording::encode(recording::Description{}) +
             recording::encode(*builder.take(), 3));
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  for (std::uint32_t pid = 1; pid <= 2; pid++) {
    const fields::Event* event = (*reader)->next(every);
    REQUIRE(event);
    CHECK(event->process->pid == pid);
  }
}

TEST_CASE("recording: memory does not grow with the images of blocks that were read") {
  constexpr std::size_t blocks = 100, length = 2u << 20;
  TempFile file;
  std::string bytes = recording::file_beginning() + recording::encode(recording::describe_host());
  for (std::size_t i = 0; i < blocks; i++) {
    const std::string command(length, static_cast<char>('a' + i % 26));
    recording::Builder builder(1);
    enrich::LoneProcess process;
    process.pid = 5, process.known = true, process.own.cmdline = command;
    decode::RecordBuilder record;
    builder.add(
        {decode::Record(full_record(record, SAKER_EV_openat, 0).data()), &process, 7, i, nullptr});
    bytes += recording::encode(*builder.take(), 3);
  }
  file.write(bytes);
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  auto used = [] { return ::mallinfo2().hblkhd + ::mallinfo2().uordblks; };
  const std::size_t before = used();
  std::size_t most = 0, events = 0;
  while ((*reader)->next(every)) events++, most = std::max(most, used());
  CHECK(events == blocks);
  CHECK(most - before < blocks * length / 2);
}

TEST_CASE("recording: only requested types are returned, all are counted") {
  TempFile file;
  std::string bytes = recording::file_beginning() + recording::encode(recording::Description{});
  recording::Builder builder(1);
  enrich::LoneProcess process;
  decode::RecordBuilder record;
  for (unsigned i = 0; i < 10; i++)
    builder.add(
        {decode::Record(full_record(record, i % 2 ? SAKER_EV_openat : SAKER_EV_connect, i).data()),
         &process, 1, i + 1, nullptr});
  file.write(bytes + recording::encode(*builder.take(), 3));
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  std::bitset<SAKER_EV_MAX> opens;
  opens.set(SAKER_EV_openat);
  for (unsigned i = 1; i < 10; i += 2) {
    const fields::Event* event = (*reader)->next(opens);
    REQUIRE(event);
    CHECK(event->number == i + 1);
    check_same(event->record, decode::Record(full_record(record, SAKER_EV_openat, i).data()));
  }
  CHECK((*reader)->next(opens) == nullptr);
  CHECK((*reader)->events() == 10);
}

TEST_CASE("recording: damage at any byte loses only the block that contains it") {
  TempFile file;
  const std::string whole = small_file();
  for (std::size_t at = 0; at < whole.size(); at++) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    file.write(bytes);
    auto reader = recording::RecordingReader::open(file.path);
    if (at < 12) {
      CHECK(!reader);
      continue;
    }
    REQUIRE(reader);
    unsigned got = 0;
    while ((*reader)->next(every)) got++;
    INFO("byte " << at << " of " << whole.size());
    CHECK(got >= 8);
    CHECK(got == (at < recording::file_head ? 12 : (*reader)->damage().empty() ? 12 : got));
    if (at >= recording::file_head) {
      REQUIRE((*reader)->damage().size() == 1);
      CHECK((*reader)->damage()[0].starts_with(file.path + ": byte "));
    }
  }
}

TEST_CASE("recording: truncated anywhere, the whole blocks before are read") {
  TempFile file;
  const std::string whole = small_file();
  unsigned most = 0;
  for (std::size_t length = 0; length <= whole.size(); length++) {
    file.write(whole.substr(0, length));
    auto reader = recording::RecordingReader::open(file.path);
    if (length < recording::file_head) {
      CHECK(!reader);
      continue;
    }
    REQUIRE(reader);
    unsigned got = 0;
    while ((*reader)->next(every)) got++;
    CHECK(got % 4 == 0);
    CHECK(got >= most);
    most = got;
  }
  CHECK(most == 12);
}

TEST_CASE("recording: unknown types of blocks and events are skipped and counted") {
  TempFile file;
  recording::BlockHead strange;
  strange.type = 77;
  std::string schema = R"({"events":[{"id":11,"name":"openat_of_tomorrow","params":[]}]})";
  recording::BlockHead described;
  described.type = recording::description_block;
  std::string whole = small_file();
  // The events of small_file() have number 11, to which this description gives another meaning.
  std::size_t description = recording::file_beginning().size();
  recording::BlockHead first;
  REQUIRE(recording::read_head(std::string_view(whole).substr(description), first));
  std::string blocks = whole.substr(description + sizeof first + first.stored);
  file.write(recording::file_beginning() + recording::pack(described, schema, 3) +
             recording::pack(strange, "?", 3) + blocks);
  auto reader = recording::RecordingReader::open(file.path);
  REQUIRE(reader);
  CHECK((*reader)->next(every) == nullptr);
  CHECK((*reader)->skipped() == 13);
  CHECK((*reader)->damage().empty());
}

TEST_CASE("recording: wrong numbers lose only their block") {
  TempFile file;
  auto damaged = [&](std::string_view content) {
    recording::BlockHead head;
    head.type = recording::events_block;
    file.write(recording::file_beginning() + recording::pack(head, content, 3));
    auto reader = recording::RecordingReader::open(file.path);
    REQUIRE(reader);
    CHECK((*reader)->next(every) == nullptr);
    return (*reader)->damage().size();
  };
  // A section longer than the block; a table of 2^40 rows; a body and a context that do not exist.
  std::string lies, table, events;
  recording::put_number(lies, recording::events_section);
  recording::put_number(lies, ~0ull);
  CHECK(damaged(lies) == 1);
  recording::put_number(table, 1ull << 40);
  recording::put_number(table, recording::event_columns);
  recording::put_section(events, recording::events_section, table + std::string(64, '\0'));
  CHECK(damaged(events) == 1);
  table.clear();
  events.clear();
  recording::put_number(table, 5);
  recording::put_number(table, recording::event_columns);
  recording::put_section(events, recording::events_section,
                         table + std::string(2 * recording::event_columns, '\0'));
  CHECK(damaged(events) == 1);
  CHECK(damaged("") == 1);
}

TEST_CASE("recording: a number longer than ten bytes loses only its block, wherever it is") {
  const std::string whole = small_file();
  const std::string_view file = whole;
  recording::BlockHead head;
  std::size_t at = recording::file_beginning().size();
  REQUIRE(recording::read_head(file.substr(at), head));
  at += sizeof head + head.stored;
  REQUIRE(recording::read_head(file.substr(at), head));
  const std::size_t begin = at + sizeof head, end = begin + head.stored;
  std::string content;
  REQUIRE(recording::unpack(head, file.substr(begin, head.stored), content));
  // The file, with another number in the first row of the last column of its events.
  auto with_number = [&](const std::string& number) {
    std::string changed;
    recording::ByteReader from(content);
    while (from.left()) {
      const auto section = static_cast<recording::Section>(from.number());
      std::string_view bytes = from.bytes(from.number());
      std::string table(bytes);
      if (section == recording::events_section) {
        recording::ByteReader inside(bytes);
        const std::size_t rows = inside.number(), columns = inside.number();
        for (std::size_t i = 1; i < columns; i++) REQUIRE(recording::Column().get(inside, rows));
        table.resize(table.size() - inside.left());
        table += '\1' + number + std::string(rows - 1, '\0');
      }
      recording::put_section(changed, section, table);
    }
    return whole.substr(0, at) + recording::pack(head, changed, 3) + whole.substr(end);
  };
  auto read = [&](const std::string& bytes) {
    TempFile written;
    written.write(bytes);
    auto reader = recording::RecordingReader::open(written.path);
    REQUIRE(reader);
    std::size_t events = 0;
    while ((*reader)->next(every)) events++;
    return std::pair(events, (*reader)->damage());
  };
  const auto [all, none] = read(with_number(std::string(1, '\7')));
  CHECK(none.empty());
  const auto [others, damage] = read(with_number(std::string(10, '\x80') + '\1'));
  CHECK(others + head.events == all);
  REQUIRE(damage.size() == 1);
  CHECK(damage[0].find("byte " + std::to_string(at) + ": ") != std::string::npos);
}
