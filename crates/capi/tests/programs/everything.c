/* Every function of the SDK's page, most of them in a right and in a wrong use, with traffic, and an orderly end.
 *
 * Arguments: a folder with proxies.json ("http", "socks" and "dead" in it) and the first of 6 free ports. */
#include "check.h"
#include "net.h"

static struct events events = EVENTS_EMPTY;

static void has(char *text, const char *part) {
  CHECK(text != NULL);
  if (strstr(text, part) == NULL) fprintf(stderr, "no \"%s\" in %s\n", part, text);
  CHECK(strstr(text, part) != NULL);
  FreeBuf(text);
}

static void is(uint32_t *ports, int len, uint32_t first, int count) {
  CHECK(len == count);
  for (int at = 0; at < len; at++) CHECK(ports[at] == first + (uint32_t)at);
  CHECK(len > 0 || ports == NULL);
  FreeBuf(ports);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  const char *folder = argv[1];
  int first = atoi(argv[2]);
  uint32_t port = (uint32_t)first;
  char url[512];
  uint32_t *out = NULL;
  int len = 0;

  has(GetVersionInfo(), LOOPWIRE_VERSION);
  has(GetVersionCode(), LOOPWIRE_VERSION);
  has(SDKGetLastError(), "");
  FreeBuf(NULL);

  RunAsync();
  SetEventCallback(events_collect, &events);
  EnableDebug();
  snprintf(url, sizeof url, "%s/save", folder);
  SetSaveDataPath(url);
  snprintf(url, sizeof url, "file://%s/proxies.json", folder);
  SetAPIHost(url);
  has(GetAPIHost(), url);
  SetHeader("X-Program", "everything");
  SetQuery("api-key", "none");
  SetUserCountryCode("HK");
  CHECK(SetProtocol(1) == 0);
  CHECK(SetProtocol(9) != 0);
  StartCommunicate(1, first + 4, "abcd1234");
  StartCommunicate(2, first + 4, "abcd1234");
  CHECK(last_error_has("1"));
  UpdateIPFormatAndPorts("127.0.0.1:%d", first, 4);
  events_wait(&events, 0, "settingPortChange");

  CHECK(GetPorts(&out, &len) == 0);
  is(out, len, port, 4);
  CHECK(GetPortsWithLimit(2, &out, &len) == 0);
  is(out, len, port, 2);
  CHECK(GetPortsWithStartLimit(port + 2, 9, &out, &len) == 0);
  is(out, len, port + 2, 2);
  CHECK(GetPortsFreeWithLimit(9, &out, &len) == 0);
  is(out, len, port, 4);
  uint32_t ports[4] = {port, port + 1, port + 2, port + 3};
  CHECK(GetPortsAvailable(ports, 4, &out, &len) == 0);
  is(out, len, port, 4);
  CHECK(GetPorts(NULL, &len) != 0);
  CHECK(GetPortsAvailable(ports, -1, &out, &len) != 0);

  CHECK(CreateWithId(first, "http", "1", "manual") == 0);
  CHECK(CreateWithId(first + 1, "dead", "1", "manual") != 0);
  CHECK(CreateWithId(first + 1, NULL, "1", "manual") != 0);
  CHECK(last_error_has("NULL"));
  CHECK(CreateWithId(first + 1, (char *)"\xff", "1", "manual") != 0);
  CHECK(CreateWithId(-1, "http", "1", "manual") != 0);
  CHECK(IsRunningPort(first) == 1 && IsRunningPort(first + 1) == 0);
  CHECK(CheckPortAvailable(first) == 0 && CheckPortAvailable(first + 1) == 1);
  CHECK(TestPort(first) == 1 && TestPort(first + 1) == 0);
  ask(first, "GET http://localhost/path HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 OK\r\n");
  has(GetConfigJSON(port), "\"proxy_id\":\"http\"");
  has(GetConfigJSON(port + 1), "{}");
  has(GetConfigsJSON(), "[{");

  char config[] = "{\"country\": [\"HK\"], \"refresh\": true, \"rotation\": true}";
  CHECK(PutConfigPort(port + 1, config, (GoInt)strlen(config)) == 0);
  CHECK(PutConfigPort(port + 1, config, -1) != 0);
  CHECK(PutConfigPort(port + 1, NULL, 3) != 0);
  snprintf(url, sizeof url, "{\"%d\": {\"country\": [\"HK\"]}}", first + 2);
  CHECK(SetConfigPorts(url, (GoInt)strlen(url)) == 0);
  CHECK(SetConfigPorts(url, 3) != 0);
  CHECK(CreateProxyByPortConfigs("by configs", "1", ports + 1, 3, &out, &len) == 0);
  is(out, len, port + 1, 2);
  CHECK(QuickCreateProxies("quick", "1", ports, 4, 1, &out, &len) == 0);
  is(out, len, port + 3, 1);
  CHECK(QuickCreateAtPort(first + 3, "again", "1") == 0);
  CHECK(CreateWithConfigure("filtered", ports, 4, "{\"country\": \"HK\", \"list_type\": -1}", &out, &len) == 0);
  is(out, len, port, 4);
  CreateWithConfigure("nothing fits", ports, 4, "{\"country\": \"XX\", \"list_type\": -1}", &out, &len);
  is(out, len, port, 0);
  CHECK(CreateWithConfigure("not JSON", ports, 4, "{", &out, &len) != 0);

  CHECK(SetProxyAuth(1, "user", "password") == 0);
  CHECK(SetEnableProxyAuth(1) == 0);
  ask(first, "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 407 ");
  CHECK(SetEnableProxyAuth(0) == 0);
  CHECK(EnableAutoRotation(1) == 0);
  CHECK(SetAutoRotationSetting(3600, 1) == 0);
  CHECK(SetAutoRotationSetting(-1, 1) != 0);
  CHECK(EnableAutoRenew(1) == 0);
  CHECK(SetRenewSetting(60, 100, 0) == 0);
  CHECK(GetEnableAutoRenew() == 1);
  CHECK(GetAutoRefreshProxyRateLimit() == 60);
  CHECK(GetAutoRefreshProxyCountLimit() == 100);

  CHECK(StartHttpApi(first + 5) == 0);
  CHECK(StartHttpApi(70000) != 0);
  snprintf(url, sizeof url, "GET /api/port_status?t=2 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", first + 5);
  ask(first + 5, url, "HTTP/1.1 200 OK\r\n");
  snprintf(url, sizeof url, "GET /ws/wrong HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", first + 4);
  ask(first + 4, url, "HTTP/1.1 4");

  CHECK(RemovePort(first + 3) == 0);
  CHECK(StopProxy() == 0);
  size_t from = events_count(&events);
  RestoreData();
  events_wait(&events, from, "restoreDone");
  CleanData();
  SetRangePort(first, 2);
  SetEventCallback(NULL, NULL);
  SetEventCallback(events_collect, &events);

  CloseTokenChan();
  CHECK(StopHttpApi() == 0);
  StopCommunicate();
  SafeExit();
  SafeExit();

  /* All ports are free, and all calls are refused. */
  for (int at = 0; at < 6; at++) CHECK(is_free(first + at));
  CHECK(GetPorts(&out, &len) != 0);
  CHECK(last_error_has("SafeExit"));
  CHECK(GetConfigsJSON() == NULL);
  SetEventCallback(events_collect, &events);
  CHECK(last_error_has("SafeExit"));
  events_free(&events);
  puts("done");
  return 0;
}
