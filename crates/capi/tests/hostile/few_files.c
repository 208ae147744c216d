/* No descriptors are left: every call says so, none ends the process, and afterwards everything works. argv[1] is an empty
 * directory. */
#include "check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static void tried(const char *name, loopwire_result result) {
  char *code = loopwire_last_error_code();
  char *message = loopwire_last_error_message();
  fprintf(stderr, "%s: %u [%s] %s\n", name, (unsigned)result, code, message);
  CHECK(result != LOOPWIRE_RESULT_INTERNAL);
  loopwire_free(code);
  loopwire_free(message);
}

static void all(const char *root, unsigned left) {
  loopwire_runtime *runtime = NULL;
  loopwire_events *events = NULL;
  loopwire_listener *listener = NULL;
  loopwire_workspace *workspace = NULL;
  loopwire_terminal *terminal = NULL;
  loopwire_execution *execution = NULL;
  loopwire_watch *watch = NULL;
  struct events came = EVENTS_EMPTY;
  bool is = false;
  char *text = NULL;
  uint8_t *bytes = NULL;
  size_t len = 0;
  fprintf(stderr, "-- %u left\n", left);
  CHECK_OK(loopwire_runtime_new(&runtime));
  tried("events", loopwire_events_start(runtime, events_collect, &came, false, &events));
  tried("emit", loopwire_emit(runtime, "my:event", NULL, NULL));
  tried("listener", loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  tried("run_async", loopwire_forward_run_async(runtime));
  tried("available", loopwire_forward_check_port_available(runtime, 60000, &is));
  tried("api host", loopwire_forward_set_api_host(runtime, "file:///etc/hostname"));
  tried("create", loopwire_forward_create_with_id(runtime, 60000, "id", "1", "manual"));
  tried("save", loopwire_forward_set_save_data_path(runtime, root));
  tried("workspace", loopwire_workspace_open(runtime, root, NULL, &workspace));
  if (workspace != NULL) {
    tried("terminal", loopwire_terminal_start(workspace, "{\"command\":\"true\"}", &terminal));
    tried("execute", loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, &execution));
    tried("watch", loopwire_watch_start(workspace, "\".\"", NULL, &watch));
    tried("write", loopwire_workspace_write_file(workspace, "x", (const uint8_t *)"x", 1, -1, NULL));
    tried("read", loopwire_workspace_read_file(workspace, "x", &bytes, &len));
    tried("snapshots", loopwire_snapshot_list(workspace, NULL, &text));
  }
  loopwire_free(bytes);
  loopwire_free(text);
  CHECK_OK(loopwire_watch_free(watch));
  CHECK_OK(loopwire_execution_free(execution));
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_workspace_free(workspace));
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_events_free(events));
  CHECK_OK(loopwire_runtime_free(runtime));
  events_free(&came);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  struct rlimit limit = {64, 64};
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  int taken[64], count = 0;
  while ((taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) count++;
  for (unsigned left = 0; count > 0 && left < 30; left++) {
    all(argv[1], left);
    close(taken[--count]);
  }
  while (count > 0) close(taken[--count]);
  all(argv[1], 64);
  puts("done");
  return 0;
}
