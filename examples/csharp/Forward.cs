// Forwards a local port through a proxy of a provider, and prints every event until Enter is pressed.
//
//   Forward PROVIDER-URL [CHANNEL-PORT]
//
// It compiles with .NET 6 and later, and with Mono's mcs.
using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

/// <summary>A call failed; the text is the library's.</summary>
public sealed class LoopwireException : Exception
{
    public LoopwireException(string text) : base(text) { }
}

/// <summary>The functions of the library, as loopwire.h has them.</summary>
internal static class Native
{
    private const string Library = "loopwire";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void EventCallback(IntPtr userdata, IntPtr text, UIntPtr length);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void FreeBuf(IntPtr memory);

    // A text that is handed out is an IntPtr: as a string it would be freed by another allocator.
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr SDKGetLastError();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void RunAsync();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void SafeExit();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void SetEventCallback(EventCallback callback, IntPtr userdata);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void StartCommunicate(int type, int port, byte[] token);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void SetAPIHost(byte[] url);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int GetPortsFreeWithLimit(uint limit, out IntPtr ports, out int count);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int CreateWithId(int port, byte[] proxyId, byte[] plan, byte[] actionType);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr GetConfigJSON(uint port);
}

/// <summary>The library's default instance: a process has one. Use it from one thread: the last error belongs to a thread, so
/// nothing may be awaited between a call and its check.</summary>
public sealed class Loopwire : IDisposable
{
    // The garbage collector does not see that native code has the delegate: this field keeps it alive.
    private readonly Native.EventCallback callback;
    private readonly Action<string> handler;

    public Loopwire(Action<string> handler)
    {
        this.handler = handler;
        callback = OnEvent;
        Native.RunAsync();
        CheckLastError();
        Native.SetEventCallback(callback, IntPtr.Zero);
        CheckLastError();
    }

    public void StartCommunicate(int port, string token)
    {
        Native.StartCommunicate(1, port, Utf8(token));
        CheckLastError();
    }

    public void SetProvider(string url)
    {
        Native.SetAPIHost(Utf8(url));
        CheckLastError();
    }

    /// <summary>Up to <paramref name="limit"/> ports of the range that nobody uses.</summary>
    public int[] FreePorts(uint limit)
    {
        IntPtr memory;
        int count;
        Check(Native.GetPortsFreeWithLimit(limit, out memory, out count));
        try
        {
            var ports = new int[count];
            for (var i = 0; i < count; i++) ports[i] = Marshal.ReadInt32(memory, i * sizeof(uint));
            return ports;
        }
        finally
        {
            Native.FreeBuf(memory);
        }
    }

    /// <summary>Forwards a port, and returns when the proxy has been reached.</summary>
    public void Forward(int port, string proxyId)
    {
        Check(Native.CreateWithId(port, Utf8(proxyId), Utf8("1"), Utf8("manual")));
    }

    /// <summary>What is known of a port, as JSON.</summary>
    public string Config(int port)
    {
        return Take(Native.GetConfigJSON((uint)port));
    }

    /// <summary>Stops everything. When it returns, the handler is not called any more.</summary>
    public void Dispose()
    {
        Native.SafeExit();
        GC.KeepAlive(callback);
    }

    // Called from a thread of the library. An exception must not leave it: native code cannot catch it.
    private void OnEvent(IntPtr userdata, IntPtr text, UIntPtr length)
    {
        try
        {
            handler(Text(text, (int)length));
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
        }
    }

    private static void Check(int result)
    {
        if (result != 0) throw LastError();
    }

    private static LoopwireException LastError()
    {
        var memory = Native.SDKGetLastError();
        return new LoopwireException(memory == IntPtr.Zero ? "no memory" : Take(memory));
    }

    // For functions that return nothing: there is no last error when they have worked.
    private static void CheckLastError()
    {
        var text = Take(Native.SDKGetLastError());
        if (text.Length > 0) throw new LoopwireException(text);
    }

    // Texts are UTF-8 and end with a NUL.
    private static byte[] Utf8(string text)
    {
        return Encoding.UTF8.GetBytes(text + "\0");
    }

    private static string Text(IntPtr memory, int length)
    {
        var bytes = new byte[length];
        Marshal.Copy(memory, bytes, 0, length);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A text that the library handed out, which is given back.</summary>
    private static string Take(IntPtr memory)
    {
        if (memory == IntPtr.Zero) throw LastError();
        try
        {
            var length = 0;
            while (Marshal.ReadByte(memory, length) != 0) length++;
            return Text(memory, length);
        }
        finally
        {
            Native.FreeBuf(memory);
        }
    }
}

public static class Program
{
    public static int Main(string[] args)
    {
        if (args.Length < 1)
        {
            Console.Error.WriteLine("usage: Forward PROVIDER-URL [CHANNEL-PORT]");
            return 1;
        }
        var channel = args.Length > 1 ? int.Parse(args[1]) : 8881;
        // The callback only hands over, and a thread of our own prints.
        var events = new BlockingCollection<string>();
        var count = 0;
        var printer = new Thread(() =>
        {
            foreach (var text in events.GetConsumingEnumerable())
            {
                Console.WriteLine("event " + text);
                count++;
            }
        });
        printer.Start();
        try
        {
            using (var loopwire = new Loopwire(events.Add))
            {
                // The same events for WebSocket clients, such as `loopwire tail`. Whoever knows the token may connect.
                var token = MakeToken();
                loopwire.StartCommunicate(channel, token);
                Console.WriteLine("channel ws://127.0.0.1:{0} token {1}", channel, token);

                loopwire.SetProvider(args[0]);
                var ports = loopwire.FreePorts(1);
                if (ports.Length == 0) throw new LoopwireException("no port of the range is free");
                loopwire.Forward(ports[0], "my-proxy");
                Console.WriteLine("forwarding {0}", loopwire.Config(ports[0]));
                Console.WriteLine("try: curl -x http://127.0.0.1:{0} http://example.com", ports[0]);
                Console.WriteLine("press Enter to stop");
                Console.ReadLine();
            }
        }
        catch (LoopwireException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
        finally
        {
            events.CompleteAdding();
            printer.Join();
        }
        Console.WriteLine("stopped after {0} events", count);
        return 0;
    }

    private static string MakeToken()
    {
        var bytes = new byte[32];
        using (var random = RandomNumberGenerator.Create()) random.GetBytes(bytes);
        return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
    }
}
