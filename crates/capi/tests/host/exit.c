/* The host ends without a word to the library, while everything runs: from main, from a thread, from a callback. */
#include "everything.h"

static struct everything use;

static void *leave(void *unused) {
  (void)unused;
  exit(0);
}

static void leave_inside(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  exit(0);
}

static void *hammer(void *unused) {
  (void)unused;
  /* The last ones run while the process ends. */
  while (use.runtime) loopwire_emit(use.runtime, "hammered", "1", NULL);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 6);
  everything_of(&use, argv);
  everything_start(&use);
  uint32_t command;
  CHECK_OK(loopwire_terminal_pid(use.terminal, &command));
  printf("command %u\n", command);
  puts("running");
  fflush(stdout);
  pthread_t thread;
  if (strcmp(argv[5], "main") == 0) {
    CHECK(pthread_create(&thread, NULL, hammer, NULL) == 0);
    return 0;
  }
  if (strcmp(argv[5], "thread") == 0) {
    CHECK(pthread_create(&thread, NULL, leave, NULL) == 0);
  } else {
    loopwire_events *events = NULL;
    CHECK_OK(loopwire_events_start(use.runtime, leave_inside, NULL, false, &events));
    CHECK_OK(loopwire_emit(use.runtime, "leave", NULL, NULL));
  }
  for (;;) pause();
}
