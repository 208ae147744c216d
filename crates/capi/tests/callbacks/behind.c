/* A callback that is far behind calls everything that waits. Nothing hangs: up to the mark, over it, at the limit. */
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int inside, go, done;

static loopwire_runtime *runtime;
static int full;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void calls(void) {
  loopwire_result expected = full ? LOOPWIRE_RESULT_JOURNAL_FULL : LOOPWIRE_RESULT_FAILED;
  double since = now();
  /* A request that fails at once, and says so in an event. */
  CHECK(loopwire_forward_create_with_id(runtime, 60000, "unknown", "1", "manual") == expected);
  uint32_t ports[2] = {60001, 60002};
  uint32_t *out = (uint32_t *)&since;
  int len = -1;
  loopwire_result result =
      loopwire_forward_create_with_configure(runtime, "request", ports, 2, "{\"list_type\": -1}", &out, &len);
  CHECK(result == expected);
  CHECK(out == NULL && len == 0);
  CHECK(loopwire_forward_quick_create_at_port(runtime, 60003, "quick", "1") == expected);
  /* What brings no event is done, however full the journal is. */
  bool online = true;
  CHECK_OK(loopwire_forward_test_port(runtime, 60000, &online));
  CHECK(!online);
  loopwire_listener *listener = NULL;
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  CHECK_OK(loopwire_listener_free(listener));
  CHECK(loopwire_emit(runtime, "inside", NULL, NULL) == (full ? LOOPWIRE_RESULT_JOURNAL_FULL : LOOPWIRE_RESULT_OK));
  CHECK(now() - since < 20);
}

static void on_event(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)len;
  if (strstr(event, "\"call\"") == NULL) return;
  pthread_mutex_lock(&lock);
  inside = 1;
  pthread_cond_broadcast(&changed);
  while (!go) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  calls();
  pthread_mutex_lock(&lock);
  done = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void round_of(const char *name) {
  loopwire_events *handle = NULL, *other = NULL;
  struct events events = EVENTS_EMPTY;
  inside = go = done = 0;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_runtime_configure(runtime, "{\"journalEvents\":4096,\"journalBytes\":1048576}"));
  CHECK_OK(loopwire_forward_set_api_host(runtime, "file:///there/is/none.json"));
  CHECK_OK(loopwire_events_start(runtime, on_event, NULL, false, &handle));
  CHECK_OK(loopwire_events_start(runtime, events_collect, &events, false, &other));
  CHECK_OK(loopwire_emit(runtime, "call", NULL, NULL));
  pthread_mutex_lock(&lock);
  while (!inside) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  bool behind = false;
  if (strcmp(name, "below") != 0) {
    while (!behind) CHECK_OK(loopwire_emit(runtime, "fill", NULL, &behind));
  }
  if (strcmp(name, "full") == 0) {
    while (loopwire_emit(runtime, "fill", NULL, NULL) == LOOPWIRE_RESULT_OK) continue;
    full = 1;
  }
  pthread_mutex_lock(&lock);
  go = 1;
  pthread_cond_broadcast(&changed);
  while (!done) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  /* The requests have gone on, and end with their events. */
  events_wait(&events, 0, "\"unknown:");
  events_wait(&events, 0, "\"request:");
  CHECK(events_matching(&events, "\"unknown:") == 1);
  CHECK(events_matching(&events, "\"request:") == 1);
  events_wait(&events, 0, "\"quick:");
  CHECK_OK(loopwire_events_free(handle));
  CHECK_OK(loopwire_events_free(other));
  CHECK_OK(loopwire_runtime_free(runtime));
  events_free(&events);
}

int main(void) {
  round_of("below");
  round_of("over the mark");
  round_of("full");
  puts("done");
  return 0;
}
