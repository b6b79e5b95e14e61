package org.caprl.reward.server;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.caprl.reward.Score;
import org.caprl.reward.qa.MarkedQuestion;
import org.caprl.reward.qa.PosedQuestion;

/** What {@code /metrics} says. */
final class ServerMetrics {
    /** Of the Prometheus text format. */
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final String REFUSAL = String.valueOf(PosedQuestion.REFUSAL_LETTER);

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final Counter requests = Counter.builder().name("caprl_reward_requests_total").help("Requests answered.")
            .labelNames("path", "status").register(registry);
    private final Histogram seconds = Histogram.builder().name("caprl_reward_request_seconds")
            .help("From a request's header to the end of its answer.").classicOnly().labelNames("path")
            .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600).register(registry);
    private final Counter captions = counter("captions", "Captions scored.");
    private final Counter questions = counter("questions", "Questions answered and marked.");
    private final Counter right = counter("right", "Questions answered rightly.");
    private final Counter refusals = counter("refusals", "Questions to which the answerer said that the caption does not tell.");
    private final Counter unscored = counter("unscored", "Captions that could not be scored.");
    private final Histogram batch = Histogram.builder().name("caprl_reward_batch_questions").help("Questions asked together.").classicOnly()
            .classicUpperBounds(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048).register(registry);

    /** Counters of a server. */
    ServerMetrics() {
        requests.initLabelValues("/get_reward", "200");
    }

    private Counter counter(String what, String help) {
        return Counter.builder().name("caprl_reward_" + what + "_total").help(help).register(registry);
    }

    /** A number that is read when it is asked for. */
    void gauge(String what, String help, DoubleSupplier value) {
        GaugeWithCallback.builder().name("caprl_reward_" + what).help(help).callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    void request(String path, int status, double time) {
        requests.labelValues(path, String.valueOf(status)).inc();
        seconds.labelValues(path).observe(time);
    }

    void batch(int size) {
        batch.observe(size);
    }

    void scored(List<Score> scores) {
        for (Score score : scores) {
            captions.inc();
            unscored.inc(score.unscored().isPresent() ? 1 : 0);
            for (Record detail : score.details()) {
                questions.inc();
                if (detail instanceof MarkedQuestion marked) {
                    right.inc(marked.correct() ? 1 : 0);
                    refusals.inc(REFUSAL.equals(marked.chosen()) ? 1 : 0);
                }
            }
        }
    }

    /** The Prometheus text format. */
    byte[] text() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            writer.write(out, registry.scrape());
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
    }
}
