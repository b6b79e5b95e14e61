package org.caprl.reward.remote;

import java.time.Duration;
import java.util.Map;

/** What a stub does in place of, or before, an answer. */
public sealed interface Fault {
    /** Nothing: an answer. */
    Fault NONE = new Delay(Duration.ZERO);

    /** Another status. */
    record Status(int status, String body, Map<String, String> headers) implements Fault {
    }

    /** An answer that comes late. */
    record Delay(Duration time) implements Fault {
    }

    /** The connection is closed without a word. */
    record Drop() implements Fault {
    }

    /** Half of the answer, then the connection is closed. */
    record Truncate() implements Fault {
    }

    /** The headers and half of the answer, then nothing for a time. */
    record Stall(Duration time) implements Fault {
    }

    /** Status 200 with this body. */
    record Garbage(String body) implements Fault {
    }
}
