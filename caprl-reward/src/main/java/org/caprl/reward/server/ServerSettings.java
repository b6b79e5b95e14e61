package org.caprl.reward.server;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the service behaves.
 *
 * @param host to bind to
 * @param port to bind to; 0 for any that is free
 * @param token that a request must bring, but for /health and /ready
 * @param seed of the draws of {@code /get_reward}
 * @param questions drawn for a caption where the request does not say; 0 for each once
 * @param formatWeight weight of the format reward in {@code /get_reward}; 0 to leave it out
 * @param unscored what {@code /get_reward} says of a caption that could not be scored; none to fail the request
 * @param maxQueue most questions that wait
 * @param batchQuestions questions that are asked together
 * @param maxBody most bytes of a request
 * @param maxCaption most characters of a caption
 * @param maxRequests most requests at a time, waiting ones included
 * @param answerTime most time until a request is answered
 * @param stopTime most time for what is in flight when the server stops
 */
public record ServerSettings(String host, int port, Optional<String> token, long seed, int questions, double formatWeight,
        OptionalDouble unscored, int maxQueue, int batchQuestions, int maxBody, int maxCaption, int maxRequests, Duration answerTime,
        Duration stopTime) {
    /** Where the command and the published trainers' scripts expect it. */
    public static final int PORT = 18889;
    /** Only this machine. */
    public static final String LOOPBACK = "127.0.0.1";

    /** The defaults of the command. */
    public static ServerSettings defaults() {
        return new ServerSettings(LOOPBACK, PORT, Optional.empty(), 0, 8, 0, OptionalDouble.empty(), 65_536, 512, 32 << 20, 200_000, 200,
                Duration.ofMinutes(10), Duration.ofMinutes(2));
    }

    /** On another address. */
    public ServerSettings at(String otherHost, int otherPort) {
        return new ServerSettings(otherHost, otherPort, token, seed, questions, formatWeight, unscored, maxQueue, batchQuestions, maxBody,
                maxCaption, maxRequests, answerTime, stopTime);
    }
}
