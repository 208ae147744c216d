/* Calls of a thread that ends, when what the library keeps for it is gone already. */
#include "check.h"

static loopwire_runtime *runtime;
static int ran;

static void last_calls(void *unused) {
  (void)unused;
  bool behind = false, free_port = false;
  loopwire_events *events = NULL;
  loopwire_listener *listener = NULL;
  struct events came = EVENTS_EMPTY;
  CHECK_OK(loopwire_emit(runtime, "late", "x", &behind));
  CHECK(loopwire_emit(runtime, NULL, "x", &behind) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  loopwire_free(loopwire_last_error_message());
  CHECK_OK(loopwire_events_start(runtime, events_collect, &came, false, &events));
  CHECK_OK(loopwire_emit_data(runtime, "late", "{}", NULL));
  events_wait(&came, 0, "late");
  CHECK_OK(loopwire_events_free(events));
  events_free(&came);
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_forward_check_port_available(runtime, 60000, &free_port));
  CHECK_OK(loopwire_forward_run_async(runtime));
  CHECK(loopwire_forward_create_with_id(runtime, 60000, "id", "1", "manual") == LOOPWIRE_RESULT_FAILED);
  SetRangePort(60000, 1);
  SafeExit();
  ran++;
}

static pthread_key_t key;

static void *thread(void *own) {
  CHECK(pthread_setspecific(key, "something") == 0);
  CHECK_OK(loopwire_emit(runtime, "early", "x", NULL));
  CHECK(loopwire_emit(NULL, "early", "x", NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  return own;
}

int main(void) {
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK(pthread_key_create(&key, last_calls) == 0);
  for (int each = 0; each < 20; each++) {
    pthread_t one;
    CHECK(pthread_create(&one, NULL, thread, NULL) == 0);
    CHECK(pthread_join(one, NULL) == 0);
  }
  CHECK(ran == 20);
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
