package main

/*
#cgo pkg-config: loopwire
#include <loopwire.h>
#include <stdlib.h>

// Defined below in Go.
extern void goEvent(uintptr_t handle, char *event, size_t len);

// A file with an exported function may only have static functions here.
static void on_event(void *userdata, const char *event, size_t len) {
	goEvent((uintptr_t)userdata, (char *)event, len);
}

static inline void start_events(uintptr_t handle) {
	SetEventCallback(on_event, (void *)handle);
}
*/
import "C"

import (
	"errors"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// SDK is the library's default instance: a process has one.
type SDK struct {
	// Events has each event as JSON text. It is closed by Close.
	Events chan string
	handle cgo.Handle
}

// goEvent is called from a thread of the library. The text is valid during the call, so it is copied.
//
//export goEvent
func goEvent(handle C.uintptr_t, event *C.char, length C.size_t) {
	sdk := cgo.Handle(handle).Value().(*SDK)
	// While nobody takes it, further events wait in the library, and none is lost.
	sdk.Events <- C.GoStringN(event, C.int(length))
}

// Start starts the library and its events.
func Start() (*SDK, error) {
	sdk := &SDK{Events: make(chan string, 64)}
	// C keeps a number that stands for the Go value, not a pointer to it.
	sdk.handle = cgo.NewHandle(sdk)
	err := void(func() { C.RunAsync() })
	if err == nil {
		err = void(func() { C.start_events(C.uintptr_t(sdk.handle)) })
	}
	return sdk, err
}

// Close stops everything. Somebody must read Events until they are closed: a callback that waits would be waited for.
func (sdk *SDK) Close() {
	C.SafeExit()
	close(sdk.Events)
	sdk.handle.Delete()
}

// StartCommunicate offers the events to WebSocket clients.
func (sdk *SDK) StartCommunicate(port int, token string) error {
	text := C.CString(token)
	defer C.free(unsafe.Pointer(text))
	return void(func() { C.StartCommunicate(1, C.int(port), text) })
}

// SetAPIHost sets the provider of proxies.
func (sdk *SDK) SetAPIHost(url string) error {
	text := C.CString(url)
	defer C.free(unsafe.Pointer(text))
	return void(func() { C.SetAPIHost(text) })
}

// FreePorts has up to limit ports of the range that nobody uses.
func (sdk *SDK) FreePorts(limit uint) ([]uint32, error) {
	var array *C.uint32_t
	var count C.int
	err := integer(func() C.int { return C.GetPortsFreeWithLimit(C.uint(limit), &array, &count) })
	if err != nil {
		return nil, err
	}
	defer C.FreeBuf(unsafe.Pointer(array))
	ports := make([]uint32, int(count))
	for i, port := range unsafe.Slice(array, int(count)) {
		ports[i] = uint32(port)
	}
	return ports, nil
}

// CreateWithID forwards a port, and waits for the result.
func (sdk *SDK) CreateWithID(port uint32, id string) error {
	texts := [3]*C.char{C.CString(id), C.CString("1"), C.CString("manual")}
	for _, text := range texts {
		defer C.free(unsafe.Pointer(text))
	}
	return integer(func() C.int { return C.CreateWithId(C.int(port), texts[0], texts[1], texts[2]) })
}

// Config is what is known of a port, as JSON text.
func (sdk *SDK) Config(port uint32) (string, error) {
	var text string
	err := integer(func() C.int {
		memory := C.GetConfigJSON(C.uint(port))
		if memory == nil {
			return 1
		}
		defer C.FreeBuf(unsafe.Pointer(memory))
		text = C.GoString(memory)
		return 0
	})
	return text, err
}

// lastError is the text of the last error of this thread.
func lastError() string {
	text := C.SDKGetLastError()
	defer C.FreeBuf(unsafe.Pointer(text))
	return C.GoString(text)
}

// integer calls a function that returns 0 or 1. A goroutine may change its thread between two calls, and the last error
// belongs to a thread: so it stays on one until it has asked.
func integer(call func() C.int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if call() != 0 {
		return errors.New(lastError())
	}
	return nil
}

// void calls a function that returns nothing: there is no last error when it has worked.
func void(call func()) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	call()
	if text := lastError(); text != "" {
		return errors.New(text)
	}
	return nil
}
