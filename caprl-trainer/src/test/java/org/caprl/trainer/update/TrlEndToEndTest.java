package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.image.ImageFile;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlEstimator;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of TRL's GRPOTrainer, repeated from the batches that its loss received: losses, gradient norms and the weights at the end. */
class TrlEndToEndTest {
    private static final double LOSS = 1e-4;
    private static final double GRADIENT = 1e-4;
    private static final double CHANGE = 1e-2;
    /** Patches of a token. */
    private static final int MERGED = 4;
    /** The keys' bias moves all scores of a query alike but for the rotation: its gradient is mostly rounding, which Adam scales up. */
    private static final String NOISE = "k_proj.bias";

    @ParameterizedTest
    @ValueSource(strings = {"e2e/dapo_default", "e2e/dapo_two_iterations", "e2e/dr_grpo_wd_temp", "e2e/grpo_accum2_clipgrad",
        "e2e/grpo_beta", "e2e/gspo", "e2e/linear_sched_3steps", "e2e/mask_truncated", "e2e_vlm/qwen2_5_vl",
        "e2e_vlm/qwen3_vl", "e2e_vlm/internvl"})
    void stepsAsInTrl(String variant) throws IOException {
        Path folder = Golden.require("trl/" + variant);
        JsonNode meta = new ObjectMapper().readTree(folder.resolve("meta.json").toFile());
        Path checkpoint = Golden.require(meta.get("checkpoint").asText());
        JsonNode config = meta.get("config");
        try (TensorOps ops = Backends.open("cpu", 1).ops();
                CausalLm policy = Models.load(checkpoint, ops);
                CausalLm reference = Models.load(checkpoint, ops);
                AdamW optimizer = new AdamW(ops, policy.params(), new AdamW.Settings(config.path("adam_beta1").asDouble(0.9),
                        config.path("adam_beta2").asDouble(0.999), config.path("adam_epsilon").asDouble(1e-8),
                        config.path("weight_decay").asDouble(0), config.get("max_grad_norm").asDouble()))) {
            List<List<TrainingGroup>> steps = steps(folder, meta, checkpoint, policy);
            PolicyUpdate update = new PolicyUpdate(ops, policy, reference, optimizer, schedule(config), loss(config),
                    new PolicyUpdate.Settings(1, 4096, Recompute.AUTO, (float) config.get("temperature").asDouble(),
                            config.path("max_completion_length").asInt(16), 0));
            double worstLoss = 0;
            double worstNorm = 0;
            for (int i = 0; i < steps.size(); i++) {
                JsonNode log = meta.get("trainer_logs").get(i);
                UpdateReport report = update.step(steps.get(i));
                double expected = log.get("loss").asDouble();
                double norm = log.get("grad_norm").asDouble();
                worstLoss = Math.max(worstLoss, Math.abs(report.loss() - expected));
                worstNorm = Math.max(worstNorm, Math.abs(report.gradNorm() - norm) / norm);
                assertEquals(expected, report.loss(), LOSS, "loss of step " + i);
                assertEquals(norm, report.gradNorm(), GRADIENT * norm, "gradient norm of step " + i);
                assertEquals(log.get("learning_rate").asDouble(), report.lr(), 1e-12, "learning rate of step " + i);
                if (config.path("gradient_accumulation_steps").asInt(1) == 1) { // else TRL's is a mean of means
                    assertEquals(log.get("entropy").asDouble(), report.entropy(), LOSS, "entropy of step " + i);
                }
                double kl = log.path("kl").asDouble(0);
                assertEquals(kl, report.kl(), LOSS * Math.max(1, kl), "KL of step " + i); // InternVL's is 58: exponentials of large gaps
            }
            double change = weights(folder, meta, policy, reference);
            System.out.printf(Locale.ROOT, "%-26s loss %.1e  gradient norm %.1e  weights %.1e%n", variant, worstLoss, worstNorm, change);
        }
    }

    private static LearningRateSchedule schedule(JsonNode config) {
        String kind = config.path("lr_scheduler_type").asText("constant").toUpperCase(Locale.ROOT);
        return new LearningRateSchedule(config.get("learning_rate").asDouble(), config.path("warmup_steps").asInt(0),
                config.get("max_steps").asInt(), LearningRateSchedule.Shape.valueOf(kind));
    }

    private static GrpoLoss loss(JsonNode config) {
        double low = config.get("epsilon").asDouble();
        return new GrpoLoss(RatioLevel.valueOf(config.path("importance_sampling_level").asText("token").toUpperCase(Locale.ROOT)),
                new Clip(low, config.path("epsilon_high").asDouble(low)),
                new KlPenalty(config.get("beta").asDouble(), KlEstimator.K3, config.get("use_bias_correction_kl").asBoolean()), 0,
                LossAverage.valueOf(config.get("loss_type").asText().toUpperCase(Locale.ROOT)));
    }

    /** The groups of each optimizer step: the rows of one call of TRL's loss, or of several accumulated ones, by prompt. */
    private static List<List<TrainingGroup>> steps(Path folder, JsonNode meta, Path checkpoint, CausalLm policy) throws IOException {
        List<List<TrainingGroup>> steps = new ArrayList<>();
        if (meta.has("image_files")) {
            try (Processor processor = Processor.load(checkpoint);
                    SafeTensorsFile batch = SafeTensorsFile.open(folder.resolve("batch0.safetensors"))) {
                Groups groups = new Groups();
                groups.add(batch, "");
                List<ImageInput> images = new ArrayList<>();
                for (JsonNode file : meta.get("image_files")) {
                    RgbImage image = ImageFile.decode(Golden.require("images/" + file.asText()), false);
                    images.add(ImageInput.of(processor.imageProcessor().process(image)));
                }
                for (int i = 0; i < meta.get("losses").size(); i++) {
                    steps.add(groups.list(images, policy.imageToken()));
                }
            }
            return steps;
        }
        int calls = meta.get("compute_loss_returns_per_call").size();
        int accumulated = meta.get("config").get("gradient_accumulation_steps").asInt();
        try (SafeTensorsFile batches = SafeTensorsFile.open(folder.resolve("batches.safetensors"))) {
            for (int call = 0; call < calls; call += accumulated) {
                Groups groups = new Groups();
                for (int c = call; c < call + accumulated; c++) {
                    groups.add(batches, "call" + c + ".");
                }
                steps.add(groups.list(List.of(), -1));
            }
        }
        return steps;
    }

    /** Rows of padded tensors, gathered by prompt. */
    private static final class Groups {
        private final Map<String, int[]> prompts = new LinkedHashMap<>();
        private final Map<String, List<TrainingCaption>> captions = new LinkedHashMap<>();
        private final Map<String, int[]> grids = new LinkedHashMap<>();

        void add(SafeTensorsFile file, String prefix) {
            int rows = (int) file.info(prefix + "completion_ids").shape()[0];
            float[] advantages = file.floats(prefix + "advantages");
            String old = prefix + "old_per_token_logps";
            for (int r = 0; r < rows; r++) {
                int[] prompt = row(file, prefix + "prompt", r, rows);
                int[] ids = row(file, prefix + "completion", r, rows);
                boolean masked = ids.length == 0;
                if (masked) {
                    ids = new int[] {(int) file.longs(prefix + "completion_ids")[r * width(file, prefix + "completion_ids")]};
                }
                float[] oldLogp = null;
                if (file.contains(old)) {
                    int from = r * width(file, old);
                    oldLogp = Arrays.copyOfRange(file.floats(old), from, from + ids.length);
                }
                String key = Arrays.toString(prompt);
                prompts.put(key, prompt);
                captions.computeIfAbsent(key, _ -> new ArrayList<>()).add(new TrainingCaption(ids, oldLogp, advantages[r], masked));
                if (file.contains("image_grid_thw")) {
                    grids.put(key, Arrays.stream(file.longs("image_grid_thw"), 3 * r, 3 * r + 3).mapToInt(Math::toIntExact).toArray());
                }
            }
        }

        /** The groups; each takes the image of its grid, or of its number of tokens where there are no grids. */
        List<TrainingGroup> list(List<ImageInput> images, int imageToken) {
            List<TrainingGroup> groups = new ArrayList<>();
            prompts.forEach((key, ids) -> {
                long places = Arrays.stream(ids).filter(id -> id == imageToken).count();
                List<ImageInput> mine = images.isEmpty() ? List.of() : List.of(images.stream()
                        .filter(i -> grids.isEmpty() ? i.patches() == MERGED * places
                                : Arrays.equals(grids.get(key), new int[] {i.gridT(), i.gridH(), i.gridW()})).findFirst().orElseThrow());
                groups.add(new TrainingGroup(new Prompt("prompt " + groups.size(), ids, mine), captions.get(key)));
            });
            return groups;
        }

        private static int width(SafeTensorsFile file, String name) {
            return (int) file.info(name).shape()[1];
        }

        /** The ids of a row that its mask keeps. */
        private static int[] row(SafeTensorsFile file, String name, int row, int rows) {
            long[] ids = file.longs(name + "_ids");
            long[] mask = file.longs(name + "_mask");
            int width = ids.length / rows;
            int[] kept = new int[width];
            int n = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                if (mask[i] == 1) {
                    kept[n++] = (int) ids[i];
                }
            }
            return Arrays.copyOf(kept, n);
        }
    }

    /** Compares the norm of every weight's change, and the values that the fixture holds; returns the largest relative difference. */
    private static double weights(Path folder, JsonNode meta, CausalLm policy, CausalLm before) {
        double worst = 0;
        try (SafeTensorsFile after = SafeTensorsFile.open(folder.resolve("weights_after.safetensors"))) {
            for (var entry : meta.get("weight_delta_norms").properties()) {
                String name = entry.getKey();
                if (name.endsWith(NOISE)) {
                    continue;
                }
                float[] ours = values(policy, name);
                float[] start = values(before, name);
                double expected = entry.getValue().asDouble();
                double difference = Math.abs(distance(ours, start, ours.length) - expected) / expected;
                float[] theirs = after.floats(name);
                double values = distance(ours, theirs, theirs.length) / Math.max(1e-12, distance(start, theirs, theirs.length));
                worst = Math.max(worst, Math.max(difference, values));
            }
        }
        assertTrue(worst <= CHANGE, "weights differ by " + worst + " of their change");
        return worst;
    }

    /** By TRL's name; ours are those of the published checkpoints. */
    private static float[] values(CausalLm model, String name) {
        String text = name.replace("model.language_model.", "model.");
        return Stream.of(text, "language_model." + text, name.replaceFirst("^model\\.", "")).map(model.params()::get)
                .filter(Objects::nonNull).findFirst().orElseThrow().value().toFloats();
    }

    private static double distance(float[] a, float[] b, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.pow((double) a[i] - b[i], 2);
        }
        return Math.sqrt(sum);
    }
}
