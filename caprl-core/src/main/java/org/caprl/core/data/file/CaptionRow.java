package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Fact;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.QaForms;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.SampleImage;

/**
 * What a row means: the form of the published CapRL-QA-75K, as JSON. A row of a Parquet file is brought into the same form, so that both
 * are read by the same rules:
 *
 * <pre>{@code
 * {"id": "000017", "image": {"path": "images/000017.png"},
 *  "prompt": [{"role": "user", "content": "<image> Please describe this image in detail."}], "data_source": "shapes",
 *  "reward_model": {"ground_truth": [{"question": "What colour is the circle?",
 *                                     "choices": ["A) red", "B) blue", "C) green", "D) yellow"], "answer": "A"}]},
 *  "caption": "...", "facts": ["circle colour red", ...]}
 * }</pre>
 *
 * <p>{@code image} may be an array for several images; {@code path} is relative to the folder of the file, and an image whose bytes lie
 * in the row needs none. Choices and answers have any of the forms of {@link QaForms}; a question may also be a pair {@code
 * ["question with its choices", "A"]}. {@code prompt} may be absent (the default prompt), {@code data_source}, {@code caption} and {@code
 * facts} too.
 * Other keys are let be.
 */
public final class CaptionRow {
    private CaptionRow() {
    }

    /**
     * Reads a row.
     *
     * @throws IllegalArgumentException with what is wrong and its cure, without the place
     */
    static CaptionSample read(StoredRow stored, RowUse use) {
        JsonNode row = stored.json();
        if (row == null || !row.isObject()) {
            throw new IllegalArgumentException("not a JSON object; expected {\"id\": ..., \"image\": {\"path\": ...}, ...}");
        }
        List<SampleImage> images = images(stored);
        Optional<String> caption = caption(row);
        List<QaItem> questions = questions(row.path("reward_model").path("ground_truth"));
        if (use == RowUse.QUESTIONS && questions.isEmpty()) {
            throw new IllegalArgumentException("no questions; give a list in reward_model.ground_truth");
        }
        if (use == RowUse.CAPTION && caption.isEmpty()) {
            throw new IllegalArgumentException("no caption to learn from; give a text in 'caption'");
        }
        return new CaptionSample(id(row), images, prompt(row.path("prompt"), images.size()), text(row, "data_source").orElse(""),
                questions, caption, facts(row.path("facts")));
    }

    /**
     * The row of a sample. Image paths are written relative to {@code folder}, with forward slashes.
     *
     * @throws IllegalArgumentException if an image is not a file
     */
    public static ObjectNode write(CaptionSample sample, Path folder) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode row = json.objectNode().put("id", sample.id());
        ArrayNode images = json.arrayNode();
        for (SampleImage image : sample.images()) {
            if (!(image instanceof ImageOnDisk onDisk)) {
                throw new IllegalArgumentException("image " + image.name() + " is no file, so a JSON row can't point to it");
            }
            Path base = folder.toAbsolutePath();
            String path = base.relativize(onDisk.file().toAbsolutePath()).toString().replace('\\', '/');
            images.add(json.objectNode().put("path", path));
        }
        row.set("image", images.size() == 1 ? images.get(0) : images);
        ArrayNode prompt = row.putArray("prompt");
        sample.prompt().forEach(turn -> prompt.addObject().put("role", turn.role()).put("content", turn.content()));
        row.put("data_source", sample.dataSource());
        ArrayNode questions = row.putObject("reward_model").putArray("ground_truth");
        for (QaItem item : sample.questions()) {
            ObjectNode question = questions.addObject().put("question", item.question());
            ArrayNode choices = question.putArray("choices");
            item.labelledChoices().forEach(choices::add);
            question.put("answer", item.answerLetter());
        }
        sample.caption().ifPresent(caption -> row.put("caption", caption));
        if (!sample.facts().isEmpty()) {
            ArrayNode facts = row.putArray("facts");
            sample.facts().forEach(fact -> facts.add(fact.text()));
        }
        return row;
    }

    static Optional<String> caption(JsonNode row) {
        return text(row, "caption").filter(c -> !c.isBlank());
    }

    static String id(JsonNode row) {
        JsonNode id = row.path("id");
        if (!(id.isTextual() || id.isIntegralNumber()) || id.asText().isBlank()) {
            throw new IllegalArgumentException("no 'id'; give each row a text of its own, such as \"000017\"");
        }
        return id.asText();
    }

    static List<SampleImage> images(StoredRow row) {
        JsonNode image = row.json().path("image");
        if (image.isArray() && image.isEmpty()) {
            throw new IllegalArgumentException("'image' is an empty list; a caption needs at least one image");
        }
        List<SampleImage> images = new ArrayList<>();
        for (JsonNode one : image.isArray() ? image : List.of(image)) {
            int at = images.size();
            Optional<SampleImage> embedded = at < row.embedded().size() ? row.embedded().get(at) : Optional.empty();
            images.add(embedded.orElseGet(() -> onDisk(one.path("path"), row.folder())));
        }
        return images;
    }

    private static SampleImage onDisk(JsonNode path, Path folder) {
        if (!path.isTextual() || path.asText().isBlank()) {
            throw new IllegalArgumentException("no 'image.path'; give \"image\": {\"path\": \"images/000017.png\"}, relative to the data "
                    + "file (in Parquet: or its 'bytes')");
        }
        Path file;
        try {
            file = folder.resolve(path.asText()).normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("image.path '" + path.asText() + "' is not a path: " + e.getReason() + "; mend it", e);
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no image file " + file + " (image.path '" + path.asText()
                    + "' is relative to the folder of the data file); restore the file or mend the path");
        }
        return new ImageOnDisk(file);
    }

    private static List<PromptTurn> prompt(JsonNode prompt, int images) {
        if (prompt.isMissingNode() || prompt.isNull()) {
            return CaptionSample.defaultPrompt(images);
        }
        if (!prompt.isArray() || prompt.isEmpty()) {
            throw new IllegalArgumentException(
                    "'prompt' is not a list of turns; expected [{\"role\": \"user\", \"content\": \"<image> ...\"}]");
        }
        List<PromptTurn> turns = new ArrayList<>();
        for (JsonNode turn : prompt) {
            if (!turn.path("role").isTextual() || !turn.path("content").isTextual()) {
                throw new IllegalArgumentException(
                        "turn " + (turns.size() + 1) + " of 'prompt' lacks a text 'role' or 'content'; give both");
            }
            turns.add(new PromptTurn(turn.path("role").asText(), turn.path("content").asText()));
        }
        return turns;
    }

    static List<QaItem> questions(JsonNode groundTruth) {
        if (groundTruth.isMissingNode() || groundTruth.isNull()) {
            return List.of();
        }
        if (!groundTruth.isArray()) {
            throw new IllegalArgumentException(
                    "reward_model.ground_truth is not a list; expected [{\"question\", \"choices\", \"answer\"}, ...]");
        }
        List<QaItem> items = new ArrayList<>();
        for (JsonNode item : groundTruth) {
            String place = "reward_model.ground_truth[" + items.size() + "]: ";
            try {
                items.add(question(item));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(place + e.getMessage(), e);
            }
        }
        return items;
    }

    /** An object, or a pair of question and answer. Choices are a list, a text, or stand in the question. */
    private static QaItem question(JsonNode item) {
        boolean pair = item.isArray();
        JsonNode question = pair ? item.path(0) : item.path("question");
        JsonNode answer = pair ? item.path(1) : item.path("answer");
        JsonNode choices = item.path("choices");
        if (!question.isTextual()) {
            throw new IllegalArgumentException("no 'question'; give its text");
        }
        if (!answer.isTextual() || pair && item.size() != 2) {
            throw new IllegalArgumentException("no right answer; give the letter of the right choice in 'answer'"
                    + (pair ? ", or a pair [question, answer]" : ""));
        }
        return switch (choices.getNodeType()) {
            case MISSING, NULL -> QaForms.read(question.asText(), answer.asText());
            case STRING -> QaForms.read(question.asText(), choices.asText(), answer.asText());
            case ARRAY -> QaForms.read(question.asText(), texts(choices), answer.asText());
            default -> throw new IllegalArgumentException("'choices' is neither a list nor a text; give [\"A) red\", \"B) blue\", ...]");
        };
    }

    private static List<String> texts(JsonNode choices) {
        List<String> texts = new ArrayList<>();
        for (JsonNode choice : choices) {
            if (!choice.isTextual()) {
                throw new IllegalArgumentException("choice " + (texts.size() + 1) + " is not a text; expected \"A) red\"");
            }
            texts.add(choice.asText());
        }
        return texts;
    }

    private static List<Fact> facts(JsonNode facts) {
        if (!facts.isMissingNode() && !facts.isNull() && !facts.isArray()) {
            throw new IllegalArgumentException("'facts' is not a list; expected [\"circle colour red\", ...]");
        }
        List<Fact> read = new ArrayList<>();
        for (JsonNode fact : facts) {
            try {
                read.add(Fact.parse(fact.asText()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("facts[" + read.size() + "]: " + e.getMessage(), e);
            }
        }
        return read;
    }

    private static Optional<String> text(JsonNode row, String key) {
        JsonNode value = row.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
            throw new IllegalArgumentException("'" + key + "' is not a text; put it in quotes");
        }
        return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
    }
}
