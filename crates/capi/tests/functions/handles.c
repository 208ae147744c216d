/* Functions with a handle: NULL in each place, and what options may not have. */
#include "check.h"

#define FAILS(call, result, part)                        \
  do {                                                   \
    CHECK((call) == LOOPWIRE_RESULT_##result);           \
    CHECK(last_error_has(part));                         \
  } while (0)

static char place;

int main(void) {
  loopwire_runtime *runtime = NULL;
  char *text = &place;
  bool yes = true;
  int64_t number = 7;
  uint32_t *ports = NULL;
  int len = 0;
  FAILS(loopwire_runtime_new(NULL), INVALID_ARGUMENT, "out must not be NULL");
  CHECK_OK(loopwire_runtime_new(&runtime));

  /* No runtime: the place for the result is empty. */
  FAILS(loopwire_forward(NULL, "{}", &text), INVALID_ARGUMENT, "runtime must not be NULL");
  CHECK(text == NULL);
  FAILS(loopwire_rotate(NULL, 60000, &text), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_forward_ports(NULL, &text), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_forward_stats(NULL, &text), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_forward_run_async(NULL), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_forward_get_ports(NULL, &ports, &len), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_forward_is_running_port(NULL, 60000, &yes), INVALID_ARGUMENT, "runtime must not be NULL");
  CHECK(!yes);
  FAILS(loopwire_runtime_configure(NULL, "{}"), INVALID_ARGUMENT, "runtime must not be NULL");
  FAILS(loopwire_runtime_run(NULL), INVALID_ARGUMENT, "runtime must not be NULL");

  /* No place for the result. */
  FAILS(loopwire_forward(runtime, "{}", NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_rotate(runtime, 60000, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_ports(runtime, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_stats(runtime, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_is_running_port(runtime, 60000, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_get_api_host(runtime, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_get_configs_json(runtime, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_get_enable_auto_renew(runtime, NULL), INVALID_ARGUMENT, "out must not be NULL");
  FAILS(loopwire_forward_get_auto_refresh_proxy_rate_limit(runtime, NULL), INVALID_ARGUMENT, "out");
  FAILS(loopwire_generate_token(32, NULL), INVALID_ARGUMENT, "out must not be NULL");

  /* Options. */
  FAILS(loopwire_forward(runtime, NULL, &text), INVALID_ARGUMENT, "options must be an object, not NULL");
  FAILS(loopwire_forward(runtime, "{", &text), INVALID_ARGUMENT, "options must be JSON");
  FAILS(loopwire_forward(runtime, "[]", &text), INVALID_ARGUMENT, "options must be an object");
  FAILS(loopwire_forward(runtime, "\xff", &text), INVALID_ARGUMENT, "options must be UTF-8");
  FAILS(loopwire_forward(runtime, "{\"prot\":1}", &text), UNKNOWN_OPTION, "did you mean port?");
  FAILS(loopwire_forward(runtime, "{\"upstream\":\"direct:\"}", &text), INVALID_ARGUMENT, "options.port");
  FAILS(loopwire_forward(runtime, "{\"port\":60000}", &text), INVALID_ARGUMENT, "options.upstream");
  FAILS(loopwire_forward(runtime, "{\"port\":60000,\"upstream\":7}", &text), INVALID_ARGUMENT, "options.upstream");
  FAILS(loopwire_forward(runtime, "{\"port\":60000,\"upstream\":null}", &text), INVALID_ARGUMENT, "options.upstream");
  FAILS(loopwire_forward(runtime, "{\"port\":60000,\"upstream\":\"gopher://there:70\"}", &text), INVALID_ARGUMENT, "");
  FAILS(loopwire_forward(runtime, "{\"port\":65536,\"upstream\":\"direct:\"}", &text), OUT_OF_RANGE, "options.port");
  FAILS(loopwire_rotate(runtime, -1, &text), OUT_OF_RANGE, "port must be");
  FAILS(loopwire_rotate(runtime, 60000, &text), FAILED, "");
  char *code = loopwire_last_error_code();
  CHECK(strcmp(code, "ERR_PORT_NOT_FORWARDED") == 0);
  loopwire_free(code);
  CHECK(text == NULL);

  FAILS(loopwire_runtime_configure(runtime, NULL), INVALID_ARGUMENT, "settings must be an object, not NULL");
  FAILS(loopwire_runtime_configure(runtime, "7"), INVALID_ARGUMENT, "settings must be an object");
  FAILS(loopwire_runtime_configure(runtime, "{\"idleCheck\":1}"), UNKNOWN_OPTION, "did you mean idleCheckMs?");
  FAILS(loopwire_runtime_configure(runtime, "{\"idleCheckMs\":-1}"), OUT_OF_RANGE, "settings.idleCheckMs");
  FAILS(loopwire_runtime_configure(runtime, "{\"journalBytes\":1048576}"), FAILED, "the journal is in use");
  FAILS(loopwire_forward_start_http_api(runtime, 60000, "{\"tokn\":\"x\"}"), UNKNOWN_OPTION, "did you mean token?");
  FAILS(loopwire_forward_start_http_api(runtime, 60000, "{\"token\":\"a b\"}"), INVALID_TOKEN, "");
  FAILS(loopwire_generate_token(11, &text), OUT_OF_RANGE, "bytes must be");
  FAILS(loopwire_generate_token(-1, &text), OUT_OF_RANGE, "bytes must be");
  FAILS(loopwire_generate_token(193, &text), OUT_OF_RANGE, "bytes must be");

  /* After the end. */
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  text = &place;
  FAILS(loopwire_forward_stats(runtime, &text), SHUT_DOWN, "shut down");
  CHECK(text == NULL);
  FAILS(loopwire_forward_ports(runtime, &text), SHUT_DOWN, "shut down");
  FAILS(loopwire_forward_is_running_port(runtime, 60000, &yes), SHUT_DOWN, "shut down");
  FAILS(loopwire_forward_get_auto_refresh_proxy_rate_limit(runtime, &number), SHUT_DOWN, "shut down");
  CHECK(number == 0);
  FAILS(loopwire_forward_stop_proxy(runtime), SHUT_DOWN, "shut down");
  FAILS(loopwire_runtime_configure(runtime, "{}"), SHUT_DOWN, "shut down");
  FAILS(loopwire_runtime_run(runtime), SHUT_DOWN, "shut down");
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
