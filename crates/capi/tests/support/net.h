/* Sockets for the programs of the tests. C11 and C++17. */
#ifndef NET_H
#define NET_H

#include "check.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static inline int dial(int port) {
  struct sockaddr_in address = loopback(port);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(client >= 0);
  CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
  return client;
}

/* Whether nobody listens on a port. */
static inline int is_free(int port) {
  struct sockaddr_in address = loopback(port);
  int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  CHECK(server >= 0);
  CHECK(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
  int bound = bind(server, (struct sockaddr *)&address, sizeof address);
  CHECK(close(server) == 0);
  return bound == 0;
}

static inline void send_all(int client, const void *bytes, size_t len) {
  CHECK(send(client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* Reads until `end` has come. */
static inline void read_until(int client, const char *end) {
  char answer[8192];
  size_t have = 0;
  for (;;) {
    answer[have] = 0;
    if (strstr(answer, end) != NULL) return;
    ssize_t count = have < sizeof answer - 1 ? read(client, answer + have, sizeof answer - 1 - have) : 0;
    if (count <= 0) fprintf(stderr, "no \"%s\" in the answer: %s\n", end, answer);
    CHECK(count > 0);
    have += (size_t)count;
  }
}

/* Sends a request on a connection of its own, and waits for `part` of the answer. */
static inline void ask(int port, const char *request, const char *part) {
  int client = dial(port);
  send_all(client, request, strlen(request));
  read_until(client, part);
  CHECK(close(client) == 0);
}

/* A WebSocket client of a listener, after its handshake. */
static inline int ws_open(int port, const char *token) {
  char request[512];
  int client = dial(port);
  snprintf(request, sizeof request,
           "GET /ws/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
           token, port);
  send_all(client, request, strlen(request));
  read_until(client, "101 Switching Protocols");
  return client;
}

/* A text message of less than 126 bytes, with a mask of zeros. */
static inline void ws_send(int client, const char *text) {
  char frame[6 + 126] = {(char)0x81, 0, 0, 0, 0, 0};
  size_t len = strlen(text);
  CHECK(len < 126);
  frame[1] = (char)(0x80 | len);
  memcpy(frame + 6, text, len);
  send_all(client, frame, 6 + len);
}

#endif
