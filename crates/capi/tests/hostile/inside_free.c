/* Each kind of callback frees the listener that calls it, closes all of them, or shuts the runtime down: nothing hangs, nothing is
 * called afterwards, and the port is free. */
#include "net.h"

#include <stdint.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static loopwire_runtime *runtime;
static loopwire_listener *listener;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int kind, action, done, calls_afterwards;

enum { EVENT, MESSAGE, CONNECTION, KINDS };
enum { FREE, CLOSE_FREE, CLOSE_ALL, SHUTDOWN, REPLACE, ACTIONS };

static void act(int called) {
  pthread_mutex_lock(&lock);
  if (done) calls_afterwards++;
  if (called != kind || done) {
    pthread_mutex_unlock(&lock);
    return;
  }
  loopwire_listener *own = listener;
  int port = 0;
  uint16_t bound = 0;
  CHECK_OK(loopwire_listener_port(own, &bound));
  port = bound;
  switch (action) {
    case CLOSE_FREE:
      CHECK_OK(loopwire_listener_close(own));
      CHECK_OK(loopwire_listener_close(own));
      /* fall through */
    case FREE:
      CHECK_OK(loopwire_listener_free(own));
      listener = NULL;
      break;
    case CLOSE_ALL:
      CHECK_OK(loopwire_listeners_close(runtime));
      break;
    case SHUTDOWN:
      CHECK_OK(loopwire_runtime_shutdown(runtime));
      CHECK(loopwire_runtime_free(runtime) == LOOPWIRE_RESULT_IN_CALLBACK);
      CHECK(loopwire_runtime_run(runtime) == LOOPWIRE_RESULT_IN_CALLBACK);
      break;
    case REPLACE:
      CHECK_OK(loopwire_listener_free(own));
      /* The port is free at once, for a listener without callbacks. */
      CHECK_OK(loopwire_listener_start(runtime, port, TOKEN, NULL, NULL, NULL, &listener));
      break;
  }
  if (action != REPLACE) CHECK(is_free(port));
  done = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void on_event(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  act(EVENT);
}
static void on_message(void *userdata, const char *id, const char *data, size_t len, bool is_binary) {
  (void)userdata, (void)is_binary;
  CHECK(strlen(data) == len && id[0] != 0);
  act(MESSAGE);
}
static void on_connection(void *userdata, const char *id, const char *state, uint16_t code, const char *reason) {
  (void)userdata, (void)code;
  CHECK(id[0] != 0 && state[0] != 0 && reason != NULL);
  act(CONNECTION);
}

int main(void) {
  for (int round = 0; round < 3 * KINDS * ACTIONS; round++) {
    kind = round % KINDS, action = round / KINDS % ACTIONS, done = 0;
    loopwire_listener_callbacks callbacks = {on_event, on_message, on_connection, NULL};
    CHECK_OK(loopwire_runtime_new(&runtime));
    CHECK_OK(loopwire_listener_start(runtime, 0, TOKEN, NULL, &callbacks, NULL, &listener));
    uint16_t port = 0;
    CHECK_OK(loopwire_listener_port(listener, &port));
    int client = -1;
    if (kind == EVENT) {
      for (int each = 0; each < 100; each++) loopwire_emit(runtime, "my:event", "text", NULL);
    } else {
      client = ws_open(port, TOKEN);
      if (kind == MESSAGE) ws_send(client, "hello"), send(client, "\x81\x81\0\0\0\0x", 7, MSG_NOSIGNAL);
    }
    pthread_mutex_lock(&lock);
    while (!done) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    if (client >= 0) close(client);
    CHECK_OK(loopwire_listener_free(listener));
    listener = NULL;
    CHECK_OK(loopwire_runtime_free(runtime));
    CHECK(calls_afterwards == 0);
  }
  puts("done");
  return 0;
}
