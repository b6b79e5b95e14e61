package org.caprl.core.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompts, ids and decoded text of every golden case, in every layout of its checkpoint. */
class PromptGoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> rendersEveryPrompt() throws IOException {
        return forEachCase((meta, tensors, checkpoint) -> {
            ChatTemplate template = ChatTemplate.load(checkpoint);
            if (meta.has("prompt_text") && meta.path("messages").isArray()) {
                assertEquals(meta.get("prompt_text").asText(), template.render(messages(meta.get("messages")), true));
            }
            for (int row = 0; row < meta.path("prompt_texts").size() && meta.path("messages").isArray(); row++) {
                assertEquals(meta.get("prompt_texts").get(row).asText(), template.render(messages(meta.get("messages").get(row)), true));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> encodesEveryPrompt() throws IOException {
        return forEachCase((meta, tensors, checkpoint) -> {
            try (BpeTokenizer tokenizer = BpeTokenizer.load(checkpoint); SafeTensorsFile file = SafeTensorsFile.open(tensors)) {
                if (meta.has("expanded_text")) {
                    assertArrayEquals(ints(file.longs("input.input_ids")), tokenizer.encode(meta.get("expanded_text").asText()));
                } else if (meta.path("messages").isNull()) {
                    assertPaddedRows(meta, file, tokenizer);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> decodesEveryCompletion() throws IOException {
        return forEachCase((meta, tensors, checkpoint) -> {
            try (BpeTokenizer tokenizer = BpeTokenizer.load(checkpoint); SafeTensorsFile file = SafeTensorsFile.open(tensors)) {
                if (meta.has("greedy_text")) {
                    assertEquals(meta.get("greedy_text").asText(), tokenizer.decode(ints(file.longs("gen.greedy.ids")), false));
                }
                if (meta.has("completion_text")) {
                    assertArrayEquals(ints(file.longs("completion_ids")), tokenizer.encode(meta.get("completion_text").asText()));
                }
            }
        });
    }

    private static void assertPaddedRows(JsonNode meta, SafeTensorsFile file, BpeTokenizer tokenizer) {
        int[] ids = ints(file.longs("input.input_ids"));
        int width = (int) file.info("input.input_ids").shape()[1];
        for (int row = 0; row < meta.get("prompt_texts").size(); row++) {
            int[] expected = tokenizer.encode(meta.get("prompt_texts").get(row).asText());
            int end = (row + 1) * width;
            assertArrayEquals(expected, Arrays.copyOfRange(ids, end - expected.length, end), "row " + row);
        }
    }

    private interface Check {
        void run(JsonNode meta, Path tensors, Path checkpoint) throws IOException;
    }

    private static Stream<DynamicTest> forEachCase(Check check) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Golden.root(), 4)) {
            for (Path meta : files.filter(f -> f.endsWith("meta.json") && f.getParent().getParent().endsWith("cases")).sorted().toList()) {
                Path family = meta.getParent().getParent().getParent();
                try (Stream<Path> checkpoints = Files.list(family)) {
                    for (Path checkpoint : checkpoints.filter(f -> f.getFileName().toString().startsWith("checkpoint")).sorted().toList()) {
                        tests.add(DynamicTest.dynamicTest(Golden.root().relativize(meta.getParent()) + " with " + checkpoint.getFileName(),
                                () -> check.run(JSON.readTree(meta.toFile()), meta.resolveSibling("tensors.safetensors"), checkpoint)));
                    }
                }
            }
        }
        assertEquals(false, tests.isEmpty(), "no case under " + Golden.root());
        return tests.stream();
    }

    private static List<ChatMessage> messages(JsonNode messages) {
        List<ChatMessage> list = new ArrayList<>();
        for (JsonNode message : messages) {
            JsonNode content = message.get("content");
            if (content.isTextual()) {
                list.add(ChatMessage.text(message.get("role").asText(), content.asText()));
                continue;
            }
            List<ContentPart> parts = new ArrayList<>();
            for (JsonNode part : content) {
                parts.add(part.get("type").asText().equals("image") ? new ContentPart.Image()
                        : new ContentPart.Text(part.get("text").asText()));
            }
            list.add(new ChatMessage(message.get("role").asText(), parts));
        }
        return list;
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
