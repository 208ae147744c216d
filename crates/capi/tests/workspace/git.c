/* Git operations. argv[1] is an empty directory, argv[2] the port of an HTTP server that asks everybody for credentials,
 * argv[3] that of a server that never answers. */
#include "expect.h"

static loopwire_workspace *workspace;

static loopwire_git_operation *git(const char *kind, const char *options, bool asks) {
  loopwire_git_operation *operation = NULL;
  OK(loopwire_git_start(workspace, kind, options, asks, &operation));
  CHECK(operation != NULL);
  return operation;
}

/* Waits for its success, and frees it. */
static void done(loopwire_git_operation *operation) {
  char *json = NULL;
  OK(loopwire_git_wait(operation, STUCK_MS, &json));
  CHECK(has(json, "{\"commit\":"));
  shape("GitResult", json);
  OK(loopwire_git_wait(operation, 0, NULL));
  OK(loopwire_git_free(operation));
}

static void run(const char *command) {
  loopwire_execution *execution = NULL;
  OK(loopwire_workspace_execute(workspace, command, NULL, 0, NULL, &execution));
  if (execution->exit_code != 0) fprintf(stderr, "%s", (char *)execution->stderr_bytes);
  CHECK(execution->exit_code == 0);
  OK(loopwire_execution_free(execution));
}

static void *follow(void *operation) {
  int percent = -1, figures = 0;
  for (;;) {
    char *json = NULL;
    loopwire_result result = loopwire_git_progress((loopwire_git_operation *)operation, UINT32_MAX, &json);
    if (result == LOOPWIRE_RESULT_ENDED) break;
    CHECK(result == LOOPWIRE_RESULT_OK);
    int now = atoi(strstr(json, "\"percent\":") + strlen("\"percent\":"));
    CHECK(now >= percent && now <= 100);
    percent = now;
    figures++;
    shape("GitProgressInfo", json);
  }
  CHECK(figures > 0);
  return NULL;
}

static void exchange(void) {
  run("git init -q -b main origin.git --bare && git clone -q origin.git first && cd first && git checkout -q -b main && "
      "for i in $(seq 200); do echo $i > file-$i; done && git add . && git commit -q -m one && git push -q origin main");
  loopwire_git_operation *operation = git("clone", "{\"url\": \"file:///nowhere/at/all\", \"targetDir\": \"x\"}", false);
  REFUSED(loopwire_git_wait(operation, STUCK_MS, NULL), FAILED);
  OK(loopwire_git_free(operation));

  char *root = NULL, options[1024];
  OK(loopwire_workspace_root(workspace, &root));
  snprintf(options, sizeof options, "{\"url\": \"file://%s/origin.git\", \"targetDir\": \"second\", \"id\": \"mine\"}", root);
  loopwire_free(root);
  operation = git("clone", options, false);
  char *id = NULL, *json = NULL;
  OK(loopwire_git_id(operation, &id));
  CHECK(strcmp(id, "mine") == 0);
  loopwire_free(id);
  pthread_t follower = start(follow, operation);
  OK(loopwire_git_wait(operation, STUCK_MS, &json));
  CHECK(strstr(json, "null") == NULL);
  shape("GitResult", json);
  join(follower);
  OK(loopwire_git_free(operation));

  run("cd second && git config user.name x && git config user.email x@y.z && echo more > more && git add . && "
      "git commit -q -m two");
  done(git("push", "{\"repoPath\": \"second\"}", false));
  done(git("fetch", "{\"repoPath\": \"first\"}", false));
  done(git("pull", "{\"repoPath\": \"first\"}", false));
  run("test -e first/more");
  done(git("checkout", "{\"repoPath\": \"first\", \"branch\": \"other\", \"create\": true}", true));
  run("test \"$(git -C first branch --show-current)\" = other");
  /* The hook that the repository has runs, because this workspace trusts repositories: it says which signals git has blocked. */
  run("printf '#!/bin/sh\\ngrep SigBlk /proc/$PPID/status > ../blocked\\n' > first/.git/hooks/post-checkout && "
      "chmod +x first/.git/hooks/post-checkout");
  done(git("checkout", "{\"repoPath\": \"first\", \"branch\": \"main\"}", false));
  run("grep -q '^SigBlk:.0000000000000000$' blocked");
}

static void questions(const char *port) {
  char options[1024];
  snprintf(options, sizeof options, "{\"url\": \"http://127.0.0.1:%s/x.git\", \"targetDir\": \"asked\"}", port);
  loopwire_git_operation *operation = git("clone", options, true);
  char *json = NULL;
  OK(loopwire_git_question(operation, STUCK_MS, &json));
  CHECK(has(json, "\"kind\":\"username\"") && has(json, "\"attempt\":1"));
  shape("GitQuestion", json);
  REFUSED(loopwire_git_question(operation, 20, &json), TIMED_OUT);
  REFUSED(loopwire_git_answer(operation, "{\"passphrase\": \"x\"}"), INVALID_ARGUMENT);
  REFUSED(loopwire_git_answer(operation, "{\"name\": \"x\"}"), UNKNOWN_OPTION);
  REFUSED(loopwire_git_answer(operation, "no"), INVALID_ARGUMENT);
  REFUSED(loopwire_git_wait(operation, 0, NULL), TIMED_OUT);
  OK(loopwire_git_answer(operation, "{\"username\": \"me\"}"));
  OK(loopwire_git_question(operation, STUCK_MS, &json));
  CHECK(has(json, "\"kind\":\"password\"") && has(json, "\"username\":\"me\""));
  shape("GitQuestion", json);
  OK(loopwire_git_answer(operation, NULL));
  REFUSED(loopwire_git_question(operation, UINT32_MAX, &json), ENDED);
  FAILED(loopwire_git_wait(operation, UINT32_MAX, NULL), "AUTH_FAILED");
  FAILED(loopwire_git_answer(operation, NULL), "GONE");
  OK(loopwire_git_free(operation));

  /* Nobody is asked. */
  operation = git("clone", options, false);
  REFUSED(loopwire_git_question(operation, UINT32_MAX, &json), ENDED);
  REFUSED(loopwire_git_answer(operation, NULL), INVALID_ARGUMENT);
  FAILED(loopwire_git_wait(operation, UINT32_MAX, NULL), "AUTH_FAILED");
  OK(loopwire_git_free(operation));
}

static void *wait_for_cancel(void *operation) {
  char *json = NULL;
  REFUSED(loopwire_git_wait((loopwire_git_operation *)operation, UINT32_MAX, &json), CANCELLED);
  CHECK(json == NULL);
  return NULL;
}

static void cancelling(const char *port) {
  char options[1024];
  snprintf(options, sizeof options, "{\"url\": \"http://127.0.0.1:%s/x.git\", \"targetDir\": \"never\"}", port);
  loopwire_git_operation *operation = git("clone", options, false);
  pthread_t waiting = start(wait_for_cancel, operation);
  REFUSED(loopwire_git_wait(operation, 30, NULL), TIMED_OUT);
  OK(loopwire_git_cancel(operation));
  join(waiting);
  OK(loopwire_git_cancel(operation));
  OK(loopwire_git_free(operation));
  /* It goes on without its handle, until the workspace is closed. */
  OK(loopwire_git_free(git("clone", options, true)));
}

static void bad(void) {
  loopwire_git_operation *none = NULL;
  char *json = NULL;
  REFUSED(loopwire_git_start(NULL, "fetch", "{\"repoPath\": \"x\"}", false, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_git_start(workspace, NULL, "{\"repoPath\": \"x\"}", false, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_git_start(workspace, "rebase", "{\"repoPath\": \"x\"}", false, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_git_start(workspace, "fetch", NULL, false, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_git_start(workspace, "fetch", "{}", false, &none), INVALID_ARGUMENT);
  REFUSED(loopwire_git_start(workspace, "fetch", "{\"repoPath\": \"x\", \"depth\": 1}", false, &none), UNKNOWN_OPTION);
  REFUSED(loopwire_git_start(workspace, "fetch", "{\"repoPath\": \"x\", \"timeoutMs\": 0}", false, &none), OUT_OF_RANGE);
  REFUSED(loopwire_git_start(workspace, "fetch", "{\"repoPath\": \"x\"}", false, NULL), INVALID_ARGUMENT);
  FAILED(loopwire_git_start(workspace, "clone", "{\"url\": \"ext::x\", \"targetDir\": \"x\"}", false, &none), "URL_REFUSED");
  CHECK(none == NULL);
  REFUSED(loopwire_git_id(NULL, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_git_progress(NULL, 0, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_git_question(NULL, 0, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_git_answer(NULL, NULL), INVALID_ARGUMENT);
  REFUSED(loopwire_git_wait(NULL, 0, &json), INVALID_ARGUMENT);
  REFUSED(loopwire_git_cancel(NULL), INVALID_ARGUMENT);
  OK(loopwire_git_free(NULL));
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  loopwire_runtime *runtime = NULL;
  OK(loopwire_runtime_new(&runtime));
  OK(loopwire_workspace_open(runtime, argv[1],
                             "{\"gitProtocols\": [\"file\", \"http\"], \"trustRepositories\": true, \"env\": {\"GIT_AUTHOR_NAME\": "
                             "\"x\", \"GIT_AUTHOR_EMAIL\": \"x@y.z\", \"GIT_COMMITTER_NAME\": \"x\", \"GIT_COMMITTER_EMAIL\": \"x@y.z\"}}",
                             &workspace));
  bad();
  exchange();
  questions(argv[2]);
  cancelling(argv[3]);
  OK(loopwire_workspace_free(workspace));
  OK(loopwire_runtime_free(runtime));
  return 0;
}
