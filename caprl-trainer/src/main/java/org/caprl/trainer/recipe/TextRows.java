package org.caprl.trainer.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.JsonlRow;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.load.Processor;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.text.ChatMessage;

/**
 * Prompts with answers from a JSONL file, for text models:
 *
 * <pre>{@code
 * {"id": "7", "prompt": [{"role": "user", "content": "What colour is the sky?"}], "answer": "Blue."}
 * }</pre>
 *
 * <p>All rows are read and checked at once; each epoch has an order of its own. Other keys are let be.
 */
public final class TextRows implements SftSource {
    private static final long ORDER = CounterRandom.hash("text row order");

    private final List<Row> rows = new ArrayList<>();
    private final long seed;
    private final Processor processor;
    private int skipped;

    private record Row(String id, List<ChatMessage> prompt, String answer) {
    }

    /**
     * Reads a file.
     *
     * @throws InputException with file and line of the first bad row, or if no row can be used
     */
    public TextRows(Path file, BadRows badRows, long seed, Processor processor) {
        this.seed = seed;
        this.processor = processor;
        Map<String, Integer> lineOfId = new HashMap<>();
        for (JsonlRow line : JsonlRow.readAll(file)) {
            try {
                Row row = row(line);
                Integer earlier = lineOfId.putIfAbsent(row.id(), line.line());
                if (earlier != null) {
                    throw line.fault("id '" + row.id() + "' is that of line " + earlier + " too; give each row its own");
                }
                rows.add(row);
            } catch (InputException e) {
                if (badRows == BadRows.FAIL) {
                    throw e;
                }
                skipped++;
            }
        }
        if (rows.isEmpty()) {
            throw new InputException(file + " has no usable row: all " + skipped + " are bad; data.bad_rows=fail tells why");
        }
    }

    private static Row row(JsonlRow line) {
        JsonNode object = line.object();
        String id = line.id(object);
        JsonNode turns = object.path("prompt");
        if (!turns.isArray() || turns.isEmpty()) {
            throw line.fault("'prompt' is not a list of turns; expected [{\"role\": \"user\", \"content\": \"...\"}]");
        }
        List<ChatMessage> prompt = new ArrayList<>();
        for (JsonNode turn : turns) {
            try {
                PromptTurn read = new PromptTurn(line.text(turn, "role"), line.text(turn, "content"));
                prompt.add(ChatMessage.text(read.role(), read.content()));
            } catch (IllegalArgumentException e) {
                throw line.fault(e.getMessage());
            }
        }
        if (!prompt.getLast().role().equals("user")) {
            throw line.fault("the last turn of 'prompt' is not the user's; put the assistant's into 'answer'");
        }
        String answer = line.text(object, "answer");
        if (answer.isBlank()) {
            throw line.fault("'answer' is empty; give the text to learn");
        }
        return new Row(id, prompt, answer);
    }

    /** Rows that can be used. */
    public int size() {
        return rows.size();
    }

    /** Rows that were left out. */
    public int skipped() {
        return skipped;
    }

    @Override
    public PackedGroup example(long index) {
        int[] order = CounterRandom.permutation(CounterRandom.key(seed, ORDER, index / rows.size()), rows.size());
        Row row = rows.get(order[(int) (index % rows.size())]);
        return new PackedGroup(processor.prompt(row.id(), row.prompt(), List.of()), List.of(SftText.completion(processor, row.answer())));
    }
}
