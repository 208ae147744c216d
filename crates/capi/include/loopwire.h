/* The C library of Loopwire. Made by cbindgen from crates/capi: do not edit.
 *
 * Conventions, ownership, threads, errors, fork and signals: docs/c-api.md. */

#ifndef LOOPWIRE_H
#define LOOPWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* The version of this header; loopwire_version() is that of the library. */
#define LOOPWIRE_VERSION_MAJOR 0
#define LOOPWIRE_VERSION_MINOR 1
#define LOOPWIRE_VERSION_PATCH 0
#define LOOPWIRE_VERSION "0.1.0"

/* A text that the library reads and never changes: `char *` in C, as published. In C++ a literal is const. */
#ifdef __cplusplus
typedef const char *loopwire_string;
#else
typedef char *loopwire_string;
#endif


/**
 * What a call comes to. Numbers never change their meaning; later versions may add some.
 *
 * The text of a failure is in `loopwire_last_error_message()`, its code as text in `loopwire_last_error_code()`. The code is
 * the same as `error.code` in JavaScript, and more exact than the number.
 */
enum loopwire_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It was done.
   */
  LOOPWIRE_RESULT_OK = 0,
  /**
   * It was refused, or failed; the code says why.
   */
  LOOPWIRE_RESULT_FAILED = 1,
  /**
   * An argument has a value that it may not have: NULL, what is not UTF-8, JSON of another form.
   */
  LOOPWIRE_RESULT_INVALID_ARGUMENT = 2,
  /**
   * A number is out of its range.
   */
  LOOPWIRE_RESULT_OUT_OF_RANGE = 3,
  /**
   * The JSON of the options has a key that there is not.
   */
  LOOPWIRE_RESULT_UNKNOWN_OPTION = 4,
  /**
   * The runtime was shut down.
   */
  LOOPWIRE_RESULT_SHUT_DOWN = 5,
  /**
   * The process was forked after the library had been used; see "fork" in docs/c-api.md.
   */
  LOOPWIRE_RESULT_FORKED = 6,
  /**
   * It would wait for the callback that it is called in.
   */
  LOOPWIRE_RESULT_IN_CALLBACK = 7,
  /**
   * Nothing came within the time.
   */
  LOOPWIRE_RESULT_TIMED_OUT = 8,
  /**
   * There is nothing more, and there never will be.
   */
  LOOPWIRE_RESULT_ENDED = 9,
  /**
   * The port is in use.
   */
  LOOPWIRE_RESULT_ADDRESS_IN_USE = 10,
  /**
   * The address, or the right to use it, is missing.
   */
  LOOPWIRE_RESULT_ADDRESS_UNUSABLE = 11,
  /**
   * The process, or the system, has too many open files.
   */
  LOOPWIRE_RESULT_TOO_MANY_FILES = 12,
  /**
   * The token is too short, too long, or has other characters than `[0-9A-Za-z._~-]`.
   */
  LOOPWIRE_RESULT_INVALID_TOKEN = 13,
  /**
   * Others on the network could read along: set `tls` or `insecure`.
   */
  LOOPWIRE_RESULT_INSECURE_HOST = 14,
  /**
   * The journal is full, because a callback is too far behind.
   */
  LOOPWIRE_RESULT_JOURNAL_FULL = 15,
  /**
   * The event is too large.
   */
  LOOPWIRE_RESULT_EVENT_TOO_LARGE = 16,
  /**
   * The workspace was closed.
   */
  LOOPWIRE_RESULT_CLOSED = 17,
  /**
   * The operation was cancelled.
   */
  LOOPWIRE_RESULT_CANCELLED = 18,
  /**
   * There is no memory for the result.
   */
  LOOPWIRE_RESULT_NO_MEMORY = 19,
  /**
   * A fault of the library. The text says which; please report it.
   */
  LOOPWIRE_RESULT_INTERNAL = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum loopwire_result loopwire_result;
#else
typedef uint32_t loopwire_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The stream that output comes from.
 */
enum loopwire_source
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The standard output; with a PTY all output.
   */
  LOOPWIRE_SOURCE_STDOUT = 1,
  /**
   * The standard error.
   */
  LOOPWIRE_SOURCE_STDERR = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum loopwire_source loopwire_source;
#else
typedef uint32_t loopwire_source;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Events that reach a callback, until it is stopped.
 */
typedef struct loopwire_events loopwire_events;

/**
 * A git operation that was started.
 *
 * Any thread may use it, also several at once: one that waits for the end, one that shows progress, one that answers questions.
 */
typedef struct loopwire_git_operation loopwire_git_operation;

/**
 * A listener: a bound port with its token and its connections.
 */
typedef struct loopwire_listener loopwire_listener;

/**
 * A runtime: the journal, the engines, their threads. Programs have one, as a rule.
 *
 * A clone is the same one: the handles of listeners and workspaces outlive that of their runtime.
 */
typedef struct loopwire_runtime loopwire_runtime;

/**
 * The handle of one snapshot operation, for other threads than the one that waits for it.
 */
typedef struct loopwire_snapshot_run loopwire_snapshot_run;

/**
 * A running command, or one that has ended.
 *
 * Any thread may use it, also several at once: reading in one, writing in another.
 */
typedef struct loopwire_terminal loopwire_terminal;

/**
 * A watch of files.
 *
 * Any thread may use it, also several at once; those that wait at once share the changes.
 */
typedef struct loopwire_watch loopwire_watch;

/**
 * A directory in which the application, and the clients of the runtime's listeners, run commands, read, write and watch
 * files, use git and take snapshots.
 *
 * Any thread may use it, also several at once.
 */
typedef struct loopwire_workspace loopwire_workspace;

/**
 * Called for each event, in order, always from the same thread.
 *
 * `event` is the JSON text of `len` bytes that a WebSocket client gets, with a NUL behind it; it is valid during the call.
 * While the function runs, further events wait, and asynchronous sources with them when too many do.
 */
typedef void (*loopwire_event_callback)(void *userdata, const char *event, size_t len);

/**
 * Called for each message of a client that is no command of the protocol.
 *
 * `connection_id` is the connection's id, as `loopwire_listener_send` takes it. `data` are `len` bytes with a NUL behind
 * them: UTF-8 unless `is_binary`. Everything is valid during the call. While the function runs, at most 1 MiB of further
 * messages waits; then the clients are not read.
 */
typedef void (*loopwire_message_callback)(void *userdata,
                                          const char *connection_id,
                                          const char *data,
                                          size_t len,
                                          bool is_binary);

/**
 * Called for each change of a connection.
 *
 * `state` is "open", "active" (it receives the events from now on), "standby" (a newer connection does) or "closed";
 * `close_code` and `reason` say why it was closed, and are 0 and "" otherwise. Texts are valid during the call.
 */
typedef void (*loopwire_connection_callback)(void *userdata,
                                             const char *connection_id,
                                             const char *state,
                                             uint16_t close_code,
                                             const char *reason);

/**
 * Called when a web page was refused because of its origin: once for each of the first 32 origins.
 *
 * `option` is the option of the listener that would admit it, or NULL. Texts are valid during the call.
 */
typedef void (*loopwire_origin_callback)(void *userdata, const char *origin, const char *option);

/**
 * The functions that a listener calls, all from one thread of its own, one at a time. Each may be NULL.
 *
 * Initialise it with zeros, and set what you need.
 */
typedef struct loopwire_listener_callbacks {
  /**
   * For each event of the runtime from now on. While it is far behind, asynchronous sources wait for it.
   */
  loopwire_event_callback event;
  /**
   * For each message of a client that is no command. NULL: such a message is answered with `NOT_ENABLED`.
   */
  loopwire_message_callback message;
  /**
   * For each change of a connection. At most 4,096 changes wait; then the oldest are dropped and counted in `noticesLost`.
   */
  loopwire_connection_callback connection;
  /**
   * For each web page that was refused. NULL: nobody is told, except by `LOOPWIRE_LOG=warn` in the environment.
   */
  loopwire_origin_callback refused_origin;
} loopwire_listener_callbacks;

/**
 * As the SDK's page names it, and as cgo defines it.
 */
typedef unsigned char GoUint8;

/**
 * As the SDK's page names it, and as cgo defines it.
 */
typedef unsigned int GoUint32;

/**
 * As the SDK's page names it, and as cgo defines it: `long long`, which `int64_t` is not everywhere. A Go program may include both.
 */
typedef long long GoInt;

/**
 * A command that has ended. The library makes it; free it with `loopwire_execution_free`. Later versions may add fields at
 * its end.
 */
typedef struct loopwire_execution {
  /**
   * The exit code; -1 if a signal ended the command.
   */
  int32_t exit_code;
  /**
   * The signal that ended it, as "SIGKILL"; NULL if it ended by itself.
   */
  char *signal;
  /**
   * Why the workspace ended it: "timeout" (`timeoutMs`), "output" (`maxOutputBytes` of the workspace), "closed" (the
   * workspace was closed); "failed" if it could not be run to its end. NULL if it ended otherwise.
   */
  char *reason;
  /**
   * How long it ran, in milliseconds.
   */
  double duration_ms;
  /**
   * Its whole standard output, unchanged. A NUL follows, which does not count.
   */
  uint8_t *stdout_bytes;
  /**
   * How many bytes that is.
   */
  size_t stdout_len;
  /**
   * Its whole standard error, unchanged. A NUL follows, which does not count.
   */
  uint8_t *stderr_bytes;
  /**
   * How many bytes that is.
   */
  size_t stderr_len;
} loopwire_execution;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The text of the last failure of this thread; the empty text if there was none.
 *
 * A success does not change it, but for those functions without a handle that `SDKGetLastError` names. Never NULL unless there
 * is no memory. Give it back with `loopwire_free`.
 */
char *loopwire_last_error_message(void);

/**
 * The code of the last failure of this thread, such as `EADDRINUSE`; the empty text if there was none.
 *
 * It is the same as `error.code` in JavaScript. Give it back with `loopwire_free`.
 */
char *loopwire_last_error_code(void);

/**
 * Frees what the library handed out: a text or an array. NULL is allowed.
 *
 * # Safety
 * `memory` is NULL, or came from a function of this library and was not freed yet.
 */
void loopwire_free(void *memory);

/**
 * The version of the library, such as "0.1.0". The text stays for ever: do not free it.
 *
 * `LOOPWIRE_VERSION` is that of the header.
 */
const char *loopwire_version(void);

/**
 * Has `callback` called for every event from now on, from one thread of its own; no socket is needed.
 *
 * `userdata` is passed on as it is; it must stay valid until `loopwire_events_free`, `loopwire_runtime_shutdown` or
 * `loopwire_runtime_free` has returned. `detail` asks for events with their detail twins. `out` receives the handle.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `callback` is NULL or may be called from another thread; `out` is NULL or
 * can be written.
 */
loopwire_result loopwire_events_start(const struct loopwire_runtime *runtime,
                                      loopwire_event_callback callback,
                                      void *userdata,
                                      bool detail,
                                      struct loopwire_events **out);

/**
 * Stops the callback and frees the handle. NULL does nothing.
 *
 * When it returns, the callback does not run and will not be called again; inside the callback itself it does not wait for
 * that call.
 *
 * # Safety
 * `events` is NULL or a handle that was not freed.
 */
loopwire_result loopwire_events_free(struct loopwire_events *events);

/**
 * Switches whether local ports ask their clients for credentials: status 407 for HTTP, RFC 1929 for SOCKS5.
 *
 * `enable` is 0 or 1. It fails if `loopwire_forward_set_proxy_auth` has set no credentials yet, or if it would be switched
 * off while other machines can reach the ports. Open connections continue.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_set_enable_proxy_auth(const struct loopwire_runtime *runtime,
                                                       int enable);

/**
 * Sets the credentials that local ports ask their clients for, and whether they ask.
 *
 * `enable` is 0 or 1; `username` has 1 to 255 bytes and no colon, `password` 1 to 255 bytes. Ports of `loopwire_forward`
 * with the option `auth` use their own. Open connections continue.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
 */
loopwire_result loopwire_forward_set_proxy_auth(const struct loopwire_runtime *runtime,
                                                int enable,
                                                const char *username,
                                                const char *password);

/**
 * Stores the kind of tunnel: 0 Auto, 1 Mux, 2 Qux. It is shown by `loopwire_forward_stats` and has no other effect.
 *
 * Every local port speaks HTTP and SOCKS5; the first byte of a connection tells which. The option `accept` of
 * `loopwire_forward` restricts a port to one.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_set_protocol(const struct loopwire_runtime *runtime,
                                              int protocol);

/**
 * The configuration and the state of a forwarded port, as JSON text.
 *
 * An object with the SDK's keys (`proxy_id`, `plan`, `country_code`, `address`, `is_online`, `city`, `public_ip`,
 * `count_refresh`, `streams`, `bw` and others) and these: `upstream` (without a password), `latency_ms`, `last_error`,
 * `connections`; `{}` if the port is not forwarded. `port` is 1 to 65535. `out` receives the text; give it back with
 * `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_config_json(const struct loopwire_runtime *runtime,
                                                 int port,
                                                 char **out);

/**
 * The configuration and the state of all forwarded ports, as the JSON text of an array.
 *
 * An entry is what `loopwire_forward_get_config_json` gives. `out` receives the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_configs_json(const struct loopwire_runtime *runtime,
                                                  char **out);

/**
 * Sets the configuration of one port: the proxies that it may use, and whether rotation and renewal apply to it.
 *
 * `port` is 1 to 65535. `json` is JSON text of at most `len` bytes; it may end before, with a NUL: `{country?: ["DE"],
 * state?, city?, zip?, isp?, refresh?: boolean, rotation?: boolean}`. A `port` inside is ignored. The next request for the
 * port uses it. No event follows.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `json` is NULL, or has `len` bytes or ends with a NUL.
 */
loopwire_result loopwire_forward_put_config_port(const struct loopwire_runtime *runtime,
                                                 int port,
                                                 const char *json,
                                                 int64_t len);

/**
 * Sets the configurations of several ports.
 *
 * `json` is JSON text of at most `len` bytes; it may end before, with a NUL: an object whose keys are ports and whose values
 * are as for `loopwire_forward_put_config_port`. If one is wrong, no configuration is set. No event follows.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `json` is NULL, or has `len` bytes or ends with a NUL.
 */
loopwire_result loopwire_forward_set_config_ports(const struct loopwire_runtime *runtime,
                                                  const char *json,
                                                  int64_t len);

/**
 * Forwards the local port `port` to the proxy with the id `proxy_id` of the provider, and waits for it.
 *
 * `port` is 1 to 65535 and in the range (default: 60000 to 60099); the id is also the request's id in events. `plan`
 * (usually "1") and `action_type` (usually "manual") are stored and sent to an HTTP provider. A port that is forwarded
 * already changes its upstream.
 *
 * `LOOPWIRE_RESULT_OK` after the handshake with the upstream succeeded; `portStateUpdate` and `forwardListCompleted` were
 * published before. Otherwise `proxyError` was, and the port is not forwarded.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
 */
loopwire_result loopwire_forward_create_with_id(const struct loopwire_runtime *runtime,
                                                int port,
                                                const char *proxy_id,
                                                const char *plan,
                                                const char *action_type);

/**
 * Forwards `ports`, each through a proxy that matches a filter, and waits for it.
 *
 * `ports` are `n` ports. `filter_json` is JSON text: `{plan?, country?, state?, city?, zip?, isp?, list_type: -1, action?}`;
 * a key that is left out matches everything. `out` receives an array of the `out_len` ports that are forwarded, in the order
 * of `ports`; give it back with `loopwire_free`. One event ends the request: `forwardListCompleted` or `proxyError`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers;
 * `out` and `out_len` are NULL or can be written.
 */
loopwire_result loopwire_forward_create_with_configure(const struct loopwire_runtime *runtime,
                                                       const char *request_id,
                                                       const uint32_t *ports,
                                                       int n,
                                                       const char *filter_json,
                                                       uint32_t **out,
                                                       int *out_len);

/**
 * Forwards each of the `n` `ports` that has a configuration (`loopwire_forward_put_config_port`,
 * `loopwire_forward_set_config_ports`) through a proxy that matches it, and waits for it. Ports without one are skipped.
 *
 * `request_id` is the request's id in events; `plan` (usually "1") is sent to the provider. If a proxy fails its handshake,
 * others that match are tried, each once. One proxy may serve several ports; proxies that serve none are taken first.
 *
 * `out` receives an array of the `out_len` ports that are forwarded, in the order of `ports`, NULL if there are none; give
 * it back with `loopwire_free`. One event ends the request: `forwardListCompleted` if a port was forwarded or all were
 * skipped, otherwise `proxyError` with the reason of the first port.
 *
 * # Safety
 * As for `loopwire_forward_create_with_configure`.
 */
loopwire_result loopwire_forward_create_proxy_by_port_configs(const struct loopwire_runtime *runtime,
                                                              const char *request_id,
                                                              const char *plan,
                                                              const uint32_t *ports,
                                                              int n,
                                                              uint32_t **out,
                                                              int *out_len);

/**
 * Forwards the `n` `ports`, each through a proxy that matches its configuration, or through any proxy if it has none, and
 * waits for it.
 *
 * With `only_free` 1, ports that are not free (forwarded already, or used by another program) are skipped; with 0 all are
 * tried. Everything else is as for `loopwire_forward_create_proxy_by_port_configs`.
 *
 * # Safety
 * As for `loopwire_forward_create_with_configure`.
 */
loopwire_result loopwire_forward_quick_create_proxies(const struct loopwire_runtime *runtime,
                                                      const char *request_id,
                                                      const char *plan,
                                                      const uint32_t *ports,
                                                      int n,
                                                      int only_free,
                                                      uint32_t **out,
                                                      int *out_len);

/**
 * Forwards one port through a proxy that matches its configuration, or through any proxy if it has none, and waits for it.
 *
 * `port` is 1 to 65535; `request_id` is the request's id in events, `plan` (usually "1") is sent to the provider. Events are
 * those of `loopwire_forward_create_with_id`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
 */
loopwire_result loopwire_forward_quick_create_at_port(const struct loopwire_runtime *runtime,
                                                      int port,
                                                      const char *request_id,
                                                      const char *plan);

/**
 * Stops forwarding `port`, 1 to 65535, and closes its connections. It returns at once.
 *
 * One `portStateUpdate` follows if the port was forwarded. The port is also deleted from the saved data.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_remove_port(const struct loopwire_runtime *runtime,
                                             int port);

/**
 * Stops forwarding all ports. It returns at once; one `portStateUpdate` for each port follows.
 *
 * The saved data stays: `loopwire_forward_restore_data` brings them back.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_stop_proxy(const struct loopwire_runtime *runtime);

/**
 * Starts the forward engine on the runtime's threads, and returns at once.
 *
 * It need not be called: the first function that uses the engine starts it.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_run_async(const struct loopwire_runtime *runtime);

/**
 * Switches `log` events on: `{"type":"log","payload":"…"}` says what the engine does.
 *
 * The texts never contain a password. They are the only events that may be dropped, when a callback is far behind.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_enable_debug(const struct loopwire_runtime *runtime);

/**
 * Starts the local HTTP API on `port` of 127.0.0.1.
 *
 * `port` is 1 to 65535. `options` is JSON text or NULL: `{token?}`, which every request must then have, as `Authorization:
 * Bearer {token}` or `?token={token}`; without one every program on this machine can use the API. `GET /api/openapi.json`
 * describes the routes. The port is bound when the function returns; if that fails, the event `httpError` follows. Started
 * again on another port, it moves there.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `options` is NULL or ends with a NUL.
 */
loopwire_result loopwire_forward_start_http_api(const struct loopwire_runtime *runtime,
                                                int port,
                                                const char *options);

/**
 * Stops the local HTTP API; requests that are not answered yet are dropped. It may be called when the API is not running.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_stop_http_api(const struct loopwire_runtime *runtime);

/**
 * All ports of the range, in order. Without a range the default range is set, 60000:100, and `settingPortChange` follows.
 *
 * `out` receives an array of `out_len` ports; give it back with `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` and `out_len` are NULL or can be written.
 */
loopwire_result loopwire_forward_get_ports(const struct loopwire_runtime *runtime,
                                           uint32_t **out,
                                           int *out_len);

/**
 * The first ports of the range, at most `limit`.
 *
 * `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
 *
 * # Safety
 * As for `loopwire_forward_get_ports`.
 */
loopwire_result loopwire_forward_get_ports_with_limit(const struct loopwire_runtime *runtime,
                                                      unsigned int limit,
                                                      uint32_t **out,
                                                      int *out_len);

/**
 * The ports of the range from `start` on, at most `limit`. `start` is 1 to 65535.
 *
 * `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
 *
 * # Safety
 * As for `loopwire_forward_get_ports`.
 */
loopwire_result loopwire_forward_get_ports_with_start_limit(const struct loopwire_runtime *runtime,
                                                            unsigned int start,
                                                            unsigned int limit,
                                                            uint32_t **out,
                                                            int *out_len);

/**
 * The free ports of the range, at most `limit`: neither forwarded nor used by another program.
 *
 * `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
 *
 * # Safety
 * As for `loopwire_forward_get_ports`.
 */
loopwire_result loopwire_forward_get_ports_free_with_limit(const struct loopwire_runtime *runtime,
                                                           unsigned int limit,
                                                           uint32_t **out,
                                                           int *out_len);

/**
 * The free ones among the `n` `ports`, in their order.
 *
 * `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
 *
 * # Safety
 * As for `loopwire_forward_get_ports`; `ports` is NULL or has `n` numbers.
 */
loopwire_result loopwire_forward_get_ports_available(const struct loopwire_runtime *runtime,
                                                     const uint32_t *ports,
                                                     int n,
                                                     uint32_t **out,
                                                     int *out_len);

/**
 * Whether `port`, 1 to 65535, is forwarded. `out` receives the answer.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_is_running_port(const struct loopwire_runtime *runtime,
                                                 int port,
                                                 bool *out);

/**
 * Whether `port`, 1 to 65535, is free: neither forwarded nor used by another program. `out` receives the answer.
 *
 * The address is that of the range.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_check_port_available(const struct loopwire_runtime *runtime,
                                                      int port,
                                                      bool *out);

/**
 * Tests a forwarded port over the whole path, and waits for it: the handshake with its upstream, and the probe target if one
 * is set.
 *
 * `port` is 1 to 65535. `out` receives whether it works; that becomes the state of the port, and `portStateUpdate` follows
 * if it changes. It ends by itself after `connectTimeoutMs` and `handshakeTimeoutMs` of `loopwire_runtime_configure`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_test_port(const struct loopwire_runtime *runtime,
                                           int port,
                                           bool *out);

/**
 * Sets the provider, which lists the upstream proxies: a `file:///` URL of a JSON list, or the `http(s)://` base URL of a
 * provider. docs/api.md, `setAPIHost`, says what it answers.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `url` is NULL or ends with a NUL.
 */
loopwire_result loopwire_forward_set_api_host(const struct loopwire_runtime *runtime,
                                              const char *url);

/**
 * The provider's URL, as it was set; the empty text if there is none.
 *
 * `out` receives the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_api_host(const struct loopwire_runtime *runtime, char **out);

/**
 * Sets a header that is sent with each request to an HTTP provider.
 *
 * It replaces a header of the same name; an empty value deletes it. Requests that wait because the provider answered 401 are
 * sent again at once (see `loopwire_forward_close_token_chan`).
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
 */
loopwire_result loopwire_forward_set_header(const struct loopwire_runtime *runtime,
                                            const char *name,
                                            const char *value);

/**
 * Sets a query parameter that is sent with each request to an HTTP provider, such as its key.
 *
 * It replaces a parameter of the same name; an empty value deletes it. Requests that wait because the provider answered 401
 * are sent again at once (see `loopwire_forward_close_token_chan`).
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
 */
loopwire_result loopwire_forward_set_query(const struct loopwire_runtime *runtime,
                                           const char *name,
                                           const char *value);

/**
 * Sets the user's country, such as `"HK"`. It is sent with each request to an HTTP provider as `user_country_code`, and
 * shown as `client_country_code` by `loopwire_forward_get_config_json`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `code` is NULL or ends with a NUL.
 */
loopwire_result loopwire_forward_set_user_country_code(const struct loopwire_runtime *runtime,
                                                       const char *code);

/**
 * Ends the wait of requests that an HTTP provider has answered with 401.
 *
 * Such a request waits up to 20 seconds for a new key (`loopwire_forward_set_query`, `loopwire_forward_set_header`) and is
 * then sent again. This call makes it fail now, with `proxyError` `…@status:401|message:…`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_close_token_chan(const struct loopwire_runtime *runtime);

/**
 * Sets the range of ports that may be forwarded: `count` ports from `start_port` on. The address template stays.
 *
 * Both are 1 to 65535. (`setRangePort` of Node takes the last port instead of the count.) Without it the range is 60000 and
 * 100 ports. A change is followed by `settingPortChange` `"start:count"`; ports outside the new range are removed
 * (`portRemoved`), ports inside it keep the address they listen on.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_set_range_port(const struct loopwire_runtime *runtime,
                                                int start_port,
                                                int count);

/**
 * Sets the address template and the range of ports that may be forwarded.
 *
 * `ip_format` is `"127.0.0.1:%d"`, the default, or another address. One that other machines can reach is refused unless
 * local ports ask for credentials (`loopwire_forward_set_proxy_auth`). Everything else is as for
 * `loopwire_forward_set_range_port`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `ip_format` is NULL or ends with a NUL.
 */
loopwire_result loopwire_forward_update_ip_format_and_ports(const struct loopwire_runtime *runtime,
                                                            const char *ip_format,
                                                            int start_port,
                                                            int count);

/**
 * Sets the directory in which forwarded ports are saved, so that `loopwire_forward_restore_data` can bring them back.
 *
 * `dir` is a path in UTF-8; a missing directory is created. A port is saved before the call that forwards it returns; if
 * that fails, the call fails and nothing has changed. Settings (provider, range, port configurations) are not saved: the
 * program sets them again. It fails if the directory cannot be used, or if another process uses it, whose id is then in the
 * text.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `dir` is NULL or ends with a NUL.
 */
loopwire_result loopwire_forward_set_save_data_path(const struct loopwire_runtime *runtime,
                                                    const char *dir);

/**
 * Forwards the saved ports again, in the background. Call it after the settings are applied.
 *
 * It fails if `loopwire_forward_set_save_data_path` was not called. Each port that works causes `portStateUpdate`; each that
 * fails causes `proxyError` with its proxy's id, is offline, and comes back by itself. If the provider says that the proxy
 * is gone, the port is removed (`portRemoved`). `restoreDone` follows when each port was tried once.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_restore_data(const struct loopwire_runtime *runtime);

/**
 * Deletes the saved data. Forwarded ports continue; no event follows.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_clean_data(const struct loopwire_runtime *runtime);

/**
 * Switches timed rotation on (1) or off (0): ports change to another proxy that matches the same filter at an interval.
 *
 * Off by default. A rotation causes one `portStateUpdate`; without another proxy nothing changes.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_enable_auto_rotation(const struct loopwire_runtime *runtime,
                                                      int enable);

/**
 * Sets the interval of timed rotation and the ports it applies to.
 *
 * `seconds` is 1 to 2678400 (default: 300), counted from when the port got its proxy. With `only_port_has_config` 1 only
 * ports that have a configuration are rotated, with 0 all ports. A configuration with `rotation: false` always excludes its
 * port.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_set_auto_rotation_setting(const struct loopwire_runtime *runtime,
                                                           int64_t seconds,
                                                           int only_port_has_config);

/**
 * Switches timed renewal on (1) or off (0): the provider is asked for the proxy of each port again at an interval.
 *
 * Off by default. A renewal causes one `portStateUpdate` and increases `count_refresh`. If the provider says that the proxy
 * is gone, the port is removed (`portRemoved`).
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_enable_auto_renew(const struct loopwire_runtime *runtime,
                                                   int enable);

/**
 * Sets the interval of timed renewal, its limit, and the ports it applies to.
 *
 * `seconds` is 1 to 2678400 (default: 60). A port whose proxy was renewed `count_limit` times (default: 100; 0 for no limit)
 * is removed when the next renewal is due (`portRemoved`). With `only_port_has_config` 1 only ports that have a
 * configuration are renewed, with 0 all ports. A configuration with `refresh: false` always excludes its port.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_forward_set_renew_setting(const struct loopwire_runtime *runtime,
                                                   int64_t seconds,
                                                   int64_t count_limit,
                                                   int only_port_has_config);

/**
 * Whether timed renewal is on. `out` receives the answer.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_enable_auto_renew(const struct loopwire_runtime *runtime,
                                                       bool *out);

/**
 * The interval of timed renewal. `out` receives it, in seconds.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_auto_refresh_proxy_rate_limit(const struct loopwire_runtime *runtime,
                                                                   int64_t *out);

/**
 * The number of renewals after which a port is removed; 0 for no limit. `out` receives it.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_get_auto_refresh_proxy_count_limit(const struct loopwire_runtime *runtime,
                                                                    int64_t *out);

/**
 * Forwards a local port to an upstream, and waits for it.
 *
 * `options` is JSON text: `{port, upstream, accept?: "any" | "http" | "socks5", probe?: {host, port} | null, onRotate?:
 * "keep" | "drain" | "break", rotateOnError?: boolean, auth?: {username, password}, requestId?}`. `port` is 1 to 65535.
 * `upstream` is a URL (`"socks5://user:password@host:1080"`, `"http://…"`, `"https://…"`, `"direct:"`), an object
 * `{protocol, host, port, username?, password?, ca?}`, or `{id}` of a proxy that the provider lists. docs/api.md, `forward`,
 * says what each does.
 *
 * `out` receives the JSON text of `{port, address, proxyId, upstream, latencyMs}`; give it back with `loopwire_free`. It
 * fails with the code `req_proxy_config_error` as `proxyError` has it; the port is then not forwarded.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward(const struct loopwire_runtime *runtime,
                                 const char *options,
                                 char **out);

/**
 * Gives `port` another proxy that matches the same filter, and waits for it.
 *
 * `port` is 1 to 65535. `portStateUpdate` was published when it returns. The option `onRotate` of `loopwire_forward` decides
 * what happens to open connections; without it they continue with the old upstream. It fails with the code
 * `ERR_PORT_NOT_FORWARDED`, or with `req_proxy_config_error`; the old upstream then stays.
 *
 * `out` receives the JSON text of `{port, address, proxyId, upstream, latencyMs}`; give it back with `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_rotate(const struct loopwire_runtime *runtime,
                                int port,
                                char **out);

/**
 * The forwarded ports, sorted by port, with their current counters.
 *
 * `out` receives the JSON text of an array of `{port, address, proxyId, upstream, online, latencyMs, lastError?,
 * countryCode, city, publicIp, refreshes, connections, streams, bytesUp, bytesDown}`; give it back with `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_ports(const struct loopwire_runtime *runtime,
                                       char **out);

/**
 * The current counters of the forward engine.
 *
 * `out` receives the JSON text of `{ports, online, connections, streams, bytesUp, bytesDown, droppedLogs, protocol,
 * upstreams: [{proxyId, upstream, ports, cooling, connections, streams, bytesUp, bytesDown}]}`; give it back with
 * `loopwire_free`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_forward_stats(const struct loopwire_runtime *runtime,
                                       char **out);

/**
 * Sends a message to one connection: `len` bytes of `data`, as a binary message or, if `is_binary` is false, as text, which must
 * be UTF-8.
 *
 * `connection_id` is an id of `loopwire_listener_connections` and of the callbacks. Does not wait. Fails with
 * `LOOPWIRE_RESULT_FAILED` and the code `ERR_NO_CONNECTION` if that connection is gone, and `ERR_CONNECTION_FULL` if it does not
 * read and 8 MiB wait for it already, or if it is closing.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `connection_id` is NULL or ends with a NUL; `data` is NULL or has `len`
 * bytes.
 */
loopwire_result loopwire_listener_send(const struct loopwire_listener *listener,
                                       const char *connection_id,
                                       const char *data,
                                       size_t len,
                                       bool is_binary);

/**
 * Closes one connection with code 4001. Does not wait.
 *
 * Fails with `LOOPWIRE_RESULT_FAILED` and the code `ERR_NO_CONNECTION` if there is no connection with that id, or if it is closing
 * already.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `connection_id` is NULL or ends with a NUL.
 */
loopwire_result loopwire_listener_disconnect(const struct loopwire_listener *listener,
                                             const char *connection_id);

/**
 * Replaces the token. The old one is refused from now on, and its connections are closed with code 4003.
 *
 * `next` is the new token, or NULL: then one of 256 random bits is made. `out`, unless NULL, receives the new token; give it back
 * with `loopwire_free`. Fails with `LOOPWIRE_RESULT_INVALID_TOKEN`; the old token then stays.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `next` is NULL or ends with a NUL; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_rotate_token(const struct loopwire_listener *listener,
                                               const char *next,
                                               char **out);

/**
 * Opens a listener: binds `port` of 127.0.0.1, or of the option `host`, and admits clients that know `token`.
 *
 * `port` is 0 to 65535; for 0 the system chooses one (`loopwire_listener_port`). `token` has 1 to 256 of the characters
 * `[0-9A-Za-z._~-]`; with fewer than 16 random ones it can be guessed (`loopwire_generate_token`). `options` is JSON text, or
 * NULL: an object with the keys of `startEventListener` (host, tls, insecure, allowedHosts, allowedOrigins, allowFileOrigin,
 * delivery, detail, inspector, heartbeatMs, stallMs, maxMessageBytes, maxConnections). `callbacks` may be NULL, and is copied;
 * `userdata` is what they are called with. `out` receives the handle; free it with `loopwire_listener_free`.
 *
 * Nothing is left behind if it fails: `LOOPWIRE_RESULT_ADDRESS_IN_USE`, `LOOPWIRE_RESULT_ADDRESS_UNUSABLE`,
 * `LOOPWIRE_RESULT_OUT_OF_RANGE` (the port), `LOOPWIRE_RESULT_INVALID_TOKEN`, `LOOPWIRE_RESULT_UNKNOWN_OPTION`,
 * `LOOPWIRE_RESULT_INSECURE_HOST`, `LOOPWIRE_RESULT_INVALID_ARGUMENT`.
 *
 * ```c
 * loopwire_listener_callbacks callbacks = {.event = on_event, .message = on_message};
 * loopwire_listener *listener;
 * if (loopwire_listener_start(runtime, 8881, token, "{\"delivery\":\"all\"}", &callbacks, app, &listener)) fail();
 * ```
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `callbacks` is NULL or can be read, and
 * its functions may be called from another thread with `userdata`; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_start(const struct loopwire_runtime *runtime,
                                        int port,
                                        const char *token,
                                        const char *options,
                                        const struct loopwire_listener_callbacks *callbacks,
                                        void *userdata,
                                        struct loopwire_listener **out);

/**
 * Closes a listener: the port is free, its functions are not called any more, clients are closed with code 1001.
 *
 * Waits until the connections have ended, at most about two seconds, and until a running call of its functions has returned:
 * `userdata` may be freed then. Inside any callback it does not wait. It may be called again.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed.
 */
loopwire_result loopwire_listener_close(const struct loopwire_listener *listener);

/**
 * Closes a listener as `loopwire_listener_close` does, and frees the handle. NULL does nothing.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; no other call uses it.
 */
loopwire_result loopwire_listener_free(struct loopwire_listener *listener);

/**
 * Closes every listener of a runtime, as `loopwire_listener_close` does. Handles stay valid until they are freed.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_listeners_close(const struct loopwire_runtime *runtime);

/**
 * The bound port: the one that was asked for, or for 0 the one that the system chose. `out` receives it.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_port(const struct loopwire_listener *listener,
                                       uint16_t *out);

/**
 * The bound address as JSON text: `{"address":"127.0.0.1","family":"IPv4","port":8881}`. `out` receives the text; give it back with
 * `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_address(const struct loopwire_listener *listener,
                                          char **out);

/**
 * The URL for clients: `ws://127.0.0.1:{port}/ws/{token}`, or `wss://…` with the option `tls`. It contains the token: do not
 * log it. `out` receives the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_url(const struct loopwire_listener *listener,
                                      char **out);

/**
 * The listener's certificate as PEM; a client trusts a self-signed one by it. NULL without the option `tls`. `out` receives
 * the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_certificate(const struct loopwire_listener *listener,
                                              char **out);

/**
 * The SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it: pairs of hexadecimal digits with colons.
 * NULL without the option `tls`. `out` receives the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_fingerprint(const struct loopwire_listener *listener,
                                              char **out);

/**
 * The open connections, oldest first, as JSON text: an array of `{id, v1, form, active, slot, silent, behind, connected,
 * lastPing}`, as `listener.connections()` gives in JavaScript; times are milliseconds since 1970. `out` receives the text; give it
 * back with `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_connections(const struct loopwire_listener *listener,
                                              char **out);

/**
 * The counters as JSON text: `{connections, opened, refused, seq, epoch, journalBytes, journalEvents, noticesLost}`, as
 * `listener.stats()` gives in JavaScript. `out` receives the text; give it back with `loopwire_free`.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_stats(const struct loopwire_listener *listener,
                                        char **out);

/**
 * Whether a listener is closed, by whatever call: `loopwire_listener_close`, `StopCommunicate`, the end of its runtime. `out`
 * receives the answer.
 *
 * # Safety
 * `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_listener_is_closed(const struct loopwire_listener *listener,
                                            bool *out);

/**
 * Changes settings; those that are left out stay.
 *
 * `settings` is JSON text: `{journalBytes?, journalEvents?, connectTimeoutMs?, handshakeTimeoutMs?, firstByteTimeoutMs?,
 * idleTimeoutMs?, idleCheckMs?, probe?: {host, port} | null, rotateOnError?: boolean, allowProviderDirect?: boolean}`.
 * docs/api.md, `configure`, says what each does, with its range and its default. `journalBytes` and `journalEvents` can be
 * set before the journal's first use (a listener, a callback, an event); afterwards other values fail with
 * `ERR_JOURNAL_IN_USE`. Other settings apply to what begins later. If one is wrong, none is changed.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; `settings` is NULL or ends with a NUL.
 */
loopwire_result loopwire_runtime_configure(const struct loopwire_runtime *runtime,
                                           const char *settings);

/**
 * Makes a token of `bytes` random bytes, 12 to 192; 32 are usual. `out` receives its text in base64url; give it back with
 * `loopwire_free`.
 *
 * # Safety
 * `out` is NULL or can be written.
 */
loopwire_result loopwire_generate_token(int bytes,
                                        char **out);

/**
 * Publishes an event with a text, or without one.
 *
 * `type` has 1 to 128 characters and is no type of the channel. `payload` is a text, or NULL for none. `behind`, unless
 * NULL, receives true if the slowest callback is so far behind that the caller should slow down; the event was accepted.
 *
 * It never waits, and may be called from any thread, also inside a callback. Fails with `LOOPWIRE_RESULT_JOURNAL_FULL`,
 * `LOOPWIRE_RESULT_EVENT_TOO_LARGE` (1 MiB), `LOOPWIRE_RESULT_INVALID_ARGUMENT`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `behind` is NULL or can be written.
 */
loopwire_result loopwire_emit(const struct loopwire_runtime *runtime,
                              const char *type,
                              const char *payload,
                              bool *behind);

/**
 * Publishes an event with an object: `json` is the text of a JSON object, which is passed on as it is. A `timestamp` is added.
 *
 * Everything else is as for `loopwire_emit`.
 *
 * # Safety
 * As for `loopwire_emit`.
 */
loopwire_result loopwire_emit_data(const struct loopwire_runtime *runtime,
                                   const char *type,
                                   const char *json,
                                   bool *behind);

/**
 * Makes a runtime. No thread starts and no port is bound before something needs it.
 *
 * `out` receives the handle; free it with `loopwire_runtime_free`.
 *
 * # Safety
 * `out` is NULL or can be written.
 */
loopwire_result loopwire_runtime_new(struct loopwire_runtime **out);

/**
 * Shuts a runtime down: callbacks are not called any more, listeners and forwarded ports are closed, commands get SIGTERM
 * and two seconds later SIGKILL, threads end. Saved ports stay saved.
 *
 * Waits for all of it, at most about five seconds, and until a running callback has returned; ports are free then. Inside a
 * callback it does not wait. Every later call
 * with this runtime is refused with `LOOPWIRE_RESULT_SHUT_DOWN`; it may be shut down again, which does nothing.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed.
 */
loopwire_result loopwire_runtime_shutdown(struct loopwire_runtime *runtime);

/**
 * Frees a runtime, after shutting it down as `loopwire_runtime_shutdown` does. NULL does nothing.
 *
 * Handles of its listeners and workspaces stay valid until they are freed; what they do is refused. It cannot be freed
 * inside a callback: `LOOPWIRE_RESULT_IN_CALLBACK`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; no other call uses it.
 */
loopwire_result loopwire_runtime_free(struct loopwire_runtime *runtime);

/**
 * Blocks until the runtime was shut down, by another thread or by a callback, and everything has ended. The thread takes its
 * signals as ever.
 *
 * It need not be called: a runtime has threads of its own. Inside a callback it is refused with
 * `LOOPWIRE_RESULT_IN_CALLBACK`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed, and it is not freed before the function returns.
 */
loopwire_result loopwire_runtime_run(const struct loopwire_runtime *runtime);

/**
 * Starts the channel: a WebSocket server on `port` of 127.0.0.1, which admits clients that know `password`.
 *
 * `comType` is 1 (WebSocket, the only kind). `port` is 0 to 65535; for 0 the system chooses one, which nobody is told:
 * `loopwire_listener_start` tells it. `password` has 1 to 256 of the characters `[0-9A-Za-z._~-]`. `SDKGetLastError()` is empty if it was
 * started; otherwise it says why not.
 *
 * ```c
 * StartCommunicate(1, 8881, "abcd1234"); // ws://127.0.0.1:8881/ws/abcd1234
 * ```
 *
 * # Safety
 * `password` is NULL or ends with a NUL.
 */
void StartCommunicate(int comType,
                      int port,
                      loopwire_string password);

/**
 * Stops the channel: closes every listener of the default runtime, also those of `loopwire_listener_start`.
 *
 * Waits until their connections have ended, at most about two seconds, and until their callbacks have returned; inside a
 * callback it does not wait.
 */
void StopCommunicate(void);

/**
 * The same as `StopCommunicate`, which the SDK's page spells like this in some places.
 */
void StopComunicate(void);

/**
 * Starts the SDK on its own threads and returns at once. Without it the first call does so; after `SafeExit` only this
 * function and `Run` do.
 */
void RunAsync(void);

/**
 * Starts the SDK on its own threads, and blocks until `SafeExit` has stopped everything. Call it in a thread of its own, or
 * as the last thing in `main`. Inside a callback it returns at once, with the text in `SDKGetLastError()`. See
 * `loopwire_runtime_run`.
 */
void Run(void);

/**
 * Stops everything in order and waits for it, at most about five seconds, and until a running callback has returned; ports are
 * free then. Saved ports stay saved.
 *
 * Afterwards every call but `RunAsync` and `Run` is answered with an error. Inside a callback it does not wait. It may be
 * called again, and before anything else.
 */
void SafeExit(void);

/**
 * Switches `log` events on. See `loopwire_forward_enable_debug`.
 */
void EnableDebug(void);

/**
 * Has `cb` called for every event from now on, from one thread of its own; no socket is needed. An addition to the SDK's
 * page.
 *
 * It takes the place of the callback before from the next event on: none is lost, and none comes twice. NULL stops it. When
 * the function returns, the callback before does not run and will not be called again, so its `userdata` may be freed; inside
 * a callback it does not wait for the running call. `userdata` is passed on as it is. `SafeExit` stops it, too.
 *
 * # Safety
 * `cb` is NULL or may be called from another thread with `userdata`.
 */
void SetEventCallback(loopwire_event_callback cb,
                      void *userdata);

/**
 * Switches whether local ports ask their clients for credentials (1) or not (0): 0, or 1 with the text in
 * `SDKGetLastError()`. See `loopwire_forward_set_enable_proxy_auth`.
 */
int SetEnableProxyAuth(int enable);

/**
 * Sets the credentials that local ports ask their clients for, and whether they ask: 0, or 1 with the text in
 * `SDKGetLastError()`. See `loopwire_forward_set_proxy_auth`.
 *
 * # Safety
 * Texts are NULL or end with a NUL.
 */
int SetProxyAuth(int enable,
                 loopwire_string username,
                 loopwire_string password);

/**
 * Stores the kind of tunnel, 0 Auto, 1 Mux, 2 Qux, which has no effect: 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_set_protocol`.
 */
int SetProtocol(int proto);

/**
 * The configuration and the state of a forwarded port, as JSON text; "{}" if it is not forwarded. NULL for an error, with
 * the text in `SDKGetLastError()`. Give it back with `FreeBuf`. See `loopwire_forward_get_config_json`.
 */
char *GetConfigJSON(unsigned int port);

/**
 * The configuration and the state of all forwarded ports, as the JSON text of an array. NULL for an error, with the text in
 * `SDKGetLastError()`. Give it back with `FreeBuf`. See `loopwire_forward_get_configs_json`.
 */
char *GetConfigsJSON(void);

/**
 * Sets the configuration of one port: 0, or 1 with the text in `SDKGetLastError()`. `jsonInfo` is JSON text of at most
 * `jsonInfoLen` bytes; it may end before, with a NUL. See `loopwire_forward_put_config_port`.
 *
 * # Safety
 * `jsonInfo` is NULL, or has `jsonInfoLen` bytes or ends with a NUL.
 */
GoUint8 PutConfigPort(GoUint32 port,
                      loopwire_string jsonInfo,
                      GoInt jsonInfoLen);

/**
 * Sets the configurations of several ports: 0, or 1 with the text in `SDKGetLastError()`. `jsonInfo` is JSON text of at most
 * `jsonInfoLen` bytes, an object whose keys are ports; it may end before, with a NUL. See
 * `loopwire_forward_set_config_ports`.
 *
 * # Safety
 * `jsonInfo` is NULL, or has `jsonInfoLen` bytes or ends with a NUL.
 */
GoUint8 SetConfigPorts(loopwire_string jsonInfo,
                       GoInt jsonInfoLen);

/**
 * Forwards the local port `port` to the proxy with the id `proxyId`, and waits for it: 0, or 1 with the text in
 * `SDKGetLastError()`. See `loopwire_forward_create_with_id`.
 *
 * # Safety
 * Texts are NULL or end with a NUL.
 */
int CreateWithId(int port,
                 loopwire_string proxyId,
                 loopwire_string plan,
                 loopwire_string actionType);

/**
 * Forwards those of the `n` `ports` that have a configuration, each through a proxy that matches it: 0, or 1 with the text
 * in `SDKGetLastError()`. `outPtr` receives the `outLen` ports that are forwarded; give it back with `FreeBuf`. 0 with
 * `outLen` 0 means that all were skipped. See `loopwire_forward_create_proxy_by_port_configs`.
 *
 * # Safety
 * Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
 */
int CreateProxyByPortConfigs(loopwire_string requestId,
                             loopwire_string plan,
                             uint32_t *ports,
                             int n,
                             uint32_t **outPtr,
                             int *outLen);

/**
 * Forwards the `n` `ports`, each through a proxy that matches its configuration, or any: 0, or 1 with the text in
 * `SDKGetLastError()`. With `onlyFree` 1, ports that are not free are skipped. `outPtr` receives the `outLen` ports that are
 * forwarded; give it back with `FreeBuf`. See `loopwire_forward_quick_create_proxies`.
 *
 * # Safety
 * Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
 */
int QuickCreateProxies(loopwire_string requestId,
                       loopwire_string plan,
                       uint32_t *ports,
                       int n,
                       int onlyFree,
                       uint32_t **outPtr,
                       int *outLen);

/**
 * Forwards the port `index` through a proxy that matches its configuration, or any: 0, or 1 with the text in
 * `SDKGetLastError()`. See `loopwire_forward_quick_create_at_port`.
 *
 * # Safety
 * Texts are NULL or end with a NUL.
 */
int QuickCreateAtPort(int index,
                      loopwire_string requestId,
                      loopwire_string plan);

/**
 * Forwards the `n` `ports`, each through a proxy that matches the filter: 0, or 1 with the text in `SDKGetLastError()`.
 * `outPtr` receives the `outLen` ports that are forwarded; give it back with `FreeBuf`. See
 * `loopwire_forward_create_with_configure`.
 *
 * # Safety
 * Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
 */
int CreateWithConfigure(loopwire_string requestId,
                        uint32_t *ports,
                        int n,
                        loopwire_string filterJson,
                        uint32_t **outPtr,
                        int *outLen);

/**
 * Stops forwarding `port`, and deletes it from the saved data: 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_remove_port`.
 */
int RemovePort(int port);

/**
 * Stops forwarding all ports; the saved data stays: 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_stop_proxy`.
 */
int StopProxy(void);

/**
 * Starts the local HTTP API on `port` of 127.0.0.1: 0, or 1 with the text in `SDKGetLastError()`, followed by the event
 * `httpError`. Every program on this machine can use it; `loopwire_forward_start_http_api` can ask for a token.
 */
int StartHttpApi(int port);

/**
 * Stops the local HTTP API: 0, or 1 with the text in `SDKGetLastError()`. See `loopwire_forward_stop_http_api`.
 */
int StopHttpApi(void);

/**
 * All ports of the range: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen` ports; give it back with
 * `FreeBuf`. See `loopwire_forward_get_ports`.
 *
 * # Safety
 * `outPtr` and `outLen` are NULL or can be written.
 */
int GetPorts(uint32_t **outPtr,
             int *outLen);

/**
 * The first ports of the range, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen`
 * ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_with_limit`.
 *
 * # Safety
 * `outPtr` and `outLen` are NULL or can be written.
 */
int GetPortsWithLimit(unsigned int limit,
                      uint32_t **outPtr,
                      int *outLen);

/**
 * The ports of the range from `start` on, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives
 * `outLen` ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_with_start_limit`.
 *
 * # Safety
 * `outPtr` and `outLen` are NULL or can be written.
 */
int GetPortsWithStartLimit(unsigned int start,
                           unsigned int limit,
                           uint32_t **outPtr,
                           int *outLen);

/**
 * The free ports of the range, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen`
 * ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_free_with_limit`.
 *
 * # Safety
 * `outPtr` and `outLen` are NULL or can be written.
 */
int GetPortsFreeWithLimit(unsigned int limit,
                          uint32_t **outPtr,
                          int *outLen);

/**
 * The free ones among the `portsLen` `ports`: 0, or 1 with the text in `SDKGetLastError()`. `outArr` receives `outLen`
 * ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_available`.
 *
 * # Safety
 * `ports` is NULL or has `portsLen` numbers; `outArr` and `outLen` are NULL or can be written.
 */
int GetPortsAvailable(unsigned int *ports,
                      int portsLen,
                      unsigned int **outArr,
                      int *outLen);

/**
 * 1 if `port` is forwarded, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
 * `loopwire_forward_is_running_port`.
 */
int IsRunningPort(int port);

/**
 * 1 if `port` is free, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
 * `loopwire_forward_check_port_available`.
 */
int CheckPortAvailable(int port);

/**
 * Tests `port` over the whole path, and waits for it: 1 if it works, otherwise 0; 0 for an error, too, with the text in
 * `SDKGetLastError()`. See `loopwire_forward_test_port`.
 */
int TestPort(int port);

/**
 * Sets the provider: a `file:///` URL of a JSON list, or an `http(s)://` base URL. `SDKGetLastError()` is empty if it was
 * done; otherwise it says why not. See `loopwire_forward_set_api_host`.
 *
 * # Safety
 * `host` is NULL or ends with a NUL.
 */
void SetAPIHost(loopwire_string host);

/**
 * The provider's URL; the empty text if there is none. NULL for an error, with the text in `SDKGetLastError()`. Give it back
 * with `FreeBuf`. See `loopwire_forward_get_api_host`.
 */
char *GetAPIHost(void);

/**
 * Sets a header of the requests to the provider; an empty value deletes it. `SDKGetLastError()` is empty if it was done;
 * otherwise it says why not. See `loopwire_forward_set_header`.
 *
 * # Safety
 * Texts are NULL or end with a NUL.
 */
void SetHeader(loopwire_string key,
               loopwire_string value);

/**
 * Sets a query parameter of the requests to the provider, such as `api-key`; an empty value deletes it.
 * `SDKGetLastError()` is empty if it was done; otherwise it says why not. See `loopwire_forward_set_query`.
 *
 * # Safety
 * Texts are NULL or end with a NUL.
 */
void SetQuery(loopwire_string key,
              loopwire_string value);

/**
 * Sets the user's country, such as "HK". `SDKGetLastError()` is empty if it was done; otherwise it says why not. See
 * `loopwire_forward_set_user_country_code`.
 *
 * # Safety
 * `code` is NULL or ends with a NUL.
 */
void SetUserCountryCode(loopwire_string code);

/**
 * Ends the wait of requests that the provider has answered with 401; it is up to 20 seconds for a new key. See
 * `loopwire_forward_close_token_chan`.
 */
void CloseTokenChan(void);

/**
 * Sets the range of ports that may be forwarded: `limit` ports from `startPort` on. (`setRangePort` of Node takes the last
 * port instead.) `SDKGetLastError()` is empty if it was done; otherwise it says why not. See
 * `loopwire_forward_set_range_port`.
 */
void SetRangePort(int startPort,
                  int limit);

/**
 * Sets the address template, such as "127.0.0.1:%d", and the range: `limit` ports from `startPort` on. `SDKGetLastError()`
 * is empty if it was done; otherwise it says why not. See `loopwire_forward_update_ip_format_and_ports`.
 *
 * # Safety
 * `ipFormat` is NULL or ends with a NUL.
 */
void UpdateIPFormatAndPorts(loopwire_string ipFormat,
                            int startPort,
                            int limit);

/**
 * Sets the directory in which forwarded ports are saved. `SDKGetLastError()` is empty if it was done; otherwise it says
 * why not. See `loopwire_forward_set_save_data_path`.
 *
 * # Safety
 * `path` is NULL or ends with a NUL.
 */
void SetSaveDataPath(loopwire_string path);

/**
 * Forwards the saved ports again, in the background; `restoreDone` follows. Call it after the settings are applied.
 * `SDKGetLastError()` is empty if it was done; otherwise it says why not. See `loopwire_forward_restore_data`.
 */
void RestoreData(void);

/**
 * Deletes the saved data. Forwarded ports continue. See `loopwire_forward_clean_data`.
 */
void CleanData(void);

/**
 * Switches timed rotation on (1) or off (0): 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_enable_auto_rotation`.
 */
GoInt EnableAutoRotation(GoUint8 enable);

/**
 * Sets the interval of timed rotation, in seconds, and whether it applies only to ports with a configuration (1) or to all
 * (0): 0, or 1 with the text in `SDKGetLastError()`. See `loopwire_forward_set_auto_rotation_setting`.
 */
GoInt SetAutoRotationSetting(GoInt rateLimit,
                             GoUint8 onlyPortHasConfig);

/**
 * Switches timed renewal on (1) or off (0): 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_enable_auto_renew`.
 */
GoInt EnableAutoRenew(GoUint8 enable);

/**
 * Sets the interval of timed renewal, in seconds, after how many renewals a port is removed (0: never), and whether it
 * applies only to ports with a configuration (1) or to all (0): 0, or 1 with the text in `SDKGetLastError()`. See
 * `loopwire_forward_set_renew_setting`.
 */
GoInt SetRenewSetting(GoInt rateLimit,
                      GoInt countLimit,
                      GoUint8 onlyPortHasConfig);

/**
 * 1 if timed renewal is on, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
 * `loopwire_forward_get_enable_auto_renew`.
 */
GoUint8 GetEnableAutoRenew(void);

/**
 * The interval of timed renewal, in seconds; -1 for an error, with the text in `SDKGetLastError()`. See
 * `loopwire_forward_get_auto_refresh_proxy_rate_limit`.
 */
GoInt GetAutoRefreshProxyRateLimit(void);

/**
 * The number of renewals after which a port is removed, 0 for no limit; -1 for an error, with the text in
 * `SDKGetLastError()`. See `loopwire_forward_get_auto_refresh_proxy_count_limit`.
 */
GoInt GetAutoRefreshProxyCountLimit(void);

/**
 * The text of the last error of this thread; the empty text if there was none. Give it back with `FreeBuf`.
 *
 * Where nothing else says whether a function has worked, it does: it is empty after a function that returns nothing, and after
 * `IsRunningPort`, `CheckPortAvailable`, `TestPort` and `GetEnableAutoRenew`, if they have worked. A success of another function
 * does not change it.
 */
char *SDKGetLastError(void);

/**
 * Frees a text or an array that the library handed out. NULL is allowed.
 *
 * # Safety
 * `p` is NULL, or came from this library and was not freed yet.
 */
void FreeBuf(void *p);

/**
 * The full version text, such as "loopwire/0.1.0". Give it back with `FreeBuf`.
 */
char *GetVersionInfo(void);

/**
 * The version alone, such as "0.1.0". Give it back with `FreeBuf`. See `loopwire_version`.
 */
char *GetVersionCode(void);

/**
 * Runs a command to its end, with pipes, and collects its output.
 *
 * `command` is a line for the shell. `input` are `input_len` bytes for its standard input, which then ends; NULL for none.
 * `options` is the text of a JSON object, or NULL for none: `{cwd?, env?, id?, timeoutMs?, input?, maxOutputBytes?}`, as for
 * `execute` in docs/workspace.md; `input` is a text, for callers that give no bytes. `out` receives what came of it, with any
 * exit code; free it with `loopwire_execution_free`.
 *
 * Fails with the codes `PATH_OUTSIDE` or `NOT_FOUND` (of `cwd`), `TOO_MANY_TERMINALS`, `NOT_ENABLED`, `SPAWN_FAILED`,
 * `NO_WORKSPACE`, and `ERR_OUTPUT_TOO_LARGE` if it wrote more than `maxOutputBytes`, 16 MiB by default: then it was killed.
 * To end it from another thread, start it with `loopwire_terminal_start` instead. Events: `terminal:started`,
 * `terminal:exit`, for callbacks.
 *
 * ```c
 * loopwire_execution *done = NULL;
 * if (loopwire_workspace_execute(workspace, "git status --short", NULL, 0, NULL, &done) == LOOPWIRE_RESULT_OK) {
 *     fwrite(done->stdout_bytes, 1, done->stdout_len, stdout);
 * }
 * loopwire_execution_free(done);
 * ```
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `input` is NULL or has `input_len`
 * bytes; `out` is NULL or can be written.
 */
loopwire_result loopwire_workspace_execute(const struct loopwire_workspace *workspace,
                                           const char *command,
                                           const uint8_t *input,
                                           size_t input_len,
                                           const char *options,
                                           struct loopwire_execution **out);

/**
 * Frees what `loopwire_workspace_execute` has handed out, with all that it points to. NULL does nothing.
 *
 * # Safety
 * `execution` is NULL or an execution that was not freed.
 */
loopwire_result loopwire_execution_free(struct loopwire_execution *execution);

/**
 * Reads a whole file. One that does not say how large it is, as those of `/proc`, is read to its end.
 *
 * `path` is relative to the root, or absolute and inside it. `out` receives `out_len` bytes, and a NUL behind them, which does
 * not count; give it back with `loopwire_free`.
 *
 * Fails with the codes `PATH_OUTSIDE`, `NOT_FOUND`, `NOT_A_FILE`, `FILE_TOO_LARGE`, `NOT_PERMITTED`, `NOT_ENABLED`,
 * `NO_WORKSPACE`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `path` is NULL or ends with a NUL; `out` and `out_len` are NULL or
 * can be written.
 */
loopwire_result loopwire_workspace_read_file(const struct loopwire_workspace *workspace,
                                             const char *path,
                                             uint8_t **out,
                                             size_t *out_len);

/**
 * Writes a whole file. It is renamed into place, so that readers see the old file or the new one, never a part.
 *
 * It keeps the owner, the mode, the access control list and the extended attributes that it had; a file that cannot be replaced
 * and keep them is written in place. `data` are `len` bytes, or NULL for an empty file. `mode` is the mode that the file gets, 0
 * to 0777 (octal); -1 for the one that it has, or the usual one of a new file. `out` receives JSON text,
 * `{"path", "size", "sha256", "atomic"}`, to be given back with `loopwire_free`; it may be NULL.
 *
 * Fails as `loopwire_workspace_read_file` does, and with `FILE_TORN` if writing in place failed halfway.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `path` is NULL or ends with a NUL; `data` is NULL or has `len` bytes;
 * `out` is NULL or can be written.
 */
loopwire_result loopwire_workspace_write_file(const struct loopwire_workspace *workspace,
                                              const char *path,
                                              const uint8_t *data,
                                              size_t len,
                                              int mode,
                                              char **out);

/**
 * Starts a git operation, and returns at once; `loopwire_git_wait` waits for its end.
 *
 * `kind` is "clone", "fetch", "pull", "push" or "checkout". `options` is the text of a JSON object, as for `git.clone` and the
 * others in docs/workspace.md: clone `{url, targetDir, branch?, depth?, …}`; fetch, pull and push `{repoPath, branch?, force?, …}`;
 * checkout `{repoPath, branch, create?, …}`; all of them `auth?`, `id?`, `timeoutMs?`. With `asks` a thread of the application
 * takes the questions for credentials by `loopwire_git_question`, and answers them; without it an operation that needs
 * credentials which were not given fails. `out` receives the handle; free it with `loopwire_git_free`.
 *
 * Fails with the codes `URL_REFUSED`, `ID_IN_USE`, `TOO_MANY_OPERATIONS`, `NOT_ENABLED`, `NO_WORKSPACE`. Events: `git:progress`,
 * `git:done`, `git:error`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
 */
loopwire_result loopwire_git_start(const struct loopwire_workspace *workspace,
                                   const char *kind,
                                   const char *options,
                                   bool asks,
                                   struct loopwire_git_operation **out);

/**
 * Its id: the given one, or "git-N". `out` receives it; give it back with `loopwire_free`.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_git_id(const struct loopwire_git_operation *operation, char **out);

/**
 * How far it is: the latest figures that this function has not given yet.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`: `{"percent": 0 to 100, "status": a sentence, "phase":
 * "starting", "counting", "compressing", "receiving", "writing", "resolving", "updating" or "done", "received", "total", "bytes",
 * "bytesPerSecond": numbers or null}`.
 *
 * Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if there is nothing
 * newer. `LOOPWIRE_RESULT_ENDED` once the operation has ended and its last figures were given.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_git_progress(const struct loopwire_git_operation *operation,
                                      uint32_t timeout_ms,
                                      char **out);

/**
 * The next question for credentials, of an operation that was started with `asks`. Answer it with `loopwire_git_answer`.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`: `{"kind": "username", "password", "passphrase" or "hostKey",
 * "prompt": a sentence, "url"?, "host"?, "username"?, "fingerprint"?, "attempt": more than 1 if the answer before was wrong}`.
 *
 * Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing was asked.
 * `LOOPWIRE_RESULT_ENDED` once the operation has ended, and at once for one that does not ask.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_git_question(const struct loopwire_git_operation *operation,
                                      uint32_t timeout_ms,
                                      char **out);

/**
 * Answers the question that was taken last.
 *
 * `answer` is the text of a JSON object that fits the question: `{"username", "password"?}`, `{"password"}`, `{"passphrase"}`,
 * `{"accept": true}` for a host's key, or `{"cancel": true}`; NULL cancels, too.
 *
 * Fails with `LOOPWIRE_RESULT_INVALID_ARGUMENT` if it does not fit: then the question stays open; with the code `GONE` if it is
 * not open any more.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; `answer` is NULL or ends with a NUL.
 */
loopwire_result loopwire_git_answer(const struct loopwire_git_operation *operation,
                                    const char *answer);

/**
 * Waits until it has ended: `LOOPWIRE_RESULT_OK` if it has succeeded.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`; it may be NULL: `{"commit": the commit that is checked out, was
 * fetched, or was pushed; null for an empty repository}`. Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for
 * ever: `LOOPWIRE_RESULT_TIMED_OUT`. It may be called again, and from several threads.
 *
 * Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `GIT_NOT_FOUND`, `AUTH_FAILED`, `HOST_KEY`, `TIMED_OUT` (`timeoutMs` is
 * over), `GIT_FAILED` and the others of `git:error`.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_git_wait(const struct loopwire_git_operation *operation,
                                  uint32_t timeout_ms,
                                  char **out);

/**
 * Ends it: git, and everything that git has started. Returns at once; `loopwire_git_wait` then says `LOOPWIRE_RESULT_CANCELLED`,
 * unless it was done before.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed.
 */
loopwire_result loopwire_git_cancel(const struct loopwire_git_operation *operation);

/**
 * Frees the handle. NULL does nothing. The operation goes on, and its events tell of it: to end it, call `loopwire_git_cancel`
 * before. What it asks for is not answered any more.
 *
 * # Safety
 * `operation` is NULL or an operation that was not freed; no other call uses it.
 */
loopwire_result loopwire_git_free(struct loopwire_git_operation *operation);

/**
 * Opens the directory `root` as the workspace of the runtime, which may have one at a time.
 *
 * `options` is the text of a JSON object with the options of `openWorkspace` in docs/workspace.md, such as
 * `{"git": false, "maxTerminals": 8}`, or NULL for none; `null` stands for `Infinity`, and `signal` does not exist. From now
 * on clients may use it. Nothing runs until somebody asks for something. `out` receives the handle; free it with
 * `loopwire_workspace_free`.
 *
 * Fails with the codes `ERR_WORKSPACE_OPEN` (close the other one first), `ERR_WORKSPACE_ROOT` (it does not exist, cannot be
 * read, or is no directory), `EMFILE`.
 *
 * # Safety
 * `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
 */
loopwire_result loopwire_workspace_open(const struct loopwire_runtime *runtime,
                                        const char *root,
                                        const char *options,
                                        struct loopwire_workspace **out);

/**
 * The root: the absolute path of the directory, without symbolic links. `out` receives it; give it back with `loopwire_free`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_workspace_root(const struct loopwire_workspace *workspace,
                                        char **out);

/**
 * Whether it is closed: by `loopwire_workspace_close`, or because the runtime was shut down. `out` receives the answer.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_workspace_is_closed(const struct loopwire_workspace *workspace,
                                             bool *out);

/**
 * Closes the workspace. From this moment on clients are answered `NO_WORKSPACE`, watches, git operations and snapshots end,
 * and commands get SIGTERM and, two seconds later, SIGKILL.
 *
 * Returns when all of it has ended; inside a callback it does not wait. Threads that wait for something of the workspace are
 * let go. It may be called again. The handle stays valid until it is freed.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed.
 */
loopwire_result loopwire_workspace_close(const struct loopwire_workspace *workspace);

/**
 * Closes the workspace, as `loopwire_workspace_close` does, and frees the handle. NULL does nothing.
 *
 * Handles of its terminals, watches, git operations and snapshot runs stay valid until they are freed.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; no other call uses it.
 */
loopwire_result loopwire_workspace_free(struct loopwire_workspace *workspace);

/**
 * Makes a run for one operation. `out` receives it; free it with `loopwire_snapshot_run_free`.
 *
 * Give it to `loopwire_snapshot_create` or another function of snapshots in one thread, and use it in another.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_snapshot_run_new(const struct loopwire_workspace *workspace,
                                          struct loopwire_snapshot_run **out);

/**
 * How far the operation is: the latest figures that this function has not given yet. It may be called before the operation is.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`: `{"phase": "waiting", "scanning", "storing", "reading" or
 * "replacing", "done": files, "total": files, or 0 while that is not known, "bytes": number}`. Until "replacing" no file of the
 * workspace has changed.
 *
 * Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if there is nothing
 * newer. `LOOPWIRE_RESULT_ENDED` once the operation has ended.
 *
 * # Safety
 * `run` is NULL or a run that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_snapshot_run_progress(const struct loopwire_snapshot_run *run,
                                               uint32_t timeout_ms,
                                               char **out);

/**
 * Ends the operation before its time, if that is possible: it then fails with `LOOPWIRE_RESULT_CANCELLED`. A restore that has
 * begun to replace files is completed. One that has not begun yet does not begin.
 *
 * # Safety
 * `run` is NULL or a run that was not freed.
 */
loopwire_result loopwire_snapshot_run_cancel(const struct loopwire_snapshot_run *run);

/**
 * Frees the run. NULL does nothing.
 *
 * # Safety
 * `run` is NULL or a run that was not freed; no other call uses it.
 */
loopwire_result loopwire_snapshot_run_free(struct loopwire_snapshot_run *run);

/**
 * Takes a snapshot of all files, and waits for it: it is on the disk then.
 *
 * `options` is the text of a JSON object, `{message?, keep?: {count?, ageMs?}}`, as for `snapshots.create` in docs/workspace.md, or
 * NULL for none. `run`, unless NULL, tells another thread how far it is, and ends it. `out` receives JSON text, to be given back
 * with `loopwire_free`; it may be NULL: `{"commitHash", "isFirst", "files", "bytes", "changed", "skipped", "skippedFiles": [{"path",
 * "reason"}], "removed", "durationMs"}`.
 *
 * Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `GIT_NOT_FOUND`, `ROOT_REFUSED`, `ROOT_GONE`, `TOO_MANY_FILES`, `BUSY`,
 * `NO_SPACE`, `SNAPSHOT_FAILED`, `NOT_ENABLED`, `NO_WORKSPACE`. Events: `snapshot:progress`, `snapshot:created`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `run` is NULL or a run that was not
 * freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_snapshot_create(const struct loopwire_workspace *workspace,
                                         const char *options,
                                         const struct loopwire_snapshot_run *run,
                                         char **out);

/**
 * The snapshots, newest first.
 *
 * `options` is the text of a JSON object, `{limit?}`, or NULL for none: 100 of them then. `out` receives JSON text, to be given
 * back with `loopwire_free`: an array of `{"commitHash", "message", "createdAt", "files", "bytes", "kind": "manual" or "safety"}`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be
 * written.
 */
loopwire_result loopwire_snapshot_list(const struct loopwire_workspace *workspace,
                                       const char *options,
                                       char **out);

/**
 * What differs from the snapshot `from` to the snapshot `to`, or to the files as they are now if `to` is NULL.
 *
 * `options` is the text of a JSON object, `{limit?}`, or NULL for none. `run`, unless NULL, is for ending it from another thread.
 * `out` receives JSON text, to be given back with `loopwire_free`: `{"changes": [{"path", "changeType": "created", "modified",
 * "deleted" or "renamed", "oldPath"?, "size", "oldSize": numbers or null}], "total", "truncated"}`.
 *
 * Fails as `loopwire_snapshot_create` does, and with the code `SNAPSHOT_NOT_FOUND`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `run` is NULL or a run that was not
 * freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_snapshot_diff(const struct loopwire_workspace *workspace,
                                       const char *from,
                                       const char *to,
                                       const char *options,
                                       const struct loopwire_snapshot_run *run,
                                       char **out);

/**
 * Makes the files of the workspace those of the snapshot `commit_hash`, and waits for it. What they were before is in a safety
 * snapshot.
 *
 * `run`, unless NULL, tells another thread how far it is, and ends it until it replaces files. `out` receives JSON text, to be
 * given back with `loopwire_free`; it may be NULL: `{"commitHash", "safetyCommit", "written", "deleted", "durationMs"}`.
 *
 * Fails as `loopwire_snapshot_create` does, and with the codes `SNAPSHOT_NOT_FOUND`, `RESTORE_INCOMPLETE`. Events:
 * `snapshot:progress`, `snapshot:restored`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `commit_hash` is NULL or ends with a NUL; `run` is NULL or a run that
 * was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_snapshot_restore(const struct loopwire_workspace *workspace,
                                          const char *commit_hash,
                                          const struct loopwire_snapshot_run *run,
                                          char **out);

/**
 * Deletes the snapshot `commit_hash`, and frees the space that only this one needs. Waits for it.
 *
 * `run`, unless NULL, is for ending it from another thread; once its turn has come it is completed.
 *
 * Fails with `LOOPWIRE_RESULT_CANCELLED`, and with the codes `SNAPSHOT_NOT_FOUND`, `BUSY` and those of
 * `loopwire_snapshot_create`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `commit_hash` is NULL or ends with a NUL; `run` is NULL or a run that
 * was not freed.
 */
loopwire_result loopwire_snapshot_delete(const struct loopwire_workspace *workspace,
                                         const char *commit_hash,
                                         const struct loopwire_snapshot_run *run);

/**
 * Starts a command in a terminal, and waits until it runs. Clients can attach to it by its id.
 *
 * `options` is the text of a JSON object, or NULL for none: `{command?, cwd?, env?, id?, pty?, cols?, rows?, timeoutMs?}`, as for
 * `terminal` in docs/workspace.md. Without a `command` it is the shell itself; `pty` is true by default, and with false the
 * command gets pipes. `out` receives the handle; free it with `loopwire_terminal_free`.
 *
 * Fails with the codes `ID_IN_USE`, `PATH_OUTSIDE` or `NOT_FOUND` (of `cwd`), `TOO_MANY_TERMINALS`, `NOT_ENABLED`,
 * `SPAWN_FAILED`, `NO_WORKSPACE`. Events: `terminal:started`, `terminal:exit`, for callbacks.
 *
 * ```c
 * loopwire_terminal *terminal = NULL;
 * if (loopwire_terminal_start(workspace, "{\"command\": \"npm test\"}", &terminal) != LOOPWIRE_RESULT_OK) return 1;
 * uint8_t bytes[65536];
 * size_t len = 0;
 * while (loopwire_terminal_read(terminal, bytes, sizeof bytes, UINT32_MAX, &len, NULL, NULL) == LOOPWIRE_RESULT_OK) {
 *     fwrite(bytes, 1, len, stdout);
 * }
 * loopwire_terminal_free(terminal);
 * ```
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be
 * written.
 */
loopwire_result loopwire_terminal_start(const struct loopwire_workspace *workspace,
                                        const char *options,
                                        struct loopwire_terminal **out);

/**
 * Its id: the given one, or "term-N". `out` receives it; give it back with `loopwire_free`.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_terminal_id(const struct loopwire_terminal *terminal, char **out);

/**
 * The process id of the command, which is also its session id. `out` receives it.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_terminal_pid(const struct loopwire_terminal *terminal, uint32_t *out);

/**
 * Writes `len` bytes to the input of the command.
 *
 * Up to 1 MiB may wait for the command to read it. With `wait` the call returns when there is room for more: a thread that
 * writes so is never refused if it writes at most 512 KiB at once. Without it the call returns at once. Input for a command that
 * has ended, or has closed its input, is dropped.
 *
 * Fails with the code `INPUT_FULL` if too much waits already; then nothing was written.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `data` is NULL or has `len` bytes.
 */
loopwire_result loopwire_terminal_write(const struct loopwire_terminal *terminal,
                                        const uint8_t *data,
                                        size_t len,
                                        bool wait);

/**
 * Changes the size of its screen, and sends SIGWINCH. Without a PTY it does nothing.
 *
 * `cols` and `rows` are 1 to 2000.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed.
 */
loopwire_result loopwire_terminal_resize(const struct loopwire_terminal *terminal,
                                         uint32_t cols,
                                         uint32_t rows);

/**
 * Sends a signal to its process group; with a PTY to the process group in the foreground.
 *
 * `signal` is a name, as "SIGINT". It does nothing if the command has ended. Fails with the code `UNKNOWN_SIGNAL` for another
 * name.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `signal` is NULL or ends with a NUL.
 */
loopwire_result loopwire_terminal_signal(const struct loopwire_terminal *terminal,
                                         const char *signal);

/**
 * Ends its input after everything that was written: a pipe is closed, a PTY gets Ctrl+D.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed.
 */
loopwire_result loopwire_terminal_eof(const struct loopwire_terminal *terminal);

/**
 * Ends the command: its processes get SIGTERM and, two seconds later, SIGKILL. Returns at once;
 * `loopwire_terminal_exit` waits for it. It does nothing if the command has ended.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed.
 */
loopwire_result loopwire_terminal_end(const struct loopwire_terminal *terminal);

/**
 * Waits until the command has ended and its last byte was put out.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`; it may be NULL:
 * `{"exitCode": number or null, "signal": text or null, "durationMs": number, "reason"?: "timeout", "output", "closed" or
 * "failed"}`. Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT`. It may be
 * called again. A command whose output somebody has begun to read ends only when that is read, or after
 * `loopwire_terminal_stop_reading`.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_terminal_exit(const struct loopwire_terminal *terminal,
                                       uint32_t timeout_ms,
                                       char **out);

/**
 * Frees the handle. NULL does nothing. Reading ends; the command goes on, and clients can attach to it: to end it, call
 * `loopwire_terminal_end` before.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; no other call uses it.
 */
loopwire_result loopwire_terminal_free(struct loopwire_terminal *terminal);

/**
 * Reads what comes next of the output into `buffer`, which has room for `capacity` bytes, 1 or more.
 *
 * `len` receives how many bytes there are now, at least 1 after `LOOPWIRE_RESULT_OK`, all of one stream. `source` receives
 * which one, `offset` where they begin: the bytes of both streams since the command started; either may be NULL. If an offset
 * does not follow from the one before, what lay between was overwritten before it was read; in a PTY the bytes behind such a
 * gap begin with sequences that set the modes of a screen.
 *
 * Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing came,
 * and no byte is lost. `LOOPWIRE_RESULT_ENDED` behind the last byte. Threads that read at once share the output.
 *
 * From the first call on the command pauses while its output is not read. Output from before comes first, as far as the
 * scrollback holds it.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed; `buffer` is NULL or has room for `capacity` bytes; `len` is NULL or can be
 * written; `source` and `offset` are NULL or can be written.
 */
loopwire_result loopwire_terminal_read(const struct loopwire_terminal *terminal,
                                       uint8_t *buffer,
                                       size_t capacity,
                                       uint32_t timeout_ms,
                                       size_t *len,
                                       loopwire_source *source,
                                       uint64_t *offset);

/**
 * Ends reading: from now on the command does not pause, and its output goes to the scrollback only. A later
 * `loopwire_terminal_read` begins with what the scrollback holds then.
 *
 * # Safety
 * `terminal` is NULL or a terminal that was not freed.
 */
loopwire_result loopwire_terminal_stop_reading(const struct loopwire_terminal *terminal);

/**
 * Watches files, and waits until everything is watched: what changes after the call is told. It needs no listener, and works with
 * any `watch` option of the workspace but `false`.
 *
 * `paths` is JSON text: a path or glob, or an array of them, such as `["src", "!src/vendor"]`, as for `watch` in
 * docs/workspace.md. `options` is the text of a JSON object, `{events?, ignore?}`, or NULL for none. `out` receives the handle;
 * free it with `loopwire_watch_free`.
 *
 * Fails with the codes `PATH_OUTSIDE`, `TOO_MANY_WATCHES`, `WATCH_LIMIT`, `NOT_ENABLED`, `NO_WORKSPACE`.
 *
 * # Safety
 * `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
 */
loopwire_result loopwire_watch_start(const struct loopwire_workspace *workspace,
                                     const char *paths,
                                     const char *options,
                                     struct loopwire_watch **out);

/**
 * How it has begun. `out` receives JSON text, to be given back with `loopwire_free`: `{"directories": how many are watched for
 * it, "polling"?: why a part of them is compared at intervals, and what to do}`.
 *
 * # Safety
 * `watch` is NULL or a watch that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_watch_ready(const struct loopwire_watch *watch,
                                     char **out);

/**
 * The next changes, up to 1,024.
 *
 * `out` receives JSON text, to be given back with `loopwire_free`: an array, never empty, of `{"path": absolute, "changeType":
 * "created", "modified", "deleted", "renamed" or "overflow", "size": number, "timestamp": text, "isDirectory": boolean, "oldPath"?:
 * of a rename}`. After "overflow" changes are missing: look at the files yourself. Up to 16,384 changes wait.
 *
 * Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing changed.
 * `LOOPWIRE_RESULT_ENDED` once the watch or the workspace is closed.
 *
 * # Safety
 * `watch` is NULL or a watch that was not freed; `out` is NULL or can be written.
 */
loopwire_result loopwire_watch_next(const struct loopwire_watch *watch,
                                    uint32_t timeout_ms,
                                    char **out);

/**
 * Ends the watch: changes that were not taken are dropped, and threads in `loopwire_watch_next` return. The handle stays valid
 * until it is freed.
 *
 * # Safety
 * `watch` is NULL or a watch that was not freed.
 */
loopwire_result loopwire_watch_close(const struct loopwire_watch *watch);

/**
 * Ends the watch and frees the handle. NULL does nothing.
 *
 * # Safety
 * `watch` is NULL or a watch that was not freed; no other call uses it.
 */
loopwire_result loopwire_watch_free(struct loopwire_watch *watch);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LOOPWIRE_H */
