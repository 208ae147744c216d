/* 16 threads call everything at once, SafeExit and RunAsync among it, and one sits in Run.
 *
 * Arguments: a folder with proxies.json, the first of 6 free ports, the number of calls of each thread. */
#include "check.h"

#include <dirent.h>
#include <stdatomic.h>

#define THREADS 16

static int first, calls;
static char list[512], save[512];
static atomic_bool over;
static atomic_size_t called, events_seen, forwarded;
static loopwire_runtime *shared;

static void count(void *userdata, const char *event, size_t len) {
  CHECK(event[len] == 0 && len > 0);
  atomic_fetch_add((atomic_size_t *)userdata, 1);
}

static void call(unsigned number, int port, int which) {
  uint32_t ports[3] = {(uint32_t)first, (uint32_t)first + 1, (uint32_t)first + 2}, *out = NULL;
  int len = 0;
  char text[64];
  loopwire_runtime *own = NULL;
  loopwire_events *handle = NULL;
  switch (number % 56) {
    case 0:
      if (which < 3) SafeExit();
      break;
    case 1: case 2: case 3: case 4:
      RunAsync();
      SetRangePort(first, 4);
      SetAPIHost(list);
      break;
    case 5: SetAPIHost(list); break;
    case 6: FreeBuf(GetAPIHost()); break;
    case 7: SetHeader("X-One", "1"); break;
    case 8: SetQuery("api-key", "1"); break;
    case 9: SetUserCountryCode("HK"); break;
    case 10: SetRangePort(first, 3 + which % 2); break;
    case 11: UpdateIPFormatAndPorts("127.0.0.1:%d", first, 4); break;
    case 12: GetPorts(&out, &len); break;
    case 13: GetPortsWithLimit(2, &out, &len); break;
    case 14: GetPortsWithStartLimit((unsigned)first, 2, &out, &len); break;
    case 15: GetPortsFreeWithLimit(2, &out, &len); break;
    case 16: GetPortsAvailable(ports, 3, &out, &len); break;
    case 17: IsRunningPort(port); break;
    case 18: CheckPortAvailable(port); break;
    case 19: TestPort(port); break;
    case 20: FreeBuf(GetConfigJSON((unsigned)port)); break;
    case 21: FreeBuf(GetConfigsJSON()); break;
    case 22: PutConfigPort((GoUint32)port, "{\"country\": [\"HK\"]}", 19); break;
    case 23: SetConfigPorts("{}", 2); break;
    case 24: case 25:
      if (CreateWithId(port, which % 2 ? "socks" : "http", "1", "manual") == 0) atomic_fetch_add(&forwarded, 1);
      break;
    case 26: CreateWithConfigure("a", ports, 3, "{\"list_type\": -1}", &out, &len); break;
    case 27: CreateProxyByPortConfigs("b", "1", ports, 3, &out, &len); break;
    case 28: QuickCreateProxies("c", "1", ports, 3, which % 2, &out, &len); break;
    case 29: QuickCreateAtPort(port, "d", "1"); break;
    case 30:
      if (which == 0) RemovePort(port);
      break;
    case 31:
      if (which == 1) StopProxy();
      break;
    case 32: SetSaveDataPath(save); break;
    case 33: RestoreData(); break;
    case 34: CleanData(); break;
    case 35: CloseTokenChan(); break;
    case 36: StartHttpApi(first + 4); break;
    case 37: StopHttpApi(); break;
    case 38: case 39: StartCommunicate(1, first + 5, "abcd1234"); break;
    case 40: StopCommunicate(); break;
    case 41: case 42: SetEventCallback(count, &events_seen); break;
    case 43: SetEventCallback(NULL, NULL); break;
    case 44: EnableDebug(); break;
    case 45: SetProtocol(which % 3); break;
    case 46: SetProxyAuth(which % 2, "user", "password"); break;
    case 47: SetEnableProxyAuth(0); break;
    case 48: EnableAutoRotation(1); SetAutoRotationSetting(3600, 0); break;
    case 49: EnableAutoRenew(1); SetRenewSetting(3600, 9, 0); break;
    case 50: GetEnableAutoRenew(); GetAutoRefreshProxyRateLimit(); GetAutoRefreshProxyCountLimit(); break;
    case 51: FreeBuf(GetVersionInfo()); FreeBuf(GetVersionCode()); FreeBuf(SDKGetLastError()); break;
    case 52:
      CHECK_OK(loopwire_runtime_new(&own));
      CHECK_OK(loopwire_events_start(own, count, &events_seen, which % 2 == 0, &handle));
      CHECK_OK(loopwire_emit(own, "one", "text", NULL));
      if (which % 2) CHECK_OK(loopwire_events_free(handle));
      CHECK_OK(loopwire_runtime_free(own));
      if (which % 2 == 0) CHECK_OK(loopwire_events_free(handle));
      break;
    case 53:
      CHECK_OK(loopwire_events_start(shared, count, &events_seen, false, &handle));
      CHECK_OK(loopwire_emit(shared, "one", NULL, NULL));
      CHECK_OK(loopwire_events_free(handle));
      break;
    default:
      snprintf(text, sizeof text, "{\"number\": %u}", number);
      CHECK_OK(loopwire_emit_data(shared, "counted", text, NULL));
  }
  FreeBuf(out);
}

static void *caller(void *number) {
  unsigned state = (unsigned)(size_t)number * 2654435761u + 1;
  for (int at = 0; at < calls; at++) {
    /* xorshift: the same calls in each run. */
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    call(state >> 8, first + (int)(state % 4), (int)(state % 7));
    atomic_fetch_add(&called, 1);
  }
  return NULL;
}

static void *runner(void *unused) {
  (void)unused;
  while (!atomic_load(&over)) Run();
  return NULL;
}

static int entries(const char *folder) {
  DIR *open = opendir(folder);
  CHECK(open != NULL);
  int number = 0;
  while (readdir(open) != NULL) number++;
  closedir(open);
  return number;
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  snprintf(list, sizeof list, "file://%s/proxies.json", argv[1]);
  snprintf(save, sizeof save, "%s/save", argv[1]);
  first = atoi(argv[2]);
  calls = atoi(argv[3]);
  CHECK_OK(loopwire_runtime_new(&shared));
  SetRangePort(first, 4);
  SetAPIHost(list);

  pthread_t threads[THREADS], run;
  CHECK(pthread_create(&run, NULL, runner, NULL) == 0);
  for (size_t at = 0; at < THREADS; at++) CHECK(pthread_create(&threads[at], NULL, caller, (void *)at) == 0);
  for (size_t at = 0; at < THREADS; at++) CHECK(pthread_join(threads[at], NULL) == 0);
  atomic_store(&over, true);
  /* It may be on its way into Run, so that one SafeExit comes too early. */
  for (;;) {
    SafeExit();
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50 * 1000 * 1000;
    if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
    if (pthread_timedjoin_np(run, NULL, &until) == 0) break;
  }
  CHECK_OK(loopwire_runtime_free(shared));

  /* No callback any more, and no thread of the library: ".", ".." and this one. */
  size_t seen = atomic_load(&events_seen);
  for (int tries = 0; entries("/proc/self/task") > 3; tries++) {
    CHECK(tries < STUCK_MS / 10);
    struct timespec pause = {0, 10 * 1000 * 1000};
    nanosleep(&pause, NULL);
  }
  CHECK(atomic_load(&events_seen) == seen);
  printf("%zu calls, %zu ports forwarded, %zu events\n", atomic_load(&called), atomic_load(&forwarded), seen);
  return 0;
}
