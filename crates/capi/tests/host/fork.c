/* fork() of the host: the child is refused, whatever the threads of the parent held at that moment; the parent goes on. */
#include "everything.h"
#include "every_function.h"

#include <sys/wait.h>

static int running = 1;
static struct everything use;

static void *hammer(void *unused) {
  (void)unused;
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
    bool behind;
    CHECK_OK(loopwire_emit(use.runtime, "hammered", "1", &behind));
    loopwire_runtime *runtime = NULL;
    loopwire_events *events = NULL;
    CHECK_OK(loopwire_runtime_new(&runtime));
    CHECK_OK(loopwire_events_start(runtime, events_collect, &use.events, false, &events));
    CHECK_OK(loopwire_emit(runtime, "hammered", NULL, NULL));
    CHECK_OK(loopwire_events_free(events));
    CHECK_OK(loopwire_runtime_free(runtime));
    /* A failure takes what keeps the last error. */
    CHECK(loopwire_emit(NULL, NULL, NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
    /* So that the events do not fill the memory. */
    pthread_mutex_lock(&use.events.lock);
    while (use.events.count > 0) free(use.events.texts[--use.events.count]);
    pthread_mutex_unlock(&use.events.lock);
  }
  return NULL;
}

static void ends_well(pid_t child, int number) {
  int status;
  while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
  if (status != 0) fprintf(stderr, "child %d ended with status %x\n", number, (unsigned)status);
  CHECK(status == 0);
}

/* One that was forked before the first call uses the library for itself, and is refused nothing. */
static void child_before(char **argv) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    everything_of(&use, argv);
    everything_start(&use);
    everything_end(&use);
    exit(0);
  }
  ends_well(child, -1);
}

int main(int argc, char **argv) {
  CHECK(argc == 6);
  int forks = atoi(argv[5]);
  child_before(argv);

  everything_of(&use, argv);
  everything_start(&use);
  pthread_t threads[4];
  for (int each = 0; each < 4; each++) CHECK(pthread_create(&threads[each], NULL, hammer, NULL) == 0);
  for (int number = 0; number < forks; number++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      /* One that is stuck ends all the same, and is told of. */
      alarm(60);
      refuse_every_function();
      /* A child of the child, too. */
      if (number % 100 == 0) {
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
          refuse_every_function();
          exit(0);
        }
        ends_well(grandchild, number);
      }
      exit(0);
    }
    ends_well(child, number);
  }
  __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
  for (int each = 0; each < 4; each++) CHECK(pthread_join(threads[each], NULL) == 0);
  CHECK_OK(loopwire_emit(use.runtime, "after", NULL, NULL));
  events_wait(&use.events, 0, "after");
  everything_end(&use);
  puts("done");
  return 0;
}
