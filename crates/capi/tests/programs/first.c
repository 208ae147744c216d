/* The smallest program: starts, gets an event of its own and one of the engine, sees an error, ends. */
#include "check.h"

int main(void) {
  struct events events = EVENTS_EMPTY;
  SetEventCallback(events_collect, &events);
  RunAsync();

  /* The one port of the error is not in the range. */
  CHECK(CreateWithId(0, "id", "1", "manual") == 1);
  char *text = SDKGetLastError();
  CHECK(text != NULL && strstr(text, "port") != NULL);
  FreeBuf(text);

  SetAPIHost("file:///there/is/none.json");
  uint32_t ports[1] = {60000};
  uint32_t *out = NULL;
  int len = -1;
  CreateWithConfigure("request", ports, 1, "{\"list_type\": -1}", &out, &len);
  CHECK(len == 0);
  FreeBuf(out);
  size_t at = events_wait(&events, 0, "\"proxyError\"");
  CHECK(strstr(events.texts[at], "request:") != NULL);

  SafeExit();
  CHECK(CreateWithId(60000, "id", "1", "manual") == 1);
  CHECK(last_error_has("SafeExit"));
  events_free(&events);

  /* The same with a handle. */
  struct events others = EVENTS_EMPTY;
  loopwire_runtime *runtime = NULL;
  loopwire_events *handle = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, events_collect, &others, false, &handle));
  CHECK_OK(loopwire_emit(runtime, "greeting", "hello", NULL));
  CHECK_OK(loopwire_emit_data(runtime, "measured", "{\"value\": 1}", NULL));
  at = events_wait(&others, 0, "\"measured\"");
  CHECK(at == 1 && strcmp(others.texts[0], "{\"type\":\"greeting\",\"payload\":\"hello\"}") == 0);
  CHECK_OK(loopwire_events_free(handle));
  CHECK_OK(loopwire_runtime_free(runtime));
  events_free(&others);
  puts("done");
  return 0;
}
