package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.JsonlRow;
import org.caprl.core.data.file.UnseenSamples;

/**
 * Captions to score, from any tool: JSONL, {@code {"id": "000017", "caption": "…"}} a line. A line may bring {@code reward_model} with its
 * questions; else data files have them under its id. {@code step} and {@code index}, whole numbers, say which caption of a run it is, so
 * that it gets the questions that it got there; without them it is step 0 and the number of the line among those of its id.
 */
public final class CaptionFile {
    private CaptionFile() {
    }

    /**
     * A caption to score.
     *
     * @param sample what it describes, without image
     * @param text the caption
     * @param step of the run
     * @param index among the sample's captions
     * @param tokens its length, where the line says it
     */
    public record Line(CaptionSample sample, String text, int step, int index, OptionalInt tokens) {
    }

    /**
     * Reads all lines.
     *
     * @param data samples by id
     * @throws InputException naming every line that can't be scored, and why
     */
    public static List<Line> read(Path file, Map<String, CaptionSample> data) {
        List<Line> lines = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, Integer> before = new HashMap<>();
        for (JsonlRow row : JsonlRow.readAll(file)) {
            try {
                JsonNode object = row.object();
                String id = row.id(object);
                String caption = row.text(object, "caption");
                CaptionSample sample = object.has("reward_model") ? UnseenSamples.of(row, object) : data.get(id);
                if (sample == null) {
                    throw row.fault("no questions: the line has no 'reward_model', and "
                            + (data.isEmpty() ? "no data are given; give --data" : "the data have no row '" + id + "'"));
                }
                if (sample.questions().isEmpty()) {
                    throw row.fault("'" + id + "' has no questions; give a list in reward_model.ground_truth");
                }
                int number = before.merge(id, 1, Integer::sum) - 1;
                lines.add(new Line(sample, caption, whole(row, object, "step").orElse(0), whole(row, object, "index").orElse(number),
                        whole(row, object, "tokens")));
            } catch (InputException e) {
                problems.add(e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return lines;
    }

    private static OptionalInt whole(JsonlRow row, JsonNode object, String key) {
        JsonNode value = object.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw row.fault("'" + key + "' is " + value + "; give a whole number from 0 on, or leave it out");
        }
        return OptionalInt.of(value.intValue());
    }
}
