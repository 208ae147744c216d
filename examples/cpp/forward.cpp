// Forwards a local port through a proxy of a provider, and prints every event until Enter is pressed.
//
//   ./forward PROVIDER-URL [CHANNEL-PORT]
//
// It uses the functions that take a handle, with a few lines of C++ around them.

#include <loopwire.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

namespace loopwire {

// Frees what the library handed out.
struct Free {
    void operator()(void *memory) const noexcept { loopwire_free(memory); }
    void operator()(loopwire_events *events) const noexcept { loopwire_events_free(events); }
    void operator()(loopwire_listener *listener) const noexcept { loopwire_listener_free(listener); }
    void operator()(loopwire_runtime *runtime) const noexcept { loopwire_runtime_free(runtime); }
};

template <typename T> using Owned = std::unique_ptr<T, Free>;
using Text = Owned<char>;

// A call failed: the library's code and message, which belong to this thread.
class Error : public std::runtime_error {
public:
    explicit Error(loopwire_result number)
        : std::runtime_error(text(loopwire_last_error_code()) + ": " + text(loopwire_last_error_message())),
          result(number) {}

    const loopwire_result result;

private:
    static std::string text(char *given) {
        const Text owned(given);
        return owned ? owned.get() : "no memory";
    }
};

inline void check(loopwire_result result) {
    if (result != LOOPWIRE_RESULT_OK) throw Error(result);
}

// Calls a function whose last argument is a place for what it makes.
template <typename T, typename Function, typename... Arguments>
Owned<T> make(Function function, Arguments... arguments) {
    T *made = nullptr;
    check(function(arguments..., &made));
    return Owned<T>(made);
}

} // namespace loopwire

namespace {

// In one piece: two threads print.
void say(const std::string &text) { std::cout << text + '\n' << std::flush; }

// What the callback works with; it outlives the callback.
class Printer {
public:
    // Called from a thread of the library. No exception may leave it.
    static void call(void *userdata, const char *event, std::size_t length) noexcept {
        auto *self = static_cast<Printer *>(userdata);
        self->count_.fetch_add(1, std::memory_order_relaxed);
        try {
            say("event " + std::string(event, length));
        } catch (const std::exception &) {
            // Standard output is of no use any more.
        }
    }

    [[nodiscard]] unsigned long count() const noexcept { return count_; }

private:
    std::atomic<unsigned long> count_{0};
};

void run(const char *provider, int channel) {
    namespace lw = loopwire;
    Printer printer;
    {
        // They are freed in the opposite order: the runtime last, which waits until everything has stopped.
        const auto runtime = lw::make<loopwire_runtime>(loopwire_runtime_new);
        const auto events = lw::make<loopwire_events>(
            loopwire_events_start, runtime.get(), Printer::call, static_cast<void *>(&printer), false);

        // The same events for WebSocket clients, such as `loopwire tail`.
        // Whoever knows the token may connect.
        const auto token = lw::make<char>(loopwire_generate_token, 32);
        const auto listener = lw::make<loopwire_listener>(
            loopwire_listener_start, runtime.get(), channel, token.get(), nullptr, nullptr, nullptr);
        say("channel ws://127.0.0.1:" + std::to_string(channel) + " token " + token.get());

        lw::check(loopwire_forward_set_api_host(runtime.get(), provider));
        // A port of the range (60000 to 60099) that nobody uses.
        std::uint32_t *array = nullptr;
        int count = 0;
        lw::check(loopwire_forward_get_ports_free_with_limit(runtime.get(), 1, &array, &count));
        const lw::Owned<std::uint32_t> ports(array);
        if (count == 0) throw std::runtime_error("no port of the range is free");
        const auto port = static_cast<int>(ports.get()[0]);

        // Returns when the proxy has been reached, or has not.
        lw::check(loopwire_forward_create_with_id(runtime.get(), port, "my-proxy", "1", "manual"));
        const auto config = lw::make<char>(loopwire_forward_get_config_json, runtime.get(), port);
        say(std::string("forwarding ") + config.get());
        say("try: curl -x http://127.0.0.1:" + std::to_string(port) + " http://example.com\npress Enter to stop");
        std::cin.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    say("stopped after " + std::to_string(printer.count()) + " events");
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " PROVIDER-URL [CHANNEL-PORT]" << std::endl;
        return EXIT_FAILURE;
    }
    try {
        run(argv[1], argc > 2 ? std::stoi(argv[2]) : 8881);
        return EXIT_SUCCESS;
    } catch (const std::exception &error) {
        std::cerr << error.what() << std::endl;
        return EXIT_FAILURE;
    }
}
