package org.caprl.core.data.synth;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.file.CaptionRow;
import org.caprl.core.data.file.JsonlWriter;
import org.caprl.core.random.CounterRandom;

/** Writes synthetic data to a folder that appears whole or not at all. The same seed and counts give the same bytes. */
public final class SynthData {
    private static final long PURPOSE = CounterRandom.hash("synthetic data set");

    private SynthData() {
    }

    /**
     * {@code train.jsonl} and {@code eval.jsonl} with questions, facts and reference captions, and their PNG files below {@code images/}.
     *
     * @throws InputException if a count is not positive, or {@code out} is there and not empty, or can't be written
     */
    public static void write(Path out, int train, int eval, long seed) {
        positive("train", train);
        positive("eval", eval);
        try (AtomicDirectory folder = AtomicDirectory.create(out)) {
            rows(folder.path(), Split.TRAIN, train, seed);
            rows(folder.path(), Split.EVAL, eval, seed);
            folder.commit();
        }
    }

    /**
     * The warm start as files: {@code policy.jsonl} (image, prompt, caption with noise; read it with {@link
     * org.caprl.core.data.RowUse#CAPTION}) with PNG files below {@code images/}, and {@code answerer.jsonl} (caption, question, choices,
     * the letter that follows from the caption).
     *
     * @throws InputException as {@link #write}
     */
    public static void writeWarmStart(Path out, int policy, int answerer, CaptionNoise noise, long seed) {
        positive("policy", policy);
        positive("answerer", answerer);
        PolicyExamples policyExamples = new PolicyExamples(seed, Split.WARM_START, noise);
        AnswererExamples answererExamples = new AnswererExamples(seed, Split.WARM_START);
        try (AtomicDirectory folder = AtomicDirectory.create(out)) {
            JsonlWriter.write(folder.path().resolve("policy.jsonl"), IntStream.range(0, policy)
                    .mapToObj(i -> policyRow(folder.path(), i, policyExamples.get(i))).iterator());
            JsonlWriter.write(folder.path().resolve("answerer.jsonl"), IntStream.range(0, answerer)
                    .mapToObj(i -> answererRow(i, answererExamples.get(i))).iterator());
            folder.commit();
        }
    }

    private static void rows(Path folder, Split split, int rows, long seed) {
        String name = split.name().toLowerCase(Locale.ROOT);
        JsonlWriter.write(folder.resolve(name + ".jsonl"), IntStream.range(0, rows)
                .mapToObj(i -> row(folder, split, name, i, seed)).iterator());
    }

    private static ObjectNode row(Path folder, Split split, String name, int index, long seed) {
        Scene scene = Scenes.scene(split, seed, index);
        long key = CounterRandom.key(seed, PURPOSE, split.ordinal(), index);
        String id = "%s-%06d".formatted(name, index);
        Path image = image(folder, id, SceneImage.rgb(scene, key));
        return CaptionRow.write(new CaptionSample(id, List.of(new ImageOnDisk(image)), CaptionSample.defaultPrompt(1), scene.dataSource(),
                Questions.of(scene, key), Optional.of(CaptionWriter.full(scene)), scene.facts()), folder);
    }

    private static ObjectNode policyRow(Path folder, int index, PolicyExample example) {
        String id = "policy-%06d".formatted(index);
        return CaptionRow.write(new CaptionSample(id, List.of(new ImageOnDisk(image(folder, id, example.rgb()))),
                CaptionSample.defaultPrompt(1),
                example.scene().dataSource(), List.of(), Optional.of(example.caption()), example.scene().facts()), folder);
    }

    private static ObjectNode answererRow(int index, AnswererExample example) {
        QaItem question = example.question();
        ObjectNode row = JsonNodeFactory.instance.objectNode().put("id", "answerer-%06d".formatted(index))
                .put("kind", example.kind().name().toLowerCase(Locale.ROOT)).put("caption", example.caption())
                .put("question", question.question());
        ArrayNode choices = row.putArray("choices");
        question.labelledChoices().forEach(choices::add);
        return row.put("answer", example.targetLetter());
    }

    private static Path image(Path folder, String id, byte[] rgb) {
        Path file = folder.resolve("images").resolve(id + ".png");
        try {
            Files.createDirectories(file.getParent());
            SceneImage.writePng(rgb, file);
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
        return file;
    }

    private static void positive(String what, int rows) {
        if (rows < 1) {
            throw new InputException("the number of " + what + " rows is " + rows + "; give at least 1");
        }
    }
}
