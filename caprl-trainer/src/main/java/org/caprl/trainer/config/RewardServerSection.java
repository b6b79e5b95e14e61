package org.caprl.trainer.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.config.Key;
import org.caprl.reward.remote.ApiKey;
import org.caprl.reward.remote.RemoteServer;
import org.caprl.reward.server.RemoteReward;
import org.caprl.reward.server.ScoreForm;

/**
 * Reward servers of ours that answer and mark in place of this JVM.
 *
 * @param url where they listen
 * @param tokenEnv environment variable of their token
 * @param maxInFlight requests at a time
 * @param timeoutSeconds of a request
 * @param connectTimeoutSeconds of a connection
 * @param retries after the first try
 * @param backoffSeconds before the first retry
 */
public record RewardServerSection(
        @Key(doc = "Where `caprl reward-server` listens: `http://host:18889`; several with the same answerer with commas between.")
        String url,
        @Key(doc = "Name of the environment variable that holds the server's token; where it is not set, none is sent.",
                defaultValue = "CAPRL_REWARD_TOKEN") String tokenEnv,
        @Key(doc = "Most requests at a time, all URLs together; a group of captions is a request.", defaultValue = "16", min = 1,
                max = 65536) int maxInFlight,
        @Key(doc = "Time limit of a request, in seconds, to the last byte of its answer.", defaultValue = "600", exclusiveMin = 0,
                max = 86400) double timeoutSeconds,
        @Key(doc = "Time limit of a connection, in seconds, and of the check of all URLs when a run starts.", defaultValue = "10",
                exclusiveMin = 0, max = 86400) double connectTimeoutSeconds,
        @Key(doc = "As `answerer.remote.retries`.", defaultValue = "5", min = 0, max = 100) int retries,
        @Key(doc = "As `answerer.remote.backoff_seconds`.", defaultValue = "1", exclusiveMin = 0, max = 30) double backoffSeconds) {
    /** @throws IllegalArgumentException for a URL that is none */
    public RewardServerSection {
        urls(url);
    }

    private static List<URI> urls(String list) {
        return Arrays.stream(list.split(",")).map(String::strip).map(RemoteServer::base).toList();
    }

    /**
     * The reward; nothing is sent yet.
     *
     * @param reward what captions are worth
     * @param environment where the token is looked up
     */
    public RemoteReward open(RewardSection reward, Map<String, String> environment) {
        ApiKey token = ApiKey.of("reward.server.token_env",
                environment.containsKey(tokenEnv) ? Optional.of(tokenEnv) : Optional.empty(), environment);
        RemoteServer server = new RemoteServer(urls(url), "", token, JsonNodeFactory.instance.objectNode(), maxInFlight,
                RemoteSection.seconds(timeoutSeconds), RemoteSection.seconds(connectTimeoutSeconds), retries,
                RemoteSection.seconds(backoffSeconds));
        return new RemoteReward(server, new ScoreForm.Wanted(reward.paper(), reward.marks(), reward.wrongPenalty(),
                reward.answerTemperature(), reward.answerMaxTokens()));
    }

    /** Time limit of a connection and of a check. */
    public Duration connectTimeout() {
        return RemoteSection.seconds(connectTimeoutSeconds);
    }
}
