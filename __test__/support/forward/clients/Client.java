// Everything that a web server has, by both of Java's HTTP clients, through a proxy.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

public class Client {
    static final String ETAG = "\"as it was\"";

    /** An answer, whichever client has it. */
    record Answer(int status, String length, byte[] body) {
        String text() {
            return new String(body);
        }
    }

    interface Asker {
        Answer ask(String method, String path, byte[] body, String etag) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        var proxy = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        var base = args[1];
        // Whether "100 Continue" can come: Java waits for it for ever.
        var expects = args[2].equals("expect");
        // Java leaves out proxies for this machine unless it is told not to.
        System.setProperty("http.nonProxyHosts", "");
        Asker old = (method, path, body, etag) -> byUrlConnection(new Proxy(Proxy.Type.HTTP, proxy), base, method, path, body, etag);
        var client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(ProxySelector.of(proxy))
            .build();
        Asker fresh = (method, path, body, etag) -> byHttpClient(client, base, method, path, body, etag, expects);
        System.out.println("{\"old\":" + json(everything(old)) + ",\"new\":" + json(everything(fresh)) + "}");
        System.exit(0);
    }

    static Map<String, Object> everything(Asker asker) throws Exception {
        var seen = new LinkedHashMap<String, Object>();
        seen.put("small", asker.ask("GET", "/small", null, null).text());
        var body = asker.ask("GET", "/download", null, null).body();
        seen.put("download", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body)));
        seen.put("chunked", asker.ask("GET", "/chunked", null, null).text());
        var head = asker.ask("HEAD", "/head", null, null);
        seen.put("head", head.status() + " " + head.length());
        seen.put("cached", asker.ask("GET", "/cached", null, ETAG).status());
        seen.put("upload", asker.ask("POST", "/upload", body, null).text());
        return seen;
    }

    static Answer byUrlConnection(Proxy proxy, String base, String method, String path, byte[] body, String etag) throws IOException {
        var connection = (HttpURLConnection) new URL(base + path).openConnection(proxy);
        connection.setRequestMethod(method);
        connection.setReadTimeout(20_000);
        if (etag != null) connection.setRequestProperty("If-None-Match", etag);
        if (body != null) {
            connection.setDoOutput(true);
            // In chunks: the other client says the length.
            connection.setChunkedStreamingMode(8192);
            try (var out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        var status = connection.getResponseCode();
        try (InputStream in = connection.getInputStream()) {
            var all = new ByteArrayOutputStream();
            if (in != null) in.transferTo(all);
            return new Answer(status, connection.getHeaderField("Content-Length"), all.toByteArray());
        }
    }

    static Answer byHttpClient(HttpClient client, String base, String method, String path, byte[] body, String etag, boolean expects) throws Exception {
        var publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        var request = HttpRequest.newBuilder(URI.create(base + path)).method(method, publisher);
        if (body != null) request.expectContinue(expects);
        if (etag != null) request.header("If-None-Match", etag);
        var answer = client.send(request.build(), BodyHandlers.ofByteArray());
        return new Answer(answer.statusCode(), answer.headers().firstValue("Content-Length").orElse(""), answer.body());
    }

    static String json(Map<String, Object> values) {
        return values.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":" + (entry.getValue() instanceof Integer number ? number : "\"" + entry.getValue() + "\""))
            .collect(Collectors.joining(",", "{", "}"));
    }
}
