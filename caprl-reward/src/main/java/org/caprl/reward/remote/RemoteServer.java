package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
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
    /** @throws IllegalArgumentException if there is no URL, one is not of http or https, or it holds a user or a query */
    public RemoteServer {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("expected at least one URL");
        }
        urls = urls.stream().map(RemoteServer::base).toList();
    }

    /**
     * The base, without a slash at its end.
     *
     * @throws IllegalArgumentException if it is none, and why
     */
    public static URI base(URI url) {
        boolean http = url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
        if (!http || url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            // Without the user: it may be a password.
            throw new IllegalArgumentException("expected a URL such as http://host:8000/v1, of http or https, without user, query and "
                    + "fragment; got " + (url.getRawUserInfo() == null ? url : "one with a user for the host " + url.getHost()));
        }
        String path = url.getRawPath().replaceAll("/+$", "");
        return URI.create(url.getScheme() + "://" + url.getRawAuthority() + (path.isEmpty() ? "/v1" : path));
    }
}
