package org.caprl.trainer.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.junit.jupiter.api.Test;

/** Every variant of TRL's table is either matched in loss, token losses, gradients and metrics, or listed below as not yet supported. */
class TrlLossGoldenTest {
    private static final double TOLERANCE = 1e-5;

    /** Matched; a variant that is missing from the table fails the test. */
    private static final Set<String> MATCHED = new TreeSet<>(Stream.of("grpo", "bnpo", "dr_grpo", "dapo")
            .flatMap(average -> Stream.of("token", "token.beta", "token.beta_biascorr", "sequence", "sequence.beta",
                    "sequence.beta_biascorr", "emptyrow").map(variant -> average + "." + variant)).toList());

    static {
        for (String average : List.of("grpo", "dapo")) {
            for (String variant : List.of("eps_high028", "eps01_high05", "delta", "onpolicy", "onpolicy_beta", "entropy_coef", "accum2",
                    "evalmode")) {
                MATCHED.add(average + "." + variant);
            }
        }
    }

    private static final Set<String> NOT_YET = Set.of(
            // Masks that select tokens inside a caption.
            "grpo.toolmask", "dapo.toolmask", "grpo.top_entropy50", "dapo.top_entropy50", "grpo.offpolicy_mask", "dapo.offpolicy_mask",
            // Other surrogates than the clipped one, or another average.
            "cispo.token", "cispo.token.beta_biascorr", "cispo.sequence", "cispo.emptyrow", "cispo.default_eps_high_is_epsilon",
            "sapo.token", "sapo.token.beta_biascorr", "sapo.sequence", "sapo.emptyrow",
            "luspo.token", "luspo.token.beta_biascorr", "luspo.sequence", "luspo.emptyrow",
            "vespo.token", "vespo.token.beta_biascorr", "vespo.emptyrow");

    @Test
    void everyVariantOfTheTable() throws IOException {
        Path dir = Golden.require("trl/loss");
        JsonNode meta = new ObjectMapper().readTree(dir.resolve("meta.json").toFile());
        TreeMap<String, Double> largest = new TreeMap<>();
        Set<String> left = new TreeSet<>(MATCHED);
        Set<String> leftOut = new TreeSet<>(NOT_YET);
        try (SafeTensorsFile inputs = SafeTensorsFile.open(dir.resolve("inputs.safetensors"));
                SafeTensorsFile outputs = SafeTensorsFile.open(dir.resolve("outputs.safetensors"))) {
            for (var entry : meta.get("variants").properties()) {
                String name = entry.getKey();
                if (leftOut.remove(name)) {
                    continue;
                }
                assertTrue(left.remove(name), "variant " + name + " is neither matched nor listed as not yet supported");
                largest.put(name, new Comparison(name, entry.getValue(), meta, inputs, outputs).run());
            }
        }
        assertEquals(Set.of(), left, "matched variants that the table lacks");
        assertEquals(Set.of(), leftOut, "unsupported variants that the table lacks");
        largest.forEach((name, difference) -> System.out.printf(Locale.ROOT, "%-32s largest difference %.1e%n", name, difference));
    }

    /** One variant: runs the loss on TRL's inputs and compares everything that the table holds. */
    private static final class Comparison {
        private final String name;
        private final JsonNode variant;
        private final SafeTensorsFile inputs;
        private final SafeTensorsFile outputs;
        private final int rows;
        private final int width;
        private final int[] lengths;
        private double largest;

        Comparison(String name, JsonNode variant, JsonNode meta, SafeTensorsFile inputs, SafeTensorsFile outputs) {
            this.name = name;
            this.variant = variant;
            this.inputs = inputs;
            this.outputs = outputs;
            rows = meta.get("B").asInt();
            width = meta.get("T").asInt();
            long[] mask = inputs.longs(variant.get("mask").asText());
            lengths = new int[rows];
            for (int i = 0; i < rows; i++) {
                while (lengths[i] < width && mask[i * width + lengths[i]] == 1) {
                    lengths[i]++;
                }
            }
        }

        double run() {
            JsonNode config = variant.get("config");
            GrpoLoss loss = loss(config);
            PolicyLoss result = loss.of(captions(), cut(inputs.floats("entropies")), totals(config));
            compare("loss", variant.get("loss").asDouble(), result.loss());
            compareRows("grad_new_logps", result.gradLogp());
            compareRows("per_token_loss", result.tokenLoss());
            if (outputs.contains(name + ".grad_entropies")) {
                float[][] gradient = new float[rows][];
                for (int i = 0; i < rows; i++) {
                    gradient[i] = new float[lengths[i]];
                    Arrays.fill(gradient[i], result.gradEntropy());
                }
                compareRows("grad_entropies", gradient);
            }
            JsonNode metrics = variant.get("metrics");
            compare("clip_ratio/low_mean", metrics.get("clip_ratio/low_mean").asDouble(), result.metrics().clipShareLow());
            compare("clip_ratio/high_mean", metrics.get("clip_ratio/high_mean").asDouble(), result.metrics().clipShareHigh());
            compare("clip_ratio/region_mean", metrics.get("clip_ratio/region_mean").asDouble(), result.metrics().clipShare());
            if (metrics.has("kl")) {
                compare("kl", metrics.get("kl").asDouble(), result.metrics().kl());
            }
            return largest;
        }

        private GrpoLoss loss(JsonNode config) {
            double low = config.get("epsilon").asDouble();
            double high = config.get("epsilon_high").isNull() ? low : config.get("epsilon_high").asDouble();
            double cap = config.get("delta").isNull() ? Double.POSITIVE_INFINITY : config.get("delta").asDouble();
            return new GrpoLoss(
                    RatioLevel.valueOf(config.get("importance_sampling_level").asText().toUpperCase(Locale.ROOT)),
                    new Clip(low, high, cap),
                    new KlPenalty(config.get("beta").asDouble(), KlEstimator.K3, config.get("use_bias_correction_kl").asBoolean()),
                    config.get("entropy_coef").asDouble(),
                    LossAverage.valueOf(config.get("loss_type").asText().toUpperCase(Locale.ROOT)));
        }

        private List<CaptionTokens> captions() {
            float[][] newLogp = cut(inputs.floats("new_logps"));
            float[][] oldLogp = variant.get("uses_old_logps").asBoolean() ? cut(inputs.floats("old_logps")) : newLogp;
            float[][] refLogp = cut(inputs.floats("ref_logps"));
            float[] advantages = inputs.floats("advantages");
            List<CaptionTokens> captions = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                captions.add(new CaptionTokens(newLogp[i], oldLogp[i], refLogp[i], advantages[i], false));
            }
            return captions;
        }

        /** With accumulation, the table's loss is one micro-batch of an update of as many equal ones. */
        private BatchTotals totals(JsonNode config) {
            int accumulated = variant.get("gradient_accumulation_steps").asInt();
            assertEquals(accumulated, variant.get("steps_per_generation").asInt(), name);
            long tokens = variant.get("num_items_in_batch").asLong();
            return BatchTotals.ofOneUpdate(rows * accumulated, tokens, config.get("max_completion_length").asInt());
        }

        private float[][] cut(float[] padded) {
            float[][] cut = new float[rows][];
            for (int i = 0; i < rows; i++) {
                cut[i] = Arrays.copyOfRange(padded, i * width, i * width + lengths[i]);
            }
            return cut;
        }

        /** Gradients of padding are 0 in the table; token losses outside the mask are not looked at. */
        private void compareRows(String quantity, float[][] actual) {
            if (!outputs.contains(name + "." + quantity)) {
                assertTrue(quantity.equals("per_token_loss"), name + " has no " + quantity);
                return;
            }
            float[][] expected = cut(outputs.floats(name + "." + quantity));
            for (int i = 0; i < rows; i++) {
                assertEquals(lengths[i], actual[i].length);
                for (int t = 0; t < lengths[i]; t++) {
                    compare(quantity + "[" + i + "," + t + "]", expected[i][t], actual[i][t]);
                }
            }
        }

        private void compare(String quantity, double expected, double actual) {
            double difference = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
            largest = Math.max(largest, difference);
            assertTrue(difference <= TOLERANCE, name + " " + quantity + ": expected " + expected + ", got " + actual);
        }
    }
}
