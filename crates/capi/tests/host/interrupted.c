/* Waits in a call for ever, for a callback that does not return: the host's signals still end it. */
#include "everything.h"

#include <semaphore.h>

static sem_t inside, never_posted;

static void never(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  puts("inside");
  fflush(stdout);
  sem_post(&inside);
  sem_wait(&never_posted);
}

int main(void) {
  CHECK(sem_init(&inside, 0, 0) == 0 && sem_init(&never_posted, 0, 0) == 0);
  loopwire_runtime *runtime = NULL;
  loopwire_events *events = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, never, NULL, false, &events));
  CHECK_OK(loopwire_emit(runtime, "one", NULL, NULL));
  while (sem_wait(&inside) != 0) continue;
  CHECK_OK(loopwire_runtime_free(runtime));
  return 0;
}
