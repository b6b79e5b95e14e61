package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;

/** What came of a request, after all its tries. */
public sealed interface Reply {
    /** The JSON object of the server at this address. */
    record Answered(URI url, JsonNode body) implements Reply {
    }

    /**
     * No answer.
     *
     * @param reason URL, status and message, the key struck out
     * @param passing another try might have been answered
     */
    record Failed(String reason, boolean passing) implements Reply {
    }
}
