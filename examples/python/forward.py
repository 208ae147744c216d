"""Forwards a local port through a proxy of a provider, and prints every event until Enter is pressed.

    python3 forward.py PROVIDER-URL [CHANNEL-PORT]

It needs no package: ctypes comes with Python. The library is found as the system finds libraries (LD_LIBRARY_PATH,
ldconfig), or by its path in the variable LOOPWIRE_LIBRARY.
"""

import ctypes
import json
import os
import queue
import secrets
import sys
import threading
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_uint32, c_void_p

# CDLL releases the interpreter's lock during each call, so a call that waits holds no other thread back.
lib = ctypes.CDLL(os.environ.get("LOOPWIRE_LIBRARY", "libloopwire.so.0"))

# ctypes takes the lock before it calls Python, from whichever thread.
EventCallback = ctypes.CFUNCTYPE(None, c_void_p, POINTER(ctypes.c_char), c_size_t)


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


# A text that is handed out is declared as c_void_p: with c_char_p ctypes would copy it and lose the pointer, which has
# to be freed.
free_buf = declare("FreeBuf", None, c_void_p)
get_last_error = declare("SDKGetLastError", c_void_p)
run_async = declare("RunAsync", None)
safe_exit = declare("SafeExit", None)
set_event_callback = declare("SetEventCallback", None, EventCallback, c_void_p)
start_communicate = declare("StartCommunicate", None, c_int, c_int, c_char_p)
set_api_host = declare("SetAPIHost", None, c_char_p)
get_ports_free = declare("GetPortsFreeWithLimit", c_int, c_uint, POINTER(POINTER(c_uint32)), POINTER(c_int))
create_with_id = declare("CreateWithId", c_int, c_int, c_char_p, c_char_p, c_char_p)
get_config_json = declare("GetConfigJSON", c_void_p, c_uint)


class LoopwireError(Exception):
    """A call failed; the text is the library's."""


def last_error():
    """The text of the last error of this thread."""
    memory = get_last_error()
    return take(memory) if memory else "no memory"


def take(memory):
    """The text that the library handed out, which is given back."""
    if not memory:
        raise LoopwireError(last_error())
    try:
        return ctypes.string_at(memory).decode()
    finally:
        free_buf(memory)


def check(result):
    """For functions that return a number. The last error belongs to this thread."""
    if result != 0:
        raise LoopwireError(last_error())


def check_last_error():
    """For functions that return nothing: there is no last error when they have worked."""
    text = last_error()
    if text:
        raise LoopwireError(text)


def free_port():
    """A port of the range (60000 to 60099) that nobody uses."""
    ports, count = POINTER(c_uint32)(), c_int()
    check(get_ports_free(1, byref(ports), byref(count)))
    try:
        if count.value == 0:
            raise LoopwireError("no port of the range is free")
        return ports[0]
    finally:
        free_buf(ports)


def main(provider, channel="8881"):
    # One thread prints: print() of two threads would mix their lines.
    lines = queue.SimpleQueue()
    say = lines.put
    count = 0

    # The object must live as long as the library may call it: the name keeps it until main() returns.
    @EventCallback
    def on_event(_userdata, event, length):
        # Do little here: events wait while this runs. An exception would be printed and ignored.
        nonlocal count
        count += 1
        say("event " + event[:length].decode())

    def print_lines():
        for line in iter(lines.get, None):
            print(line, flush=True)

    printer = threading.Thread(target=print_lines)
    printer.start()
    try:
        run_async()
        check_last_error()
        set_event_callback(on_event, None)
        check_last_error()

        # The same events for WebSocket clients, such as `loopwire tail`. Whoever knows the token may connect.
        token = secrets.token_urlsafe(32)
        start_communicate(1, int(channel), token.encode())
        check_last_error()
        say(f"channel ws://127.0.0.1:{channel} token {token}")

        set_api_host(provider.encode())
        check_last_error()
        port = free_port()
        # Returns when the proxy has been reached, or has not.
        check(create_with_id(port, b"my-proxy", b"1", b"manual"))
        config = json.loads(take(get_config_json(port)))
        say(f"forwarding {config['address']}, online: {config['is_online']}")
        say(f"try: curl -x http://127.0.0.1:{port} http://example.com\npress Enter to stop")
        sys.stdin.readline()
    finally:
        # Before Python ends: when it returns, on_event does not run and is not called any more.
        safe_exit()
        say(f"stopped after {count} events")
        lines.put(None)
        printer.join()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROVIDER-URL [CHANNEL-PORT]")
    try:
        main(*sys.argv[1:3])
    except LoopwireError as error:
        sys.exit(str(error))
