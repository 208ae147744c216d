/* Calls inside a callback. argv[1] is an empty directory, argv[2] another one for the store. */
#include "expect.h"

static loopwire_runtime *runtime;
static loopwire_workspace *workspace;
static int filled, done;

/* A call that is given up, because this callback holds back what it waits for, takes nothing with it. */
static void given_up(void) {
  loopwire_terminal *terminal = NULL, *other = NULL;
  OK(loopwire_terminal_start(workspace, "{\"command\": \"cat\", \"pty\": false}", &terminal));
  loopwire_result result;
  do {
    result = loopwire_emit(runtime, "filler", "text", NULL);
  } while (result == LOOPWIRE_RESULT_OK);
  CHECK(result == LOOPWIRE_RESULT_JOURNAL_FULL);
  /* Its start cannot be told now. On a machine that is slow the call is given up. */
  result = loopwire_terminal_start(workspace, "{\"command\": \"true\"}", &other);
  CHECK(result == LOOPWIRE_RESULT_OK || result == LOOPWIRE_RESULT_JOURNAL_FULL);
  OK(loopwire_terminal_free(other));
  size_t read = 0;
  uint8_t byte = 0;
  REFUSED(loopwire_terminal_read(terminal, &byte, 1, UINT32_MAX, &read, NULL, NULL), JOURNAL_FULL);
  OK(loopwire_terminal_write(terminal, (const uint8_t *)"x", 1, false));
  /* Long enough for whoever still reads. */
  usleep(200000);
  OK(loopwire_terminal_read(terminal, &byte, 1, 0, &read, NULL, NULL));
  CHECK(read == 1 && byte == 'x');
  OK(loopwire_terminal_end(terminal));
  OK(loopwire_terminal_free(terminal));
}

static void on_event(void *userdata, const char *event, size_t len) {
  (void)userdata;
  (void)len;
  if (strstr(event, "\"full\"") != NULL) {
    given_up();
    __atomic_store_n(&filled, 1, __ATOMIC_SEQ_CST);
  }
  if (strstr(event, "\"go\"") == NULL) return;
  loopwire_execution *executed = NULL;
  OK(loopwire_workspace_execute(workspace, "echo hello", NULL, 0, NULL, &executed));
  CHECK(strcmp((char *)executed->stdout_bytes, "hello\n") == 0);
  OK(loopwire_execution_free(executed));
  OK(loopwire_workspace_write_file(workspace, "x", (const uint8_t *)"x", 1, -1, NULL));
  loopwire_terminal *terminal = NULL;
  OK(loopwire_terminal_start(workspace, "{\"command\": \"sleep 1000\"}", &terminal));
  size_t read = 0;
  uint8_t byte;
  REFUSED(loopwire_terminal_read(terminal, &byte, 1, 10, &read, NULL, NULL), TIMED_OUT);
  char *json = NULL;
  OK(loopwire_snapshot_create(workspace, NULL, NULL, &json));
  loopwire_free(json);
  /* What runs is not waited for here. */
  double began = now_ms();
  OK(loopwire_workspace_close(workspace));
  CHECK(now_ms() - began < 1000);
  bool closed = false;
  OK(loopwire_workspace_is_closed(workspace, &closed));
  CHECK(closed);
  OK(loopwire_workspace_free(workspace));
  OK(loopwire_terminal_exit(terminal, STUCK_MS, &json));
  CHECK(has(json, "\"reason\":\"closed\""));
  loopwire_free(json);
  OK(loopwire_terminal_free(terminal));
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  OK(loopwire_runtime_new(&runtime));
  OK(loopwire_runtime_configure(runtime, "{\"journalEvents\": 1024}"));
  char options[1024];
  snprintf(options, sizeof options, "{\"snapshotDir\": \"%s\"}", argv[2]);
  OK(loopwire_workspace_open(runtime, argv[1], options, &workspace));
  loopwire_events *events = NULL;
  OK(loopwire_events_start(runtime, on_event, NULL, false, &events));
  OK(loopwire_emit(runtime, "full", NULL, NULL));
  /* The journal is full until the callback has taken it all. */
  bool behind = true;
  for (double began = now_ms(); behind; usleep(1000)) {
    CHECK(now_ms() - began < STUCK_MS);
    if (!__atomic_load_n(&filled, __ATOMIC_SEQ_CST)) continue;
    if (loopwire_emit(runtime, "probe", NULL, &behind) != LOOPWIRE_RESULT_OK) behind = true;
  }
  OK(loopwire_emit(runtime, "go", NULL, NULL));
  for (double began = now_ms(); !__atomic_load_n(&done, __ATOMIC_SEQ_CST); usleep(1000)) CHECK(now_ms() - began < STUCK_MS);
  OK(loopwire_events_free(events));
  OK(loopwire_runtime_free(runtime));
  return 0;
}
