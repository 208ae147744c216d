/* The system gives no thread: every call says so, none ends the process, and the end is complete. argv[1] is an empty directory. */
#include "check.h"

#include <dlfcn.h>
#include <signal.h>

static int refuse;

/* The library's threads come from here, too. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  create *real;
  *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
  if (__atomic_load_n(&refuse, __ATOMIC_SEQ_CST)) return EAGAIN;
  return real(thread, attributes, start, argument);
}

static void refused(loopwire_result result, int line) {
  char *code = loopwire_last_error_code();
  char *message = loopwire_last_error_message();
  if (result == LOOPWIRE_RESULT_OK || result == LOOPWIRE_RESULT_INTERNAL) {
    fprintf(stderr, "line %d: %u [%s] %s\n", line, (unsigned)result, code, message);
    _Exit(1);
  }
  loopwire_free(code);
  loopwire_free(message);
}
#define REFUSED(call) refused(call, __LINE__)

int main(int argc, char **argv) {
  CHECK(argc == 2);
  loopwire_runtime *runtime = NULL, *other = NULL;
  loopwire_events *events = NULL, *late = NULL;
  loopwire_listener *listener = NULL;
  loopwire_workspace *workspace = NULL, *none = NULL;
  loopwire_terminal *terminal = NULL;
  struct events came = EVENTS_EMPTY;
  loopwire_listener_callbacks callbacks = {events_collect, NULL, NULL, NULL};
  uint32_t pid = 0;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_events_start(runtime, events_collect, &came, false, &events));
  CHECK_OK(loopwire_workspace_open(runtime, argv[1], "{\"git\": false}", &workspace));
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"exec sleep 1000\", \"pty\": false}", &terminal));
  CHECK_OK(loopwire_terminal_pid(terminal, &pid));

  __atomic_store_n(&refuse, 1, __ATOMIC_SEQ_CST);
  CHECK_OK(loopwire_runtime_new(&other));
  REFUSED(loopwire_events_start(other, events_collect, &came, false, &late));
  REFUSED(loopwire_listener_start(other, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  REFUSED(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, &callbacks, &came, &listener));
  REFUSED(loopwire_forward_run_async(other));
  REFUSED(loopwire_workspace_open(other, argv[1], NULL, &none));
  CHECK(late == NULL && listener == NULL && none == NULL);
  CHECK_OK(loopwire_emit(runtime, "my:last", NULL, NULL));
  events_wait(&came, 0, "my:last");

  /* The end needs a thread, too, and is complete without it. */
  CHECK_OK(loopwire_runtime_free(other));
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK(kill((pid_t)pid, 0) != 0 && errno == ESRCH);
  events_free(&came);
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_workspace_free(workspace));
  CHECK_OK(loopwire_events_free(events));
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
