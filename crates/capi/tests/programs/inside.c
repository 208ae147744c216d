/* Calls and stops inside the callback. Arguments: what to do there, the first of 3 free ports. */
#include "check.h"

#include <sched.h>
#include <stdatomic.h>

static struct events events = EVENTS_EMPTY, others = EVENTS_EMPTY;
static const char *what;
static int first;
static atomic_int calls, finished;

static void everything(void) {
  uint32_t *out = NULL;
  int len = 0;
  CHECK(GetPorts(&out, &len) == 0 && len == 2);
  FreeBuf(out);
  SetAPIHost("file:///there/is/none.json");
  /* It waits for the engine, whose events wait for this callback. */
  CHECK(CreateWithId(first, "inside", "1", "manual") == 1);
  CHECK(last_error_has("provider unreadable"));
  FreeBuf(GetConfigsJSON());
  StartCommunicate(1, first + 2, "abcd1234");
  StopCommunicate();
  CHECK(StartHttpApi(first + 2) == 0);
  CHECK(StopHttpApi() == 0);
  CHECK(StopProxy() == 0);
}

static void callback(void *userdata, const char *event, size_t len) {
  /* Once, at the first event. */
  int number = atomic_fetch_add(&calls, 1);
  if (number == 0) {
    if (strcmp(what, "calls") == 0) {
      everything();
    } else if (strcmp(what, "many") == 0) {
      /* More than the journal has room for: nobody takes any out before this returns. */
      for (int at = 0; at < 200000; at++) SetRangePort(first, 1 + at % 2);
    } else if (strcmp(what, "stop") == 0) {
      SetEventCallback(NULL, NULL);
    } else if (strcmp(what, "replace") == 0) {
      /* The same thread calls it, once this one has returned. */
      SetEventCallback(events_collect, &others);
      SetRangePort(first, 1);
      CHECK(events_count(&others) == 0);
    } else if (strcmp(what, "exit") == 0) {
      SafeExit();
      CHECK(GetConfigsJSON() == NULL);
    } else if (strcmp(what, "restart") == 0) {
      SafeExit();
      RunAsync();
      SetEventCallback(events_collect, &others);
      SetRangePort(first, 1);
    } else {
      CHECK(0);
    }
  }
  events_collect(userdata, event, len);
  if (number == 0) atomic_store(&finished, 1);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  what = argv[1];
  first = atoi(argv[2]);
  StartCommunicate(1, first + 2, "abcd1234");
  if (strcmp(what, "calls") == 0) StopCommunicate();
  SetEventCallback(callback, &events);
  SetRangePort(first, 2);
  events_wait(&events, 0, "settingPortChange");
  while (!atomic_load(&finished)) sched_yield();

  if (strcmp(what, "calls") == 0) {
    events_wait(&events, 0, "inside:");
  } else if (strcmp(what, "many") == 0) {
    events_wait_n(&events, 0, "settingPortChange", 1000);
  } else if (strcmp(what, "replace") == 0 || strcmp(what, "restart") == 0) {
    events_wait(&others, 0, "settingPortChange");
    CHECK(atomic_load(&calls) == 1);
  } else {
    /* It is not called again, whatever happens, and the rest works on. */
    if (strcmp(what, "exit") == 0) RunAsync();
    SetEventCallback(events_collect, &others);
    SetRangePort(first, 1);
    events_wait(&others, 0, "settingPortChange");
    CHECK(atomic_load(&calls) == 1);
  }
  SafeExit();
  events_free(&events);
  events_free(&others);
  puts("done");
  return 0;
}
