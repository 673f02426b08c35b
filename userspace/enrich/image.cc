// SPDX-License-Identifier: Apache-2.0
#include "enrich/image.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace saker::enrich {
namespace {

// No program has more arguments than fit into a record; this bounds the cost of an index of them.
constexpr std::size_t max_strings = 32768;

std::size_t count_strings(std::string_view raw) {
  std::size_t count = static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\0'));
  if (!raw.empty() && raw.back() != '\0') count++;
  return std::min(count, max_strings);
}

std::string_view next_string(std::string_view& raw) {
  std::size_t end = std::min(raw.find('\0'), raw.size());
  std::string_view out = raw.substr(0, end);
  raw.remove_prefix(std::min(end + 1, raw.size()));
  return out;
}

// Hands out the bytes after a block's header.
class Filler {
 public:
  explicit Filler(char* at) : at_(at) {}
  std::string_view put(std::string_view text) {
    char* begin = at_;
    append(text);
    return {begin, text.size()};
  }
  void append(std::string_view text) {
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

void split(std::string_view raw, std::string_view* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) out[i] = next_string(raw);
}

}  // namespace

// argv[0] is stored separately. The other arguments, like comm, are stored only in the command
// line.
TextBlock* TextBlock::make(const Text& text) {
  const std::size_t argc = count_strings(text.argv), envc = count_strings(text.env);
  const bool slash = !text.cwd.empty() && text.cwd.back() != '/';
  const std::size_t bytes = text.comm.size() + text.exepath.size() + text.cwd.size() + slash +
                            text.cgroup.size() + text.argv.size() + text.env.size() + 2;
  const std::size_t views = (argc + envc) * sizeof(std::string_view);
  const std::size_t all = sizeof(TextBlock) + views + bytes;
  void* memory = ::operator new(all);
  TextBlock* block = new (memory) TextBlock;
  auto* index = reinterpret_cast<std::string_view*>(block + 1);
  std::uninitialized_value_construct_n(index, argc + envc);
  Filler fill(reinterpret_cast<char*>(index + argc + envc));

  block->refs = 1;
  block->bytes = static_cast<std::uint32_t>(all);
  block->lengthy = text.argv.size() > brief_bytes || text.env.size() > brief_bytes;
  block->exepath = fill.put(text.exepath);
  block->cwd = {fill.put(text.cwd).data(), text.cwd.size() + slash};
  if (slash) fill.append("/");
  block->cgroup = fill.put(text.cgroup);
  split(fill.put(text.env), index + argc, envc);
  block->env = {index + argc, envc};

  std::string_view argv = text.argv;
  if (argc) index[0] = block->exe = fill.put(next_string(argv));
  const char* cmdline = fill.at();
  block->comm = fill.put(text.comm);
  for (std::size_t i = 1; i < argc; i++) {
    fill.append(" ");
    index[i] = fill.put(next_string(argv));
  }
  block->args = {index + (argc ? 1 : 0), argc ? argc - 1 : 0};
  block->cmdline = {cmdline, static_cast<std::size_t>(fill.at() - cmdline)};
  return block;
}

void TextBlock::take_file(const ProgramFacts& of) {
  exe_flags = of.exe_flags;
  exe_ino = of.exe_ino;
  exe_dev = of.exe_dev;
  exe_ctime = of.exe_ctime;
  exe_mtime = of.exe_mtime;
}

void TextBlock::free(TextBlock* block) {
  release(block->short_one);
  release(block->base);
  block->~TextBlock();
  ::operator delete(block);
}

TextBlock* TextBlock::renamed(std::string_view new_comm) const {
  std::string argv, environment;
  if (exe.data()) (argv = exe).push_back('\0');
  for (std::string_view arg : args) (argv += arg).push_back('\0');
  for (std::string_view entry : env) (environment += entry).push_back('\0');
  TextBlock* block = make({new_comm, exepath, cwd, cgroup, argv, environment});
  block->take_file(*this);
  return block;
}

TextBlock* TextBlock::moved(std::string_view new_cwd) {
  const std::size_t all = sizeof(TextBlock) + new_cwd.size() + 1;
  TextBlock* block = new (::operator new(all)) TextBlock;
  static_cast<ProgramFacts&>(*block) = *this;
  block->base = base ? base : this;
  block->base->refs++;
  block->refs = 1;
  block->bytes = static_cast<std::uint32_t>(all) + block->base->bytes;
  block->lengthy = lengthy;
  Filler fill(reinterpret_cast<char*>(block + 1));
  const char* begin = fill.at();
  fill.append(new_cwd);
  if (!new_cwd.ends_with('/')) fill.append("/");
  block->cwd = {begin, static_cast<std::size_t>(fill.at() - begin)};
  return block;
}

TextBlock* TextBlock::brief() {
  if (!lengthy) {
    refs++;
    return this;
  }
  if (!short_one) {
    std::string argv, environment;
    const auto append = [](std::string& to, std::string_view text) {
      if (to.size() < brief_bytes) (to += text).push_back('\0');
      to.resize(std::min(to.size(), brief_bytes));
    };
    if (exe.data()) append(argv, exe);
    for (std::string_view arg : args) append(argv, arg);
    for (std::string_view entry : env) append(environment, entry);
    short_one = make({comm, exepath, cwd, cgroup, argv, environment});
    short_one->take_file(*this);
  }
  short_one->refs++;
  return short_one;
}

// Only the command line, without separate arguments.
TextBlock* TextBlock::slim() const {
  const std::size_t kept = std::min(cmdline.size(), std::max(slim_cmdline, comm.size()));
  const std::size_t all = sizeof(TextBlock) + exepath.size() + exe.size() + cwd.size() + kept;
  TextBlock* block = new (::operator new(all)) TextBlock;
  Filler fill(reinterpret_cast<char*>(block + 1));
  block->refs = 1;
  block->bytes = static_cast<std::uint32_t>(all);
  block->take_file(*this);
  block->exepath = fill.put(exepath);
  block->exe = fill.put(exe);
  block->cwd = fill.put(cwd);
  block->cmdline = fill.put(cmdline.substr(0, kept));
  block->comm = block->cmdline.substr(0, comm.size());
  return block;
}

Image::~Image() { let_go(); }

void Image::set_text(TextBlock* text) {
  TextBlock::release(block());
  program = text;
}

void Image::set_parent(Image* image) {
  if (image) {
    image->refs++;
    sibling = image->child;
    if (sibling) sibling->elder = this;
    image->child = this;
  }
  parent = image;
}

void Image::leave_siblings() {
  if (elder) elder->sibling = sibling;
  if (sibling) sibling->elder = elder;
  if (Image* from = parent_image(); from->child == this) from->child = sibling;
  elder = sibling = nullptr;
}

void Image::leave_parent() {
  if (!parent) return;
  leave_siblings();
  parent = nullptr;
}

void Image::move_to_parent(Image* other) {
  leave_siblings();
  set_parent(other);
}

}  // namespace saker::enrich
