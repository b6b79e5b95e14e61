package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.server.AnswererInfo;
import org.caprl.reward.server.RewardServer;
import org.caprl.reward.server.ServerSettings;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RemoteSection;
import org.caprl.trainer.config.RewardSection;

/**
 * The reward service with its answerer, until the process is told to stop.
 *
 * @param settings of the service
 * @param answerer who answers, and how
 */
public record RewardServerLaunch(ServerSettings settings, Served answerer) {
    private static final int QUESTIONS_AT_LEAST = 4;
    private static final int QUESTION_TOKENS = 512;
    private static final int CAPTION_TOKENS = 4096;

    /**
     * The answerer.
     *
     * @param place folder of a model, or base URLs of an OpenAI-compatible endpoint with commas between
     * @param remote {@code key=value} of {@code answerer.remote}, for URLs
     * @param dtype of the weights of a model in this JVM
     * @param template its user turn
     * @param temperature of the answers
     * @param maxTokens of an answer
     * @param maxRows questions that a model in this JVM answers at once
     * @param backend what computes
     * @param threads of the backend
     */
    public record Served(String place, List<String> remote, WeightType dtype, String template, double temperature, int maxTokens,
            int maxRows, String backend, int threads) {
        private OneAnswererSection section() {
            List<String> keys = new ArrayList<>();
            keys.add("template=" + template);
            keys.add("dtype=" + dtype.name().toLowerCase(Locale.ROOT));
            if (place.contains("://")) {
                keys.add("remote.urls=[" + place + "]");
                remote.forEach(pair -> keys.add("remote." + pair));
            } else {
                keys.add("path=" + place);
            }
            return ConfigReader.parse(OneAnswererSection.class, "{}", "--answerer", keys);
        }

        private RewardSection reward() {
            return ConfigReader.parse(RewardSection.class, "{}", "--answerer",
                    List.of("answer_temperature=" + temperature, "answer_max_tokens=" + maxTokens));
        }

        private AnswererInfo info() {
            return new AnswererInfo(place, template, temperature, maxTokens);
        }
    }

    /**
     * Serves until {@link RewardServer#close}, which a signal calls too.
     *
     * @param log takes lines for the user
     * @param started takes the server when it is ready
     */
    public void run(Consumer<String> log, Consumer<RewardServer> started) {
        OneAnswererSection section = answerer.section();
        AnswererPrompt prompt = AnswererPrompt.named(section.template());
        try (RewardServer server = RewardServer.listen(settings)) {
            Thread stop = new Thread(server::close, "stop");
            Runtime.getRuntime().addShutdownHook(stop);
            try {
                log.accept("listening on http://" + settings.host() + ":" + server.port() + ", loading the answerer " + answerer.place());
                if (!settings.isLoopback() && settings.token().isEmpty()) {
                    log.accept("warning: whoever reaches " + settings.host() + " may use this server: it wants no token. Set "
                            + ServerSettings.TOKEN_VARIABLE + ", or bind to " + ServerSettings.LOOPBACK);
                }
                if (section.remote().isPresent()) {
                    serveRemote(server, section.remote().get(), prompt, log, started);
                } else {
                    serveLocal(server, section, prompt, log, started);
                }
            } finally {
                forget(stop);
            }
        }
    }

    private void serveRemote(RewardServer server, RemoteSection section, AnswererPrompt prompt, Consumer<String> log,
            Consumer<RewardServer> started) {
        try (RemoteAnswerer remote = section.open(prompt, answerer.reward(), System.getenv())) {
            remote.check(section.connectTimeout()).forEach(log);
            server.serve(remote, answerer.info());
            ready(server, log, started);
        }
    }

    private void serveLocal(RewardServer server, OneAnswererSection section, AnswererPrompt prompt, Consumer<String> log,
            Consumer<RewardServer> started) {
        Backends.Choice backend = Backends.open(answerer.backend(), answerer.threads());
        log.accept(backend.reason());
        try (TensorOps ops = backend.ops(); LoadedModel frozen = LoadedModel.load(section.path().orElseThrow(), ops, section.dtype());
                LocalAnswerer local = new LocalAnswerer(frozen.model(), ops, frozen.processor(), prompt, answerer.temperature(),
                        answerer.maxTokens(), limits(frozen))) {
            server.gauge("prefill_tokens_saved", "Tokens of captions that were not computed again for each question.",
                    local::savedTokens);
            server.serve(local, answerer.info());
            ready(server, log, started);
        }
    }

    private GeneratorLimits limits(LoadedModel frozen) {
        int most = frozen.model().shape().maxPositions();
        return GeneratorLimits.roomFor(answerer.maxRows(), QUESTIONS_AT_LEAST, Math.min(most, CAPTION_TOKENS),
                Math.min(most, QUESTION_TOKENS + answerer.maxTokens()), LocalAnswerer.PREFILL_TOKENS, "--max-rows");
    }

    private void ready(RewardServer server, Consumer<String> log, Consumer<RewardServer> started) {
        log.accept("ready: POST http://" + settings.host() + ":" + server.port() + "/get_reward");
        started.accept(server);
        server.awaitStop();
    }

    private static void forget(Thread stop) {
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException e) {
            // The JVM is stopping already: the hook has been called.
        }
    }
}
