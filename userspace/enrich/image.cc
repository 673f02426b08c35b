// SPDX-License-Identifier: Apache-2.0
#include "enrich/image.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace saker::enrich {
namespace {

// No program has more arguments than fit a record; this bounds what an index of them costs.
constexpr std::size_t max_strings = 4096;

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

// Hands out the bytes behind a block's header.
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

TextBlock* TextBlock::make(const Text& text) {
  const std::size_t argc = count_strings(text.argv), envc = count_strings(text.env);
  const bool slash = !text.cwd.empty() && text.cwd.back() != '/';
  // cmdline: each argument but the first with a blank before it, so never longer than comm + argv
  // + 1.
  const std::size_t bytes = 2 * text.comm.size() + text.exepath.size() + text.cwd.size() + slash +
                            text.cgroup.size() + 2 * text.argv.size() + text.env.size() + 2;
  const std::size_t views = (argc + envc) * sizeof(std::string_view);
  void* memory = ::operator new(sizeof(TextBlock) + views + bytes);
  TextBlock* block = new (memory) TextBlock;
  auto* index = reinterpret_cast<std::string_view*>(block + 1);
  std::uninitialized_value_construct_n(index, argc + envc);
  Filler fill(reinterpret_cast<char*>(index + argc + envc));

  block->refs = 1;
  block->comm = fill.put(text.comm);
  block->exepath = fill.put(text.exepath);
  block->cwd = {fill.put(text.cwd).data(), text.cwd.size() + slash};
  if (slash) fill.append("/");
  block->cgroup = fill.put(text.cgroup);
  split(fill.put(text.argv), index, argc);
  split(fill.put(text.env), index + argc, envc);
  if (argc) block->exe = index[0];
  block->args = {index + (argc ? 1 : 0), argc ? argc - 1 : 0};
  block->env = {index + argc, envc};

  char* cmdline = fill.at();
  fill.append(text.comm);
  for (std::string_view arg : block->args) {
    fill.append(" ");
    fill.append(arg);
  }
  block->cmdline = {cmdline, static_cast<std::size_t>(fill.at() - cmdline)};
  return block;
}

void TextBlock::release(TextBlock* block) {
  if (!block || --block->refs) return;
  block->~TextBlock();
  ::operator delete(block);
}

TextBlock* TextBlock::renamed(std::string_view new_comm) const {
  // The strings of argv lie one behind the other in the block, and so do those of the environment.
  auto raw = [](std::string_view first, std::string_view last) -> std::string_view {
    return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
  };
  Text text{new_comm, exepath, cwd, cgroup, "", ""};
  if (exe.data()) text.argv = raw(exe, args.empty() ? exe : args.back());
  if (!env.empty()) text.env = raw(env.front(), env.back());
  return make(text);
}

Image::~Image() {
  TextBlock::release(block);
  if (chain && --chain->refs == 0) delete chain;
}

void Image::set_text(TextBlock* text) {
  TextBlock::release(block);
  block = text;
  comm = text->comm;
  exe = text->exe;
  exepath = text->exepath;
  cwd = text->cwd;
  cgroup = text->cgroup;
  cmdline = text->cmdline;
  args = text->args;
  env = text->env;
}

void Image::copy_from(const Image& o) {
  pid = o.pid, ppid = o.ppid, vpid = o.vpid;
  pgid = o.pgid, vpgid = o.vpgid, sid = o.sid, tty = o.tty, loginuid = o.loginuid;
  uid = o.uid, euid = o.euid, gid = o.gid, egid = o.egid;
  cap_inheritable = o.cap_inheritable, cap_permitted = o.cap_permitted;
  cap_effective = o.cap_effective;
  exe_flags = o.exe_flags, exe_ino = o.exe_ino, exe_dev = o.exe_dev;
  exe_ctime = o.exe_ctime, exe_mtime = o.exe_mtime;
  cgroup_id = o.cgroup_id;
  ns_mnt = o.ns_mnt, ns_pid = o.ns_pid, ns_net = o.ns_net, ns_user = o.ns_user;
  start_time = o.start_time, clone_time = o.clone_time;
  known = o.known, exec_seen = o.exec_seen;
  if (o.block) {
    o.block->refs++;
    set_text(o.block);
  }
}

void Image::set_parent(Image* image) {
  if (image) image->refs++;
  parent = image;
}

}  // namespace saker::enrich
