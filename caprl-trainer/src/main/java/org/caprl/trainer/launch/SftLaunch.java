package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.PolicyExamples;
import org.caprl.core.data.synth.Split;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.load.AdapterFolder;
import org.caprl.core.model.load.ModelSaver;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.trainer.config.SftConfig;
import org.caprl.trainer.config.SftDataSection;
import org.caprl.trainer.config.SftTrainerSection;
import org.caprl.trainer.recipe.AnswererReport;
import org.caprl.trainer.recipe.AnswererWarmStart;
import org.caprl.trainer.recipe.CaptionRows;
import org.caprl.trainer.recipe.HeldOutLoss;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.recipe.PolicyWarmStart;
import org.caprl.trainer.recipe.SftRecipe;
import org.caprl.trainer.recipe.SftSource;
import org.caprl.trainer.recipe.TextRows;
import org.caprl.trainer.update.AdamW;

/** Supervised training in this JVM: from a configuration to a checkpoint folder, and what the result is worth on held-out scenes. */
public final class SftLaunch implements AutoCloseable {
    private static final int HELD_OUT_POLICY = 200;
    private static final int HELD_OUT_PER_KIND = 300;
    private static final int PLANNED_ON = 32;

    private final SftConfig config;
    private final Consumer<String> log;
    private final TensorOps ops;
    private final LoadedModel loaded;
    private FileSource file;
    private ImageRows images;

    /** Loads the model. @param log takes lines for the user */
    public SftLaunch(SftConfig config, Consumer<String> log) {
        this.config = config;
        this.log = log;
        Backends.Choice choice = Backends.open(config.backend(), config.threads());
        log.accept(choice.reason());
        this.ops = choice.ops();
        try {
            this.loaded = LoadedModel.toTrain(config.model().path(), ops, config.model().dtype(),
                    config.model().lora().map(lora -> lora.fresh(config.seed())).orElse(null), "model.path");
        } catch (RuntimeException e) {
            ops.close();
            throw e;
        }
    }

    /** What a run would do, measured on its first examples. */
    public String plan() {
        SftSource source = source();
        long rows = 0;
        long scored = 0;
        for (int i = 0; i < PLANNED_ON; i++) {
            PackedGroup group = source.example(i);
            rows += group.rows();
            scored += group.scored();
        }
        skipped().forEach(log);
        SftTrainerSection t = config.trainer();
        Params params = loaded.model().params();
        double trained = params.trainableCount();
        // Gradient and two moments of what is trained, in float32.
        double memory = params.bytes() + (params.lora() == null ? 12 : 16) * trained;
        double perStep = t.examplesPerStep() / (double) PLANNED_ON;
        return String.format(Locale.ROOT, """
                  model        %s, %,d parameters
                  steps        %,d of %,d examples
                  tokens       about %,.0f a step forward and backward, %,.0f of them scored
                  memory       at least %s for weights, gradients and optimizer, and activations of %,d tokens at once
                  output       %s
                """, config.model().path(), params.count(), t.steps(), t.examplesPerStep(), rows * perStep,
                scored * perStep, bytes(memory), t.microBatchTokens(), config.output())
                + (params.lora() == null ? "" : LoraPlan.line(params));
    }

    private static String bytes(double bytes) {
        return bytes < 1 << 30 ? String.format(Locale.ROOT, "%.1f MiB", bytes / (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (1 << 30));
    }

    /** Trains, saves and measures. The output folder is claimed before the first step, and appears whole or not at all. */
    public void run() {
        SftSource source = source();
        Path output = config.output().toAbsolutePath();
        AtomicDirectory.sweep(output.getParent());
        SftTrainerSection t = config.trainer();
        AdamW.Settings settings = new AdamW.Settings(t.beta1(), t.beta2(), t.epsilon(), t.weightDecay(), t.maxGradNorm());
        try (AtomicDirectory aside = AtomicDirectory.create(output);
                AdamW optimizer = new AdamW(ops, loaded.model().params(), settings);
                Progress progress = Progress.open("sft", t.steps(), "steps")) {
            SftRecipe recipe = new SftRecipe(ops, loaded.model(), optimizer, t.learningRates(),
                    new SftRecipe.Settings(t.steps(), t.examplesPerStep(), t.microBatchTokens(), config.seed()));
            recipe.run(source, r -> {
                skipped().forEach(progress::line);
                progress.to(r.step(), String.format(Locale.ROOT, "loss %.4f, gradient %.2f, lr %.2e", r.loss(), r.gradNorm(), r.lr()));
            });
            if (loaded.model().params().lora() == null) {
                ModelSaver.save(loaded.model(), config.model().path(), aside.path());
            } else {
                AdapterFolder.save(loaded.model(), config.model().path(), aside.path());
            }
            aside.commit();
        }
        log.accept("saved " + config.output());
        measure();
    }

    private List<String> skipped() {
        return images == null ? List.of() : images.takeSkipped();
    }

    private SftSource source() {
        SftDataSection data = config.data();
        SftSource source = data.synth().isPresent() ? synth(data, Split.WARM_START) : file(data, data.train().orElseThrow());
        int most = loaded.model().shape().maxPositions();
        return index -> {
            PackedGroup group = source.example(index);
            int longest = group.prompt().ids().length + group.completions().stream().mapToInt(c -> c.ids().length).max().orElse(0);
            if (longest > most) {
                throw new InputException("sample '" + group.prompt().id() + "' has " + longest + " tokens, but the model's "
                        + "max_position_embeddings is " + most + "; shorten or remove it");
            }
            return group;
        };
    }

    private SftSource synth(SftDataSection data, Split split) {
        SftDataSection.SynthStream stream = data.synth().orElseThrow();
        if (stream != SftDataSection.SynthStream.POLICY) {
            AnswererWarmStart.Stage stage = stream == SftDataSection.SynthStream.LOOKUP ? AnswererWarmStart.Stage.LOOKUP
                    : AnswererWarmStart.Stage.PAPERS;
            return new AnswererWarmStart(stage, new AnswererExamples(config.seed(), split), loaded.processor(),
                    AnswererPrompt.named(data.template()));
        }
        if (!loaded.processor().sees()) {
            throw new InputException("data.synth=policy has images, but model.path = " + config.model().path()
                    + " is a text model; give a vision-language model, or data.synth=answerer");
        }
        return new PolicyWarmStart(new PolicyExamples(config.seed(), split, data.noise().noise()), loaded.processor());
    }

    private SftSource file(SftDataSection data, Path train) {
        if (!loaded.processor().sees()) {
            TextRows rows = new TextRows(train, data.badRows(), config.seed(), loaded.processor());
            log.accept(train + ": " + rows.size() + " rows" + (rows.skipped() == 0 ? "" : ", " + rows.skipped() + " left out"));
            return rows;
        }
        file = FileSource.open(train, RowUse.CAPTION, data.badRows(), config.seed());
        log.accept(train + ": " + file.size().orElseThrow() + " rows"
                + (file.skipped() == 0 ? "" : ", " + file.skipped() + " left out, the first: " + file.firstSkipped()));
        images = new ImageRows(file, data.badRows());
        return new CaptionRows(images, loaded.processor());
    }

    private void measure() {
        if (config.data().synth().isEmpty()) {
            return;
        }
        switch (config.data().synth().get()) {
            case POLICY -> {
                HeldOutLoss loss = HeldOutLoss.of(ops, loaded.model(), synth(config.data(), Split.EVAL), HELD_OUT_POLICY,
                        config.trainer().microBatchTokens());
                log.accept(String.format(Locale.ROOT, "held-out scenes: %.4f nats a token (%d captions, %,d tokens)", loss.nats(),
                        loss.examples(), loss.tokens()));
            }
            case ANSWERER, LOOKUP -> {
                try (LocalAnswerer answerer = Generators.answerer(loaded, ops, config.data().template())) {
                    log.accept("held-out scenes, share of questions:");
                    log.accept(AnswererReport.of(answerer, config.seed(), HELD_OUT_PER_KIND).text().stripTrailing());
                }
            }
        }
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
        loaded.close();
        ops.close();
    }
}
