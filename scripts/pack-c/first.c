/* Prints the version of the library, and one event that it publishes itself.
 *
 *   cc first.c $(pkg-config --cflags --libs loopwire) -o first */
#include <loopwire.h>

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

/* Called from a thread of the library; the text is valid during the call. */
static void print_event(void *userdata, const char *event, size_t len) {
  (void)len;
  puts(event);
  sem_post((sem_t *)userdata);
}

static void check(loopwire_result result) {
  if (result == LOOPWIRE_RESULT_OK) return;
  char *message = loopwire_last_error_message();
  fprintf(stderr, "%s\n", message ? message : "no memory");
  loopwire_free(message);
  exit(EXIT_FAILURE);
}

int main(void) {
  printf("loopwire %s\n", loopwire_version());
  sem_t printed;
  sem_init(&printed, 0, 0);
  loopwire_runtime *runtime = NULL;
  loopwire_events *events = NULL;
  check(loopwire_runtime_new(&runtime));
  check(loopwire_events_start(runtime, print_event, &printed, false, &events));
  check(loopwire_emit(runtime, "greeting", "hello", NULL));
  /* What was not delivered yet when the callback is stopped is not delivered any more. */
  while (sem_wait(&printed) != 0) continue;
  check(loopwire_events_free(events));
  check(loopwire_runtime_free(runtime));
  return EXIT_SUCCESS;
}
