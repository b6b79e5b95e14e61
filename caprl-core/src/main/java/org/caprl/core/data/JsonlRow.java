package org.caprl.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;

/**
 * A line of a JSONL file that is small enough to be read whole. Its faults name file and line.
 *
 * @param file where it stands
 * @param line from 1
 * @param text the line
 */
public record JsonlRow(Path file, int line, String text) {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    /**
     * The lines of a file that are not blank; what they hold is not looked at yet.
     *
     * @throws InputException if the file can't be read as UTF-8 text or has no such line
     */
    public static List<JsonlRow> readAll(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new InputException("can't read " + file + " as UTF-8 text (" + e + "); check the path", e);
        }
        List<JsonlRow> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                rows.add(new JsonlRow(file, i + 1, lines.get(i)));
            }
        }
        if (rows.isEmpty()) {
            throw new InputException(file + " has no row; write one JSON object a line");
        }
        return rows;
    }

    /** The object on the line. @throws InputException if it is not one */
    public JsonNode object() {
        JsonNode node;
        try {
            node = JSON.readValue(text);
        } catch (JsonProcessingException e) {
            throw fault("not JSON: " + e.getOriginalMessage() + "; expected one JSON object on the line");
        }
        if (!node.isObject()) {
            throw fault("not a JSON object; expected {\"id\": ..., ...}");
        }
        return node;
    }

    /** The row's id, a text or a whole number. @throws InputException if there is none */
    public String id(JsonNode object) {
        JsonNode id = object.path("id");
        if (!(id.isTextual() || id.isIntegralNumber()) || id.asText().isBlank()) {
            throw fault("no 'id'; give each row a text of its own, such as \"000017\"");
        }
        return id.asText();
    }

    /** A text of the row. @throws InputException if there is none under this key */
    public String text(JsonNode object, String key) {
        JsonNode value = object.path(key);
        if (!value.isTextual()) {
            throw fault((value.isMissingNode() ? "no '" + key + "'" : "'" + key + "' is not a text") + "; give a text in quotes");
        }
        return value.asText();
    }

    /** An error of this line. */
    public InputException fault(String what) {
        return new InputException(file + ":" + line + ": " + what);
    }
}
