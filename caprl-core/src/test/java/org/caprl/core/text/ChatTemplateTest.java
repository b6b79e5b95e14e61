package org.caprl.core.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    private static final List<ChatMessage> HELLO = List.of(ChatMessage.text("user", "hello"));

    @Test
    void looksInThreePlacesInOrder(@TempDir Path folder) throws IOException {
        String none = assertThrows(InputException.class, () -> ChatTemplate.load(folder)).getMessage();
        assertTrue(none.startsWith(folder + ": no chat template"), none);
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"x\"}, {\"name\": \"default\", \"template\": \"in list\"}]}");
        assertEquals("in list", ChatTemplate.load(folder).render(HELLO, true));
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": \"{{ bos_token }}{{ eos_token }}{{ unk_token }}\", \"bos_token\": \"<s>\","
                        + " \"eos_token\": {\"content\": \"</s>\"}, \"unk_token\": null}");
        assertEquals("<s></s>", ChatTemplate.load(folder).render(HELLO, true));
        Files.writeString(folder.resolve("chat_template.json"), "{\"chat_template\": \"in json\"}");
        assertEquals("in json", ChatTemplate.load(folder).render(HELLO, true));
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        assertEquals("hello", ChatTemplate.load(folder).render(HELLO, true));
    }

    @Test
    void partsBecomeAListOnlyWithAnImage() {
        ChatTemplate template = ChatTemplate.parse("t", "{% for m in messages %}{% if m.content is string %}{{ m.content }}|"
                + "{% else %}{% for p in m.content %}{{ p.type }}:{{ p.text }};{% endfor %}{% endif %}{% endfor %}", Map.of());
        ContentPart.Text a = new ContentPart.Text("a");
        assertEquals("aa|image:;text:a;", template.render(List.of(new ChatMessage("user", List.of(a, a)),
                new ChatMessage("user", List.of(new ContentPart.Image(), a))), false));
    }

    @Test
    void optionsAreVariables() {
        ChatTemplate template = ChatTemplate.parse("t", "{% if enable_thinking is defined and enable_thinking is false %}quiet{% endif %}"
                + "{% if tools %}tools{% endif %}{% if add_generation_prompt %}>{% endif %}", Map.of());
        assertEquals("quiet>", template.render(HELLO, true, Map.of("enable_thinking", false)));
        assertEquals("", template.render(HELLO, false));
    }

    @Test
    void aBadTemplateIsNamedWithItsLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("chat_template.jinja");
        Files.writeString(file, "fine\n{{ messages[0].content | nope }}");
        ChatTemplate template = ChatTemplate.load(folder);
        assertEquals(file + ", line 2: the filter 'nope' is not supported",
                assertThrows(InputException.class, () -> template.render(HELLO, true)).getMessage());
    }
}
