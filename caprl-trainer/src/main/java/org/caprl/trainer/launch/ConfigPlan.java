package org.caprl.trainer.launch;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.data.file.DataPaths;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.tensor.DryOps;
import org.caprl.core.text.BpeTokenizer;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.caprl.trainer.config.BatchPlan;
import org.caprl.trainer.config.DataSection;
import org.caprl.trainer.config.DataSize;
import org.caprl.trainer.config.MemoryPlan;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.PromptLengths;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.PolicyUpdate;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;

/**
 * The plan of a run of which weights, tokenizers or data are not there: from each model's config.json, and of the policy the image
 * processor's file where there is one. What data would say is supposed, and the plan says what.
 */
final class ConfigPlan {
    /** A usual photograph; InternVL cuts it into 12 tiles, the most that its class allows. */
    private static final int HEIGHT = 1008;
    private static final int WIDTH = 1344;
    private static final int TEXT_TOKENS = 64;
    private static final int INSTRUCTION_TOKENS = 512;
    private static final int QUESTION_TOKENS = 128;
    private static final int LETTERS = 10;

    private final RunConfig config;
    private final ImagePatches image;
    private final GeneratorLimits room;

    private ConfigPlan(RunConfig config) {
        this.config = config;
        ImageProcessor processor = Models.images(config.policy().path());
        if (processor == null) {
            throw new InputException("policy.path " + config.policy().path() + " is a model that can't see; a caption policy is a "
                    + "vision-language model, such as Qwen2.5-VL or Qwen3-VL");
        }
        this.image = processor.process(new RgbImage(WIDTH, HEIGHT, new byte[3 * WIDTH * HEIGHT]));
        int images = config.eval().images() == 0 ? config.rollout().maxRows() : config.eval().images();
        this.room = Generators.rollout(config, new PromptLengths(0, 0, promptTokens()), new PromptLengths(images, 0, promptTokens()));
    }

    private int promptTokens() {
        return TEXT_TOKENS + image.tokens();
    }

    private long pixelBytes() {
        return (long) Float.BYTES * image.pixels().length * (config.trainer().promptsPerStep() + config.eval().images());
    }

    /** What a run needs and is not there, a phrase each; none if a plan can be made from all that a run reads. */
    static List<String> missing(RunConfig config) {
        List<String> missing = new ArrayList<>();
        for (Path folder : Stream.concat(Stream.of(config.policy().path()), answerers(config).map(w -> w.folder())).toList()) {
            if (!Files.isRegularFile(folder.resolve("config.json"))) {
                continue; // a folder of adapters, or one that a run refuses
            }
            if (!HfCheckpoint.hasWeights(folder)) {
                missing.add("weights in " + folder);
            }
            if (!Files.exists(folder.resolve(BpeTokenizer.FILE))) {
                missing.add(BpeTokenizer.FILE + " in " + folder);
            }
        }
        DataSection data = config.data();
        if (data.synth().isEmpty()) {
            if (!DataPaths.exist(data.train())) {
                missing.add("data in " + data.train());
            }
            data.eval().filter(path -> !DataPaths.exist(path)).ifPresent(path -> missing.add("data in " + path));
        }
        return missing;
    }

    /** Prints batch arithmetic, what is supposed, and memory. */
    static void print(RunConfig config, List<String> missing, PrintStream out) {
        ConfigPlan plan = new ConfigPlan(config);
        out.println("planned from config.json alone; a run needs what is not there: " + String.join(", ", missing));
        out.printf(Locale.ROOT, "supposed: prompts of %d tokens with an image of %d x %d pixels, which becomes %,d tokens; captions of "
                + "rollout.max_new_tokens; questions of %d tokens%n", TEXT_TOKENS, WIDTH, HEIGHT, plan.image.tokens(), QUESTION_TOKENS);
        out.print(BatchPlan.of(config, DataSize.unseen(plan.promptTokens())).text());
        out.print(plan.memory().text());
        out.printf(Locale.ROOT, "  %-22s%6.1f GiB  pixels of the images of a step and of an evaluation%n%n", "on the Java heap",
                plan.pixelBytes() / (double) (1 << 30));
    }

    /** The memory of that run, learnt from a step of as many captions as are decoded at once. */
    static MemoryPlan memory(RunConfig config) {
        return new ConfigPlan(config).memory();
    }

    private MemoryPlan memory() {
        try (DryOps ops = new DryOps();
                CausalLm trained = Models.outline(config.policy().path(), ops, LocalParts.trainedType(config), LocalParts.adapters(config));
                CausalLm copy = LocalParts.copiesReference(config) ? Models.outline(config.policy().path(), ops, config.policy().dtype())
                        : null;
                AdamW optimizer = LocalParts.optimizer(config, ops, trained);
                CaptionEngine engine = LocalParts.engine(config, ops, trained, TokenText.NONE, room);
                Readers readers = Readers.of(config, ops)) {
            PolicyUpdate update = LocalParts.update(config, ops, trained, copy == null ? trained : copy, optimizer);
            Prompt prompt = prompt(trained);
            int captions = config.rollout().captionsPerPrompt();
            int images = config.eval().images() == 0 ? room.decodeRows() : Math.min(config.eval().images(), room.decodeRows());
            engine.caption(Collections.nCopies(images, new CaptionRequest(prompt, new long[1])),
                    SamplingParams.greedy(config.rollout().maxNewTokens(), List.of()), GenerationListener.NONE);
            readers.all().forEach(this::score);
            engine.caption(Collections.nCopies(Math.ceilDiv(room.decodeRows(), captions), new CaptionRequest(prompt, new long[captions])),
                    DryRun.endless(config.rollout()), GenerationListener.NONE);
            readers.all().forEach(this::answer);
            update.step(Collections.nCopies(config.trainer().updatesPerStep(), group(prompt, captions)));
            engine.install(1);
            return MemoryPlan.of(ops.memory());
        }
    }

    private Prompt prompt(CausalLm policy) {
        int[] ids = new int[promptTokens()];
        Arrays.fill(ids, 0, TEXT_TOKENS, policy.imageToken() == 0 ? 1 : 0);
        Arrays.fill(ids, TEXT_TOKENS, ids.length, policy.imageToken());
        return new Prompt("supposed", ids, List.of(CausalLm.ImageInput.of(image)));
    }

    private TrainingGroup group(Prompt prompt, int captions) {
        int tokens = config.rollout().maxNewTokens();
        return new TrainingGroup(prompt, Collections.nCopies(captions, new TrainingCaption(new int[tokens], new float[tokens], 1, false)));
    }

    /** The answerers in this JVM. */
    private static Stream<RewardModels.Weights> answerers(RunConfig config) {
        return config.answerers().stream().flatMap(answerer -> RewardModels.Weights.of(answerer).stream()).distinct();
    }

    /** An answerer in this JVM. */
    private record Reader(CausalLm frozen, BatchGenerator answerer) {
    }

    /** All of them. */
    private record Readers(List<Reader> all) implements AutoCloseable {
        static Readers of(RunConfig config, DryOps ops) {
            List<Reader> all = new ArrayList<>();
            answerers(config).forEach(weights -> {
                CausalLm frozen = Models.outline(weights.folder(), ops, weights.dtype());
                all.add(new Reader(frozen, new BatchGenerator(frozen, ops, TokenText.NONE, LocalReaders.limits(config, frozen))));
            });
            return new Readers(all);
        }

        @Override
        public void close() {
            all.forEach(reader -> {
                reader.answerer().close();
                reader.frozen().close();
            });
        }
    }

    /** An evaluation's questions on one caption. */
    private void score(Reader reader) {
        reader.answerer().nextTokenLogProbs(captionToRead(reader.frozen()), questions(), IntStream.range(0, LETTERS).toArray());
    }

    /** A step's questions on as many captions as are answered at once. */
    private void answer(Reader reader) {
        int questions = config.reward().supposedQuestions();
        SamplingParams params = SamplingParams.sampling(config.reward().answerTemperature(), config.reward().answerMaxTokens(), List.of());
        reader.answerer().generate(Collections.nCopies(Math.ceilDiv(config.rollout().maxRows(), questions),
                new GenerationRequest(captionToRead(reader.frozen()), questions(), params, new long[questions])));
    }

    private Prompt captionToRead(CausalLm frozen) {
        int most = frozen.shape().maxPositions() - QUESTION_TOKENS - config.reward().answerMaxTokens();
        return Prompt.text("supposed", new int[Math.min(config.rollout().maxNewTokens() + INSTRUCTION_TOKENS, most)]);
    }

    private List<int[]> questions() {
        return Collections.nCopies(config.reward().supposedQuestions(), new int[QUESTION_TOKENS]);
    }
}
