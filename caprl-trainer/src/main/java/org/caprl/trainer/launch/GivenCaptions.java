package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.JsonlRow;

/**
 * Captions from a JSONL file, {@code {"id": "eval-000017", "caption": "..."}} a line: exactly one for each sample. Other keys are let
 * be.
 */
final class GivenCaptions {
    private GivenCaptions() {
    }

    /**
     * The captions in the order of the samples.
     *
     * @throws InputException naming every line with an unknown or repeated id, and the samples that have no caption
     */
    static List<String> read(Path file, List<CaptionSample> samples) {
        Map<String, Integer> place = new HashMap<>();
        samples.forEach(sample -> place.put(sample.id(), place.size()));
        String[] captions = new String[samples.size()];
        List<String> problems = new ArrayList<>();
        for (JsonlRow row : JsonlRow.readAll(file)) {
            try {
                JsonNode object = row.object();
                String id = row.id(object);
                String caption = row.text(object, "caption");
                Integer at = place.get(id);
                if (at == null) {
                    throw row.fault("no row of the evaluation has the id '" + id + "'; remove the line, or take the matching data.eval"
                            + " and eval.images");
                }
                if (captions[at] != null) {
                    throw row.fault("id '" + id + "' has a caption already; give one an id");
                }
                captions[at] = caption;
            } catch (InputException e) {
                problems.add(e.getMessage());
            }
        }
        List<String> missing = samples.stream().filter(s -> captions[place.get(s.id())] == null).map(CaptionSample::id).toList();
        if (!missing.isEmpty()) {
            problems.add(file + " has no caption for " + missing.size() + " of " + samples.size() + " rows, the first '"
                    + missing.getFirst() + "'; an evaluation needs one for each");
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return List.of(captions);
    }
}
