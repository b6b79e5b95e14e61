package org.caprl.reward.server;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/** Settings of servers in tests: a free port and little room. */
final class Settings {
    private static final int BODY = 1 << 20;

    private Settings() {
    }

    static ServerSettings free() {
        return of(Optional.empty(), OptionalDouble.empty(), 65_536);
    }

    static ServerSettings token(String token) {
        return of(Optional.of(token), OptionalDouble.empty(), 65_536);
    }

    static ServerSettings unscored(double instead) {
        return of(Optional.empty(), OptionalDouble.of(instead), 65_536);
    }

    static ServerSettings queue(int questions) {
        return of(Optional.empty(), OptionalDouble.empty(), questions);
    }

    static ServerSettings questions(int perCaption) {
        return of(Optional.empty(), OptionalDouble.empty(), 65_536, perCaption);
    }

    private static ServerSettings of(Optional<String> token, OptionalDouble unscored, int queue) {
        return of(token, unscored, queue, 8);
    }

    private static ServerSettings of(Optional<String> token, OptionalDouble unscored, int queue, int questions) {
        return new ServerSettings(ServerSettings.LOOPBACK, 0, token, 7, questions, 0, unscored, queue, 512, BODY, 20_000, 200,
                Duration.ofMinutes(5), Duration.ofMinutes(2));
    }
}
