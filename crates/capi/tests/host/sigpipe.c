/* A host that leaves SIGPIPE as it is: it survives all who go away. */
#include "everything.h"

#include <signal.h>

static char large[300 * 1024];

int main(int argc, char **argv) {
  CHECK(argc == 5);
  CHECK(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
  memset(large, 'x', sizeof large - 1);
  struct everything use;
  everything_of(&use, argv);
  everything_start(&use);
  /* A runtime without a callback, which so many large events would leave behind. */
  loopwire_runtime *alone = NULL;
  CHECK_OK(loopwire_runtime_new(&alone));
  loopwire_listener *listener = NULL;
  CHECK_OK(loopwire_listener_start(alone, 0, TOKEN, NULL, NULL, NULL, &listener));
  uint16_t port;
  CHECK_OK(loopwire_listener_port(listener, &port));
  /* This thread writes to the client itself, if nobody else does at that moment. */
  for (int round = 0; round < 100; round++) {
    int client = websocket(port);
    CHECK_OK(loopwire_emit(alone, "first", NULL, NULL));
    read_until(client, "first");
    /* Behind an end that was said, the refusal is EPIPE and not ECONNRESET. */
    if (round % 4 < 2) CHECK(shutdown(client, SHUT_WR) == 0);
    reset_client(client);
    for (int each = 0; each < 4; each++) {
      CHECK_OK(loopwire_emit(alone, "big", round % 2 ? large : "small", NULL));
      CHECK_OK(loopwire_emit(alone, "big", large, NULL));
    }
  }
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_runtime_free(alone));
  /* Clients of a port, whose upstream is the listener's own port: both ends go away. */
  for (int round = 0; round < 50; round++) {
    int client = connect_to(use.first_port);
    char request[256];
    int len = snprintf(request, sizeof request, "CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n", use.listener_port);
    CHECK(send(client, request, (size_t)len, MSG_NOSIGNAL) == len);
    read_until(client, " 200 ");
    send(client, large, sizeof large, MSG_NOSIGNAL);
    if (round % 2) reset_client(client);
    else close(client);
  }
  /* Commands that end before they have read their input, and whose guardian was killed. */
  for (int round = 0; round < 10; round++) {
    loopwire_execution *done = NULL;
    CHECK_OK(loopwire_workspace_execute(use.workspace, "exec 0<&-; exit 0", (const uint8_t *)large, sizeof large, NULL, &done));
    loopwire_execution_free(done);
  }
  loopwire_execution *done = NULL;
  CHECK_OK(loopwire_workspace_execute(use.workspace, "pkill -KILL -P $PPID -f loopwire || true", NULL, 0, NULL, &done));
  loopwire_execution_free(done);
  everything_end(&use);
  puts("done");
  return 0;
}
