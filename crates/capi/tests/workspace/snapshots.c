/* Snapshots. argv[1] is an empty directory, argv[2] another one for the store. */
#include "expect.h"

static loopwire_workspace *workspace;

static void write_file(const char *path, const char *content) {
  OK(loopwire_workspace_write_file(workspace, path, (const uint8_t *)content, strlen(content), -1, NULL));
}

static loopwire_snapshot_run *new_run(void) {
  loopwire_snapshot_run *run = NULL;
  OK(loopwire_snapshot_run_new(workspace, &run));
  CHECK(run != NULL);
  return run;
}

static void *follow(void *run) {
  int figures = 0;
  for (;;) {
    char *json = NULL;
    loopwire_result result = loopwire_snapshot_run_progress((loopwire_snapshot_run *)run, UINT32_MAX, &json);
    if (result == LOOPWIRE_RESULT_ENDED) break;
    CHECK(result == LOOPWIRE_RESULT_OK);
    figures++;
    shape("SnapshotProgress", json);
  }
  CHECK(figures > 0);
  return NULL;
}

static char *create(const char *options) {
  char *json = NULL;
  loopwire_snapshot_run *run = new_run();
  REFUSED(loopwire_snapshot_run_progress(run, 0, &json), TIMED_OUT);
  REFUSED(loopwire_snapshot_run_progress(run, 10, &json), TIMED_OUT);
  pthread_t follower = start(follow, run);
  OK(loopwire_snapshot_create(workspace, options, run, &json));
  join(follower);
  char *hash = text_of(json, "commitHash");
  shape("SnapshotCreated", json);
  /* It was for one operation. */
  REFUSED(loopwire_snapshot_create(workspace, options, run, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_delete(workspace, hash, run), INVALID_ARGUMENT);
  OK(loopwire_snapshot_run_free(run));
  return hash;
}

static int reads(const char *path, const char *content) {
  uint8_t *bytes = NULL;
  size_t len = 0;
  OK(loopwire_workspace_read_file(workspace, path, &bytes, &len));
  int same = strcmp((char *)bytes, content) == 0;
  loopwire_free(bytes);
  return same;
}

static void cancelled(const char *hash) {
  loopwire_snapshot_run *run = new_run();
  char *json = NULL;
  OK(loopwire_snapshot_run_cancel(run));
  REFUSED(loopwire_snapshot_create(workspace, NULL, run, &json), CANCELLED);
  CHECK(json == NULL);
  REFUSED(loopwire_snapshot_run_progress(run, UINT32_MAX, &json), ENDED);
  OK(loopwire_snapshot_run_free(run));
  run = new_run();
  OK(loopwire_snapshot_run_cancel(run));
  REFUSED(loopwire_snapshot_restore(workspace, hash, run, NULL), CANCELLED);
  OK(loopwire_snapshot_run_free(run));
  run = new_run();
  OK(loopwire_snapshot_run_cancel(run));
  REFUSED(loopwire_snapshot_diff(workspace, hash, NULL, NULL, run, &json), CANCELLED);
  OK(loopwire_snapshot_run_free(run));
  run = new_run();
  OK(loopwire_snapshot_run_cancel(run));
  REFUSED(loopwire_snapshot_delete(workspace, hash, run), CANCELLED);
  OK(loopwire_snapshot_run_free(run));
}

static void bad(const char *hash) {
  char *json = NULL;
  const char *unknown = "0123456789012345678901234567890123456789";
  REFUSED(loopwire_snapshot_create(NULL, NULL, NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_create(workspace, "{\"name\": \"x\"}", NULL, &json), UNKNOWN_OPTION);
  REFUSED(loopwire_snapshot_create(workspace, "{\"keep\": {\"count\": 0}}", NULL, &json), OUT_OF_RANGE);
  REFUSED(loopwire_snapshot_list(NULL, NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_list(workspace, NULL, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_list(workspace, "{\"limit\": 0}", &json), OUT_OF_RANGE);
  REFUSED(loopwire_snapshot_diff(NULL, hash, NULL, NULL, NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_diff(workspace, NULL, NULL, NULL, NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_diff(workspace, hash, NULL, NULL, NULL, NULL), INVALID_ARGUMENT);
  FAILED(loopwire_snapshot_diff(workspace, "short", NULL, NULL, NULL, &json), "SNAPSHOT_NOT_FOUND");
  FAILED(loopwire_snapshot_diff(workspace, unknown, NULL, NULL, NULL, &json), "SNAPSHOT_NOT_FOUND");
  REFUSED(loopwire_snapshot_restore(NULL, hash, NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_restore(workspace, NULL, NULL, &json), INVALID_ARGUMENT);
  FAILED(loopwire_snapshot_restore(workspace, unknown, NULL, &json), "SNAPSHOT_NOT_FOUND");
  REFUSED(loopwire_snapshot_delete(NULL, hash, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_delete(workspace, NULL, NULL), INVALID_ARGUMENT);
  FAILED(loopwire_snapshot_delete(workspace, unknown, NULL), "SNAPSHOT_NOT_FOUND");
  loopwire_snapshot_run *none = NULL;
  REFUSED(loopwire_snapshot_run_new(NULL, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_run_new(workspace, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_run_progress(NULL, 0, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_snapshot_run_cancel(NULL), INVALID_ARGUMENT);
  OK(loopwire_snapshot_run_free(NULL));
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  loopwire_runtime *runtime = NULL;
  OK(loopwire_runtime_new(&runtime));
  char options[1024] = "";
  snprintf(options, sizeof options, "{\"snapshotDir\": \"%s\", \"maxSnapshotFileBytes\": 1000}", argv[2]);
  OK(loopwire_workspace_open(runtime, argv[1], options, &workspace));
  write_file("a", "one");
  write_file("gone", "gone");
  OK(loopwire_workspace_write_file(workspace, "large", (const uint8_t *)options, sizeof options, -1, NULL));
  char *first = create("{\"message\": \"the first\"}");
  write_file("a", "other");
  write_file("new", "new");
  loopwire_execution *removed = NULL;
  OK(loopwire_workspace_execute(workspace, "rm gone", NULL, 0, NULL, &removed));
  OK(loopwire_execution_free(removed));
  char *json = NULL;
  OK(loopwire_snapshot_diff(workspace, first, NULL, NULL, NULL, &json));
  CHECK(has(json, "\"total\":3"));
  shape("SnapshotDiff", json);
  char *second = create("{\"keep\": {\"count\": null}}");
  OK(loopwire_snapshot_diff(workspace, first, second, "{\"limit\": 1}", NULL, &json));
  CHECK(has(json, "\"total\":3") && has(json, "\"truncated\":true"));
  shape("SnapshotDiff", json);
  OK(loopwire_snapshot_list(workspace, NULL, &json));
  CHECK(has(json, "\"message\":\"the first\""));
  shape("SnapshotInfo[]", json);

  loopwire_snapshot_run *run = new_run();
  pthread_t follower = start(follow, run);
  OK(loopwire_snapshot_restore(workspace, first, run, &json));
  join(follower);
  OK(loopwire_snapshot_run_free(run));
  shape("SnapshotRestored", json);
  CHECK(reads("a", "one") && reads("gone", "gone"));
  cancelled(first);
  bad(first);
  OK(loopwire_snapshot_delete(workspace, second, NULL));
  FAILED(loopwire_snapshot_delete(workspace, second, NULL), "SNAPSHOT_NOT_FOUND");
  OK(loopwire_snapshot_create(workspace, NULL, NULL, NULL));
  run = new_run();
  OK(loopwire_workspace_free(workspace));
  OK(loopwire_runtime_free(runtime));
  REFUSED(loopwire_snapshot_run_progress(run, UINT32_MAX, &json), SHUT_DOWN);
  OK(loopwire_snapshot_run_free(run));
  free(first);
  free(second);
  return 0;
}
