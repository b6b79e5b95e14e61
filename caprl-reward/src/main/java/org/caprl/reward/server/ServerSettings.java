package org.caprl.reward.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
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
    /** Only this machine. */
    public static final String LOOPBACK = "127.0.0.1";

    /** Environment variable of the token. */
    public static final String TOKEN_VARIABLE = "CAPRL_REWARD_TOKEN";
    /** Enough to fill any answerer, and soon done. */
    public static final int BATCH_QUESTIONS = 512;
    /** More than any answerer reads. */
    public static final int MAX_CAPTION = 200_000;
    /** At a time. */
    public static final int MAX_REQUESTS = 200;
    /** Most questions on a caption that may be asked for. */
    public static final int MOST_QUESTIONS = 1024;
    /** What a client waits at the most. */
    public static final Duration ANSWER_TIME = Duration.ofMinutes(10);
    /** Then the process ends with requests in flight. */
    public static final Duration STOP_TIME = Duration.ofMinutes(2);

    /** The same on another port. */
    public ServerSettings at(int otherPort) {
        return new ServerSettings(host, otherPort, token, seed, questions, formatWeight, unscored, maxQueue, batchQuestions, maxBody,
                maxCaption, maxRequests, answerTime, stopTime);
    }

    /** Whether only this machine reaches it. */
    public boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // binding to it will say so
        }
    }
}
