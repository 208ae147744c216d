/* SafeExit, RunAsync and everything else, from several threads at once: no thread hangs, and in the end everything works. */
#include "check.h"

static int running = 1;
static struct events came = EVENTS_EMPTY;

static void again(void *userdata, const char *event, size_t len) {
  (void)event, (void)len;
  SetEventCallback(again, userdata);
  static unsigned calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) % 50 == 0) SafeExit();
}

static void *ends(void *unused) {
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) SafeExit();
  return unused;
}
static void *starts(void *unused) {
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) RunAsync();
  return unused;
}
static void *waits(void *unused) {
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) Run();
  return unused;
}
static void *hears(void *unused) {
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
    SetEventCallback(again, NULL);
    SetRangePort(60000, 3);
    SetEventCallback(NULL, NULL);
  }
  return unused;
}
static void *listens(void *unused) {
  char token[] = "abcdefghijklmnopqrstuvwxyz";
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
    StartCommunicate(1, 0, token);
    StopCommunicate();
  }
  return unused;
}
static void *calls(void *unused) {
  while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
    uint32_t *out = NULL;
    int len = 0;
    StartHttpApi(0);
    EnableAutoRotation(1);
    GetPorts(&out, &len);
    FreeBuf(out);
    FreeBuf(GetConfigsJSON());
    StopHttpApi();
    FreeBuf(SDKGetLastError());
  }
  return unused;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  void *(*const all[])(void *) = {ends, starts, starts, waits, hears, hears, listens, calls};
  enum { COUNT = sizeof all / sizeof *all };
  pthread_t threads[COUNT];
  for (int each = 0; each < COUNT; each++) CHECK(pthread_create(&threads[each], NULL, all[each], NULL) == 0);
  struct timespec time = {atoi(argv[1]), 0};
  nanosleep(&time, NULL);
  __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
  /* Whoever is in Run() waits for another end. */
  for (int each = 0; each < COUNT; each++) {
    if (all[each] == waits) continue;
    CHECK(pthread_join(threads[each], NULL) == 0);
  }
  SafeExit();
  for (int each = 0; each < COUNT; each++) {
    if (all[each] == waits) CHECK(pthread_join(threads[each], NULL) == 0);
  }
  SafeExit();
  RunAsync();
  SetEventCallback(events_collect, &came);
  SetRangePort(60000, 3);
  events_wait(&came, 0, "type");
  SafeExit();
  events_free(&came);
  puts("done");
  return 0;
}
