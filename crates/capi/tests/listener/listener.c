/* A listener with all of its functions. What they are called with goes to standard output; a client says what to do. */
#include "check.h"

static void say(struct events *lines, const char *text) {
  printf("%s\n", text);
  fflush(stdout);
  events_collect(lines, text, strlen(text));
}

static void on_event(void *userdata, const char *event, size_t len) {
  CHECK(strlen(event) == len);
  char line[512];
  snprintf(line, sizeof line, "event %s", event);
  say((struct events *)userdata, line);
}

static void on_message(void *userdata, const char *id, const char *data, size_t len, bool is_binary) {
  CHECK(data[len] == 0);
  char line[512];
  snprintf(line, sizeof line, "%s %s %zu %s", is_binary ? "binary" : "text", id, len, data);
  say((struct events *)userdata, line);
}

static void on_connection(void *userdata, const char *id, const char *state, uint16_t code, const char *reason) {
  char line[512];
  snprintf(line, sizeof line, "connection %s %s %u [%s]", id, state, (unsigned)code, reason);
  say((struct events *)userdata, line);
}

static void on_refused_origin(void *userdata, const char *origin, const char *option) {
  char line[512];
  snprintf(line, sizeof line, "origin %s %s", origin, option ? option : "NULL");
  say((struct events *)userdata, line);
}

static void show(loopwire_result (*get)(const loopwire_listener *, char **), const loopwire_listener *listener,
                 const char *name) {
  char *text = NULL;
  CHECK_OK(get(listener, &text));
  printf("%s: %s\n", name, text ? text : "NULL");
  loopwire_free(text);
}

int main(int argc, char **argv) {
  const char *options = argc > 1 ? argv[1] : NULL;
  loopwire_listener_callbacks callbacks;
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.event = on_event;
  callbacks.message = on_message;
  callbacks.connection = on_connection;
  callbacks.refused_origin = on_refused_origin;
  struct events lines = EVENTS_EMPTY;
  loopwire_runtime *runtime = NULL;
  loopwire_listener *listener = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", options, &callbacks, &lines, &listener));
  uint16_t port = 0;
  CHECK_OK(loopwire_listener_port(listener, &port));
  CHECK(port != 0);
  show(loopwire_listener_address, listener, "address");
  show(loopwire_listener_certificate, listener, "certificate");
  show(loopwire_listener_fingerprint, listener, "fingerprint");
  show(loopwire_listener_url, listener, "url");
  fflush(stdout);

  for (size_t at = 0;; at++) {
    at = events_wait(&lines, at, "text conn-");
    pthread_mutex_lock(&lines.lock);
    char line[512];
    snprintf(line, sizeof line, "%s", lines.texts[at]);
    pthread_mutex_unlock(&lines.lock);
    char id[32], word[64];
    size_t len = 0;
    CHECK(sscanf(line, "text %31s %zu %63s", id, &len, word) == 3);
    if (strcmp(word, "reports") == 0) {
      show(loopwire_listener_connections, listener, "connections");
      show(loopwire_listener_stats, listener, "stats");
      fflush(stdout);
    } else if (strcmp(word, "answer") == 0) {
      CHECK_OK(loopwire_listener_send(listener, id, "caf\xc3\xa9", 5, false));
      CHECK_OK(loopwire_listener_send(listener, id, "\xff\x00", 2, true));
      CHECK_OK(loopwire_listener_send(listener, id, NULL, 0, false));
      CHECK(loopwire_listener_send(listener, id, "\xff", 1, false) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
      CHECK(loopwire_listener_send(listener, "conn-99", "x", 1, false) == LOOPWIRE_RESULT_FAILED);
      CHECK(last_error_has("no such connection"));
    } else if (strcmp(word, "emit") == 0) {
      for (int number = 0; number < 1000; number++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%d", number);
        CHECK_OK(loopwire_emit(runtime, "my:number", payload, NULL));
      }
    } else if (strcmp(word, "disconnect") == 0) {
      CHECK_OK(loopwire_listener_disconnect(listener, id));
      CHECK(loopwire_listener_disconnect(listener, "conn-99") == LOOPWIRE_RESULT_FAILED);
    } else if (strcmp(word, "rotate") == 0) {
      char *token = NULL;
      CHECK(loopwire_listener_rotate_token(listener, "not a token", &token) == LOOPWIRE_RESULT_INVALID_TOKEN);
      CHECK(token == NULL);
      CHECK_OK(loopwire_listener_rotate_token(listener, NULL, &token));
      CHECK(token != NULL && strlen(token) == 43);
      loopwire_free(token);
      CHECK_OK(loopwire_listener_rotate_token(listener, "another-token-of-this-listener", NULL));
      show(loopwire_listener_url, listener, "url now");
      fflush(stdout);
    } else if (strcmp(word, "close") == 0) {
      break;
    } else {
      CHECK(!"a word that it knows");
    }
  }

  bool closed = true;
  CHECK_OK(loopwire_listener_is_closed(listener, &closed));
  CHECK(!closed);
  CHECK_OK(loopwire_listener_close(listener));
  size_t called = events_count(&lines);
  CHECK_OK(loopwire_listener_is_closed(listener, &closed));
  CHECK(closed);
  CHECK_OK(loopwire_emit(runtime, "my:late", NULL, NULL));
  CHECK_OK(loopwire_listener_close(listener));
  /* The port is free. */
  loopwire_listener *again = NULL;
  CHECK_OK(loopwire_listener_start(runtime, port, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &again));
  loopwire_listener *taken = NULL;
  CHECK(loopwire_listener_start(runtime, port, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &taken) ==
        LOOPWIRE_RESULT_ADDRESS_IN_USE);
  CHECK(taken == NULL);
  CHECK_OK(loopwire_listener_free(listener));
  /* The runtime may end before the handle of its listener. */
  CHECK_OK(loopwire_runtime_free(runtime));
  CHECK_OK(loopwire_listener_is_closed(again, &closed));
  CHECK(closed);
  show(loopwire_listener_stats, again, "last stats");
  CHECK_OK(loopwire_listener_close(again));
  CHECK_OK(loopwire_listener_free(again));
  CHECK(events_count(&lines) == called);
  events_free(&lines);
  puts("done");
  return 0;
}
