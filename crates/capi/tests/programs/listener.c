/* Every function of listeners, with clients. Arguments: a folder (not used) and the first of 6 free ports. */
#include "check.h"
#include "net.h"

#include <stdatomic.h>

static char last_id[128], last_message[128], last_state[32];
static atomic_int messages, changes, closed;

static void on_message(void *userdata, const char *connection_id, const char *data, size_t len, bool is_binary) {
  CHECK(userdata != NULL && !is_binary && len < sizeof last_message && data[len] == 0);
  strcpy(last_id, connection_id);
  memcpy(last_message, data, len + 1);
  atomic_fetch_add(&messages, 1);
}

static void on_connection(void *userdata, const char *connection_id, const char *state, uint16_t close_code,
                          const char *reason) {
  CHECK(userdata != NULL && connection_id[0] != 0 && reason != NULL);
  CHECK((close_code != 0) == (strcmp(state, "closed") == 0));
  strcpy(last_state, state);
  if (close_code != 0) atomic_fetch_add(&closed, 1);
  atomic_fetch_add(&changes, 1);
}

static void on_origin(void *userdata, const char *origin, const char *option) {
  (void)option;
  CHECK(userdata != NULL && origin != NULL);
}

/* The callbacks have one thread, whose next call this waits for. */
static void until(atomic_int *counter, int value) {
  for (int tries = 0; atomic_load(counter) < value; tries++) {
    CHECK(tries < STUCK_MS);
    struct timespec pause = {0, 1000 * 1000};
    nanosleep(&pause, NULL);
  }
}

static void has(char *text, const char *part) {
  CHECK(text != NULL);
  if (strstr(text, part) == NULL) fprintf(stderr, "no \"%s\" in %s\n", part, text);
  CHECK(strstr(text, part) != NULL);
  loopwire_free(text);
}

int main(int argc, char **argv) {
  struct events events = EVENTS_EMPTY;
  loopwire_runtime *runtime = NULL;
  loopwire_listener *listener = NULL, *other = NULL;
  loopwire_listener_callbacks callbacks;
  char *token = NULL, *out = NULL, text[256];
  uint16_t port = 0;
  bool yes = false;
  CHECK(argc == 3);
  int first = atoi(argv[2]);

  memset(&callbacks, 0, sizeof callbacks);
  callbacks.event = events_collect;
  callbacks.message = on_message;
  callbacks.connection = on_connection;
  callbacks.refused_origin = on_origin;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_generate_token(16, &token));
  CHECK(loopwire_listener_start(runtime, -1, token, NULL, NULL, NULL, &listener) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK(loopwire_listener_start(runtime, 0, "a b", NULL, NULL, NULL, &listener) == LOOPWIRE_RESULT_INVALID_TOKEN);
  CHECK(loopwire_listener_start(runtime, 0, token, "{\"deliveri\": 1}", NULL, NULL, &listener) ==
        LOOPWIRE_RESULT_UNKNOWN_OPTION);
  CHECK(listener == NULL);
  CHECK_OK(loopwire_listener_start(runtime, first, token, "{\"delivery\": \"all\"}", &callbacks, &events, &listener));
  CHECK(loopwire_listener_start(runtime, first, token, NULL, NULL, NULL, &other) == LOOPWIRE_RESULT_ADDRESS_IN_USE);
  CHECK_OK(loopwire_listener_start(runtime, 0, token, "{\"tls\": \"self-signed\"}", NULL, NULL, &other));

  CHECK_OK(loopwire_listener_port(listener, &port));
  CHECK(port == first);
  CHECK_OK(loopwire_listener_address(listener, &out));
  has(out, "\"family\":\"IPv4\"");
  CHECK_OK(loopwire_listener_url(listener, &out));
  snprintf(text, sizeof text, "ws://127.0.0.1:%d/ws/%s", first, token);
  has(out, text);
  CHECK_OK(loopwire_listener_certificate(listener, &out));
  CHECK(out == NULL);
  CHECK_OK(loopwire_listener_certificate(other, &out));
  has(out, "-----BEGIN CERTIFICATE-----");
  CHECK_OK(loopwire_listener_fingerprint(other, &out));
  has(out, ":");

  int client = ws_open(first, token);
  until(&changes, 1);
  CHECK_OK(loopwire_emit(runtime, "greeting", "hello", NULL));
  read_until(client, "{\"type\":\"greeting\",\"payload\":\"hello\"}");
  events_wait(&events, 0, "greeting");
  ws_send(client, "from the client");
  until(&messages, 1);
  CHECK(strcmp(last_message, "from the client") == 0);
  CHECK_OK(loopwire_listener_send(listener, last_id, "to the client", 13, false));
  read_until(client, "to the client");
  CHECK(loopwire_listener_send(listener, "nobody", "text", 4, false) == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_listener_connections(listener, &out));
  has(out, last_id);
  CHECK_OK(loopwire_listener_stats(listener, &out));
  has(out, "\"opened\":1");
  CHECK_OK(loopwire_listener_disconnect(listener, last_id));
  /* The server would wait for its answer to the close frame. */
  CHECK(close(client) == 0);
  until(&closed, 1);
  CHECK(loopwire_listener_disconnect(listener, last_id) == LOOPWIRE_RESULT_FAILED);

  CHECK_OK(loopwire_listener_rotate_token(listener, NULL, &out));
  client = ws_open(first, out);
  loopwire_free(out);
  snprintf(text, sizeof text, "GET /ws/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", token, first);
  ask(first, text, "HTTP/1.1 4");
  until(&changes, 3);

  CHECK_OK(loopwire_listener_is_closed(listener, &yes));
  CHECK(!yes);
  CHECK(close(client) == 0);
  CHECK_OK(loopwire_listener_close(listener));
  CHECK_OK(loopwire_listener_close(listener));
  CHECK_OK(loopwire_listener_is_closed(listener, &yes));
  CHECK(yes && is_free(first));
  CHECK_OK(loopwire_listeners_close(runtime));
  CHECK_OK(loopwire_listener_is_closed(other, &yes));
  CHECK(yes);
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_runtime_free(runtime));
  /* Its handle stays until it is freed. */
  CHECK(loopwire_listener_send(other, "nobody", "text", 4, false) != LOOPWIRE_RESULT_OK);
  CHECK_OK(loopwire_listener_free(other));
  CHECK_OK(loopwire_listener_free(NULL));
  loopwire_free(token);
  events_free(&events);
  puts("done");
  return 0;
}
