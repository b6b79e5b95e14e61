package org.caprl.reward.server;

/** A request that is not served: what its sender is told. */
final class RequestFault extends RuntimeException {
    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int TOO_LARGE = 413;
    static final int UNPROCESSABLE = 422;
    static final int TOO_MANY = 429;
    static final int UNAVAILABLE = 503;

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String path;
    private final int retryAfterSeconds;

    private RequestFault(int status, String path, String reason, int retryAfterSeconds, Throwable cause) {
        super(reason, cause);
        this.status = status;
        this.path = path;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** A fault of the request as a whole. */
    RequestFault(int status, String reason) {
        this(status, null, reason, 0, null);
    }

    /** A fault of one place of the body. @param path as {@code $.prompts[3][0]} */
    RequestFault(int status, String path, String reason) {
        this(status, path, reason, 0, null);
    }

    /** Nothing is wrong with the request but its time. */
    static RequestFault later(int status, String reason, int seconds) {
        return new RequestFault(status, null, reason, seconds, null);
    }

    /** The answerer is what failed. */
    static RequestFault answerer(RuntimeException failure) {
        return new RequestFault(UNAVAILABLE, null, failure.getMessage(), 0, failure);
    }

    int status() {
        return status;
    }

    /** Place in the body, or null. */
    String path() {
        return path;
    }

    /** 0 where trying again is of no use. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
