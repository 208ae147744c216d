/* Watching files. argv[1] is an empty directory. */
#include "expect.h"

static loopwire_workspace *workspace;

static void write_file(const char *path) {
  OK(loopwire_workspace_write_file(workspace, path, (const uint8_t *)"1234", 4, -1, NULL));
}

static void run(const char *command) {
  loopwire_execution *done = NULL;
  OK(loopwire_workspace_execute(workspace, command, NULL, 0, NULL, &done));
  OK(loopwire_execution_free(done));
}

static loopwire_watch *watch(const char *paths, const char *options) {
  loopwire_watch *started = NULL;
  OK(loopwire_watch_start(workspace, paths, options, &started));
  CHECK(started != NULL);
  return started;
}

/* Waits for a change that has this part. Its shape is printed. */
static void await_change(loopwire_watch *watch, const char *part) {
  for (;;) {
    char *json = NULL;
    OK(loopwire_watch_next(watch, STUCK_MS, &json));
    int found = strstr(json, part) != NULL;
    shape("FileChange[]", json);
    if (found) return;
  }
}

static void *wait_for_end(void *watch) {
  char *json = NULL;
  loopwire_result result;
  while ((result = loopwire_watch_next((loopwire_watch *)watch, UINT32_MAX, &json)) == LOOPWIRE_RESULT_OK)
    loopwire_free(json);
  CHECK(result == LOOPWIRE_RESULT_ENDED && json == NULL);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  loopwire_runtime *runtime = NULL;
  OK(loopwire_runtime_new(&runtime));
  OK(loopwire_workspace_open(runtime, argv[1], "{\"watch\": \"onDemand\", \"maxWatches\": 2}", &workspace));

  loopwire_watch *all = watch("\".\"", NULL);
  char *json = NULL;
  OK(loopwire_watch_ready(all, &json));
  CHECK(has(json, "\"directories\":"));
  shape("WatchReady", json);
  double began = now_ms();
  REFUSED(loopwire_watch_next(all, 0, &json), TIMED_OUT);
  REFUSED(loopwire_watch_next(all, 40, &json), TIMED_OUT);
  CHECK(json == NULL && now_ms() - began >= 40);
  write_file("one.txt");
  await_change(all, "/one.txt\",\"changeType\":\"created\",\"size\":4,");
  run("mv one.txt two.txt");
  await_change(all, "\"oldPath\":");
  run("mkdir dir");
  await_change(all, "\"isDirectory\":true");

  loopwire_watch *some = watch("[\"*.log\", \"!no.log\"]", "{\"events\": [\"created\"], \"ignore\": false}");
  loopwire_watch *third = NULL;
  FAILED(loopwire_watch_start(workspace, "\"x\"", NULL, &third), "TOO_MANY_WATCHES");
  CHECK(third == NULL);
  write_file("no.log");
  write_file("yes.log");
  json = NULL;
  OK(loopwire_watch_next(some, STUCK_MS, &json));
  CHECK(has(json, "/yes.log\"") && strstr(json, "/no.log\"") == NULL);
  loopwire_free(json);
  OK(loopwire_watch_free(some));

  REFUSED(loopwire_watch_start(workspace, NULL, NULL, &third), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_start(workspace, "src", NULL, &third), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_start(workspace, "[1]", NULL, &third), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_start(workspace, "\"x\"", "{\"event\": []}", &third), UNKNOWN_OPTION);
  REFUSED(loopwire_watch_start(workspace, "\"x\"", "{\"events\": [\"eaten\"]}", &third), INVALID_ARGUMENT);
  FAILED(loopwire_watch_start(workspace, "\"../x\"", NULL, &third), "PATH_OUTSIDE");
  REFUSED(loopwire_watch_start(workspace, "\"x\"", NULL, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_start(NULL, "\"x\"", NULL, &third), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_ready(NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_ready(all, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_next(NULL, 0, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_next(all, 0, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_watch_close(NULL), INVALID_ARGUMENT);
  OK(loopwire_watch_free(NULL));

  /* Another thread waits for ever, until the watch is closed; the second one until the workspace is. */
  pthread_t waiting = start(wait_for_end, all);
  usleep(50000);
  OK(loopwire_watch_close(all));
  join(waiting);
  OK(loopwire_watch_close(all));
  some = watch("\".\"", NULL);
  waiting = start(wait_for_end, some);
  usleep(50000);
  OK(loopwire_workspace_close(workspace));
  join(waiting);
  REFUSED(loopwire_watch_next(some, UINT32_MAX, &json), ENDED);
  OK(loopwire_watch_free(all));
  OK(loopwire_workspace_free(workspace));
  OK(loopwire_watch_free(some));
  OK(loopwire_runtime_free(runtime));
  return 0;
}
