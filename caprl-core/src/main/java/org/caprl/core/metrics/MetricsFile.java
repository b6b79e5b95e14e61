package org.caprl.core.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;

/** Reads {@code metrics.jsonl}. */
public final class MetricsFile {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private MetricsFile() {
    }

    /**
     * All steps, in order. A last line that a killed run left unfinished is passed over.
     *
     * @throws InputException if the file can't be read, or another line is not what {@link JsonlMetrics} writes
     */
    public static List<StepMetrics> read(Path file) {
        return lines(file).stream().map(line -> metrics(file, line)).toList();
    }

    /**
     * A complete line.
     *
     * @param number from 1
     * @param step its step
     * @param text without the line break
     */
    record Line(int number, int step, String text, JsonNode node) {
    }

    static List<Line> lines(Path file) {
        String[] texts = text(file).split("\n");
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            boolean last = i == texts.length - 1;
            try {
                JsonNode node = JSON.readTree(texts[i]);
                if (node.path("step").isInt() && node.path("step").intValue() >= 0) {
                    lines.add(new Line(i + 1, node.path("step").intValue(), texts[i], node));
                } else if (!last) {
                    throw bad(file, i + 1, "has no whole number as `step`");
                }
            } catch (JsonProcessingException e) {
                if (!last) {
                    throw bad(file, i + 1, "is not JSON");
                }
            }
        }
        return lines;
    }

    private static String text(Path file) {
        try {
            // Decoded leniently: a crash of the machine may leave any bytes in the last line.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e.getClass().getSimpleName() + "); give the metrics.jsonl of a run", e);
        }
    }

    private static StepMetrics metrics(Path file, Line line) {
        Map<MetricKey, Double> values = new LinkedHashMap<>();
        line.node().properties().forEach(entry -> {
            if (!entry.getKey().equals("step")) {
                MetricKey key = MetricKey.named(entry.getKey())
                        .orElseThrow(() -> bad(file, line.number(), "has '" + entry.getKey() + "', which is no metric"));
                values.put(key, value(file, line, entry.getKey(), entry.getValue()));
            }
        });
        return new StepMetrics(line.step(), values);
    }

    private static double value(Path file, Line line, String key, JsonNode value) {
        if (!value.isNumber() && !value.isNull()) {
            throw bad(file, line.number(), "has " + value + " as '" + key + "', expected a number or null");
        }
        return value.isNull() ? Double.NaN : value.doubleValue();
    }

    private static InputException bad(Path file, int line, String what) {
        return new InputException(file + ":" + line + " " + what + "; metrics are written by runs and not edited: restore the line,"
                + " or remove it");
    }
}
