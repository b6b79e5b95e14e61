package org.caprl.core.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.text.jinja.JinjaTemplate;

/**
 * The checkpoint's own chat template, rendered as {@code transformers}' {@code apply_chat_template} does.
 *
 * <p>The template sees {@code messages}, {@code add_generation_prompt}, {@code tools} and {@code documents} (both none) and the special
 * tokens of tokenizer_config.json ({@code bos_token}, {@code eos_token} …). A message without an image is passed as a plain string, one
 * with an image as a list of parts: text-only families take nothing but strings, and vision families render both the same. Today's date
 * ({@code strftime_now}) is left undefined, so that a prompt never depends on the day.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class ChatTemplate {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JinjaTemplate template;
    private final Map<String, Object> specialTokens;

    private ChatTemplate(JinjaTemplate template, Map<String, Object> specialTokens) {
        this.template = template;
        this.specialTokens = specialTokens;
    }

    /**
     * Reads the template of a checkpoint folder: chat_template.jinja, else chat_template.json, else tokenizer_config.json.
     *
     * @throws InputException if there is none, or if it cannot be read
     */
    public static ChatTemplate load(Path folder) {
        Path configFile = folder.resolve("tokenizer_config.json");
        JsonNode config = Files.exists(configFile) ? json(configFile) : JSON.createObjectNode();
        Map<String, Object> specialTokens = specialTokens(config);

        Path jinja = folder.resolve("chat_template.jinja");
        if (Files.exists(jinja)) {
            return parse(jinja.toString(), read(jinja), specialTokens);
        }
        Path wrapped = folder.resolve("chat_template.json");
        Path source = Files.exists(wrapped) ? wrapped : configFile;
        JsonNode node = source.equals(wrapped) ? json(wrapped).path("chat_template") : config.path("chat_template");
        if (node.isArray()) {
            node = named(node, source);
        }
        if (!node.isTextual()) {
            throw new InputException(folder + ": no chat template. Expected chat_template.jinja, chat_template.json, or the key"
                    + " chat_template in tokenizer_config.json; take the file from the model's repository, or use an instruction-tuned"
                    + " checkpoint");
        }
        return parse(source + " (chat_template)", node.textValue(), specialTokens);
    }

    /**
     * A template from its source.
     *
     * @param name          what errors call it
     * @param specialTokens variables such as {@code bos_token}
     */
    public static ChatTemplate parse(String name, String source, Map<String, ?> specialTokens) {
        return new ChatTemplate(JinjaTemplate.parse(name, source), new LinkedHashMap<>(specialTokens));
    }

    /**
     * The prompt's text.
     *
     * @param addGenerationPrompt whether to open the assistant's turn at the end
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return render(messages, addGenerationPrompt, Map.of());
    }

    /**
     * The prompt's text.
     *
     * @param addGenerationPrompt whether to open the assistant's turn at the end
     * @param options             further variables that the template knows, such as {@code enable_thinking}
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> options) {
        Map<String, Object> variables = new LinkedHashMap<>(specialTokens);
        variables.put("messages", messages.stream().map(ChatTemplate::variables).toList());
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("tools", null);
        variables.put("documents", null);
        variables.putAll(options);
        return template.render(variables);
    }

    private static Map<String, Object> variables(ChatMessage message) {
        if (message.images() == 0) {
            return Map.of("role", message.role(), "content", message.text());
        }
        List<Map<String, String>> parts = new ArrayList<>();
        for (ContentPart part : message.content()) {
            parts.add(switch (part) {
                case ContentPart.Text text -> Map.of("type", "text", "text", text.text());
                case ContentPart.Image image -> Map.of("type", "image");
            });
        }
        return Map.of("role", message.role(), "content", parts);
    }

    /** Several named templates in one file: the default one is for chat, the others for tools and retrieval. */
    private static JsonNode named(JsonNode list, Path file) {
        for (JsonNode entry : list) {
            if (entry.path("name").asText().equals("default")) {
                return entry.path("template");
            }
        }
        throw new InputException(file + ": chat_template is a list without an entry named 'default'");
    }

    private static Map<String, Object> specialTokens(JsonNode config) {
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            JsonNode value = entry.getValue().isObject() ? entry.getValue().path("content") : entry.getValue();
            if (entry.getKey().endsWith("_token") && value.isTextual()) {
                tokens.put(entry.getKey(), value.textValue());
            }
        }
        return tokens;
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new InputException(file + ": not readable as JSON: " + e.getMessage(), e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InputException(file + ": not readable as UTF-8 text: " + e.getMessage(), e);
        }
    }
}
