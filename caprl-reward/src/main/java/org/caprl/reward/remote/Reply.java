package org.caprl.reward.remote;

import com.fasterxml.jackson.databind.JsonNode;

/** What came of a request, after all its tries. */
sealed interface Reply {
    /** The server's JSON object. */
    record Answered(JsonNode body) implements Reply {
    }

    /** No answer, and why: URL, status and message, the key struck out. */
    record Failed(String reason) implements Reply {
    }
}
