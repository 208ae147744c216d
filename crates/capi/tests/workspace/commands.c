/* Opening, running commands to their end, terminals, files. argv[1] is an empty directory. */
#include "expect.h"

#include <limits.h>
#include <signal.h>

static loopwire_runtime *runtime;
static loopwire_workspace *workspace;

static void opening(const char *directory) {
    loopwire_workspace *other = (loopwire_workspace *)1;
    REFUSED(loopwire_workspace_open(NULL, directory, NULL, &other), INVALID_ARGUMENT);
    CHECK(other == NULL);
    REFUSED(loopwire_workspace_open(runtime, NULL, NULL, &other), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, "", NULL, &other), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, "\xff", NULL, &other), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, directory, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, directory, "{", &other), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, directory, "[]", &other), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_open(runtime, directory, "{\"maxTerminals\": 0}", &other), OUT_OF_RANGE);
    REFUSED(loopwire_workspace_open(runtime, directory, "{\"signal\": null}", &other), UNKNOWN_OPTION);
    FAILED(loopwire_workspace_open(runtime, "/nowhere/at/all", NULL, &other), "ERR_WORKSPACE_ROOT");
    FAILED(loopwire_workspace_open(runtime, "/proc/self/status", NULL, &other), "ERR_WORKSPACE_ROOT");

    OK(loopwire_workspace_open(runtime, directory, "{\"maxOutputBytes\": null, \"env\": {\"GREETING\": \"hello\"}}",
                               &workspace));
    FAILED(loopwire_workspace_open(runtime, directory, NULL, &other), "ERR_WORKSPACE_OPEN");
    char *root = NULL;
    OK(loopwire_workspace_root(workspace, &root));
    char *real = realpath(directory, NULL);
    CHECK(strcmp(root, real) == 0);
    free(real);
    loopwire_free(root);
    REFUSED(loopwire_workspace_root(NULL, &root), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_root(workspace, NULL), INVALID_ARGUMENT);
    bool closed = true;
    OK(loopwire_workspace_is_closed(workspace, &closed));
    CHECK(!closed);
    REFUSED(loopwire_workspace_is_closed(workspace, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_close(NULL), INVALID_ARGUMENT);
    OK(loopwire_workspace_free(NULL));
}

static loopwire_execution *run(const char *command, const char *options) {
    loopwire_execution *done = NULL;
    OK(loopwire_workspace_execute(workspace, command, NULL, 0, options, &done));
    CHECK(done != NULL);
    return done;
}

static void executing(void) {
    loopwire_execution *done = run("printf out; printf error >&2; exit 3", NULL);
    CHECK(done->exit_code == 3 && done->signal == NULL && done->reason == NULL && done->duration_ms > 0);
    CHECK(done->stdout_len == 3 && strcmp((char *)done->stdout_bytes, "out") == 0);
    CHECK(done->stderr_len == 5 && strcmp((char *)done->stderr_bytes, "error") == 0);
    OK(loopwire_execution_free(done));

    done = run("printf \"$GREETING $MORE\"; kill -9 $$", "{\"env\": {\"MORE\": \"world\"}}");
    CHECK(done->exit_code == -1 && strcmp(done->signal, "SIGKILL") == 0 && done->reason == NULL);
    CHECK(strcmp((char *)done->stdout_bytes, "hello world") == 0);
    OK(loopwire_execution_free(done));

    done = run("sleep 100", "{\"timeoutMs\": 50}");
    CHECK(strcmp(done->signal, "SIGTERM") == 0 && strcmp(done->reason, "timeout") == 0);
    OK(loopwire_execution_free(done));

    /* More than fits into pipes, with every byte. */
    enum { LEN = 3 * 1024 * 1024 + 7 };
    uint8_t *input = (uint8_t *)malloc(LEN);
    for (size_t at = 0; at < LEN; at++) input[at] = (uint8_t)(at * 31 >> 3);
    done = NULL;
    OK(loopwire_workspace_execute(workspace, "cat", input, LEN, NULL, &done));
    CHECK(done->exit_code == 0 && done->stdout_len == LEN && memcmp(done->stdout_bytes, input, LEN) == 0);
    CHECK(done->stderr_len == 0 && done->stderr_bytes != NULL);
    OK(loopwire_execution_free(done));
    free(input);
    done = run("cat", "{\"input\": \"text\"}");
    CHECK(strcmp((char *)done->stdout_bytes, "text") == 0);
    OK(loopwire_execution_free(done));

    done = run("printf 12345", "{\"maxOutputBytes\": 5}");
    OK(loopwire_execution_free(done));
    done = run("printf 12345", "{\"maxOutputBytes\": null}");
    OK(loopwire_execution_free(done));
    FAILED(loopwire_workspace_execute(workspace, "printf 123456", NULL, 0, "{\"maxOutputBytes\": 5}", &done),
           "ERR_OUTPUT_TOO_LARGE");
    CHECK(done == NULL);
    double began = now_ms();
    FAILED(loopwire_workspace_execute(workspace, "yes", NULL, 0, NULL, &done), "ERR_OUTPUT_TOO_LARGE");
    CHECK(now_ms() - began < 10000);

    FAILED(loopwire_workspace_execute(workspace, "true", NULL, 0, "{\"cwd\": \"missing\"}", &done), "NOT_FOUND");
    FAILED(loopwire_workspace_execute(workspace, "true", NULL, 0, "{\"cwd\": \"..\"}", &done), "PATH_OUTSIDE");
    REFUSED(loopwire_workspace_execute(workspace, "true", NULL, 0, "{\"pty\": true}", &done), UNKNOWN_OPTION);
    REFUSED(loopwire_workspace_execute(workspace, "true", NULL, 0, "{\"maxOutputBytes\": -1}", &done), OUT_OF_RANGE);
    REFUSED(loopwire_workspace_execute(workspace, "cat", (const uint8_t *)"x", 1, "{\"input\": \"y\"}", &done),
            INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_execute(workspace, "cat", NULL, 1, NULL, &done), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_execute(workspace, NULL, NULL, 0, NULL, &done), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_execute(NULL, "true", NULL, 0, NULL, &done), INVALID_ARGUMENT);
    OK(loopwire_execution_free(NULL));
}

/* Reads to the end of the output, in small pieces and with short timeouts, and checks that each byte comes once. */
static size_t read_all(loopwire_terminal *terminal, uint8_t *into, size_t room) {
    size_t got = 0;
    for (;;) {
        uint8_t piece[1000];
        size_t len = 99;
        uint64_t offset = 0;
        loopwire_source source;
        uint32_t timeout = got % 3 == 0 ? 0 : got % 3 == 1 ? 1 : UINT32_MAX;
        loopwire_result result =
            loopwire_terminal_read(terminal, piece, 1 + got % sizeof piece, timeout, &len, &source, &offset);
        if (result == LOOPWIRE_RESULT_TIMED_OUT) {
            CHECK(len == 0 && timeout != UINT32_MAX);
            if (timeout == 0) usleep(100);
            continue;
        }
        if (result == LOOPWIRE_RESULT_ENDED) {
            CHECK(len == 0);
            return got;
        }
        OK(result);
        CHECK(len > 0 && len <= 1 + got % sizeof piece && offset == got && source == LOOPWIRE_SOURCE_STDOUT);
        CHECK(got + len <= room);
        memcpy(into + got, piece, len);
        got += len;
    }
}

enum { MANY = 4 * 1024 * 1024 + 3 };

static void *write_many(void *terminal) {
    uint8_t piece[4099];
    for (size_t at = 0; at < MANY;) {
        size_t len = MANY - at < sizeof piece ? MANY - at : sizeof piece;
        for (size_t i = 0; i < len; i++) piece[i] = (uint8_t)((at + i) * 7 >> 2);
        OK(loopwire_terminal_write((loopwire_terminal *)terminal, piece, len, true));
        at += len;
    }
    OK(loopwire_terminal_eof((loopwire_terminal *)terminal));
    return NULL;
}

static void two_threads(void) {
    loopwire_terminal *terminal = NULL;
    OK(loopwire_terminal_start(workspace, "{\"command\": \"cat\", \"pty\": false}", &terminal));
    pthread_t writer = start(write_many, terminal);
    uint8_t *all = (uint8_t *)malloc(MANY);
    CHECK(read_all(terminal, all, MANY) == MANY);
    for (size_t at = 0; at < MANY; at++) CHECK(all[at] == (uint8_t)(at * 7 >> 2));
    free(all);
    join(writer);
    OK(loopwire_terminal_exit(terminal, UINT32_MAX, NULL));
    OK(loopwire_terminal_free(terminal));
}

static void pipes(void) {
    loopwire_terminal *terminal = NULL;
    OK(loopwire_terminal_start(workspace, "{\"command\": \"cat; printf error >&2; exit 4\", \"pty\": false, \"id\": \"mine\"}",
                               &terminal));
    char *id = NULL;
    OK(loopwire_terminal_id(terminal, &id));
    CHECK(strcmp(id, "mine") == 0);
    loopwire_free(id);
    uint32_t pid = 0;
    OK(loopwire_terminal_pid(terminal, &pid));
    CHECK(pid > 1 && getsid((pid_t)pid) == (pid_t)pid);
    loopwire_terminal *other = NULL;
    FAILED(loopwire_terminal_start(workspace, "{\"id\": \"mine\"}", &other), "ID_IN_USE");
    CHECK(other == NULL);

    uint8_t bytes[64];
    size_t len = 1;
    loopwire_source source = LOOPWIRE_SOURCE_STDERR;
    uint64_t offset = 9;
    double began = now_ms();
    REFUSED(loopwire_terminal_read(terminal, bytes, sizeof bytes, 0, &len, NULL, NULL), TIMED_OUT);
    CHECK(now_ms() - began < 50);
    REFUSED(loopwire_terminal_read(terminal, bytes, sizeof bytes, 60, &len, NULL, NULL), TIMED_OUT);
    CHECK(now_ms() - began >= 60 && len == 0);
    char *json = NULL;
    REFUSED(loopwire_terminal_exit(terminal, 1, &json), TIMED_OUT);
    CHECK(json == NULL);
    OK(loopwire_terminal_write(terminal, (const uint8_t *)"hello", 5, true));
    OK(loopwire_terminal_write(terminal, NULL, 0, false));
    OK(loopwire_terminal_read(terminal, bytes, 2, UINT32_MAX, &len, &source, &offset));
    CHECK(len == 2 && memcmp(bytes, "he", 2) == 0 && source == LOOPWIRE_SOURCE_STDOUT && offset == 0);
    OK(loopwire_terminal_read(terminal, bytes, 2, 0, &len, NULL, &offset));
    CHECK(len == 2 && memcmp(bytes, "ll", 2) == 0 && offset == 2);
    OK(loopwire_terminal_read(terminal, bytes, sizeof bytes, 0, &len, NULL, &offset));
    CHECK(len == 1 && bytes[0] == 'o' && offset == 4);
    OK(loopwire_terminal_eof(terminal));
    OK(loopwire_terminal_read(terminal, bytes, sizeof bytes, UINT32_MAX, &len, &source, &offset));
    CHECK(len == 5 && memcmp(bytes, "error", 5) == 0 && source == LOOPWIRE_SOURCE_STDERR && offset == 5);
    REFUSED(loopwire_terminal_read(terminal, bytes, sizeof bytes, UINT32_MAX, &len, NULL, NULL), ENDED);
    REFUSED(loopwire_terminal_read(terminal, bytes, sizeof bytes, 0, &len, NULL, NULL), ENDED);
    OK(loopwire_terminal_exit(terminal, UINT32_MAX, &json));
    CHECK(has(json, "\"exitCode\":4") && has(json, "\"signal\":null") && strstr(json, "reason") == NULL);
    shape("TerminalExit", json);
    /* The scrollback is there for another beginning. */
    OK(loopwire_terminal_stop_reading(terminal));
    OK(loopwire_terminal_read(terminal, bytes, sizeof bytes, 0, &len, NULL, &offset));
    CHECK(len == 5 && memcmp(bytes, "hello", 5) == 0 && offset == 0);
    OK(loopwire_terminal_write(terminal, (const uint8_t *)"late", 4, true));
    OK(loopwire_terminal_signal(terminal, "SIGTERM"));
    OK(loopwire_terminal_end(terminal));

    REFUSED(loopwire_terminal_read(terminal, NULL, 1, 0, &len, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_read(terminal, bytes, 0, 0, &len, NULL, NULL), OUT_OF_RANGE);
    REFUSED(loopwire_terminal_read(terminal, bytes, 1, 0, NULL, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_read(NULL, bytes, 1, 0, &len, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_write(terminal, NULL, 1, false), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_write(NULL, bytes, 1, false), INVALID_ARGUMENT);
    FAILED(loopwire_terminal_signal(terminal, "SIGNONE"), "UNKNOWN_SIGNAL");
    REFUSED(loopwire_terminal_signal(terminal, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_signal(NULL, "SIGINT"), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_resize(terminal, 0, 10), OUT_OF_RANGE);
    REFUSED(loopwire_terminal_resize(terminal, 10, 2001), OUT_OF_RANGE);
    REFUSED(loopwire_terminal_resize(NULL, 10, 10), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_eof(NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_end(NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_stop_reading(NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_exit(NULL, 0, &json), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_id(NULL, &id), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_id(terminal, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_pid(NULL, &pid), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_pid(terminal, NULL), INVALID_ARGUMENT);
    OK(loopwire_terminal_free(terminal));
    OK(loopwire_terminal_free(NULL));
    REFUSED(loopwire_terminal_start(workspace, "{\"cols\": 0}", &other), OUT_OF_RANGE);
    REFUSED(loopwire_terminal_start(workspace, "{\"colls\": 1}", &other), UNKNOWN_OPTION);
    REFUSED(loopwire_terminal_start(workspace, "{\"command\": \"a\\u0000b\"}", &other), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_start(workspace, NULL, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_terminal_start(NULL, NULL, &other), INVALID_ARGUMENT);

    /* A command that does not read. */
    OK(loopwire_terminal_start(workspace, "{\"command\": \"sleep 100\", \"pty\": false}", &terminal));
    uint8_t *much = (uint8_t *)calloc(1, 700000);
    OK(loopwire_terminal_write(terminal, much, 700000, false));
    FAILED(loopwire_terminal_write(terminal, much, 700000, false), "INPUT_FULL");
    free(much);
    OK(loopwire_terminal_end(terminal));
    OK(loopwire_terminal_exit(terminal, 10000, &json));
    CHECK(has(json, "\"signal\":\"SIGTERM\"") && has(json, "\"reason\":\"closed\""));
    shape("TerminalExit", json);
    OK(loopwire_terminal_free(terminal));
}

/* Reads until the output has `part`. */
static void await_text(loopwire_terminal *terminal, const char *part) {
    char all[8192] = "";
    size_t got = 0;
    while (strstr(all, part) == NULL) {
        size_t len = 0;
        OK(loopwire_terminal_read(terminal, (uint8_t *)all + got, sizeof all - 1 - got, 20000, &len, NULL, NULL));
        got += len;
        all[got] = 0;
    }
}

static void pty(void) {
    loopwire_terminal *terminal = NULL;
    OK(loopwire_terminal_start(
        workspace, "{\"command\": \"stty size; read x; stty size; echo got $x; tty\", \"cols\": 100, \"rows\": 40}", &terminal));
    await_text(terminal, "40 100");
    OK(loopwire_terminal_resize(terminal, 120, 50));
    OK(loopwire_terminal_write(terminal, (const uint8_t *)"line\r", 5, true));
    await_text(terminal, "got line");
    OK(loopwire_terminal_stop_reading(terminal));
    char *json = NULL;
    OK(loopwire_terminal_exit(terminal, 20000, &json));
    CHECK(has(json, "\"exitCode\":0"));
    loopwire_free(json);
    await_text(terminal, "50 120");
    OK(loopwire_terminal_free(terminal));
    /* Without options: the shell, which is freed while it runs. Closing the workspace ends it. */
    OK(loopwire_terminal_start(workspace, NULL, &terminal));
    OK(loopwire_terminal_free(terminal));
}

static void files(void) {
    char *json = NULL;
    OK(loopwire_workspace_write_file(workspace, "data.bin", (const uint8_t *)"a\0b", 3, 0640, &json));
    CHECK(has(json, "\"size\":3") && has(json, "\"atomic\":true") && has(json, "\"path\":\"data.bin\""));
    shape("Written", json);
    uint8_t *bytes = NULL;
    size_t len = 0;
    OK(loopwire_workspace_read_file(workspace, "data.bin", &bytes, &len));
    CHECK(len == 3 && memcmp(bytes, "a\0b", 4) == 0);
    loopwire_free(bytes);
    loopwire_execution *done = run("stat -c %a data.bin", NULL);
    CHECK(strcmp((char *)done->stdout_bytes, "640\n") == 0);
    OK(loopwire_execution_free(done));
    OK(loopwire_workspace_write_file(workspace, "data.bin", NULL, 0, -1, NULL));
    OK(loopwire_workspace_read_file(workspace, "data.bin", &bytes, &len));
    CHECK(len == 0 && bytes != NULL);
    loopwire_free(bytes);

    FAILED(loopwire_workspace_read_file(workspace, "missing", &bytes, &len), "NOT_FOUND");
    CHECK(bytes == NULL && len == 0);
    FAILED(loopwire_workspace_read_file(workspace, "../x", &bytes, &len), "PATH_OUTSIDE");
    FAILED(loopwire_workspace_read_file(workspace, ".", &bytes, &len), "NOT_A_FILE");
    REFUSED(loopwire_workspace_read_file(workspace, NULL, &bytes, &len), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_read_file(workspace, "x", NULL, &len), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_read_file(workspace, "x", &bytes, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_read_file(NULL, "x", &bytes, &len), INVALID_ARGUMENT);
    FAILED(loopwire_workspace_write_file(workspace, "../x", NULL, 0, -1, &json), "PATH_OUTSIDE");
    CHECK(json == NULL);
    REFUSED(loopwire_workspace_write_file(workspace, "x", NULL, 0, 01000, NULL), OUT_OF_RANGE);
    REFUSED(loopwire_workspace_write_file(workspace, "x", NULL, 0, -2, NULL), OUT_OF_RANGE);
    REFUSED(loopwire_workspace_write_file(workspace, "x", NULL, 1, -1, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_write_file(workspace, NULL, NULL, 0, -1, NULL), INVALID_ARGUMENT);
    REFUSED(loopwire_workspace_write_file(NULL, "x", NULL, 0, -1, NULL), INVALID_ARGUMENT);
}

/* Which signals are blocked in what is started here: with pipes, in a PTY, the guardian. Without a shell, which may change that. */
static void masks(const char *directory) {
    const char *none = "SigBlk:\t0000000000000000";
    OK(loopwire_workspace_open(runtime, directory, "{\"shell\": [\"/bin/grep\", \"SigBlk\"]}", &workspace));
    loopwire_execution *done = run("/proc/self/status", NULL);
    CHECK(has((char *)done->stdout_bytes, none));
    OK(loopwire_execution_free(done));
    loopwire_terminal *terminal = NULL;
    OK(loopwire_terminal_start(workspace, "{\"command\": \"/proc/self/status\"}", &terminal));
    await_text(terminal, none);
    OK(loopwire_terminal_free(terminal));
    char command[256];
    snprintf(command, sizeof command,
             "for d in /proc/[0-9]*; do case $(tr '\\0' ' ' <$d/cmdline 2>/dev/null) in *' loopwire-guardian '*) grep -q "
             "'^PPid:.%d$' $d/status && grep '^SigBlk:.0000000000000000$' $d/status && exit 0;; esac; done >/dev/null; exit 1",
             (int)getpid());
    shell(command);
    OK(loopwire_workspace_free(workspace));
    /* And those of this program are what they were. */
    sigset_t mine;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mine) == 0);
    CHECK(sigismember(&mine, SIGUSR1) == 1 && sigismember(&mine, SIGUSR2) == 0 && sigismember(&mine, SIGTERM) == 0);
}

static void left_out(const char *directory) {
    OK(loopwire_workspace_open(
        runtime, directory,
        "{\"terminal\": false, \"files\": false, \"watch\": false, \"git\": false, \"snapshots\": false}", &workspace));
    loopwire_execution *done = NULL;
    loopwire_terminal *terminal = NULL;
    loopwire_watch *watch = NULL;
    loopwire_git_operation *git = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    char *json = NULL;
    FAILED(loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, &done), "NOT_ENABLED");
    FAILED(loopwire_terminal_start(workspace, NULL, &terminal), "NOT_ENABLED");
    FAILED(loopwire_workspace_read_file(workspace, "x", &bytes, &len), "NOT_ENABLED");
    FAILED(loopwire_workspace_write_file(workspace, "x", NULL, 0, -1, NULL), "NOT_ENABLED");
    FAILED(loopwire_watch_start(workspace, "\"x\"", NULL, &watch), "NOT_ENABLED");
    FAILED(loopwire_git_start(workspace, "fetch", "{\"repoPath\": \"x\"}", false, &git), "NOT_ENABLED");
    FAILED(loopwire_snapshot_create(workspace, NULL, NULL, &json), "NOT_ENABLED");
    FAILED(loopwire_snapshot_list(workspace, NULL, &json), "NOT_ENABLED");
    OK(loopwire_workspace_free(workspace));
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    CHECK(pthread_sigmask(SIG_SETMASK, &one, NULL) == 0);
    OK(loopwire_runtime_new(&runtime));
    opening(argv[1]);
    executing();
    two_threads();
    pipes();
    pty();
    files();

    OK(loopwire_workspace_close(workspace));
    OK(loopwire_workspace_close(workspace));
    bool closed = false;
    OK(loopwire_workspace_is_closed(workspace, &closed));
    CHECK(closed);
    loopwire_execution *done = NULL;
    REFUSED(loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, &done), CLOSED);
    CHECK(last_code_is("NO_WORKSPACE"));
    OK(loopwire_workspace_free(workspace));
    left_out(argv[1]);
    masks(argv[1]);
    /* Another one may be opened now, and the runtime be freed before it. */
    OK(loopwire_workspace_open(runtime, argv[1], NULL, &workspace));
    OK(loopwire_runtime_free(runtime));
    OK(loopwire_workspace_is_closed(workspace, &closed));
    CHECK(closed);
    REFUSED(loopwire_workspace_execute(workspace, "true", NULL, 0, NULL, &done), SHUT_DOWN);
    OK(loopwire_workspace_close(workspace));
    OK(loopwire_workspace_free(workspace));
    return 0;
}
