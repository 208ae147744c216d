/* Forwards a local port through a proxy of a provider, and prints every event until Enter is pressed.
 *
 *   ./forward PROVIDER-URL [CHANNEL-PORT]
 *
 * It uses the functions without a handle, which have the names of the SDK's page. */

#include <loopwire.h>

#include <stdio.h>
#include <stdlib.h>

/* Prints the last error of this thread, and ends. */
static void fail(const char *what)
{
    char *text = SDKGetLastError();
    fprintf(stderr, "%s: %s\n", what, text != NULL ? text : "no memory");
    FreeBuf(text);
    SafeExit();
    exit(EXIT_FAILURE);
}

/* For functions that return nothing: there is no last error when they have worked. */
static void check(const char *what)
{
    char *text = SDKGetLastError();
    int failed = text == NULL || text[0] != '\0';
    FreeBuf(text);
    if (failed)
        fail(what);
}

/* What the callback works with. Only its thread touches it until SafeExit() has returned. */
struct printer {
    unsigned long events;
};

/* Called from a thread of the library. The text is valid during the call. */
static void on_event(void *userdata, const char *event, size_t len)
{
    struct printer *printer = userdata;
    printer->events += 1;
    printf("event %.*s\n", (int)len, event);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s PROVIDER-URL [CHANNEL-PORT]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int channel = argc > 2 ? atoi(argv[2]) : 8881;

    RunAsync();
    check("RunAsync");

    struct printer printer = {0};
    SetEventCallback(on_event, &printer);
    check("SetEventCallback");

    /* The same events for WebSocket clients, such as `loopwire tail`. Whoever knows the token may connect. */
    char *token = NULL;
    if (loopwire_generate_token(32, &token) != LOOPWIRE_RESULT_OK)
        fail("loopwire_generate_token");
    StartCommunicate(1, channel, token);
    check("StartCommunicate");
    printf("channel ws://127.0.0.1:%d token %s\n", channel, token);
    loopwire_free(token);

    SetAPIHost(argv[1]);
    check("SetAPIHost");

    /* A port of the range (60000 to 60099) that nobody uses. */
    uint32_t *ports = NULL;
    int count = 0;
    if (GetPortsFreeWithLimit(1, &ports, &count) != 0)
        fail("GetPortsFreeWithLimit");
    if (count == 0) {
        fprintf(stderr, "no port of the range is free\n");
        SafeExit();
        return EXIT_FAILURE;
    }
    int port = (int)ports[0];
    FreeBuf(ports);

    /* Returns when the proxy has been reached, or has not. */
    if (CreateWithId(port, "my-proxy", "1", "manual") != 0)
        fail("CreateWithId");
    char *config = GetConfigJSON((unsigned)port);
    if (config == NULL)
        fail("GetConfigJSON");
    printf("forwarding %s\n", config);
    FreeBuf(config);
    printf("try: curl -x http://127.0.0.1:%d http://example.com\npress Enter to stop\n", port);
    fflush(stdout);

    int c;
    while ((c = getchar()) != '\n' && c != EOF)
        ;

    /* From here on the callback is not called any more. */
    SafeExit();
    printf("stopped after %lu events\n", printer.events);
    return EXIT_SUCCESS;
}
