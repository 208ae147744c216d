/* Whatever begins just before a runtime is shut down: afterwards no thread of it is left, and its ports can be bound. argv[1] is an
 * empty directory, argv[2] the first of four free ports, argv[3] how often. */
#include "net.h"

#include <dirent.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static const char *root;
static int first_port;
static loopwire_runtime *runtime;
static pthread_barrier_t gate;
static unsigned seed = 1;
static int passed, refused;

/* Threads of the library. */
static int threads(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/task");
  CHECK(folder != NULL);
  struct dirent *entry;
  while ((entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    char path[300], name[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    if (fgets(name, sizeof name, file) && strncmp(name, "loopwire", 8) == 0) count++;
    fclose(file);
  }
  closedir(folder);
  return count;
}

static void spin(int limit) {
  for (volatile int at = rand_r(&seed) % limit; at > 0; at--) {}
}

static loopwire_result counted(loopwire_result result) {
  CHECK(result != LOOPWIRE_RESULT_INTERNAL);
  __atomic_add_fetch(result == LOOPWIRE_RESULT_OK ? &passed : &refused, 1, __ATOMIC_SEQ_CST);
  return result;
}

static void listens(void) {
  loopwire_listener *listener = NULL;
  counted(loopwire_listener_start(runtime, first_port, TOKEN, NULL, NULL, NULL, &listener));
  loopwire_listener_free(listener);
}
static loopwire_listener *kept;
static void listens_on(void) {
  counted(loopwire_listener_start(runtime, first_port, TOKEN, NULL, NULL, NULL, &kept));
}
static struct events came = EVENTS_EMPTY;
static void listens_called(void) {
  loopwire_listener_callbacks callbacks = {events_collect, NULL, NULL, NULL};
  counted(loopwire_listener_start(runtime, first_port, TOKEN, NULL, &callbacks, &came, &kept));
}
static void forwards(void) {
  char options[200], *text = NULL;
  snprintf(options, sizeof options, "{\"port\":%d,\"upstream\":{\"protocol\":\"direct\",\"id\":\"own\"}}", first_port + 1);
  counted(loopwire_forward(runtime, options, &text));
  loopwire_free(text);
}
static void creates(void) {
  counted(loopwire_forward_create_with_id(runtime, first_port + 1, "straight", "1", "manual"));
}
static void serves(void) { counted(loopwire_forward_start_http_api(runtime, first_port + 2, NULL)); }
static loopwire_workspace *workspace;
static void opens(void) { counted(loopwire_workspace_open(runtime, root, NULL, &workspace)); }
static loopwire_terminal *terminal;
static void runs(void) {
  if (counted(loopwire_workspace_open(runtime, root, NULL, &workspace)) != LOOPWIRE_RESULT_OK) return;
  loopwire_result result =
      loopwire_terminal_start(workspace, "{\"command\":\"sleep 1000\",\"pty\":false}", &terminal);
  CHECK(result != LOOPWIRE_RESULT_INTERNAL);
}
static loopwire_events *events;
static void hears(void) { counted(loopwire_events_start(runtime, events_collect, &came, false, &events)); }
static void emits(void) { counted(loopwire_emit(runtime, "my:event", NULL, NULL)); }
static void configures(void) { counted(loopwire_runtime_configure(runtime, "{\"connectTimeoutMs\":2000}")); }

static void (*const starts[])(void) = {listens, listens_on, listens_called, forwards, creates, serves, opens, runs,
                                       hears, emits, configures};
static const char *const names[] = {"listens", "listens_on", "listens_called", "forwards", "creates", "serves", "opens",
                                    "runs", "hears", "emits", "configures"};

static void *starter(void *argument) {
  void (*start)(void) = *(void (*const *)(void))argument;
  pthread_barrier_wait(&gate);
  spin(30000);
  start();
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  root = argv[1];
  first_port = atoi(argv[2]);
  int times = atoi(argv[3]);
  char list[300], url[400];
  snprintf(list, sizeof list, "%s/proxies.json", root);
  FILE *file = fopen(list, "w");
  CHECK(file != NULL);
  fputs("[{\"id\":\"straight\",\"protocol\":\"direct\"}]", file);
  fclose(file);
  snprintf(url, sizeof url, "file://%s", list);
  CHECK(pthread_barrier_init(&gate, NULL, 2) == 0);
  for (size_t which = 0; which < sizeof starts / sizeof *starts; which++) {
    passed = refused = 0;
    for (int at = 0; at < times; at++) {
      CHECK_OK(loopwire_runtime_new(&runtime));
      /* With and without threads that run before. */
      if (at % 2 || starts[which] == forwards || starts[which] == creates) {
        CHECK_OK(loopwire_forward_set_api_host(runtime, url));
        CHECK_OK(loopwire_forward_set_range_port(runtime, first_port, 4));
      }
      pthread_t thread;
      CHECK(pthread_create(&thread, NULL, starter, (void *)&starts[which]) == 0);
      pthread_barrier_wait(&gate);
      spin(at % 3 ? 100000 : 10000000);
      CHECK_OK(loopwire_runtime_shutdown(runtime));
      size_t heard = events_count(&came);
      CHECK(pthread_join(thread, NULL) == 0);
      for (int each = 0; each < 3; each++) CHECK(is_free(first_port + each));
      int left = threads();
      for (int tries = 0; left && tries < 100; tries++) {
        struct timespec moment = {0, 10000000};
        nanosleep(&moment, NULL);
        left = threads();
      }
      if (left) fprintf(stderr, "%s: %d threads\n", names[which], left), _Exit(1);
      /* The call itself may still have been under way, and with it the callback that it started. */
      CHECK(events_count(&came) == heard || starts[which] == hears || starts[which] == listens_called);
      CHECK_OK(loopwire_events_free(events));
      CHECK_OK(loopwire_terminal_free(terminal));
      CHECK_OK(loopwire_workspace_free(workspace));
      CHECK_OK(loopwire_listener_free(kept));
      events = NULL, terminal = NULL, workspace = NULL, kept = NULL;
      CHECK_OK(loopwire_runtime_free(runtime));
    }
    fprintf(stderr, "%s: %d passed, %d refused\n", names[which], passed, refused);
  }
  events_free(&came);
  puts("done");
  return 0;
}
