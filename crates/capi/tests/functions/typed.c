/* The typed calls: FIRST-PORT PROVIDER. Prints what they report, one line each. */
#include "check.h"

static void show(char *text) {
  CHECK(text != NULL);
  puts(text);
  loopwire_free(text);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  const int first = atoi(argv[1]);
  char options[256];
  char *text = NULL;
  loopwire_runtime *runtime = NULL;
  CHECK_OK(loopwire_runtime_new(&runtime));
  CHECK_OK(loopwire_runtime_configure(runtime, "{\"idleCheckMs\":0,\"probe\":null}"));

  /* Before the engine was started. */
  CHECK_OK(loopwire_forward_ports(runtime, &text));
  CHECK(strcmp(text, "[]") == 0);
  loopwire_free(text);

  CHECK_OK(loopwire_forward_set_range_port(runtime, first, 2));
  CHECK_OK(loopwire_forward_set_api_host(runtime, argv[2]));
  /* An object, and a URL. */
  snprintf(options, sizeof options, "{\"port\":%d,\"upstream\":{\"id\":\"second\"},\"onRotate\":\"drain\"}", first);
  CHECK_OK(loopwire_forward(runtime, options, &text));
  CHECK(strstr(text, "\"proxyId\":\"second\"") != NULL);
  show(text);
  CHECK_OK(loopwire_rotate(runtime, first, &text));
  CHECK(strstr(text, "\"proxyId\":\"second\"") == NULL);
  show(text);
  snprintf(options, sizeof options,
           "{\"port\":%d,\"upstream\":{\"protocol\":\"direct\",\"id\":\"own\"},\"auth\":{\"username\":\"u\",\"password\":\"p\"}}",
           first + 1);
  CHECK_OK(loopwire_forward(runtime, options, &text));
  loopwire_free(text);
  CHECK_OK(loopwire_forward_ports(runtime, &text));
  show(text);
  CHECK_OK(loopwire_forward_stats(runtime, &text));
  show(text);

  CHECK_OK(loopwire_generate_token(32, &text));
  CHECK(strlen(text) == 43);
  loopwire_free(text);
  CHECK_OK(loopwire_runtime_free(runtime));
  return 0;
}
