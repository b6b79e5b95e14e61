package org.caprl.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.caprl.core.InputException;
import org.caprl.reward.server.ServerSettings;
import org.caprl.trainer.launch.RewardServerLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl reward-server}: the reward for trainers of any make. */
@Command(name = "reward-server", description = "Serves the reward over HTTP, for trainers of any make.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl reward-server --answerer configs/smoke/answerer --template short",
            "  caprl reward-server --answerer http://gpu-1:8000/v1 --remote model=NAME",
            "  CAPRL_REWARD_TOKEN=… caprl reward-server --answerer DIR --host 0.0.0.0",
            "%nIt serves until SIGTERM or Ctrl-C, and then finishes what is in flight."})
final class RewardServerCommand implements Runnable {
    private static final int MIB = 1 << 20;
    private static final int MOST_PORT = 65_535;
    private static final int MOST_MIB = 1024;

    @Option(names = "--answerer", paramLabel = "DIR_OR_URL", required = true,
            description = "Hugging Face folder, or URLs of an OpenAI-compatible endpoint with commas between.")
    private String answerer;

    @Option(names = "--remote", paramLabel = "KEY=VALUE", arity = "1..*",
            description = "Keys of answerer.remote for URLs: model=NAME is needed.")
    private List<String> remote = List.of();

    @Option(names = "--template", paramLabel = "NAME", defaultValue = "default",
            description = "What it is told, as answerer.template: default, short, or a text file (default: default).")
    private String template;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0.6", description = "Of the answers (default: 0.6).")
    private double temperature;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "10", description = "Most tokens of an answer (default: 10).")
    private int maxTokens;

    @Mixin
    private BackendOptions computes;

    @Option(names = "--max-rows", paramLabel = "N", defaultValue = "64",
            description = "Questions answered at once by a model in this JVM (default: 64); its cache grows with them.")
    private int maxRows;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = ServerSettings.LOOPBACK,
            description = "Address to bind to (default: 127.0.0.1, this machine alone).")
    private String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "18889", description = "Default: 18889; 0 takes any that is free.")
    private int port;

    @Option(names = "--questions", paramLabel = "N", defaultValue = "8",
            description = "Drawn for each caption, or all for each question once (default: 8).")
    private String questions;

    @Option(names = "--format-weight", paramLabel = "W", defaultValue = "0",
            description = "Weight of the time stamps' reward in /get_reward (default: 0, left out).")
    private double formatWeight;

    @Option(names = "--unscored", paramLabel = "VALUE",
            description = "What /get_reward says of a caption that could not be scored; without it the request fails.")
    private Double unscored;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the draws of /get_reward (default: 0).")
    private long seed;

    @Option(names = "--max-queue", paramLabel = "N", defaultValue = "65536",
            description = "Most questions that wait; more get status 429 (default: 65536).")
    private int maxQueue;

    @Option(names = "--max-body", paramLabel = "MIB", defaultValue = "32", description = "Most MiB of a request (default: 32).")
    private int maxBody;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter err = spec.commandLine().getErr();
        RewardServerLaunch.Served served = new RewardServerLaunch.Served(answerer, remote, computes.dtype(), template, temperature,
                maxTokens, maxRows, computes.backend(), computes.threads());
        new RewardServerLaunch(settings(), served).run(line -> {
            err.println(line);
            err.flush();
        }, _ -> { });
    }

    private ServerSettings settings() {
        within("--port", port, 0, MOST_PORT);
        within("--max-queue", maxQueue, 1, Integer.MAX_VALUE);
        within("--max-body", maxBody, 1, MOST_MIB);
        within("--max-rows", maxRows, 1, Integer.MAX_VALUE);
        if (!Double.isFinite(formatWeight) || unscored != null && !Double.isFinite(unscored)) {
            throw new InputException("--format-weight and --unscored are finite numbers");
        }
        Optional<String> token = Optional.ofNullable(System.getenv(ServerSettings.TOKEN_VARIABLE)).map(String::strip)
                .filter(t -> !t.isEmpty());
        return new ServerSettings(host, port, token, seed, drawn(), formatWeight,
                unscored == null ? OptionalDouble.empty() : OptionalDouble.of(unscored), maxQueue,
                ServerSettings.BATCH_QUESTIONS, maxBody * MIB, ServerSettings.MAX_CAPTION,
                ServerSettings.MAX_REQUESTS, ServerSettings.ANSWER_TIME, ServerSettings.STOP_TIME);
    }

    private int drawn() {
        if (questions.equals("all")) {
            return 0;
        }
        try {
            int drawn = Integer.parseInt(questions);
            within("--questions", drawn, 1, ServerSettings.MOST_QUESTIONS);
            return drawn;
        } catch (NumberFormatException e) {
            throw new InputException("--questions is '" + questions + "'; give a number, or all", e);
        }
    }

    private static void within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(option + " is " + value + "; expected " + least + " to " + most);
        }
    }
}
