package org.caprl.trainer.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;
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

    static List<Evaluation.Row> read(Path run, int step) {
        List<Evaluation.Row> rows = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file(run, step))) {
                JsonNode n = JSON.readTree(line);
                rows.add(new Evaluation.Row(n.path("id").asText(), n.path("caption").asText(), n.path("right").asDouble(), FactScore.ZERO));
            }
        } catch (JsonProcessingException e) {
            throw new InputException(file(run, step) + " is not what a run writes (" + e.getOriginalMessage() + ")", e);
        } catch (IOException e) {
            return List.of();
        }
        return rows;
    }
}
