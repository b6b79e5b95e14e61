package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/**
 * Where a model is served, and how patiently it is asked.
 *
 * @param urls of the same model, each the base that OpenAI's clients take ({@code http://host:8000/v1}); one without a path gets
 *     {@code /v1}
 * @param model name under which it is served
 * @param key sent to each
 * @param extraBody keys that are put into every request last; one with the value null is removed from it
 * @param maxInFlight most requests at a time, all URLs together
 * @param timeout of one request, from its sending to the last byte of its answer
 * @param connectTimeout of a connection
 * @param retries tries after the first
 * @param backoff pause before the first retry, doubled for each further one
 */
public record RemoteServer(List<URI> urls, String model, ApiKey key, ObjectNode extraBody, int maxInFlight, Duration timeout,
        Duration connectTimeout, int retries, Duration backoff) {
    /** @throws IllegalArgumentException if there is no URL, or one is no {@link #base} */
    public RemoteServer {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("expected at least one URL");
        }
        urls = urls.stream().map(url -> base(url.toString())).toList();
    }

    /**
     * The base, without a slash at its end.
     *
     * @throws IllegalArgumentException if it is none: not of http or https, without a host, or with a user, a query or a fragment
     */
    public static URI base(String url) {
        try {
            URI uri = new URI(url);
            boolean http = uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
            if (http && uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                String path = uri.getRawPath().replaceAll("/+$", "");
                return new URI(uri.getScheme() + "://" + uri.getRawAuthority() + (path.isEmpty() ? "/v1" : path));
            }
        } catch (URISyntaxException e) {
            // Said below, without the parser's words: they quote the text, and before an @ it may hold a password.
        }
        throw new IllegalArgumentException("expected a URL such as http://host:8000/v1, of http or https, without user, query and "
                + "fragment; got " + (url.contains("@") ? "one with a user, for the host " + url.substring(url.lastIndexOf('@') + 1)
                : "'" + url + "'"));
    }
}
