/* Stopping inside of callbacks, and what may be freed after stopping outside. */
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int step;

static void reach(int next) {
  pthread_mutex_lock(&lock);
  step = next;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void wait_for(int wanted) {
  pthread_mutex_lock(&lock);
  while (step < wanted) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

static void pause_ms(long ms) {
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

static loopwire_runtime *runtime;
static loopwire_events *handle;
static loopwire_listener *listener;
static int calls;

/* Frees its own handle; nothing else comes. */
static void frees_itself(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  calls++;
  CHECK_OK(loopwire_events_free(handle));
  reach(1);
}

/* Closes the listener that it belongs to, twice, and frees it. */
static void closes_its_listener(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  calls++;
  CHECK_OK(loopwire_listener_close(listener));
  CHECK_OK(loopwire_listener_close(listener));
  CHECK_OK(loopwire_listeners_close(runtime));
  CHECK_OK(loopwire_listener_free(listener));
  reach(2);
}

/* Ends the runtime that it belongs to. */
static void shuts_down(void *userdata, const char *event, size_t len) {
  (void)event, (void)len;
  calls++;
  CHECK(loopwire_runtime_free(runtime) == LOOPWIRE_RESULT_IN_CALLBACK);
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK(loopwire_emit(runtime, "late", NULL, NULL) == LOOPWIRE_RESULT_SHUT_DOWN);
  reach(3);
  pause_ms(200);
  /* Whoever waits for the end outside has not freed it. */
  CHECK(*(int *)userdata == 0x600d);
}

/* The same with the flat functions. */
static void exits(void *userdata, const char *event, size_t len) {
  (void)event, (void)len;
  calls++;
  StopCommunicate();
  SetEventCallback(NULL, NULL);
  SafeExit();
  SafeExit();
  StopCommunicate();
  CHECK(last_error_has("SafeExit"));
  reach(4);
  pause_ms(200);
  CHECK(*(int *)userdata == 0x600d);
}

static void counts(void *userdata, const char *event, size_t len) {
  (void)event, (void)len;
  ++*(int *)userdata;
}

int main(void) {
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, frees_itself, NULL, false, &handle));
  for (int at = 0; at < 100; at++) CHECK_OK(loopwire_emit(runtime, "a", NULL, NULL));
  wait_for(1);
  CHECK_OK(loopwire_emit(runtime, "a", NULL, NULL));

  loopwire_listener_callbacks callbacks;
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.event = closes_its_listener;
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, &callbacks, NULL, &listener));
  for (int at = 0; at < 100; at++) CHECK_OK(loopwire_emit(runtime, "b", NULL, NULL));
  wait_for(2);

  int *own = (int *)malloc(sizeof *own);
  CHECK(own != NULL);
  *own = 0x600d;
  CHECK_OK(loopwire_events_start(runtime, shuts_down, own, false, &handle));
  for (int at = 0; at < 100; at++) {
    loopwire_result result = loopwire_emit(runtime, "c", NULL, NULL);
    CHECK(result == LOOPWIRE_RESULT_OK || result == LOOPWIRE_RESULT_SHUT_DOWN);
  }
  wait_for(3);
  /* Outside it waits for the call that still runs, also if that call has shut down the runtime. */
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  *own = 0xdead;
  free(own);
  CHECK_OK(loopwire_events_free(handle));
  CHECK_OK(loopwire_runtime_free(runtime));
  CHECK(calls == 3);

  own = (int *)malloc(sizeof *own);
  CHECK(own != NULL);
  *own = 0x600d;
  SetAPIHost("file:///there/is/none.json");
  SetEventCallback(exits, own);
  CreateWithId(60000, "1", "1", "manual");
  wait_for(4);
  SafeExit();
  *own = 0xdead;
  free(own);
  CHECK(calls == 4);

  /* A stopped callback is not called again: its counter is read without a lock. */
  CHECK_OK(loopwire_runtime_new(&runtime));
  for (int round = 0; round < 200; round++) {
    int *counter = (int *)calloc(1, sizeof *counter);
    CHECK(counter != NULL);
    CHECK_OK(loopwire_events_start(runtime, counts, counter, false, &handle));
    for (int at = 0; at < round; at++) CHECK_OK(loopwire_emit(runtime, "d", NULL, NULL));
    CHECK_OK(loopwire_events_free(handle));
    CHECK(*counter <= round);
    free(counter);
  }
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
