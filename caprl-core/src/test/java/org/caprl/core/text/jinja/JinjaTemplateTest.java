package org.caprl.core.text.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The subset against what Jinja2 itself rendered ({@code jinja/cases.json}), and the places that errors name. */
class JinjaTemplateTest {
    @TestFactory
    Stream<DynamicTest> rendersAsJinja2Does() throws IOException {
        ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
        JsonNode file;
        try (InputStream in = JinjaTemplateTest.class.getResourceAsStream("/jinja/cases.json")) {
            file = json.readTree(in);
        }
        Map<String, ?> variables = json.convertValue(file.get("variables"), json.getTypeFactory().constructMapType(Map.class, String.class,
                Object.class));
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode each : file.get("cases")) {
            String template = each.get("template").textValue();
            tests.add(DynamicTest.dynamicTest(tests.size() + ": " + template.replace("\n", "\\n"), () -> {
                if (each.get("expected").isNull()) {
                    assertThrows(JinjaException.class, () -> JinjaTemplate.parse("test", template).render(variables));
                } else {
                    assertEquals(each.get("expected").textValue(), JinjaTemplate.parse("test", template).render(variables));
                }
            }));
        }
        return tests.stream();
    }

    @Test
    void errorsNameTemplateLineAndFault() {
        assertEquals("t.jinja, line 3: the filter 'sparkle' is not supported", fault("a\n\n{{ 'x' | sparkle }}\n", Map.of()));
        assertEquals("t.jinja, line 2: the tag 'include' is not supported; known are if, for, set, macro, generation, break and continue",
                fault("\n{% include 'x' %}", Map.of()));
        assertEquals("t.jinja, line 2: 'user' is undefined, so it has no 'name'",
                fault("{% if true %}\n{{ user.name }}{% endif %}", Map.of()));
        assertEquals("t.jinja, line 1: the template refuses its input: roles must alternate",
                fault("{{ raise_exception('roles must alternate') }}", Map.of()));
    }

    @Test
    void listInPlaceOfTextIsAFaultRatherThanPythonSyntaxInThePrompt() {
        String message = fault("{{ content }}", Map.of("content", List.of("part")));
        assertTrue(message.startsWith("t.jinja, line 1: cannot print a list"), message);
    }

    @Test
    void generationMarksAreTransparent() {
        assertEquals("ab", JinjaTemplate.parse("t", "a{% generation %}b{% endgeneration %}").render(Map.of()));
    }

    private static String fault(String template, Map<String, ?> variables) {
        return assertThrows(JinjaException.class, () -> JinjaTemplate.parse("t.jinja", template).render(variables)).getMessage();
    }
}
