package org.caprl.trainer.state;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.reward.Score;
import org.caprl.reward.ScoredCaption;
import org.caprl.reward.ScoredGroup;

/**
 * Writes {@code samples/step-N.jsonl}: a line a caption, with its reward and, for each component of it, the value and how it came
 * about (for the question-answering reward: every question with its options, the answer and the mark).
 *
 * <pre>{@code
 * {"step":3,"id":"000017","index":0,"caption":"A red circle.","tokens":5,"reward":0.5,
 *  "rewards":{"qa":{"value":0.5,"details":[{"question":"What colour is the circle?","options":["red","blue"],"right":"A",…}]}}}
 * }</pre>
 *
 * <p>A caption that could not be scored has {@code null} for its reward, and {@code unscored} says why.
 */
public final class SampleWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NAME = Pattern.compile("step-([0-9]{1,9})\\.jsonl");

    private final Path folder;

    SampleWriter(Path run) {
        this.folder = run.resolve("samples");
    }

    /** Writes the captions of a step, replacing those that an earlier try of the step left. */
    public void write(int step, List<ScoredGroup> groups) {
        AtomicFile.write(folder.resolve("step-" + step + ".jsonl"), out -> {
            for (ScoredGroup group : groups) {
                for (int i = 0; i < group.captions().size(); i++) {
                    out.write(JSON.writeValueAsBytes(line(step, i, group, i)));
                    out.write('\n');
                }
            }
        });
    }

    /**
     * The line of a caption.
     *
     * @param index the caption's in its sample
     * @param at its place in the scored group
     */
    public static ObjectNode line(int step, int index, ScoredGroup group, int at) {
        ScoredCaption scored = group.captions().get(at);
        ObjectNode line = JSON.createObjectNode().put("step", step).put("id", group.sample().id()).put("index", index)
                .put("caption", scored.caption().text()).put("tokens", scored.caption().tokens());
        putNumber(line, "reward", scored.total());
        scored.unscored().ifPresent(why -> line.put("unscored", why));
        ObjectNode rewards = line.putObject("rewards");
        scored.components().forEach((name, score) -> rewards.set(name, component(score)));
        return line;
    }

    private static ObjectNode component(Score score) {
        ObjectNode node = JSON.createObjectNode();
        putNumber(node, "value", score.value());
        score.unscored().ifPresent(why -> node.put("unscored", why));
        if (!score.details().isEmpty()) {
            ArrayNode details = node.putArray("details");
            score.details().forEach(details::addPOJO);
        }
        return node;
    }

    private static void putNumber(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }

    /** Removes what a killed run left half-written, and the steps after {@code step}, which come again. */
    void cutBack(int step) {
        AtomicDirectory.sweep(folder);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.toList()) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches() && Integer.parseInt(name.group(1)) > step) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw DiskFailure.writing(folder, e);
        }
    }
}
