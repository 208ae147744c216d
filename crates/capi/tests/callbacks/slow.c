/* A callback that does not return holds nothing else up: other callbacks, requests, listeners. */
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int blocked, released;

static void blocks(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  pthread_mutex_lock(&lock);
  blocked = 1;
  pthread_cond_broadcast(&changed);
  while (!released) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

int main(void) {
  loopwire_runtime *runtime = NULL;
  loopwire_events *slow = NULL, *fast = NULL;
  struct events events = EVENTS_EMPTY;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, blocks, NULL, false, &slow));
  CHECK_OK(loopwire_events_start(runtime, events_collect, &events, false, &fast));
  CHECK_OK(loopwire_emit(runtime, "first", NULL, NULL));
  pthread_mutex_lock(&lock);
  while (!blocked) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  for (int at = 0; at < 10000; at++) CHECK_OK(loopwire_emit(runtime, "more", NULL, NULL));
  events_wait_n(&events, 0, "more", 10000);
  CHECK_OK(loopwire_forward_set_api_host(runtime, "file:///there/is/none.json"));
  CHECK(loopwire_forward_create_with_id(runtime, 60000, "id", "1", "manual") == LOOPWIRE_RESULT_FAILED);
  events_wait(&events, 0, "proxyError");
  loopwire_listener *listener = NULL;
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_events_free(fast));
  pthread_mutex_lock(&lock);
  released = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  CHECK_OK(loopwire_events_free(slow));
  CHECK_OK(loopwire_runtime_free(runtime));
  events_free(&events);
  puts("done");
  return 0;
}
