/* Uses each part of the library, and leaves it at work: what runs then is what the tests look at. */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include "check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOKEN "abcd1234abcd1234abcd1234"

struct everything {
  const char *folder;
  int listener_port, api_port, first_port;
  struct events events;
  loopwire_runtime *runtime;
  loopwire_events *handle;
  int client;
  loopwire_workspace *workspace;
  loopwire_terminal *terminal;
};

/* FOLDER LISTENER_PORT API_PORT FIRST_PORT: a folder for this program alone, with proxies.json, and ports that are free. */
static inline void everything_of(struct everything *all, char **argv) {
  memset(all, 0, sizeof *all);
  pthread_mutex_init(&all->events.lock, NULL);
  pthread_cond_init(&all->events.more, NULL);
  all->folder = argv[1];
  all->listener_port = atoi(argv[2]);
  all->api_port = atoi(argv[3]);
  all->first_port = atoi(argv[4]);
}

static inline int connect_to(int port) {
  struct sockaddr_in at;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_port = htons((uint16_t)port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(client >= 0);
  CHECK(connect(client, (struct sockaddr *)&at, sizeof at) == 0);
  return client;
}

/* Reads until `part` has come. */
static inline void read_until(int client, const char *part) {
  char buffer[4096];
  size_t have = 0;
  for (;;) {
    ssize_t got = recv(client, buffer + have, sizeof buffer - 1 - have, 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);
    have += (size_t)got;
    buffer[have] = 0;
    /* A frame has bytes that are 0. */
    if (memmem(buffer, have, part, strlen(part))) return;
    if (have > sizeof buffer / 2) {
      memmove(buffer, buffer + have - 64, 64);
      have = 64;
    }
  }
}

/* A client of the listener. */
static inline int websocket(int port) {
  int client = connect_to(port);
  char request[512];
  int len = snprintf(request, sizeof request,
                     "GET /ws/" TOKEN " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                     port);
  CHECK(send(client, request, (size_t)len, MSG_NOSIGNAL) == len);
  read_until(client, " 101 ");
  return client;
}

/* Closes it as a crash of the machine does: what is sent afterwards is refused. */
static inline void reset_client(int client) {
  struct linger none = {1, 0};
  CHECK(setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
  close(client);
}

static inline void set_provider(struct everything *all) {
  char url[512];
  snprintf(url, sizeof url, "file://%s/proxies.json", all->folder);
  SetAPIHost(url);
  SetRangePort(all->first_port, 4);
}

static inline void everything_start(struct everything *all) {
  CHECK_OK(loopwire_runtime_new(&all->runtime));
  CHECK_OK(loopwire_events_start(all->runtime, events_collect, &all->events, true, &all->handle));
  CHECK_OK(loopwire_emit(all->runtime, "started", "1", NULL));
  events_wait(&all->events, 0, "started");
  RunAsync();
  SetEventCallback(events_collect, &all->events);
  set_provider(all);
  CHECK(CreateWithId(all->first_port, (char *)"straight", (char *)"1", (char *)"manual") == 0);
  CHECK(StartHttpApi(all->api_port) == 0);
  StartCommunicate(1, all->listener_port, (char *)TOKEN);
  all->client = websocket(all->listener_port);
  char root[512];
  snprintf(root, sizeof root, "%s/work", all->folder);
  CHECK_OK(loopwire_workspace_open(all->runtime, root, NULL, &all->workspace));
  loopwire_execution *done = NULL;
  CHECK_OK(loopwire_workspace_execute(all->workspace, "echo made > file; sleep 0.1", NULL, 0, NULL, &done));
  loopwire_execution_free(done);
  CHECK_OK(loopwire_snapshot_create(all->workspace, NULL, NULL, NULL));
  CHECK_OK(loopwire_terminal_start(all->workspace, "{\"command\":\"exec sleep 1000\",\"pty\":true}", &all->terminal));
}

static inline void everything_end(struct everything *all) {
  CHECK_OK(loopwire_terminal_free(all->terminal));
  CHECK_OK(loopwire_workspace_free(all->workspace));
  CHECK_OK(loopwire_events_free(all->handle));
  CHECK_OK(loopwire_runtime_free(all->runtime));
  SafeExit();
  close(all->client);
  events_free(&all->events);
}

#endif
