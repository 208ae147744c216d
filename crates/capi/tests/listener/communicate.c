/* The call of the SDK's page, and its end. */
#include "check.h"

#include <unistd.h>

static int sdk_error_has(const char *part) {
  char *text = SDKGetLastError();
  int has = text != NULL && strstr(text, part) != NULL;
  if (!has) fprintf(stderr, "no \"%s\" in: %s\n", part, text);
  FreeBuf(text);
  return has;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  int port = atoi(argv[1]);
  char literal[] = "abcd1234";
  StopCommunicate();
  StartCommunicate(2, port, literal);
  CHECK(sdk_error_has("comType must be 1 (WebSocket), not 2"));
  StartCommunicate(1, -1, literal);
  CHECK(sdk_error_has("port"));
  StartCommunicate(1, port, NULL);
  CHECK(sdk_error_has("token must be a string, not NULL"));
  StartCommunicate(1, port, literal);
  StartCommunicate(1, port, literal);
  CHECK(sdk_error_has("EADDRINUSE"));
  puts("started");
  fflush(stdout);
  /* The test connects, and makes this file when it has seen enough. */
  while (access(argv[2], F_OK) != 0) usleep(2000);
  StopComunicate();
  StartCommunicate(1, port, literal);
  StopCommunicate();
  SafeExit();
  StartCommunicate(1, port, literal);
  CHECK(sdk_error_has("SafeExit() was called"));
  puts("done");
  return 0;
}
