/* Lengths that no memory has, such as a -1 that became a size_t: refused, and nothing is read. argv[1] is an empty directory. */
#include "check.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  loopwire_runtime *runtime = NULL;
  loopwire_listener *listener = NULL;
  loopwire_workspace *workspace = NULL;
  loopwire_terminal *terminal = NULL;
  loopwire_execution *execution = NULL;
  char *text = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_listener_start(runtime, 0, "abcdefghijklmnopqrstuvwxyz", NULL, NULL, NULL, &listener));
  CHECK_OK(loopwire_workspace_open(runtime, argv[1], "{\"git\": false}", &workspace));
  CHECK_OK(loopwire_terminal_start(workspace, "{\"command\": \"cat\", \"pty\": false}", &terminal));
  const uint8_t byte[1] = {'x'};
  const size_t lengths[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX - 7};
  for (size_t at = 0; at < sizeof lengths / sizeof *lengths; at++) {
    size_t len = lengths[at];
    CHECK(loopwire_terminal_write(terminal, byte, len, false) == LOOPWIRE_RESULT_OUT_OF_RANGE);
    CHECK(last_error_has("len must be"));
    CHECK(loopwire_terminal_write(terminal, NULL, len, true) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
    CHECK(loopwire_listener_send(listener, "1", (const char *)byte, len, true) == LOOPWIRE_RESULT_OUT_OF_RANGE);
    CHECK(loopwire_listener_send(listener, "1", (const char *)byte, len, false) == LOOPWIRE_RESULT_OUT_OF_RANGE);
    CHECK(loopwire_workspace_write_file(workspace, "x", byte, len, -1, &text) == LOOPWIRE_RESULT_OUT_OF_RANGE);
    CHECK(text == NULL);
    CHECK(loopwire_workspace_execute(workspace, "true", byte, len, NULL, &execution) == LOOPWIRE_RESULT_OUT_OF_RANGE);
    CHECK(last_error_has("input_len must be"));
    CHECK(execution == NULL);
  }
  CHECK_OK(loopwire_terminal_free(terminal));
  CHECK_OK(loopwire_workspace_free(workspace));
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
