// SPDX-License-Identifier: Apache-2.0
// Blocks, records and positions: what was written is read back, and damage loses only its block.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>

#include "../alerts.h"
#include "output/spool/block_reader.h"
#include "output/spool/block_writer.h"
#include "output/spool/directory.h"
#include "output/spool/record.h"

namespace saker::output {
namespace {

Fd file_of(const test::Directory& directory, const std::string& bytes) {
  const std::string path = directory / "file";
  std::ofstream(path, std::ios::binary) << bytes;
  return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<std::string> records_of(const test::Directory& directory, const std::string& bytes) {
  BlockReader reader(file_of(directory, bytes));
  std::vector<std::string> out;
  for (std::string record; reader.next(record);) out.push_back(record);
  return out;
}

}  // namespace

TEST_CASE("spool blocks: records of every length, across the ends of blocks") {
  test::Directory directory;
  BlockWriter writer;
  std::string bytes;
  std::vector<std::string> written;
  // Each is one byte further from the end of its block than the one before; 0 to 9 bytes are
  // included.
  for (std::size_t i = 0; i < 40; i++)
    written.push_back(std::string(spool_block_bytes - 2 * spool_header_bytes - i, 'a'));
  for (std::size_t size : {0u, 1u, 100'000u, 32'761u, 32'768u, 65'536u, 0u})
    written.push_back(std::string(size, 'b'));
  for (const std::string& record : written) writer.append(record, bytes);
  CHECK(writer.offset() == bytes.size());
  CHECK(records_of(directory, bytes) == written);
}

TEST_CASE("spool blocks: a file that ends anywhere gives what is whole") {
  test::Directory directory;
  BlockWriter writer;
  std::string bytes;
  std::vector<std::string> written;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < 30; i++) {
    written.push_back(std::string(i * 173, static_cast<char>('a' + i % 26)));
    writer.append(written.back(), bytes);
    ends.push_back(bytes.size());
  }
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 1 + cut % 61) {
    const auto whole = static_cast<std::size_t>(std::ranges::upper_bound(ends, cut) - ends.begin());
    const std::vector<std::string> want(written.begin(),
                                        written.begin() + static_cast<std::ptrdiff_t>(whole));
    CHECK(records_of(directory, bytes.substr(0, cut)) == want);
  }
}

TEST_CASE("spool blocks: damage at any byte costs no record of another block") {
  test::Directory directory;
  BlockWriter writer;
  std::string bytes;
  std::vector<std::string> written;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; bytes.size() < 4 * spool_block_bytes; i++) {
    const std::size_t begin = bytes.size();
    written.push_back(std::to_string(i) + std::string(2500 + i * 7 % 600, 'x'));
    writer.append(written.back(), bytes);
    places.emplace_back(begin / spool_block_bytes, (bytes.size() - 1) / spool_block_bytes);
  }
  const std::size_t last_block = (bytes.size() - 1) / spool_block_bytes;
  for (std::size_t at = 0; at < last_block * spool_block_bytes; at += 1 + at % 29) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    const std::vector<std::string> got = records_of(directory, damaged);
    std::size_t next = 0;
    for (std::size_t i = 0; i < written.size(); i++) {
      const bool got_it = next < got.size() && got[next] == written[i];
      next += got_it;
      const std::size_t block = at / spool_block_bytes;
      const bool elsewhere = places[i].second < block || places[i].first > block;
      if (elsewhere && !got_it) FAIL("record " << i << " is gone by byte " << at);
    }
    // And nothing was invented.
    if (next != got.size()) FAIL("a record that nobody wrote, by byte " << at);
  }
}

TEST_CASE("spool blocks: a file that grows is read on") {
  test::Directory directory;
  BlockWriter writer;
  std::string bytes;
  writer.append("one", bytes);
  const std::size_t first = bytes.size();
  writer.append(std::string(80'000, 'y'), bytes);
  BlockReader reader(file_of(directory, bytes.substr(0, first + 40'000)));
  std::string record;
  REQUIRE(reader.next(record));
  CHECK(record == "one");
  CHECK_FALSE(reader.next(record));
  std::ofstream(directory / "file", std::ios::binary) << bytes;
  REQUIRE(reader.next(record));
  CHECK(record.size() == 80'000);
  reader.again();
  REQUIRE(reader.next(record));
  CHECK(record.size() == 80'000);
  CHECK_FALSE(reader.next(record));
  CHECK(reader.damaged_bytes() == 0);
}

TEST_CASE("spool record: an alert and back, and no bytes make it fail") {
  auto made = std::make_shared<Alert>();
  made->priority = lang::Priority::error;
  made->time = 1'700'000'000'123'456'789;
  made->rule_name = "R\xc3\xa4uber";
  made->text = std::string("text\n\0with all", 14);
  made->json = R"({"a":1})";
  std::string bytes;
  append_record(bytes, *made, 7, 99);
  const auto back = parse_record(bytes);
  REQUIRE(back);
  CHECK(back->number == 7);
  CHECK(back->order == 99);
  CHECK(back->alert->priority == made->priority);
  CHECK(back->alert->time == made->time);
  CHECK(back->alert->rule_name == made->rule_name);
  CHECK(back->alert->text == made->text);
  CHECK(back->alert->json == made->json);
  for (std::size_t cut = 0; cut < bytes.size(); cut++) (void)parse_record(bytes.substr(0, cut));
  CHECK_FALSE(parse_record(bytes.substr(0, 31)));
  bytes[1] = 8;
  CHECK_FALSE(parse_record(bytes));
}

TEST_CASE("spool position: the copy that is whole counts") {
  test::Directory directory;
  const std::string path = position_path(directory / "", "a/b c");
  CHECK(path.ends_with("/a%2Fb%20c.position"));
  SpoolNumbers numbers{1, 2, 3, 4, 5, 6, 7, 8};
  {
    auto file = PositionFile::open(path, numbers);
    REQUIRE(file);
    numbers[3] = 44;
    REQUIRE(file->write(numbers));
    numbers[3] = 45;
    REQUIRE(file->write(numbers));
  }
  CHECK(PositionFile::read(path) == numbers);
  CHECK(positions_in(directory / "") == std::vector<std::string>{"a/b c"});
  const std::string whole = test::content(path);
  for (std::size_t at = 0; at < whole.size(); at++) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    std::ofstream(path, std::ios::binary) << damaged;
    const auto read = PositionFile::read(path);
    REQUIRE(read);
    // One of the two last ones, never anything else.
    CHECK(((*read)[3] == 44 || (*read)[3] == 45));
  }
  std::ofstream(path, std::ios::binary) << "nonsense";
  CHECK_FALSE(PositionFile::read(path));
}

}  // namespace saker::output
