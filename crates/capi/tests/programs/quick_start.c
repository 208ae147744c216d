/* The program of the SDK's public quick start, in its order: run, debug, saved data, provider, key, events, ports, restore.
 *
 * What was not saved it forwards: all 50 ports. Arguments: a folder with proxies.json, the first of 52 free ports.
 * A line of the test says when a client of the channel is there, and one when it is to end. */
#include "check.h"

#define PORTS 50

static struct events events = EVENTS_EMPTY;

static void line(void) {
  char text[64];
  CHECK(fgets(text, sizeof text, stdin) != NULL && strchr(text, '\n') != NULL);
}

static int online(void) {
  char *configs = GetConfigsJSON();
  CHECK(configs != NULL);
  int number = 0;
  for (char *at = configs; (at = strstr(at, "\"is_online\":true")) != NULL; at++) number++;
  FreeBuf(configs);
  return number;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  int first = atoi(argv[2]);
  char text[512];

  RunAsync();
  EnableDebug();
  snprintf(text, sizeof text, "%s/save", argv[1]);
  SetSaveDataPath(text);
  snprintf(text, sizeof text, "file://%s/proxies.json", argv[1]);
  SetAPIHost(text);
  SetQuery("api-key", "none");
  SetEventCallback(events_collect, &events);
  StartCommunicate(1, first + PORTS, "abcd1234");
  puts("listening");
  fflush(stdout);
  line();

  UpdateIPFormatAndPorts("127.0.0.1:%d", first, PORTS);
  CHECK(StartHttpApi(first + PORTS + 1) == 0);
  RestoreData();
  events_wait(&events, 0, "\"restoreDone\"");
  printf("restored %d\n", online());
  fflush(stdout);

  if (online() == 0) {
    uint32_t *ports = NULL, *forwarded = NULL;
    int count = 0, done = 0;
    CHECK(GetPorts(&ports, &count) == 0 && count == PORTS);
    CHECK(QuickCreateProxies("quick start", "1", ports, count, 1, &forwarded, &done) == 0);
    CHECK(done == PORTS);
    for (int at = 0; at < done; at++) CHECK(forwarded[at] == ports[at]);
    FreeBuf(ports);
    FreeBuf(forwarded);
    size_t at = events_wait(&events, 0, "\"forwardListCompleted\"");
    CHECK(strstr(events.texts[at], "quick start") != NULL);
  }
  for (int port = first; port < first + PORTS; port++) {
    snprintf(text, sizeof text, "\"portStateUpdate\",\"payload\":\"%d\"", port);
    events_wait(&events, 0, text);
    CHECK(IsRunningPort(port) == 1);
  }
  CHECK(events_matching(&events, "proxyError") == 0);
  printf("forwarded %d\n", online());
  fflush(stdout);
  line();

  CloseTokenChan();
  CHECK(StopHttpApi() == 0);
  StopCommunicate();
  SafeExit();
  events_free(&events);
  puts("done");
  return 0;
}
