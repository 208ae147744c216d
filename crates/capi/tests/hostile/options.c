/* Every option with values of every wrong kind, and JSON that is odd: refused, and no fault of the library. argv[1] is an empty
 * directory. */
#include "check.h"

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static loopwire_runtime *runtime;
static loopwire_workspace *workspace;

/* Nothing may come of it but a result that is documented. */
static loopwire_result sound(loopwire_result result, const char *json) {
  if (result != LOOPWIRE_RESULT_INTERNAL) return result;
  char *message = loopwire_last_error_message();
  fprintf(stderr, "%.200s: %s\n", json, message);
  exit(1);
}

static loopwire_result configure(const char *json) {
  loopwire_runtime *own = NULL;
  CHECK_OK(loopwire_runtime_new(&own));
  loopwire_result result = loopwire_runtime_configure(own, json);
  CHECK_OK(loopwire_runtime_free(own));
  return result;
}

static loopwire_result listen_with(const char *json) {
  loopwire_listener *listener = NULL;
  loopwire_result result = loopwire_listener_start(runtime, 0, TOKEN, json, NULL, NULL, &listener);
  CHECK_OK(loopwire_listener_free(listener));
  return result;
}

static loopwire_result open_with(const char *json) {
  loopwire_runtime *own = NULL;
  loopwire_workspace *opened = NULL;
  CHECK_OK(loopwire_runtime_new(&own));
  loopwire_result result = loopwire_workspace_open(own, ".", json, &opened);
  CHECK_OK(loopwire_workspace_free(opened));
  CHECK_OK(loopwire_runtime_free(own));
  return result;
}

static loopwire_result start_with(const char *json) {
  loopwire_terminal *terminal = NULL;
  loopwire_result result = loopwire_terminal_start(workspace, json, &terminal);
  if (terminal != NULL) CHECK_OK(loopwire_terminal_end(terminal));
  CHECK_OK(loopwire_terminal_free(terminal));
  return result;
}

static loopwire_result execute_with(const char *json) {
  loopwire_execution *execution = NULL;
  loopwire_result result = loopwire_workspace_execute(workspace, "true", NULL, 0, json, &execution);
  CHECK_OK(loopwire_execution_free(execution));
  return result;
}

static loopwire_result watch_with(const char *json) {
  loopwire_watch *watch = NULL;
  loopwire_result result = loopwire_watch_start(workspace, "\".\"", json, &watch);
  CHECK_OK(loopwire_watch_free(watch));
  return result;
}

static loopwire_result watch_paths(const char *json) {
  loopwire_watch *watch = NULL;
  loopwire_result result = loopwire_watch_start(workspace, json, NULL, &watch);
  CHECK_OK(loopwire_watch_free(watch));
  return result;
}

static loopwire_result clone_with(const char *json) {
  loopwire_git_operation *operation = NULL;
  loopwire_result result = loopwire_git_start(workspace, "clone", json, false, &operation);
  if (operation != NULL) CHECK_OK(loopwire_git_cancel(operation));
  CHECK_OK(loopwire_git_free(operation));
  return result;
}

static loopwire_result fetch_with(const char *json) {
  loopwire_git_operation *operation = NULL;
  loopwire_result result = loopwire_git_start(workspace, "fetch", json, true, &operation);
  if (operation != NULL) CHECK_OK(loopwire_git_cancel(operation));
  CHECK_OK(loopwire_git_free(operation));
  return result;
}

static loopwire_result snapshot_with(const char *json) {
  char *text = NULL;
  loopwire_result result = loopwire_snapshot_create(workspace, json, NULL, &text);
  loopwire_free(text);
  return result;
}

static loopwire_result list_with(const char *json) {
  char *text = NULL;
  loopwire_result result = loopwire_snapshot_list(workspace, json, &text);
  loopwire_free(text);
  return result;
}

static loopwire_result diff_with(const char *json) {
  char *text = NULL;
  loopwire_result result = loopwire_snapshot_diff(workspace, "a", "b", json, NULL, &text);
  loopwire_free(text);
  return result;
}

static loopwire_result forward_with(const char *json) {
  char *text = NULL;
  loopwire_result result = loopwire_forward(runtime, json, &text);
  loopwire_free(text);
  return result;
}

static loopwire_result api_with(const char *json) {
  loopwire_result result = loopwire_forward_start_http_api(runtime, 0, json);
  CHECK_OK(loopwire_forward_stop_http_api(runtime));
  return result;
}

static loopwire_result put_with(const char *json) {
  return loopwire_forward_put_config_port(runtime, 60000, json, INT64_MAX);
}

static loopwire_result configs_with(const char *json) {
  return loopwire_forward_set_config_ports(runtime, json, INT64_MAX);
}

static loopwire_result create_with(const char *json) {
  uint32_t port = 60000, *out = NULL;
  int len = 0;
  loopwire_result result = loopwire_forward_create_with_configure(runtime, "r", &port, 1, json, &out, &len);
  loopwire_free(out);
  return result;
}

static loopwire_result emit_with(const char *json) { return loopwire_emit_data(runtime, "my:event", json, NULL); }

struct target {
  const char *name;
  loopwire_result (*call)(const char *json);
  /* Names of options, with spaces between. */
  const char *keys;
};

static const struct target targets[] = {
    {"configure", configure,
     "journalBytes journalEvents connectTimeoutMs handshakeTimeoutMs firstByteTimeoutMs idleTimeoutMs idleCheckMs probe "
     "rotateOnError allowProviderDirect"},
    {"listener", listen_with,
     "host tls insecure allowedHosts allowedOrigins allowFileOrigin delivery detail inspector heartbeatMs stallMs "
     "maxMessageBytes maxConnections signal"},
    {"workspace", open_with,
     "terminal files watch git gitProtocols trustRepositories snapshots snapshotDir maxSnapshots maxSnapshotAgeMs "
     "maxSnapshotFiles maxSnapshotFileBytes shell env detachMs scrollbackBytes maxTerminals maxWatches maxFileBytes "
     "maxOutputBytes signal"},
    {"terminal", start_with, "command cwd env id pty cols rows timeoutMs signal"},
    {"execute", execute_with, "cwd env id input timeoutMs maxOutputBytes signal"},
    {"watch", watch_with, "recursive ignore debounceMs id"},
    {"clone", clone_with, "url targetDir id branch depth auth repoPath timeoutMs onCredentials"},
    {"fetch", fetch_with, "repoPath force id branch auth timeoutMs signal"},
    {"snapshot", snapshot_with, "message title include exclude id"},
    {"list", list_with, "limit before skip"},
    {"diff", diff_with, "patch paths maxBytes"},
    {"forward", forward_with, "port proxy upstream host auth username password protocol rules proxyId plan rotate"},
    {"api", api_with, "token port"},
    {"put", put_with, "port id proxy_id protocol host"},
    {"configs", configs_with, "60000 port"},
    {"create", create_with, "country city protocol"},
    {"emit", emit_with, "type timestamp seq data"},
    {"paths", watch_paths, ""},
};

/* Of each kind of JSON, the largest and the smallest, and what is no JSON. */
static const char *const values[] = {
    "null", "true", "false", "0", "-0", "-0.0", "-1", "1.5", "1e308", "-1e308", "1e999", "1E-400", "9007199254740993",
    "18446744073709551615", "18446744073709551616", "-9223372036854775808", "\"\"", "\" \"", "\"a\\u0000b\"",
    "\"\\ud800\"", "\"/\"", "\"../..\"", "\"auto\"", "\"\\n\"", "[]", "[[]]", "[null]", "[\"\"]", "[1]", "[\"a\\u0000b\"]",
    "{}", "{\"\":\"\"}", "{\"=\":\"x\"}", "{\"a\\u0000\":\"\\u0000\"}", "{\"a\":null}", "{\"a\":{\"a\":{}}}", "NaN", "Infinity",
    "\xff", "\"\xc3\"",
};

/* `depth` of `open`, then `close`. */
static char *nested(const char *before, const char *open, const char *close, size_t depth, const char *behind) {
  size_t size = strlen(before) + strlen(behind) + depth * (strlen(open) + strlen(close)) + 2;
  char *json = (char *)malloc(size);
  CHECK(json != NULL);
  char *at = stpcpy(json, before);
  for (size_t each = 0; each < depth; each++) at = stpcpy(at, open);
  at = stpcpy(at, "1");
  for (size_t each = 0; each < depth; each++) at = stpcpy(at, close);
  stpcpy(at, behind);
  return json;
}

static void attack(const struct target *target) {
  char json[512], keys[512];
  for (size_t at = 0; at < sizeof values / sizeof *values; at++) sound(target->call(values[at]), values[at]);
  sound(target->call(""), "");
  sound(target->call("{"), "{");
  sound(target->call("{}}"), "{}}");
  sound(target->call(" \t\r\n{ } "), "{ }");
  sound(target->call("\xef\xbb\xbf{}"), "with a byte order mark");
  snprintf(keys, sizeof keys, "%s unknown __proto__ toString", target->keys);
  for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " ")) {
    for (size_t at = 0; at < sizeof values / sizeof *values; at++) {
      snprintf(json, sizeof json, "{\"%s\":%s}", key, values[at]);
      sound(target->call(json), json);
      snprintf(json, sizeof json, "{\"%s\":%s,\"%s\":1}", key, values[at], key);
      sound(target->call(json), json);
    }
    char *deep;
    snprintf(json, sizeof json, "{\"%s\":", key);
    deep = nested(json, "[", "]", 100000, "}");
    sound(target->call(deep), "deep arrays");
    free(deep);
    deep = nested(json, "{\"a\":", "}", 100000, "}");
    sound(target->call(deep), "deep objects");
    free(deep);
    deep = nested(json, "[", "]", 100, "}");
    sound(target->call(deep), "less deep arrays");
    free(deep);
  }
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  CHECK_OK(loopwire_runtime_new(&runtime));
  /* Some of the odd options are sound, and start a command. */
  CHECK_OK(loopwire_workspace_open(runtime, argv[1], "{\"maxTerminals\":4096}", &workspace));
  for (size_t at = 0; at < sizeof targets / sizeof *targets; at++) attack(&targets[at]);
  /* It goes on. */
  CHECK_OK(emit_with("{}"));
  CHECK_OK(listen_with("{}"));
  CHECK_OK(execute_with(NULL));
  CHECK_OK(loopwire_workspace_free(workspace));
  CHECK_OK(loopwire_runtime_free(runtime));
  puts("done");
  return 0;
}
