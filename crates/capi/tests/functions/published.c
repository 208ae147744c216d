/* Every published function once, as it is meant: FIRST-PORT HTTP-PORT PROVIDER DIRECTORY. */
#include "check.h"

static struct events events = EVENTS_EMPTY;

/* The text has this in it; it is freed. */
static int has(char *text, const char *part) {
  int found = text != NULL && strstr(text, part) != NULL;
  if (!found) fprintf(stderr, "no \"%s\" in: %s\n", part, text ? text : "NULL");
  FreeBuf(text);
  return found;
}

/* An array of ports is this one; it is freed. */
static int are(uint32_t *ports, int len, int count, uint32_t first) {
  int same = len == count && (count == 0 ? ports == NULL : ports[0] == first);
  for (int at = 0; same && at < len; at++) same = ports[at] == first + (uint32_t)at;
  if (!same) fprintf(stderr, "%d ports from %u on\n", len, len > 0 ? ports[0] : 0);
  FreeBuf(ports);
  return same;
}

/* What returns nothing, or 0 both for no and for an error: after it has worked, there is no last error of a call before. */
#define SAYS_NOTHING(call)                                    \
  do {                                                        \
    CHECK(SetProtocol(9) == 1 && last_error_has("protocol")); \
    call;                                                     \
    CHECK(no_last_error());                                   \
  } while (0)

static void says_nothing(int port, const char *provider, const char *directory) {
  RunAsync();
  SAYS_NOTHING(RunAsync());
  SAYS_NOTHING(SetEventCallback(events_collect, &events));
  SAYS_NOTHING(EnableDebug());
  SAYS_NOTHING(SetAPIHost((loopwire_string)provider));
  SAYS_NOTHING(SetHeader((loopwire_string) "X-Key", (loopwire_string) "value"));
  SAYS_NOTHING(SetQuery((loopwire_string) "key", (loopwire_string) "value"));
  SAYS_NOTHING(SetUserCountryCode((loopwire_string) "US"));
  SAYS_NOTHING(CloseTokenChan());
  SAYS_NOTHING(SetRangePort(port, 8));
  SAYS_NOTHING(UpdateIPFormatAndPorts((loopwire_string) "127.0.0.1:%d", port, 8));
  SAYS_NOTHING(SetSaveDataPath((loopwire_string)directory));
  SAYS_NOTHING(RestoreData());
  SAYS_NOTHING(CleanData());
  SAYS_NOTHING(StartCommunicate(1, 0, (loopwire_string) "abcd1234"));
  SAYS_NOTHING(StopCommunicate());
  SAYS_NOTHING(StopComunicate());
  SAYS_NOTHING(CHECK(IsRunningPort(port) == 0));
  SAYS_NOTHING(CHECK(CheckPortAvailable(port) == 1));
  SAYS_NOTHING(CHECK(GetEnableAutoRenew() == 0));
  SAYS_NOTHING(SetEventCallback(NULL, NULL));
  SAYS_NOTHING(SafeExit());
}

static void *blocks(void *unused) {
  Run();
  return unused;
}

int main(int argc, char **argv) {
  CHECK(argc == 5);
  const int first = atoi(argv[1]);
  const uint32_t port = (uint32_t)first;
  char text[128], number[16];
  uint32_t *out = NULL;
  int len = -1;

  /* What needs nothing to be started. */
  CHECK(has(GetVersionInfo(), "loopwire/"));
  CHECK(has(GetVersionCode(), LOOPWIRE_VERSION));
  CHECK(strcmp(loopwire_version(), LOOPWIRE_VERSION) == 0);
  CHECK(has(SDKGetLastError(), ""));
  FreeBuf(NULL);
  CHECK(IsRunningPort(first) == 0);
  CHECK(has(GetConfigJSON(port), "{}"));
  CHECK(has(GetConfigsJSON(), "[]"));
  CHECK(has(GetAPIHost(), ""));
  CloseTokenChan();
  CHECK(RemovePort(first) == 0);
  CHECK(StopProxy() == 0);
  CleanData();
  CHECK(StopHttpApi() == 0);

  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, blocks, NULL) == 0);
  RunAsync();
  SetEventCallback(events_collect, &events);
  EnableDebug();
  SetSaveDataPath(argv[4]);
  SetAPIHost(argv[3]);
  CHECK(has(GetAPIHost(), argv[3]));
  SetHeader((loopwire_string) "X-Key", (loopwire_string) "value");
  SetQuery((loopwire_string) "api-key", (loopwire_string) "value");
  SetUserCountryCode((loopwire_string) "US");
  CHECK(SetProxyAuth(1, (loopwire_string) "user", (loopwire_string) "password") == 0);
  CHECK(SetEnableProxyAuth(0) == 0);
  CHECK(SetProtocol(2) == 0);

  /* The range. */
  SetRangePort(first, 4);
  snprintf(text, sizeof text, "\"settingPortChange\",\"payload\":\"%d:4\"", first);
  events_wait(&events, 0, text);
  UpdateIPFormatAndPorts((loopwire_string) "127.0.0.1:%d", first, 6);
  snprintf(text, sizeof text, "\"settingPortChange\",\"payload\":\"%d:6\"", first);
  events_wait(&events, 0, text);
  CHECK(GetPorts(&out, &len) == 0 && are(out, len, 6, port));
  CHECK(GetPortsWithLimit(2, &out, &len) == 0 && are(out, len, 2, port));
  CHECK(GetPortsWithLimit(0, &out, &len) == 0 && are(out, len, 0, 0));
  CHECK(GetPortsWithStartLimit(port + 1, 3, &out, &len) == 0 && are(out, len, 3, port + 1));
  CHECK(GetPortsFreeWithLimit(5, &out, &len) == 0 && are(out, len, 5, port));
  unsigned int asked[2] = {port + 4, port + 5};
  CHECK(GetPortsAvailable(asked, 2, &out, &len) == 0 && are(out, len, 2, port + 4));
  CHECK(CheckPortAvailable(first) == 1);

  /* The five that forward. */
  size_t at = events_count(&events);
  CHECK(CreateWithId(first, (loopwire_string) "first", (loopwire_string) "1",
                     (loopwire_string) "manual") == 0);
  events_wait(&events, at, "\"forwardListCompleted\",\"payload\":\"first\"");
  CHECK(IsRunningPort(first) == 1 && CheckPortAvailable(first) == 0 && TestPort(first) == 1);
  CHECK(TestPort(first + 5) == 0);
  CHECK(has(GetConfigJSON(port), "\"proxy_id\":\"first\""));
  CHECK(has(GetConfigsJSON(), "\"client_country_code\":\"US\""));

  const char *filter = "{\"country\":[\"HK\"],\"rotation\":true}";
  CHECK(PutConfigPort(port + 1, (loopwire_string)filter, (GoInt)strlen(filter)) == 0);
  uint32_t two[2] = {port + 1, port + 2};
  /* The second one has no configuration. */
  CHECK(CreateProxyByPortConfigs((loopwire_string) "by configuration", (loopwire_string) "1", two, 2,
                                 &out, &len) == 0);
  CHECK(are(out, len, 1, port + 1));
  CHECK(has(GetConfigJSON(port + 1), "\"country_code\":\"HK\""));

  char all[256];
  snprintf(all, sizeof all, "{\"%d\":{\"country\":[\"DE\"]},\"%d\":{\"city\":\"Berlin\"}}", first + 2,
           first + 3);
  /* More than there is: it ends at its NUL. */
  CHECK(SetConfigPorts((loopwire_string)all, sizeof all) == 0);
  CHECK(QuickCreateAtPort(first + 2, (loopwire_string) "quick", (loopwire_string) "1") == 0);
  CHECK(has(GetConfigJSON(port + 2), "\"proxy_id\":\"first\""));

  /* Only the last of them is free. */
  uint32_t three[3] = {port + 1, port + 2, port + 3};
  CHECK(QuickCreateProxies((loopwire_string) "several", (loopwire_string) "1", three, 3, 1, &out, &len) ==
        0);
  CHECK(are(out, len, 1, port + 3));
  uint32_t four[1] = {port + 4};
  CHECK(CreateWithConfigure((loopwire_string) "filter", four, 1,
                            (loopwire_string) "{\"country\":\"HK\",\"list_type\":-1}", &out, &len) == 0);
  CHECK(are(out, len, 1, port + 4));

  /* Rotation and renewal. */
  CHECK(EnableAutoRotation(1) == 0 && EnableAutoRotation(0) == 0);
  CHECK(SetAutoRotationSetting(600, 1) == 0);
  CHECK(GetEnableAutoRenew() == 0 && EnableAutoRenew(1) == 0 && GetEnableAutoRenew() == 1);
  CHECK(SetRenewSetting(3600, 7, 0) == 0);
  CHECK(GetAutoRefreshProxyRateLimit() == 3600 && GetAutoRefreshProxyCountLimit() == 7);

  CHECK(StartHttpApi(atoi(argv[2])) == 0);
  CHECK(StopHttpApi() == 0);

  /* The channel. */
  StartCommunicate(1, atoi(argv[2]), (loopwire_string) "abcd1234");
  CHECK(CheckPortAvailable(atoi(argv[2])) == 0);
  StopCommunicate();
  CHECK(CheckPortAvailable(atoi(argv[2])) == 1);
  StopComunicate();

  /* Saved data. */
  at = events_count(&events);
  CHECK(RemovePort(first + 4) == 0);
  snprintf(number, sizeof number, "\"%d\"", first + 4);
  events_wait(&events, at, number);
  CHECK(StopProxy() == 0);
  CHECK(IsRunningPort(first) == 0);
  at = events_count(&events);
  RestoreData();
  events_wait(&events, at, "\"restoreDone\"");
  CHECK(IsRunningPort(first) == 1 && IsRunningPort(first + 3) == 1 && IsRunningPort(first + 4) == 0);
  CleanData();
  CHECK(IsRunningPort(first) == 1);

  /* The end: `Run` returns, but one that begins only now starts everything again. */
  int joined;
  do {
    SafeExit();
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    joined = pthread_timedjoin_np(thread, NULL, &until);
  } while (joined == ETIMEDOUT);
  CHECK(joined == 0);
  CHECK(IsRunningPort(first) == 0 && last_error_has("SafeExit"));

  /* And again. */
  RunAsync();
  CHECK(GetPorts(&out, &len) == 0 && are(out, len, 100, 60000));
  SafeExit();

  says_nothing(first, argv[3], argv[4]);
  events_free(&events);
  puts("done");
  return 0;
}
