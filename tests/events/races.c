/* SPDX-License-Identifier: Apache-2.0 */
/* Another thread changes data while a call is in progress: the record has the object and the
 * address that the kernel used. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

#define ROUNDS 3000

static struct sockaddr_in evil = {.sin_family = AF_INET}, decoy = {.sin_family = AF_INET};
static int raced, evil_fd, decoy_fd;
static atomic_bool stop;

/* A stream that is connected to our own server. */
static int make_decoy(void) {
  socklen_t len = sizeof(decoy);
  int server = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);

  decoy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(server, (struct sockaddr*)&decoy, sizeof(decoy)) || listen(server, 1) ||
      getsockname(server, (struct sockaddr*)&decoy, &len) ||
      connect(fd, (struct sockaddr*)&decoy, sizeof(decoy)))
    abort();
  close(server);
  return fd;
}

static const struct saker_sock* ends_of(const struct saker_rec* rec) {
  const struct saker_blob* blob = rec ? blob_of(rec, SAKER_P_sock_sock) : NULL;

  return blob && blob->len == sizeof(struct saker_sock)
             ? (const void*)((const char*)rec + blob->off)
             : NULL;
}

static unsigned int remote_port(const struct saker_rec* rec) {
  return ends_of(rec) ? ends_of(rec)->remote_port : 0;
}

static void* swap_later(void* unused) {
  (void)unused;
  usleep(100000);
  dup2(decoy_fd, raced);
  return NULL;
}

/* The descriptor becomes the decoy while its connect waits for an answer that never comes. */
static void swapped_while_blocked(void) {
  const struct timeval patience = {.tv_usec = 400000};
  const struct saker_rec* rec;
  pthread_t thread;
  long ret;

  CASE("connect, its descriptor exchanged while it waits");
  evil.sin_addr.s_addr = htonl(0xc0000263); /* 192.0.2.99 */
  evil.sin_port = htons(4444);
  raced = socket(AF_INET, SOCK_STREAM, 0);
  evil_fd = dup(raced);
  setsockopt(raced, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  rings_flush();
  pthread_create(&thread, NULL, swap_later, NULL);
  ret = connect(raced, (struct sockaddr*)&evil, sizeof(evil)) ? -errno : 0;
  pthread_join(thread, NULL);
  rec = rings_take_mine(SAKER_EV_connect);
  RET(ret);
  U64(sock_fd, raced);
  BLOB(sock_addr, &evil, sizeof(evil));
  U64(sock_fdtype, '4');
  check_number("remote port", remote_port(rec), 4444);
  check_that(ends_of(rec) && !memcmp(ends_of(rec)->remote, &evil.sin_addr, 4), "remote address");
  check_number("role", ends_of(rec) ? ends_of(rec)->role : 0, SAKER_ROLE_CLIENT);
  close(raced);
  close(evil_fd);
}

static void* swap_all_the_time(void* unused) {
  (void)unused;
  while (!atomic_load(&stop)) {
    dup2(decoy_fd, raced);
    dup2(evil_fd, raced);
  }
  return NULL;
}

/* As fast as possible: if it succeeded, the connected socket was not the decoy. */
static void swapped_at_random(void) {
  const struct saker_rec* rec;
  unsigned int i, done = 0, wrong = 0, swapped = 0;
  pthread_t thread;
  int ret;

  CASE("connect, its descriptor exchanged at any moment");
  evil.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  evil_fd = socket(AF_INET, SOCK_DGRAM, 0);
  raced = dup(evil_fd);
  atomic_store(&stop, false);
  pthread_create(&thread, NULL, swap_all_the_time, NULL);
  for (i = 0; i < ROUNDS; i++) {
    rings_flush();
    ret = connect(raced, (struct sockaddr*)&evil, sizeof(evil));
    rec = rings_take_mine(SAKER_EV_connect);
    if (ret || !rec) continue;
    done++;
    wrong += remote_port(rec) != 4444;
    swapped += ends_of(rec) && !ends_of(rec)->type;
  }
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
  printf("# %u connects, %u of them with another socket behind the number afterwards\n", done,
         swapped);
  check_that(done > 0, "some were connected");
  check_number("records of the wrong socket", wrong, 0);
  close(raced);
  close(evil_fd);
}

/* The local port is in the record: of the socket that the call was made on, or of the decoy's? */
static unsigned int local_port(const struct saker_rec* rec) {
  return ends_of(rec) ? ends_of(rec)->local_port : 0;
}

static unsigned int port_of_socket(int fd) {
  struct sockaddr_in own = {0};
  socklen_t len = sizeof(own);

  getsockname(fd, (struct sockaddr*)&own, &len);
  return ntohs(own.sin_port);
}

static struct sockaddr_in sink = {.sin_family = AF_INET};

static long do_send(void) {
  return sendto(raced, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr*)&sink, sizeof(sink));
}

static long do_sendmsg(void) {
  struct iovec iov = {"x", 1};
  struct msghdr msg = {
      .msg_name = &sink, .msg_namelen = sizeof(sink), .msg_iov = &iov, .msg_iovlen = 1};

  return sendmsg(raced, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* To itself, so that there is something to receive. */
static long do_receive(void) {
  char byte;

  sendto(evil_fd, "x", 1, MSG_DONTWAIT, (struct sockaddr*)&sink, sizeof(sink));
  return recv(raced, &byte, 1, MSG_DONTWAIT) == 1 ? 0 : -1;
}

static long do_listen(void) { return listen(raced, 3); }

static const struct swapped {
  const char* name;
  uint16_t event;
  int type;
  long (*call)(void);
} swapped_calls[] = {
    {"sendto", SAKER_EV_sendto, SOCK_DGRAM, do_send},
    {"sendmsg", SAKER_EV_sendmsg, SOCK_DGRAM, do_sendmsg},
    {"recvfrom", SAKER_EV_recvfrom, SOCK_DGRAM, do_receive},
    {"listen", SAKER_EV_listen, SOCK_STREAM, do_listen},
};

/* The decoy is a stream whose peer has gone: none of these calls succeeds on it. */
static void swapped_call(const struct swapped* swapped) {
  const struct saker_rec* rec;
  unsigned int i, done = 0, wrong = 0, port;
  pthread_t thread;

  CASE("%s, its descriptor exchanged at any moment", swapped->name);
  evil_fd = socket(AF_INET, swapped->type, 0);
  sink.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sink.sin_port = 0;
  bind(evil_fd, (struct sockaddr*)&sink, sizeof(sink));
  port = port_of_socket(evil_fd);
  sink.sin_port = htons((uint16_t)port);
  raced = dup(evil_fd);
  atomic_store(&stop, false);
  pthread_create(&thread, NULL, swap_all_the_time, NULL);
  for (i = 0; i < ROUNDS; i++) {
    rings_flush();
    if (swapped->call() < 0) continue;
    rec = rings_take_mine(swapped->event);
    done++;
    wrong += local_port(rec) != port;
  }
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
  printf("# %u calls of %s\n", done, swapped->name);
  check_that(done > 0, "some succeeded");
  check_number("records of the wrong socket", wrong, 0);
  close(raced);
  close(evil_fd);
}

static struct sockaddr_in shared;

static void* rewrite_all_the_time(void* unused) {
  volatile in_port_t* port = &shared.sin_port;

  (void)unused;
  while (!atomic_load(&stop)) {
    *port = htons(4444);
    *port = htons(53);
  }
  return NULL;
}

static void rewritten_address(void) {
  struct sockaddr_in peer, reported;
  socklen_t len = sizeof(peer);
  const struct saker_rec* rec;
  const struct saker_blob* blob;
  unsigned int i, wrong = 0;
  pthread_t thread;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  CASE("connect, its address rewritten at any moment");
  shared = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  atomic_store(&stop, false);
  pthread_create(&thread, NULL, rewrite_all_the_time, NULL);
  for (i = 0; i < ROUNDS; i++) {
    rings_flush();
    if (connect(fd, (struct sockaddr*)&shared, sizeof(shared)) ||
        getpeername(fd, (struct sockaddr*)&peer, &len))
      break;
    rec = rings_take_mine(SAKER_EV_connect);
    blob = rec ? blob_of(rec, SAKER_P_sock_addr) : NULL;
    memset(&reported, 0, sizeof(reported));
    if (blob && blob->len == sizeof(reported))
      memcpy(&reported, (const char*)rec + blob->off, sizeof(reported));
    wrong += reported.sin_port != peer.sin_port || remote_port(rec) != ntohs(peer.sin_port);
  }
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
  check_number("rounds", i, ROUNDS);
  check_number("records of the wrong address", wrong, 0);
  close(fd);
}

/* The address is in a page of a file that was never read. */
static struct sockaddr_in* absent_address(int file) {
  void* page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);

  if (page == MAP_FAILED) abort();
  return page;
}

static void absent_pages(void) {
  struct iovec iov = {"x", 1};
  const struct saker_rec* rec;
  struct msghdr msg = {.msg_namelen = sizeof(evil), .msg_iov = &iov, .msg_iovlen = 1};
  int file = open("address", O_CREAT | O_RDWR, 0600), fd = socket(AF_INET, SOCK_DGRAM, 0);

  evil.sin_port = htons(4444);
  if (write(file, &evil, sizeof(evil)) != sizeof(evil)) abort();
  rings_flush();
  CASE("sendto, the address not in memory");
  sendto(fd, "x", 1, 0, (struct sockaddr*)absent_address(file), sizeof(evil));
  rec = rings_take_mine(SAKER_EV_sendto);
  BLOB(sock_addr, &evil, sizeof(evil));
  check_number("remote port", remote_port(rec), 4444);
  CASE("sendmsg, the address not in memory");
  msg.msg_name = absent_address(file);
  sendmsg(fd, &msg, 0);
  rec = rings_take_mine(SAKER_EV_sendmsg);
  BLOB(sock_addr, &evil, sizeof(evil));
  check_number("remote port", remote_port(rec), 4444);
  CASE("connect, the address not in memory");
  connect(fd, (struct sockaddr*)absent_address(file), sizeof(evil));
  rec = rings_take_mine(SAKER_EV_connect);
  BLOB(sock_addr, &evil, sizeof(evil));
  check_number("remote port", remote_port(rec), 4444);
  close(fd);
  close(file);
}

void test_races(void) {
  unsigned int i;

  decoy_fd = make_decoy();
  swapped_while_blocked();
  swapped_at_random();
  for (i = 0; i < sizeof(swapped_calls) / sizeof(swapped_calls[0]); i++)
    swapped_call(&swapped_calls[i]);
  rewritten_address();
  absent_pages();
  close(decoy_fd);
}
