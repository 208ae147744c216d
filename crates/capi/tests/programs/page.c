/* The call of the SDK's page, and events both ways. Arguments: the port of the channel, the first of 2 free ports.
 *
 * A line of the test says when a client is there, and one when it has all. */
#include "check.h"

static struct events events = EVENTS_EMPTY;

static void line(void) {
  char text[64];
  CHECK(fgets(text, sizeof text, stdin) != NULL && strchr(text, '\n') != NULL);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  int port = atoi(argv[1]), first = atoi(argv[2]);
  SetEventCallback(events_collect, &events);
  StartCommunicate(1, port, "abcd1234");
  puts("started");
  fflush(stdout);
  line();

  SetRangePort(first, 1);
  SetAPIHost("file:///there/is/none.json");
  CHECK(CreateWithId(first, "the \"request\"", "1", "manual") == 1);
  /* So many that they come in more than one batch. */
  for (int at = 0; at < 500; at++) SetRangePort(first, 1 + at % 2);
  SetRangePort(first, 2);
  CHECK(CreateWithId(first + 1, "the last", "1", "manual") == 1);
  events_wait(&events, 0, "the last");
  for (size_t at = 0; at < events.count; at++) printf("event %s\n", events.texts[at]);
  puts("all");
  fflush(stdout);
  line();

  StopCommunicate();
  puts("stopped");
  fflush(stdout);
  line();
  SafeExit();
  events_free(&events);
  return 0;
}
