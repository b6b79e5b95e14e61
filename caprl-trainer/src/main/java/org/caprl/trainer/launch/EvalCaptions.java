package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.data.JsonlRow;
import org.caprl.core.data.synth.FactScore;
import org.caprl.trainer.recipe.Evaluation;

/** The captions of an evaluation in {@code samples/eval-step-N.jsonl}: {@code {"id":…,"caption":…,"right":…}}. */
final class EvalCaptions {
    private static final ObjectMapper JSON = new ObjectMapper();

    private EvalCaptions() {
    }

    static Path file(Path run, int step) {
        return run.resolve("samples").resolve("eval-step-" + step + ".jsonl");
    }

    static void write(Path run, int step, Evaluation.Report report) {
        StringBuilder lines = new StringBuilder();
        for (Evaluation.Row row : report.rows()) {
            lines.append(JSON.createObjectNode().put("id", row.id()).put("caption", row.caption()).put("right", row.right())).append('\n');
        }
        AtomicFile.write(file(run, step), lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What {@link #write} wrote. @throws InputException with file, and line or cause, if it can't be read */
    static List<Evaluation.Row> read(Path run, int step) {
        List<Evaluation.Row> rows = new ArrayList<>();
        for (JsonlRow row : JsonlRow.readAll(file(run, step))) {
            JsonNode object = row.object();
            if (!object.path("right").isNumber()) {
                throw row.fault("no number 'right', which an evaluation writes; restore the file");
            }
            rows.add(new Evaluation.Row(row.id(object), row.text(object, "caption"), object.path("right").asDouble(), FactScore.ZERO));
        }
        return rows;
    }
}
