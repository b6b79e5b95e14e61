package org.caprl.reward.remote;

import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;

/** A bearer token. It never leaves this class but into a request's header: what is printed or thrown is {@link #mask masked} first. */
public final class ApiKey {
    /** No key: requests carry none. */
    public static final ApiKey NONE = new ApiKey("");

    private static final String MASK = "***";

    private final String key;

    private ApiKey(String key) {
        this.key = key;
    }

    /**
     * The key in an environment variable.
     *
     * @param variable its name; none for no key
     * @throws InputException if the variable is not set, or holds what no header may hold
     */
    public static ApiKey of(Optional<String> variable, Map<String, String> environment) {
        return of("answerer.remote.api_key_env", variable, environment);
    }

    /** The same. @param place configuration key that names the variable, for errors */
    public static ApiKey of(String place, Optional<String> variable, Map<String, String> environment) {
        if (variable.isEmpty()) {
            return NONE;
        }
        String key = environment.getOrDefault(variable.get(), "").strip();
        if (key.isEmpty()) {
            throw new InputException(place + " names the environment variable " + variable.get()
                    + ", which is not set; export it, or leave the key out for a server that wants none");
        }
        if (!key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new InputException("the environment variable " + variable.get() + ", named by " + place + ", holds a "
                    + "character that is no part of a key (a space, a line break, or one beyond ASCII)");
        }
        return new ApiKey(key);
    }

    void authorize(HttpRequest.Builder request) {
        if (!key.isEmpty()) {
            request.setHeader("Authorization", "Bearer " + key);
        }
    }

    /** The text with the key struck out: servers quote it in their messages. */
    String mask(String text) {
        return key.isEmpty() ? text : text.replace(key, MASK);
    }

    @Override
    public String toString() {
        return key.isEmpty() ? "no key" : MASK;
    }
}
