/* Every event once, in order: from several threads, with and without a pause, to two callbacks. */
#include "check.h"

#define THREADS 4
#define EACH 20000

static loopwire_runtime *runtime;

struct seen {
  int next[THREADS];
  int all;
  pthread_mutex_t lock;
  pthread_cond_t more;
  int slow;
};

static void on_event(void *userdata, const char *event, size_t len) {
  struct seen *seen = (struct seen *)userdata;
  int thread, number;
  CHECK(event[len] == 0 && strlen(event) == len);
  CHECK(sscanf(event, "{\"type\":\"n\",\"payload\":\"%d:%d\"}", &thread, &number) == 2);
  CHECK(seen->next[thread] == number);
  seen->next[thread]++;
  if (seen->slow && number % 4096 == 0) {
    struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
  }
  pthread_mutex_lock(&seen->lock);
  seen->all++;
  if (seen->all == THREADS * EACH) pthread_cond_broadcast(&seen->more);
  pthread_mutex_unlock(&seen->lock);
}

static void *publish(void *argument) {
  int thread = *(int *)argument;
  for (int number = 0; number < EACH; number++) {
    char payload[32];
    snprintf(payload, sizeof payload, "%d:%d", thread, number);
    bool behind = false;
    loopwire_result result;
    while ((result = loopwire_emit(runtime, "n", payload, &behind)) == LOOPWIRE_RESULT_JOURNAL_FULL) sched_yield();
    CHECK(result == LOOPWIRE_RESULT_OK);
  }
  return NULL;
}

static void wait_for(struct seen *seen) {
  pthread_mutex_lock(&seen->lock);
  while (seen->all < THREADS * EACH) pthread_cond_wait(&seen->more, &seen->lock);
  pthread_mutex_unlock(&seen->lock);
}

int main(void) {
  static struct seen fast = {{0}, 0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
  static struct seen slow = {{0}, 0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 1};
  loopwire_events *first = NULL, *second = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, on_event, &fast, false, &first));
  CHECK_OK(loopwire_events_start(runtime, on_event, &slow, false, &second));
  pthread_t threads[THREADS];
  int numbers[THREADS];
  for (int at = 0; at < THREADS; at++) {
    numbers[at] = at;
    CHECK(pthread_create(&threads[at], NULL, publish, &numbers[at]) == 0);
  }
  for (int at = 0; at < THREADS; at++) pthread_join(threads[at], NULL);
  wait_for(&fast);
  wait_for(&slow);
  CHECK_OK(loopwire_events_free(first));
  CHECK_OK(loopwire_events_free(second));
  /* Nobody is called now. */
  CHECK_OK(loopwire_emit(runtime, "n", "0:0", NULL));
  CHECK_OK(loopwire_runtime_free(runtime));
  CHECK(fast.all == THREADS * EACH && slow.all == THREADS * EACH);
  puts("done");
  return 0;
}
