// SPDX-License-Identifier: Apache-2.0
#include "container_bundle.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace saker::cli {
namespace {

constexpr char bundles[] = "/run/containerd/io.containerd.runtime.v2.task/k8s.io";

std::string runc() {
  return find_program({"/usr/sbin/runc", "/usr/bin/runc", "/sbin/runc", "/usr/local/sbin/runc"});
}
std::string busybox() {
  return find_program({"/bin/busybox", "/usr/bin/busybox", "/sbin/busybox"});
}

// A program with an interpreter needs libraries that the container does not have.
bool is_static(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr head{};
  if (!file.read(reinterpret_cast<char*>(&head), sizeof head)) return false;
  file.seekg(static_cast<std::streamoff>(head.e_phoff));
  for (unsigned i = 0; i < head.e_phnum; i++) {
    Elf64_Phdr part{};
    if (!file.read(reinterpret_cast<char*>(&part), sizeof part)) return false;
    if (part.p_type == PT_INTERP) return false;
  }
  return true;
}

std::string random_hex(std::size_t digits) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text(digits, '0');
  if (::getrandom(text.data(), digits, 0) != static_cast<ssize_t>(digits)) return {};
  for (char& c : text) c = hex[c & 15];
  return text;
}

std::string random_uid() {
  std::string hex = random_hex(32);
  for (std::size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
  return hex;
}

// The initial root file system, which stays in use on a machine without a disk, does not support
// pivot_root.
bool root_is_rootfs() {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, directory, type, rest;
  while (mounts >> device >> directory >> type && std::getline(mounts, rest))
    if (directory == "/" && type == "rootfs") return true;
  return false;
}

Result<void> copy_program(const std::string& from, const std::string& to) {
  int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  int out = ::open(to.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
  ssize_t moved = 1;
  while (in >= 0 && out >= 0 && moved > 0) moved = ::sendfile(out, in, nullptr, 1 << 20);
  Result<void> done = in < 0 || out < 0 || moved < 0
                          ? Result<void>(Error::from_errno("copy " + from))
                          : Result<void>();
  if (in >= 0) ::close(in);
  if (out >= 0) ::close(out);
  return done;
}

nlohmann::json mount_of(const char* type, const char* to, std::vector<std::string> options) {
  return {{"destination", to}, {"type", type}, {"source", type}, {"options", std::move(options)}};
}

nlohmann::json process_of(const ContainerWish& wish) {
  // The capabilities that containerd grants by default.
  nlohmann::json granted = {
      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
      "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
      "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
      "CAP_KILL",    "CAP_AUDIT_WRITE"};
  if (wish.net_admin) granted.push_back("CAP_NET_ADMIN");
  if (wish.privileged)
    for (const char* more : {"CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_PTRACE"})
      granted.push_back(more);
  return {
      {"terminal", wish.terminal},
      {"user", {{"uid", wish.uid}, {"gid", wish.uid}}},
      {"args", wish.command},
      {"env", {"PATH=/bin", "TERM=dumb"}},
      {"cwd", "/"},
      {"noNewPrivileges", true},
      {"capabilities", {{"bounding", granted}, {"effective", granted}, {"permitted", granted}}}};
}

}  // namespace

std::string ContainerBundle::missing() {
  if (runc().empty()) return "runc is not installed";
  std::string box = busybox();
  if (box.empty()) return "busybox is not installed";
  if (!is_static(box)) return box + " is not static; install busybox-static";
  return {};
}

ContainerBundle::ContainerBundle(ContainerBundle&& other) noexcept
    : id_(std::move(other.id_)),
      bundle_(std::move(other.bundle_)),
      cgroup_(std::move(other.cgroup_)),
      pod_cgroup_(std::move(other.pod_cgroup_)),
      terminal_(other.terminal_),
      made_(std::exchange(other.made_, {})) {}

Result<void> ContainerBundle::make_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    std::string step = path.substr(0, slash);
    if (::mkdir(step.c_str(), 0711) == 0)
      made_.push_back(step);
    else if (errno != EEXIST)
      return Error::from_errno("directory " + step);
    if (slash == std::string::npos) return {};
  }
}

Result<void> ContainerBundle::make_root(const ContainerWish& wish) {
  std::string layers = bundle_ + "/layers", lower = layers + "/lower";
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return Error::from_errno("private mount namespace");
  if (::mount("tmpfs", layers.c_str(), "tmpfs", 0, "size=32m,mode=711") != 0)
    return Error::from_errno("tmpfs on " + layers);
  ::umask(0);
  for (const char* name : {"", "/bin", "/proc", "/dev", "/sys", "/tmp", "/etc"})
    if (::mkdir((lower + name).c_str(), name == std::string("/tmp") ? 01777 : 0755) != 0)
      return Error::from_errno("directory " + lower + name);
  if (Result<void> copied = copy_program(busybox(), lower + "/bin/busybox"); !copied) return copied;
  std::vector<std::string> names = {"sh",   "true",   "cp",  "ip",    "nc",     "sleep",
                                    "wget", "base64", "cat", "mount", "arping", "chmod"};
  names.insert(names.end(), wish.programs.begin(), wish.programs.end());
  for (const std::string& name : names)
    if (::symlink("busybox", (lower + "/bin/" + name).c_str()) != 0)
      return Error::from_errno("link " + lower + "/bin/" + name);
  ::mkdir((layers + "/upper").c_str(), 0755);
  ::mkdir((layers + "/index").c_str(), 0755);
  std::string options =
      "lowerdir=" + lower + ",upperdir=" + layers + "/upper,workdir=" + layers + "/index";
  std::string root = bundle_ + "/rootfs";
  if (::mount("overlay", root.c_str(), "overlay", 0, options.c_str()) != 0)
    return Error::from_errno("overlay on " + root);
  return {};
}

Result<void> ContainerBundle::write_config(const ContainerWish& wish, const std::string& tag) {
  nlohmann::json namespaces = nlohmann::json::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"})
    namespaces.push_back({{"type", type}});
  nlohmann::json config = {
      {"ociVersion", "1.0.2"},
      {"process", process_of(wish)},
      {"root", {{"path", "rootfs"}, {"readonly", false}}},
      {"hostname", "saker-" + tag},
      {"mounts",
       {mount_of("proc", "/proc", {"nosuid", "noexec", "nodev"}),
        mount_of("tmpfs", "/dev", {"nosuid", "strictatime", "mode=755", "size=64k"}),
        mount_of("devpts", "/dev/pts",
                 {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"})}},
      {"annotations",
       {{"io.kubernetes.cri.container-type", "container"},
        {"io.kubernetes.cri.container-name", "saker-generate"},
        {"io.kubernetes.cri.image-name", wish.image},
        {"io.kubernetes.cri.sandbox-id", random_hex(64)},
        {"io.kubernetes.cri.sandbox-name", "saker-" + tag},
        {"io.kubernetes.cri.sandbox-namespace", "saker-generate"},
        {"io.kubernetes.cri.sandbox-uid", pod_cgroup_.substr(pod_cgroup_.find("/pod") + 4)}}},
      {"linux",
       {{"namespaces", namespaces},
        {"cgroupsPath", cgroup_},
        {"maskedPaths", {"/proc/kcore", "/proc/keys", "/proc/sched_debug"}},
        {"readonlyPaths", {"/proc/sys", "/proc/sysrq-trigger"}}}}};
  if (wish.privileged) {
    config["linux"].erase("maskedPaths");
    config["linux"].erase("readonlyPaths");
  }
  std::string path = bundle_ + "/config.json";
  std::ofstream file(path);
  file << config.dump() << "\n";
  file.close();
  if (!file) return Error::from_errno(path);
  made_.push_back(path);
  return {};
}

Result<ContainerBundle> ContainerBundle::make(const ContainerWish& wish, const std::string& tag) {
  ContainerBundle made;
  made.id_ = random_hex(64);
  made.bundle_ = std::string(bundles) + "/" + made.id_;
  made.pod_cgroup_ = "/kubepods/burstable/pod" + random_uid();
  made.cgroup_ = made.pod_cgroup_ + "/cri-containerd-" + made.id_ + ".scope";
  made.terminal_ = wish.terminal;
  for (const char* name : {"/layers", "/rootfs"})
    if (Result<void> directory = made.make_directory(made.bundle_ + name); !directory)
      return directory.error();
  if (Result<void> config = made.write_config(wish, tag); !config) return config.error();
  if (Result<void> root = made.make_root(wish); !root) return root.error();
  return made;
}

Ended ContainerBundle::run() {
  std::vector<std::string> words = {runc(), "--root",   bundle_ + "/layers/state",
                                    "run",  "--bundle", bundle_};
  if (root_is_rootfs()) words.push_back("--no-pivot");
  words.push_back(id_);
  return run_program(words, terminal_);
}

// runc removes the container's own cgroup; those above it stay. With cgroup v1 there is one in
// every hierarchy.
void ContainerBundle::remove_cgroups() {
  for (std::string cgroup = cgroup_; cgroup.size() > 1; cgroup.resize(cgroup.rfind('/'))) {
    ::rmdir(("/sys/fs/cgroup" + cgroup).c_str());
    glob_t found{};
    if (::glob(("/sys/fs/cgroup/*" + cgroup).c_str(), GLOB_NOSORT, nullptr, &found) == 0)
      for (std::size_t i = 0; i < found.gl_pathc; i++) ::rmdir(found.gl_pathv[i]);
    ::globfree(&found);
  }
}

ContainerBundle::~ContainerBundle() {
  if (made_.empty()) return;
  ::umount2((bundle_ + "/rootfs").c_str(), MNT_DETACH);
  ::umount2((bundle_ + "/layers").c_str(), MNT_DETACH);
  // Directories that others use too are not empty, and stay.
  for (auto path = made_.rbegin(); path != made_.rend(); path++) std::remove(path->c_str());
  remove_cgroups();
}

}  // namespace saker::cli
