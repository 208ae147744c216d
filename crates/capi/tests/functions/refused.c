/* Every published function with each kind of argument that is wrong, and after the end. */
#include "check.h"

#define TEXT(literal) ((loopwire_string)(literal))
#define NOT_UTF8 TEXT("\xff\xfe")

/* The last error of this thread has this text in it; nothing is said if not. */
static int says(const char *part) {
  char *message = SDKGetLastError();
  int has = message != NULL && strstr(message, part) != NULL;
  FreeBuf(message);
  return has;
}

/* The text of the error before it is another one, so that each call has to leave its own. */
#define REFUSED(failure, part)          \
  do {                                  \
    CHECK(IsRunningPort(-7) == 0);      \
    CHECK(last_error_has("not -7"));    \
    CHECK(failure);                     \
    CHECK(!says("not -7"));             \
    CHECK(last_error_has(part));        \
  } while (0)

/* The same for a function without a result. */
#define REFUSED_VOID(call, part) REFUSED((call, 1), part)

/* The same for one that hands out ports: there are none. */
static uint32_t *out;
static int len;
static uint32_t *dirty(void) {
  static uint32_t place;
  len = 77;
  return &place;
}
#define REFUSED_LIST(call, part)           \
  do {                                     \
    out = dirty();                         \
    REFUSED((call) == 1, part);            \
    CHECK(out == NULL && len == 0);        \
  } while (0)

static void wrong(void) {
  uint32_t ports[2] = {60000, 60001}, zero[1] = {0}, large[1] = {65536};
  char *id = (char *)malloc(1026);
  CHECK(id != NULL);
  memset(id, 'i', 1025);
  id[1025] = 0;
  loopwire_string a = TEXT("a"), one = TEXT("1"), manual = TEXT("manual");
  const int bad_ports[] = {-2147483647 - 1, -1, 0, 65536, 2147483647};

  for (size_t at = 0; at < sizeof bad_ports / sizeof *bad_ports; at++) {
    int bad = bad_ports[at];
    REFUSED(CreateWithId(bad, a, one, manual) == 1, "port must be");
    REFUSED(QuickCreateAtPort(bad, a, one) == 1, "port must be");
    REFUSED(RemovePort(bad) == 1, "port must be");
    REFUSED(IsRunningPort(bad) == 0, "port must be");
    REFUSED(CheckPortAvailable(bad) == 0, "port must be");
    REFUSED(TestPort(bad) == 0, "port must be");
    REFUSED(StartHttpApi(bad) == 1, "port must be");
    REFUSED(GetConfigJSON((unsigned int)bad) == NULL, "port must be");
    REFUSED(PutConfigPort((GoUint32)bad, TEXT("{}"), 2) == 1, "port must be");
    REFUSED_LIST(GetPortsWithStartLimit((unsigned int)bad, 1, &out, &len), "start must be");
    REFUSED_VOID(SetRangePort(bad, 1), "start_port must be");
    REFUSED_VOID(SetRangePort(60000, bad), "count must be");
    REFUSED_VOID(UpdateIPFormatAndPorts(TEXT("127.0.0.1:%d"), bad, 1), "start_port must be");
    REFUSED_VOID(UpdateIPFormatAndPorts(TEXT("127.0.0.1:%d"), 60000, bad), "count must be");
  }
  REFUSED_VOID(SetRangePort(65535, 2), "65535");

  REFUSED_VOID(StartCommunicate(1, -1, a), "port must be");
  REFUSED_VOID(StartCommunicate(1, 65536, a), "port must be");
  REFUSED_VOID(StartCommunicate(0, 60000, a), "comType must be 1");
  REFUSED_VOID(StartCommunicate(2, 60000, a), "comType must be 1");
  REFUSED_VOID(StartCommunicate(1, 60000, TEXT("")), "token");
  REFUSED_VOID(StartCommunicate(1, 60000, TEXT("a b")), "token");

  /* NULL, what is not UTF-8, and ids that are too long. */
  loopwire_string bad_texts[] = {NULL, NOT_UTF8};
  const char *why[] = {"not NULL", "UTF-8"};
  for (int at = 0; at < 2; at++) {
    loopwire_string bad = bad_texts[at];
    REFUSED(CreateWithId(60000, bad, one, manual) == 1, why[at]);
    REFUSED(CreateWithId(60000, a, bad, manual) == 1, why[at]);
    REFUSED(CreateWithId(60000, a, one, bad) == 1, why[at]);
    REFUSED(QuickCreateAtPort(60000, bad, one) == 1, why[at]);
    REFUSED(QuickCreateAtPort(60000, a, bad) == 1, why[at]);
    REFUSED_LIST(CreateProxyByPortConfigs(bad, one, ports, 2, &out, &len), why[at]);
    REFUSED_LIST(CreateProxyByPortConfigs(a, bad, ports, 2, &out, &len), why[at]);
    REFUSED_LIST(QuickCreateProxies(bad, one, ports, 2, 0, &out, &len), why[at]);
    REFUSED_LIST(QuickCreateProxies(a, bad, ports, 2, 0, &out, &len), why[at]);
    REFUSED_LIST(CreateWithConfigure(bad, ports, 2, TEXT("{}"), &out, &len), why[at]);
    REFUSED_LIST(CreateWithConfigure(a, ports, 2, bad, &out, &len), why[at]);
    REFUSED_VOID(UpdateIPFormatAndPorts(bad, 60000, 1), why[at]);
    REFUSED(PutConfigPort(60000, bad, 2) == 1, why[at]);
    REFUSED(SetConfigPorts(bad, 2) == 1, why[at]);
    REFUSED_VOID(SetAPIHost(bad), why[at]);
    REFUSED_VOID(SetHeader(bad, a), why[at]);
    REFUSED_VOID(SetHeader(a, bad), why[at]);
    REFUSED_VOID(SetQuery(bad, a), why[at]);
    REFUSED_VOID(SetQuery(a, bad), why[at]);
    REFUSED_VOID(SetUserCountryCode(bad), why[at]);
    REFUSED(SetProxyAuth(1, bad, a) == 1, why[at]);
    REFUSED(SetProxyAuth(1, a, bad) == 1, why[at]);
    REFUSED_VOID(SetSaveDataPath(bad), why[at]);
    REFUSED_VOID(StartCommunicate(1, 60000, bad), why[at]);
  }
  REFUSED(CreateWithId(60000, TEXT(id), one, manual) == 1, "1024");
  REFUSED(QuickCreateAtPort(60000, TEXT(id), one) == 1, "1024");
  free(id);

  /* Places for results that are missing. Nothing is written to the other one but that it is empty. */
  REFUSED(GetPorts(NULL, &len) == 1, "out must not be NULL");
  REFUSED(GetPorts(&out, NULL) == 1, "out_len must not be NULL");
  REFUSED(GetPortsWithLimit(1, NULL, &len) == 1, "NULL");
  REFUSED(GetPortsWithStartLimit(60000, 1, &out, NULL) == 1, "NULL");
  REFUSED(GetPortsFreeWithLimit(1, NULL, NULL) == 1, "NULL");
  REFUSED(GetPortsAvailable(ports, 2, NULL, &len) == 1, "NULL");
  REFUSED(CreateProxyByPortConfigs(a, one, ports, 2, NULL, &len) == 1, "NULL");
  REFUSED(QuickCreateProxies(a, one, ports, 2, 0, &out, NULL) == 1, "NULL");
  REFUSED(CreateWithConfigure(a, ports, 2, TEXT("{}"), NULL, NULL) == 1, "NULL");

  /* Arrays of ports. */
  const int bad_counts[] = {-1, -2147483647 - 1, 65536, 2147483647};
  for (size_t at = 0; at < sizeof bad_counts / sizeof *bad_counts; at++) {
    int bad = bad_counts[at];
    REFUSED_LIST(GetPortsAvailable(ports, bad, &out, &len), "n must be");
    REFUSED_LIST(CreateProxyByPortConfigs(a, one, ports, bad, &out, &len), "n must be");
    REFUSED_LIST(QuickCreateProxies(a, one, ports, bad, 0, &out, &len), "n must be");
    REFUSED_LIST(CreateWithConfigure(a, ports, bad, TEXT("{}"), &out, &len), "n must be");
  }
  uint32_t *bad_arrays[] = {NULL, zero, large};
  const char *which[] = {"ports must not be NULL", "ports[0]", "ports[0]"};
  for (int at = 0; at < 3; at++) {
    uint32_t *bad = bad_arrays[at];
    REFUSED_LIST(GetPortsAvailable(bad, 1, &out, &len), which[at]);
    REFUSED_LIST(CreateProxyByPortConfigs(a, one, bad, 1, &out, &len), which[at]);
    REFUSED_LIST(QuickCreateProxies(a, one, bad, 1, 0, &out, &len), which[at]);
    REFUSED_LIST(CreateWithConfigure(a, bad, 1, TEXT("{}"), &out, &len), which[at]);
  }

  /* Lengths, and JSON. */
  REFUSED(PutConfigPort(60000, TEXT("{}"), -1) == 1, "len must be");
  REFUSED(SetConfigPorts(TEXT("{}"), -1) == 1, "len must be");
  REFUSED(PutConfigPort(60000, TEXT("{}"), 1) == 1, "JSON");
  REFUSED(PutConfigPort(60000, TEXT("{}"), 0) == 1, "JSON");
  REFUSED(SetConfigPorts(TEXT("[]"), 2) == 1, "");
  REFUSED(SetConfigPorts(TEXT("{\"0\":{}}"), INT64_MAX) == 1, "");
  REFUSED_LIST(CreateWithConfigure(a, ports, 2, TEXT("{"), &out, &len), "JSON");

  /* Switches and numbers. */
  REFUSED_LIST(QuickCreateProxies(a, one, ports, 2, 2, &out, &len), "only_free must be");
  REFUSED_LIST(QuickCreateProxies(a, one, ports, 2, -1, &out, &len), "only_free must be");
  REFUSED(SetEnableProxyAuth(2) == 1, "enable must be");
  REFUSED(SetEnableProxyAuth(-1) == 1, "enable must be");
  REFUSED(SetEnableProxyAuth(1) == 1, "");
  REFUSED(SetProxyAuth(-1, a, a) == 1, "enable must be");
  REFUSED(SetProxyAuth(1, TEXT("a:b"), a) == 1, "");
  REFUSED(SetProxyAuth(1, TEXT(""), a) == 1, "");
  REFUSED(SetProtocol(-1) == 1, "protocol must be");
  REFUSED(SetProtocol(3) == 1, "protocol must be");
  REFUSED(EnableAutoRotation(2) == 1, "enable must be");
  REFUSED(EnableAutoRenew(255) == 1, "enable must be");
  REFUSED(SetAutoRotationSetting(0, 0) == 1, "seconds must be");
  REFUSED(SetAutoRotationSetting(-1, 0) == 1, "seconds must be");
  REFUSED(SetAutoRotationSetting(INT64_MAX, 0) == 1, "seconds must be");
  REFUSED(SetAutoRotationSetting(60, 2) == 1, "only_port_has_config must be");
  REFUSED(SetRenewSetting(INT64_MIN, 1, 0) == 1, "seconds must be");
  REFUSED(SetRenewSetting(60, -1, 0) == 1, "count_limit must be");
  REFUSED(SetRenewSetting(60, 1, 2) == 1, "only_port_has_config must be");

  /* What cannot be used. */
  REFUSED_VOID(SetAPIHost(TEXT("gopher://there")), "gopher");
  REFUSED_VOID(UpdateIPFormatAndPorts(TEXT("0.0.0.0:%d"), 60000, 1), "");
  REFUSED_VOID(UpdateIPFormatAndPorts(TEXT("no address"), 60000, 1), "");
  REFUSED_VOID(SetHeader(TEXT("no header"), a), "header");
  REFUSED_VOID(SetSaveDataPath(TEXT("/dev/null/saved")), "/dev/null");
  REFUSED_VOID(RestoreData(), "");
  REFUSED(CreateWithId(60000, a, one, manual) == 1, "no provider");

  /* A success says nothing, and does not take the error back. */
  CHECK(IsRunningPort(-7) == 0 && SetProtocol(0) == 0 && last_error_has("not -7"));
}

static int no_runtime(void) {
  return loopwire_runtime_configure(NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT;
}

/* Afterwards everything but RunAsync and Run is refused, and starts nothing. */
static void ended(void) {
  uint32_t ports[1] = {60000};
  loopwire_string a = TEXT("a"), one = TEXT("1");
  const char *over = "SafeExit";
#undef REFUSED
#define REFUSED(failure, part)                                           \
  do {                                                                   \
    CHECK(no_runtime() && last_error_has("must not be NULL"));           \
    CHECK(failure);                                                      \
    CHECK(last_error_has(part));                                         \
  } while (0)
  REFUSED(CreateWithId(60000, a, one, a) == 1, over);
  REFUSED_LIST(CreateProxyByPortConfigs(a, one, ports, 1, &out, &len), over);
  REFUSED_LIST(QuickCreateProxies(a, one, ports, 1, 0, &out, &len), over);
  REFUSED(QuickCreateAtPort(60000, a, one) == 1, over);
  REFUSED_LIST(CreateWithConfigure(a, ports, 1, TEXT("{}"), &out, &len), over);
  REFUSED(RemovePort(60000) == 1, over);
  REFUSED(StopProxy() == 1, over);
  REFUSED_VOID(SetRangePort(60000, 1), over);
  REFUSED_VOID(UpdateIPFormatAndPorts(TEXT("127.0.0.1:%d"), 60000, 1), over);
  REFUSED_LIST(GetPorts(&out, &len), over);
  REFUSED_LIST(GetPortsWithLimit(1, &out, &len), over);
  REFUSED_LIST(GetPortsWithStartLimit(60000, 1, &out, &len), over);
  REFUSED_LIST(GetPortsFreeWithLimit(1, &out, &len), over);
  REFUSED_LIST(GetPortsAvailable(ports, 1, &out, &len), over);
  REFUSED(GetPorts(NULL, NULL) == 1, over);
  REFUSED(IsRunningPort(60000) == 0, over);
  REFUSED(CheckPortAvailable(60000) == 0, over);
  REFUSED(TestPort(60000) == 0, over);
  REFUSED(GetConfigJSON(60000) == NULL, over);
  REFUSED(GetConfigsJSON() == NULL, over);
  REFUSED(PutConfigPort(60000, TEXT("{}"), 2) == 1, over);
  REFUSED(SetConfigPorts(TEXT("{}"), 2) == 1, over);
  REFUSED(StartHttpApi(60000) == 1, over);
  REFUSED(StopHttpApi() == 1, over);
  REFUSED_VOID(StartCommunicate(1, 0, a), over);
  REFUSED_VOID(StopCommunicate(), over);
  REFUSED_VOID(StopComunicate(), over);
  REFUSED_VOID(SetAPIHost(a), over);
  REFUSED(GetAPIHost() == NULL, over);
  REFUSED_VOID(SetHeader(a, a), over);
  REFUSED_VOID(SetQuery(a, a), over);
  REFUSED_VOID(SetUserCountryCode(a), over);
  REFUSED_VOID(CloseTokenChan(), over);
  REFUSED(SetEnableProxyAuth(1) == 1, over);
  REFUSED(SetProxyAuth(1, a, a) == 1, over);
  REFUSED(SetProtocol(0) == 1, over);
  REFUSED(EnableAutoRotation(1) == 1, over);
  REFUSED(SetAutoRotationSetting(60, 0) == 1, over);
  REFUSED(EnableAutoRenew(1) == 1, over);
  REFUSED(SetRenewSetting(60, 1, 0) == 1, over);
  REFUSED(GetEnableAutoRenew() == 0, over);
  REFUSED(GetAutoRefreshProxyRateLimit() == -1, over);
  REFUSED(GetAutoRefreshProxyCountLimit() == -1, over);
  REFUSED_VOID(SetSaveDataPath(a), over);
  REFUSED_VOID(RestoreData(), over);
  REFUSED_VOID(CleanData(), over);
  REFUSED_VOID(EnableDebug(), over);
  struct events none = EVENTS_EMPTY;
  REFUSED_VOID(SetEventCallback(events_collect, &none), over);

  /* These work. */
  char *text = GetVersionInfo();
  CHECK(text != NULL);
  FreeBuf(text);
  text = GetVersionCode();
  CHECK(text != NULL);
  FreeBuf(text);
  SafeExit();
}

/* Run() would wait for the end of the callback that it is called in. */
static void runs(void *refused, const char *event, size_t length) {
  (void)event;
  (void)length;
  Run();
  CHECK(last_error_has("Run() blocks"));
  __atomic_store_n((int *)refused, 1, __ATOMIC_SEQ_CST);
}

int main(void) {
  /* The end before anything else. */
  SafeExit();
  ended();
  RunAsync();
  wrong();
  int refused = 0;
  SetEventCallback(runs, &refused);
  SetRangePort(60000, 3);
  while (!__atomic_load_n(&refused, __ATOMIC_SEQ_CST)) {
    struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
  }
  SafeExit();
  ended();
  puts("done");
  return 0;
}
