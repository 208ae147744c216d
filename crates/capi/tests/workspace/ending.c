/* Threads wait for everything that there is to wait for, and the workspace ends. argv[1] is an empty directory, argv[2] the port
 * of a server that never answers, argv[3] what ends it: "shutdown", "free" or "close". */
#include "expect.h"

static loopwire_workspace *workspace;
static loopwire_terminal *reading, *silent;
static loopwire_watch *watch;
static loopwire_git_operation *operation;
static loopwire_snapshot_run *run;

static uint8_t bytes[700000];

static loopwire_result read_on(void) {
  size_t len = 0;
  loopwire_result result;
  do {
    result = loopwire_terminal_read(reading, bytes, 100, UINT32_MAX, &len, NULL, NULL);
  } while (result == LOOPWIRE_RESULT_OK);
  CHECK(len == 0);
  return result;
}

static loopwire_result await_exit(void) {
  char *json = NULL;
  loopwire_result result = loopwire_terminal_exit(silent, UINT32_MAX, &json);
  CHECK((json != NULL) == (result == LOOPWIRE_RESULT_OK));
  loopwire_free(json);
  return result;
}

static loopwire_result write_on(void) { return loopwire_terminal_write(silent, bytes, sizeof bytes, true); }

static loopwire_result await_change(void) {
  char *json = NULL;
  loopwire_result result = loopwire_watch_next(watch, UINT32_MAX, &json);
  CHECK(json == NULL);
  return result;
}

static loopwire_result await_git(void) { return loopwire_git_wait(operation, UINT32_MAX, NULL); }

static loopwire_result follow_git(void) {
  for (;;) {
    char *json = NULL;
    loopwire_result result = loopwire_git_progress(operation, UINT32_MAX, &json);
    if (result != LOOPWIRE_RESULT_OK) return result;
    loopwire_free(json);
  }
}

static loopwire_result await_question(void) {
  char *json = NULL;
  return loopwire_git_question(operation, UINT32_MAX, &json);
}

static loopwire_result execute(void) {
  loopwire_execution *done = NULL;
  loopwire_result result = loopwire_workspace_execute(workspace, "sleep 1000", NULL, 0, NULL, &done);
  CHECK((done != NULL) == (result == LOOPWIRE_RESULT_OK));
  if (done != NULL) CHECK(strcmp(done->reason, "closed") == 0);
  loopwire_execution_free(done);
  return result;
}

static loopwire_result follow_run(void) {
  char *json = NULL;
  return loopwire_snapshot_run_progress(run, UINT32_MAX, &json);
}

struct waiter {
  const char *name;
  loopwire_result (*wait)(void);
  loopwire_result wanted;
  loopwire_result result;
};

static struct waiter waiters[] = {
    {"read", read_on, LOOPWIRE_RESULT_ENDED, LOOPWIRE_RESULT_OK},
    {"exit", await_exit, LOOPWIRE_RESULT_OK, LOOPWIRE_RESULT_OK},
    {"write", write_on, LOOPWIRE_RESULT_OK, LOOPWIRE_RESULT_OK},
    {"next", await_change, LOOPWIRE_RESULT_ENDED, LOOPWIRE_RESULT_OK},
    {"wait", await_git, LOOPWIRE_RESULT_CANCELLED, LOOPWIRE_RESULT_OK},
    {"progress", follow_git, LOOPWIRE_RESULT_ENDED, LOOPWIRE_RESULT_OK},
    {"question", await_question, LOOPWIRE_RESULT_ENDED, LOOPWIRE_RESULT_OK},
    {"execute", execute, LOOPWIRE_RESULT_OK, LOOPWIRE_RESULT_OK},
    /* Nothing began with it, so that only the end of the runtime ends it. */
    {"run", follow_run, LOOPWIRE_RESULT_ENDED, LOOPWIRE_RESULT_OK},
};

enum { WAITERS = sizeof waiters / sizeof *waiters };

static void *wait_on(void *argument) {
  struct waiter *waiter = (struct waiter *)argument;
  waiter->result = waiter->wait();
  return NULL;
}

/* Everything is refused, or says that it has ended, and nothing waits. */
static void afterwards(bool closed) {
  loopwire_execution *done = NULL;
  loopwire_terminal *terminal = NULL;
  loopwire_watch *other = NULL;
  loopwire_git_operation *git = NULL;
  loopwire_result gone = closed ? LOOPWIRE_RESULT_CLOSED : LOOPWIRE_RESULT_SHUT_DOWN;
  char *json = NULL;
  uint8_t *content = NULL;
  size_t len = 0;
  CHECK(loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, &done) == gone);
  CHECK(loopwire_terminal_start(workspace, NULL, &terminal) == gone);
  CHECK(loopwire_watch_start(workspace, "\"x\"", NULL, &other) == gone);
  CHECK(loopwire_git_start(workspace, "fetch", "{\"repoPath\": \".\"}", false, &git) == gone);
  CHECK(loopwire_workspace_read_file(workspace, "x", &content, &len) == gone);
  CHECK(loopwire_workspace_write_file(workspace, "x", NULL, 0, -1, NULL) == gone);
  CHECK(loopwire_snapshot_create(workspace, NULL, NULL, &json) == gone);
  CHECK(loopwire_snapshot_list(workspace, NULL, &json) == gone);
  CHECK(read_on() != LOOPWIRE_RESULT_OK);
  CHECK(await_change() == LOOPWIRE_RESULT_ENDED);
  CHECK(await_git() != LOOPWIRE_RESULT_OK);
  CHECK(follow_git() != LOOPWIRE_RESULT_OK);
  CHECK(await_question() != LOOPWIRE_RESULT_OK);
  OK(loopwire_terminal_write(silent, bytes, 1, false));
  OK(loopwire_terminal_resize(silent, 10, 10));
  OK(loopwire_terminal_signal(silent, "SIGINT"));
  OK(loopwire_terminal_eof(silent));
  OK(loopwire_terminal_end(silent));
  OK(loopwire_terminal_stop_reading(reading));
  OK(loopwire_watch_close(watch));
  OK(loopwire_git_cancel(operation));
  OK(loopwire_snapshot_run_cancel(run));
  OK(loopwire_workspace_root(workspace, &json));
  loopwire_free(json);
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  bool frees = strcmp(argv[3], "free") == 0, closes = strcmp(argv[3], "close") == 0;
  loopwire_runtime *runtime = NULL;
  OK(loopwire_runtime_new(&runtime));
  OK(loopwire_workspace_open(runtime, argv[1], NULL, &workspace));
  OK(loopwire_terminal_start(workspace, "{\"command\": \"echo begun; sleep 1000\", \"pty\": false}", &reading));
  OK(loopwire_terminal_start(workspace, "{\"command\": \"sleep 1000\", \"pty\": false}", &silent));
  OK(loopwire_watch_start(workspace, "\"nothing\"", NULL, &watch));
  char options[256];
  snprintf(options, sizeof options, "{\"url\": \"http://127.0.0.1:%s/x.git\", \"targetDir\": \"never\"}", argv[2]);
  OK(loopwire_git_start(workspace, "clone", options, true, &operation));
  OK(loopwire_snapshot_run_new(workspace, &run));

  pthread_t threads[WAITERS];
  int count = closes ? WAITERS - 1 : WAITERS;
  for (int at = 0; at < count; at++) threads[at] = start(wait_on, &waiters[at]);
  usleep(300000);
  double began = now_ms();
  if (closes) OK(loopwire_workspace_close(workspace));
  else if (frees) OK(loopwire_runtime_free(runtime));
  else OK(loopwire_runtime_shutdown(runtime));
  for (int at = 0; at < count; at++) join(threads[at]);
  CHECK(now_ms() - began < 20000);
  for (int at = 0; at < count; at++) {
    struct waiter *waiter = &waiters[at];
    bool ended = waiter->result == waiter->wanted || (!closes && waiter->result == LOOPWIRE_RESULT_SHUT_DOWN);
    if (!ended) fprintf(stderr, "%s gave %u\n", waiter->name, (unsigned)waiter->result);
    CHECK(ended);
  }
  afterwards(closes);

  /* In any order. */
  if (closes) {
    OK(loopwire_workspace_free(workspace));
    OK(loopwire_runtime_free(runtime));
  }
  OK(loopwire_snapshot_run_free(run));
  OK(loopwire_git_free(operation));
  OK(loopwire_watch_free(watch));
  OK(loopwire_terminal_free(silent));
  if (!closes) OK(loopwire_workspace_free(workspace));
  OK(loopwire_terminal_free(reading));
  if (!closes && !frees) OK(loopwire_runtime_free(runtime));
  return 0;
}
