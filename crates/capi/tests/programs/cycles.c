/* Starts and stops, and what is left of them. Arguments: "channel" or "engine", a free port, how many times. */
#include "check.h"

#include <dirent.h>
#include <malloc.h>
#include <unistd.h>

static int entries(const char *folder) {
  DIR *open = opendir(folder);
  CHECK(open != NULL);
  int number = 0;
  while (readdir(open) != NULL) number++;
  closedir(open);
  return number;
}

static long resident(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%*s %ld", &pages) == 1);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

struct state {
  int descriptors, threads;
  size_t allocated;
  long resident;
};

/* A thread that has been joined is in the list of the system for another moment. */
static struct state state(int threads) {
  struct state now = {0, 0, 0, 0};
  for (int tries = 0; tries < 1000; tries++) {
    now.threads = entries("/proc/self/task");
    if (now.threads <= threads) break;
    struct timespec pause = {0, 1000 * 1000};
    nanosleep(&pause, NULL);
  }
  now.descriptors = entries("/proc/self/fd");
  malloc_trim(0);
  now.allocated = mallinfo2().uordblks;
  now.resident = resident();
  return now;
}

static void cycle(const char *what, int port, struct events *events) {
  if (strcmp(what, "channel") == 0) {
    /* There is no last error after a start that has worked. If a stop did not free the port, the next start has failed. */
    CHECK(loopwire_emit(NULL, "type", NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
    StartCommunicate(1, port, "abcd1234");
    CHECK(no_last_error());
    StopCommunicate();
    return;
  }
  RunAsync();
  SetEventCallback(events_collect, events);
  SetRangePort(port, 1);
  events_wait(events, 0, "settingPortChange");
  SafeExit();
  events_free(events);
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  const char *what = argv[1];
  int port = atoi(argv[2]), count = atoi(argv[3]), warm = count / 5;
  struct events events = EVENTS_EMPTY;
  struct state before = {0, 1 << 20, 0, 0};
  for (int at = 0; at < count; at++) {
    if (at == warm) before = state(before.threads);
    cycle(what, port, &events);
  }
  struct state after = state(before.threads);
  printf("%d times; descriptors %d -> %d, threads %d -> %d, allocated %zu -> %zu, resident %ld -> %ld\n", count,
         before.descriptors, after.descriptors, before.threads, after.threads, before.allocated, after.allocated,
         before.resident, after.resident);
  CHECK(after.descriptors == before.descriptors);
  CHECK(after.threads == before.threads);
  /* Less than one small block a cycle. */
  CHECK(after.allocated < before.allocated + (size_t)(count - warm) * 32 + 65536);
  CHECK(after.resident < before.resident + 8 * 1024 * 1024);
  SafeExit();
  return 0;
}
