/* Every function that takes a handle, with a runtime of its own.
 *
 * Arguments: a folder with proxies.json ("http", "socks" and "dead" in it) and the first of 6 free ports. */
#include "check.h"
#include "net.h"

static const char *folder;
static int first;
static loopwire_runtime *runtime;

/* What a call hands out: it has `part` in it. */
static void has(char *text, const char *part) {
  CHECK(text != NULL);
  if (strstr(text, part) == NULL) fprintf(stderr, "no \"%s\" in %s\n", part, text);
  CHECK(strstr(text, part) != NULL);
  loopwire_free(text);
}

static void is(uint32_t *ports, int len, int from, int count) {
  CHECK(len == count);
  for (int at = 0; at < len; at++) CHECK(ports[at] == (uint32_t)(from + at));
  loopwire_free(ports);
}

static void forwarding(void) {
  char text[1024], *out = NULL;
  uint32_t *ports = NULL, range[4];
  int len = 0;
  int64_t number = 0;
  bool yes = false;
  for (int at = 0; at < 4; at++) range[at] = (uint32_t)(first + at);

  CHECK_OK(loopwire_runtime_configure(runtime, "{\"idleCheckMs\": 0, \"journalEvents\": 20000}"));
  CHECK(loopwire_runtime_configure(runtime, "{\"idleCheckMz\": 0}") == LOOPWIRE_RESULT_UNKNOWN_OPTION);
  CHECK(last_error_has("idleCheckMs"));
  CHECK_OK(loopwire_forward_run_async(runtime));
  CHECK_OK(loopwire_forward_enable_debug(runtime));
  snprintf(text, sizeof text, "%s/save", folder);
  CHECK_OK(loopwire_forward_set_save_data_path(runtime, text));
  snprintf(text, sizeof text, "file://%s/proxies.json", folder);
  CHECK_OK(loopwire_forward_set_api_host(runtime, text));
  CHECK_OK(loopwire_forward_get_api_host(runtime, &out));
  has(out, text);
  CHECK_OK(loopwire_forward_set_header(runtime, "X-Program", "handles"));
  CHECK_OK(loopwire_forward_set_query(runtime, "api-key", "none"));
  CHECK_OK(loopwire_forward_set_user_country_code(runtime, "HK"));
  CHECK_OK(loopwire_forward_set_protocol(runtime, 2));
  CHECK(loopwire_forward_set_protocol(runtime, 3) == LOOPWIRE_RESULT_OUT_OF_RANGE);
  CHECK_OK(loopwire_forward_update_ip_format_and_ports(runtime, "127.0.0.1:%d", first, 4));
  CHECK_OK(loopwire_forward_set_range_port(runtime, first, 4));

  CHECK_OK(loopwire_forward_get_ports(runtime, &ports, &len));
  is(ports, len, first, 4);
  CHECK_OK(loopwire_forward_get_ports_with_limit(runtime, 2, &ports, &len));
  is(ports, len, first, 2);
  CHECK_OK(loopwire_forward_get_ports_with_start_limit(runtime, (unsigned)first + 3, 9, &ports, &len));
  is(ports, len, first + 3, 1);
  CHECK_OK(loopwire_forward_get_ports_free_with_limit(runtime, 3, &ports, &len));
  is(ports, len, first, 3);
  CHECK_OK(loopwire_forward_get_ports_available(runtime, range, 4, &ports, &len));
  is(ports, len, first, 4);
  CHECK(loopwire_forward_get_ports(NULL, &ports, &len) == LOOPWIRE_RESULT_INVALID_ARGUMENT);

  CHECK_OK(loopwire_forward_create_with_id(runtime, first, "socks", "1", "manual"));
  CHECK(loopwire_forward_create_with_id(runtime, first + 1, "dead", "1", "manual") == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_forward_is_running_port(runtime, first, &yes));
  CHECK(yes);
  CHECK_OK(loopwire_forward_check_port_available(runtime, first, &yes));
  CHECK(!yes);
  CHECK_OK(loopwire_forward_test_port(runtime, first, &yes));
  CHECK(yes);
  CHECK_OK(loopwire_forward_get_config_json(runtime, first, &out));
  has(out, "\"proxy_id\":\"socks\"");
  CHECK_OK(loopwire_forward_get_configs_json(runtime, &out));
  has(out, "\"is_online\":true");
  char config[] = "{\"country\": [\"HK\"]}";
  CHECK_OK(loopwire_forward_put_config_port(runtime, first + 1, config, (int64_t)strlen(config)));
  snprintf(text, sizeof text, "{\"%d\": {\"country\": [\"HK\"]}}", first + 2);
  CHECK_OK(loopwire_forward_set_config_ports(runtime, text, (int64_t)strlen(text)));
  CHECK_OK(loopwire_forward_create_proxy_by_port_configs(runtime, "a", "1", range + 1, 3, &ports, &len));
  is(ports, len, first + 1, 2);
  CHECK_OK(loopwire_forward_quick_create_proxies(runtime, "b", "1", range, 4, 1, &ports, &len));
  is(ports, len, first + 3, 1);
  CHECK_OK(loopwire_forward_quick_create_at_port(runtime, first + 3, "c", "1"));
  CHECK_OK(loopwire_forward_create_with_configure(runtime, "d", range, 4, "{\"country\":\"HK\",\"list_type\":-1}",
                                                  &ports, &len));
  is(ports, len, first, 4);

  snprintf(text, sizeof text, "{\"port\": %d, \"upstream\": {\"id\": \"http\"}, \"onRotate\": \"break\"}", first);
  CHECK_OK(loopwire_forward(runtime, text, &out));
  has(out, "\"proxyId\":\"http\"");
  CHECK(loopwire_forward(runtime, "{\"port\": 1}", &out) != LOOPWIRE_RESULT_OK && out == NULL);
  ask(first, "GET http://localhost/path HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200 OK\r\n");
  CHECK_OK(loopwire_rotate(runtime, first, &out));
  has(out, "\"latencyMs\":");
  CHECK(loopwire_rotate(runtime, 1, &out) == LOOPWIRE_RESULT_FAILED);
  CHECK_OK(loopwire_forward_ports(runtime, &out));
  has(out, "\"bytesUp\":");
  CHECK_OK(loopwire_forward_stats(runtime, &out));
  has(out, "\"ports\":4");

  CHECK_OK(loopwire_forward_set_proxy_auth(runtime, 1, "user", "password"));
  CHECK_OK(loopwire_forward_set_enable_proxy_auth(runtime, 1));
  ask(first, "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 407 ");
  CHECK_OK(loopwire_forward_enable_auto_rotation(runtime, 1));
  CHECK_OK(loopwire_forward_set_auto_rotation_setting(runtime, 3600, 0));
  CHECK_OK(loopwire_forward_enable_auto_renew(runtime, 1));
  CHECK_OK(loopwire_forward_set_renew_setting(runtime, 61, 101, 0));
  CHECK_OK(loopwire_forward_get_enable_auto_renew(runtime, &yes));
  CHECK_OK(loopwire_forward_get_auto_refresh_proxy_rate_limit(runtime, &number));
  CHECK(yes && number == 61);
  CHECK_OK(loopwire_forward_get_auto_refresh_proxy_count_limit(runtime, &number));
  CHECK(number == 101);

  CHECK_OK(loopwire_forward_start_http_api(runtime, first + 5, "{\"token\": \"0123456789abcdef\"}"));
  CHECK(loopwire_forward_start_http_api(runtime, first, "{\"tokem\": 1}") == LOOPWIRE_RESULT_UNKNOWN_OPTION);
  snprintf(text, sizeof text, "GET /api/port_status?t=2 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", first + 5);
  ask(first + 5, text, "HTTP/1.1 401 ");
  CHECK_OK(loopwire_forward_stop_http_api(runtime));
  CHECK_OK(loopwire_forward_remove_port(runtime, first + 3));
  CHECK_OK(loopwire_forward_stop_proxy(runtime));
  CHECK_OK(loopwire_forward_restore_data(runtime));
  CHECK_OK(loopwire_forward_clean_data(runtime));
  CHECK_OK(loopwire_forward_close_token_chan(runtime));
}

int main(int argc, char **argv) {
  struct events events = EVENTS_EMPTY;
  loopwire_events *handle = NULL;
  char *token = NULL;
  CHECK(argc == 3);
  folder = argv[1];
  first = atoi(argv[2]);
  CHECK(strcmp(loopwire_version(), LOOPWIRE_VERSION) == 0);
  CHECK(loopwire_runtime_new(NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_generate_token(32, &token));
  CHECK(strlen(token) == 43);

  forwarding();

  CHECK_OK(loopwire_events_start(runtime, events_collect, &events, true, &handle));
  CHECK_OK(loopwire_emit(runtime, "greeting", "hello", NULL));
  events_wait(&events, 0, "greeting");
  CHECK(loopwire_emit(runtime, "portRemoved", NULL, NULL) != LOOPWIRE_RESULT_OK);
  CHECK(loopwire_emit_data(runtime, "greeting", "[]", NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK(loopwire_forward_stop_proxy(runtime) == LOOPWIRE_RESULT_SHUT_DOWN);
  CHECK(loopwire_emit(runtime, "greeting", NULL, NULL) == LOOPWIRE_RESULT_SHUT_DOWN);
  CHECK_OK(loopwire_runtime_shutdown(runtime));
  CHECK_OK(loopwire_events_free(handle));
  CHECK_OK(loopwire_runtime_free(runtime));
  CHECK_OK(loopwire_runtime_free(NULL));
  for (int at = 0; at < 6; at++) CHECK(is_free(first + at));
  loopwire_free(token);
  events_free(&events);
  puts("done");
  return 0;
}
