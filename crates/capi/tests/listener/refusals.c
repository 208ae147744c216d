/* What a listener refuses, and that nothing is left behind then. */
#include "check.h"

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static loopwire_runtime *runtime = NULL;

static loopwire_result start(int port, const char *token, const char *options) {
  loopwire_listener *listener = (loopwire_listener *)&runtime;
  loopwire_result result = loopwire_listener_start(runtime, port, token, options, NULL, NULL, &listener);
  CHECK(result != LOOPWIRE_RESULT_OK);
  CHECK(listener == NULL);
  return result;
}

static int code_is(const char *code) {
  char *text = loopwire_last_error_code();
  int is = text != NULL && strcmp(text, code) == 0;
  loopwire_free(text);
  return is;
}

int main(void) {
  CHECK(loopwire_listener_start(NULL, 0, TOKEN, NULL, NULL, NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK(start(-1, TOKEN, NULL) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK(code_is("ERR_SOCKET_BAD_PORT"));
  CHECK(start(65536, TOKEN, NULL) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK(start(0, NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(start(0, "", NULL) == LOOPWIRE_RESULT_INVALID_TOKEN);
  CHECK(start(0, "connect", NULL) == LOOPWIRE_RESULT_INVALID_TOKEN);
  CHECK(start(0, "\xff", NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(start(0, TOKEN, "no JSON") == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(start(0, TOKEN, "[]") == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(start(0, TOKEN, "{\"deliveri\":\"all\"}") == LOOPWIRE_RESULT_UNKNOWN_OPTION);
  CHECK(last_error_has("did you mean delivery"));
  CHECK(start(0, TOKEN, "{\"delivery\":\"some\"}") == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(start(0, TOKEN, "{\"format\":\"string\"}") == LOOPWIRE_RESULT_UNKNOWN_OPTION);
  CHECK(last_error_has("options.format is an option of JavaScript"));
  CHECK(start(0, TOKEN, "{\"onMessage\":true}") == LOOPWIRE_RESULT_UNKNOWN_OPTION);
  CHECK(last_error_has("options.onMessage is an option of JavaScript"));
  CHECK(start(0, TOKEN, "{\"host\":\"0.0.0.0\"}") == LOOPWIRE_RESULT_INSECURE_HOST);
  CHECK(start(0, TOKEN, "{\"host\":\"192.0.2.1\",\"insecure\":true}") == LOOPWIRE_RESULT_ADDRESS_UNUSABLE);
  CHECK(start(0, TOKEN, "{\"maxConnections\":0}") == LOOPWIRE_RESULT_OUT_OF_RANGE);

  CHECK(loopwire_listener_close(NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK_OK(loopwire_listener_free(NULL));
  loopwire_listener *listener = NULL;
  CHECK_OK(loopwire_listener_start(runtime, 0, TOKEN, "{\"host\":\"0.0.0.0\",\"insecure\":true}", NULL, NULL, &listener));
  char *url = NULL;
  CHECK_OK(loopwire_listener_url(listener, &url));
  CHECK(strncmp(url, "ws://127.0.0.1:", 15) == 0);
  loopwire_free(url);
  CHECK(loopwire_listener_url(listener, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(loopwire_listener_port(listener, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(loopwire_listener_send(listener, NULL, "x", 1, false) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK(loopwire_listener_send(listener, "conn-1", NULL, 1, false) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  char *token = NULL;
  CHECK_OK(loopwire_generate_token(32, &token));
  CHECK(strlen(token) == 43);
  loopwire_free(token);
  CHECK(loopwire_generate_token(11, &token) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK(loopwire_generate_token(-1, &token) == LOOPWIRE_RESULT_OUT_OF_RANGE);

  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK(start(0, TOKEN, NULL) == LOOPWIRE_RESULT_SHUT_DOWN);
  CHECK(loopwire_listeners_close(runtime) == LOOPWIRE_RESULT_SHUT_DOWN);
  CHECK_OK(loopwire_listener_free(listener));
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
