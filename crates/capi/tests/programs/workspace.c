/* Every function of workspaces. Arguments: a folder, and a port (not used). It needs git. */
#include "check.h"

static loopwire_runtime *runtime;
static loopwire_workspace *workspace;

static void has(char *text, const char *part) {
  CHECK(text != NULL);
  if (strstr(text, part) == NULL) fprintf(stderr, "no \"%s\" in %s\n", part, text);
  CHECK(strstr(text, part) != NULL);
  loopwire_free(text);
}

/* A command that must succeed. */
static void run(const char *command) {
  loopwire_execution *done = NULL;
  CHECK_OK(loopwire_workspace_execute(workspace, command, NULL, 0, NULL, &done));
  if (done->exit_code != 0) fprintf(stderr, "%s: %s\n", command, (char *)done->stderr_bytes);
  CHECK(done->exit_code == 0 && done->signal == NULL && done->reason == NULL);
  CHECK_OK(loopwire_execution_free(done));
}

static void commands(void) {
  loopwire_execution *done = NULL;
  const char *input = "from C\n";
  CHECK_OK(loopwire_workspace_execute(workspace, "cat; echo error >&2; exit 3", (const uint8_t *)input, strlen(input),
                                      "{\"timeoutMs\": 60000}", &done));
  CHECK(done->exit_code == 3 && done->stdout_len == 7 && memcmp(done->stdout_bytes, input, 7) == 0);
  CHECK(done->stderr_len == 6);
  CHECK_OK(loopwire_execution_free(done));
  CHECK(loopwire_workspace_execute(workspace, NULL, NULL, 0, NULL, &done) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(loopwire_workspace_execute(workspace, "true", NULL, 0, "{\"cwd\": \"/\"}", &done) == LOOPWIRE_RESULT_FAILED);
  CHECK(last_error_has("leads out of the workspace"));
  CHECK_OK(loopwire_execution_free(NULL));

  loopwire_terminal *terminal = NULL;
  uint8_t bytes[4096];
  char all[4096], *out = NULL;
  size_t len = 0, have = 0;
  uint32_t pid = 0;
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"read line; echo \\\"got $line\\\"\", \"id\": \"one\"}", &terminal));
  CHECK_OK(loopwire_terminal_id(terminal, &out));
  has(out, "one");
  CHECK_OK(loopwire_terminal_pid(terminal, &pid));
  CHECK(pid > 1);
  CHECK_OK(loopwire_terminal_resize(terminal, 100, 30));
  CHECK(loopwire_terminal_resize(terminal, 0, 30) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK_OK(loopwire_terminal_write(terminal, (const uint8_t *)"a line\n", 7, true));
  for (;;) {
    loopwire_result result = loopwire_terminal_read(terminal, bytes, sizeof bytes, UINT32_MAX, &len, NULL, NULL);
    if (result == LOOPWIRE_RESULT_ENDED) break;
    CHECK(result == LOOPWIRE_RESULT_OK && have + len < sizeof all);
    memcpy(all + have, bytes, len);
    have += len;
  }
  all[have] = 0;
  CHECK(strstr(all, "got a line") != NULL);
  CHECK_OK(loopwire_terminal_exit(terminal, UINT32_MAX, &out));
  has(out, "\"exitCode\":0");
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"cat\", \"pty\": false}", &terminal));
  CHECK(loopwire_terminal_exit(terminal, 1, &out) == LOOPWIRE_RESULT_TIMED_OUT);
  CHECK(loopwire_terminal_signal(terminal, "SIGNOTHING") == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_terminal_eof(terminal));
  CHECK_OK(loopwire_terminal_exit(terminal, UINT32_MAX, NULL));
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"sleep 600\"}", &terminal));
  CHECK_OK(loopwire_terminal_signal(terminal, "SIGKILL"));
  CHECK_OK(loopwire_terminal_exit(terminal, UINT32_MAX, &out));
  has(out, "SIGKILL");
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"sleep 600\"}", &terminal));
  CHECK_OK(loopwire_terminal_end(terminal));
  CHECK_OK(loopwire_terminal_exit(terminal, UINT32_MAX, NULL));
  CHECK_OK(loopwire_terminal_free(terminal));
}

static void files(void) {
  char *out = NULL;
  uint8_t *bytes = NULL;
  size_t len = 0;
  loopwire_watch *watch = NULL;
  CHECK_OK(loopwire_watch_start(workspace, "[\"*.txt\"]", NULL, &watch));
  CHECK_OK(loopwire_watch_ready(watch, &out));
  has(out, "\"directories\":");
  CHECK(loopwire_watch_next(watch, 0, &out) == LOOPWIRE_RESULT_TIMED_OUT);
  CHECK_OK(loopwire_workspace_write_file(workspace, "a.txt", (const uint8_t *)"content", 7, 0600, &out));
  has(out, "\"size\":7");
  CHECK_OK(loopwire_watch_next(watch, UINT32_MAX, &out));
  has(out, "a.txt");
  CHECK_OK(loopwire_workspace_read_file(workspace, "a.txt", &bytes, &len));
  CHECK(len == 7 && memcmp(bytes, "content", 8) == 0);
  loopwire_free(bytes);
  CHECK(loopwire_workspace_read_file(workspace, "../there", &bytes, &len) == LOOPWIRE_RESULT_FAILED && bytes == NULL);
  CHECK(loopwire_workspace_read_file(workspace, "none", &bytes, &len) == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_watch_close(watch));
  while (loopwire_watch_next(watch, UINT32_MAX, &out) == LOOPWIRE_RESULT_OK) loopwire_free(out);
  CHECK_OK(loopwire_watch_free(watch));
}

static void git(void) {
  char *out = NULL, text[1024];
  loopwire_git_operation *operation = NULL;
  run("git init -q -b main origin && cd origin && git -c user.name=n -c user.email=e@e commit -q --allow-empty -m first");
  char *root = NULL;
  CHECK_OK(loopwire_workspace_root(workspace, &root));
  snprintf(text, sizeof text, "{\"url\": \"file://%s/origin\", \"targetDir\": \"clone\", \"id\": \"two\"}", root);
  loopwire_free(root);
  loopwire_result started = loopwire_git_start(workspace, "clone", text, false, &operation);
  CHECK_OK(started);
  CHECK_OK(loopwire_git_id(operation, &out));
  has(out, "two");
  CHECK(loopwire_git_question(operation, 0, &out) == LOOPWIRE_RESULT_ENDED);
  CHECK(loopwire_git_answer(operation, "{\"cancel\": true}") == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  while (loopwire_git_progress(operation, UINT32_MAX, &out) == LOOPWIRE_RESULT_OK) has(out, "\"percent\":");
  CHECK_OK(loopwire_git_wait(operation, UINT32_MAX, &out));
  has(out, "\"commit\":");
  CHECK_OK(loopwire_git_cancel(operation));
  CHECK_OK(loopwire_git_free(operation));
  CHECK_OK(loopwire_git_start(workspace, "checkout", "{\"repoPath\": \"clone\", \"branch\": \"none\"}", true, &operation));
  CHECK(loopwire_git_wait(operation, UINT32_MAX, NULL) == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_git_free(operation));
  CHECK(loopwire_git_start(workspace, "steal", "{}", false, &operation) != LOOPWIRE_RESULT_OK);
}

static void snapshots(void) {
  char *out = NULL, hash[128];
  loopwire_snapshot_run *under_way = NULL;
  CHECK_OK(loopwire_snapshot_run_new(workspace, &under_way));
  CHECK_OK(loopwire_snapshot_create(workspace, "{\"message\": \"first\"}", under_way, &out));
  const char *at = strstr(out, "\"commitHash\":\"");
  CHECK(at != NULL && sscanf(at, "\"commitHash\":\"%64[0-9a-f]", hash) == 1);
  loopwire_free(out);
  while (loopwire_snapshot_run_progress(under_way, UINT32_MAX, &out) == LOOPWIRE_RESULT_OK) has(out, "\"phase\":");
  CHECK_OK(loopwire_snapshot_run_free(under_way));
  CHECK_OK(loopwire_snapshot_list(workspace, "{\"limit\": 5}", &out));
  has(out, hash);
  run("echo other > a.txt");
  CHECK_OK(loopwire_snapshot_diff(workspace, hash, NULL, NULL, NULL, &out));
  has(out, "\"modified\"");
  CHECK_OK(loopwire_snapshot_restore(workspace, hash, NULL, &out));
  has(out, "\"written\":1");
  CHECK_OK(loopwire_snapshot_run_new(workspace, &under_way));
  CHECK_OK(loopwire_snapshot_run_cancel(under_way));
  CHECK(loopwire_snapshot_create(workspace, NULL, under_way, NULL) == LOOPWIRE_RESULT_CANCELLED);
  CHECK_OK(loopwire_snapshot_run_free(under_way));
  CHECK_OK(loopwire_snapshot_delete(workspace, hash, NULL));
  CHECK(loopwire_snapshot_restore(workspace, hash, NULL, NULL) == LOOPWIRE_RESULT_FAILED);
}

int main(int argc, char **argv) {
  char text[1024], *out = NULL;
  bool yes = false;
  loopwire_workspace *second = NULL;
  loopwire_terminal *left = NULL;
  CHECK(argc == 3);
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK(loopwire_workspace_open(runtime, "/there/is/none", NULL, &workspace) == LOOPWIRE_RESULT_FAILED);
  /* The git of the user has settings that this program must not depend on. */
  snprintf(text, sizeof text, "{\"gitProtocols\": [\"file\"], \"env\": {\"GIT_CONFIG_GLOBAL\": \"/dev/null\", \"HOME\": \"%s\"}}", argv[1]);
  CHECK_OK(loopwire_workspace_open(runtime, argv[1], text, &workspace));
  CHECK(loopwire_workspace_open(runtime, argv[1], NULL, &second) == LOOPWIRE_RESULT_FAILED && second == NULL);
  CHECK_OK(loopwire_workspace_root(workspace, &out));
  has(out, "loopwire");

  commands();
  files();
  git();
  snapshots();

  CHECK_OK(loopwire_terminal_start(workspace, NULL, &left));
  CHECK_OK(loopwire_workspace_is_closed(workspace, &yes));
  CHECK(!yes);
  CHECK_OK(loopwire_workspace_close(workspace));
  CHECK_OK(loopwire_workspace_is_closed(workspace, &yes));
  CHECK(yes);
  CHECK_OK(loopwire_workspace_close(workspace));
  CHECK_OK(loopwire_workspace_free(workspace));
  CHECK_OK(loopwire_workspace_free(NULL));
  CHECK_OK(loopwire_runtime_free(runtime));
  CHECK_OK(loopwire_terminal_free(left));
  puts("done");
  return 0;
}
