package org.caprl.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigDocsTest {
    @Test
    void everyKeyIsListedInOrder() {
        List<String> paths = ConfigDocs.keys(SmallConfig.class).stream().map(ConfigDocs.Row::path).toList();
        assertEquals(List.of("seed", "backend", "data", "data.train", "data.eval", "data.synth", "data.synth.rows", "data.synth.seed",
                "trainer", "trainer.steps", "trainer.lr", "trainer.verbose", "trainer.loss", "trainer.loss.average",
                "trainer.loss.clip_low", "trainer.loss.clip_high", "stop_ids", "rewards", "stages", "stages[].name",
                "stages[].steps"), paths);
    }

    @Test
    void markdownShowsTypeRangeDefaultAndMeaning() {
        List<String> lines = ConfigDocs.markdown(SmallConfig.class).lines().toList();
        assertEquals("| key | type | range | default | meaning |", lines.getFirst());
        assertTrue(lines.contains("| `seed` | whole number |  | `17` | Seed of the run. |"));
        assertTrue(lines.contains("| `backend` | auto, cpu, reference |  | `auto` | Which kernels \\| compute. |"));
        assertTrue(lines.contains("| `data.train` | existing path |  | required | Rows to learn from. |"));
        assertTrue(lines.contains("| `data.synth` | section, optional |  |  | Rows to draw when there are none. |"));
        assertTrue(lines.contains("| `trainer.lr` | number | above 0 and at most 1 | `1e-5` | Learning rate. |"));
        assertTrue(lines.contains("| `stop_ids` | list (whole number) | at least 0 | `[]` | Ids that end a caption. |"));
    }

    @Test
    void schemaHoldsTypesBoundsAndRequiredKeys() throws IOException {
        JsonNode schema = new ObjectMapper().readTree(ConfigSchema.json(SmallConfig.class, "Small"));
        assertEquals("https://json-schema.org/draft/2020-12/schema", schema.path("$schema").asText());
        assertEquals("Small", schema.path("title").asText());
        assertEquals("[\"data\",\"trainer\"]", schema.path("required").toString());
        assertFalse(schema.path("additionalProperties").asBoolean(true));
        assertEquals(17, schema.at("/properties/seed/default").asInt());
        assertEquals("[\"auto\",\"cpu\",\"reference\"]", schema.at("/properties/backend/enum").toString());
        JsonNode lr = schema.at("/properties/trainer/properties/lr");
        assertEquals(1e-5, lr.path("default").doubleValue());
        assertEquals(0.0, lr.path("exclusiveMinimum").asDouble(-1));
        assertEquals(1.0, lr.path("maximum").doubleValue());
        assertFalse(lr.has("minimum"));
        assertEquals("integer", schema.at("/properties/data/properties/synth/anyOf/0/properties/rows/type").asText());
        assertEquals("null", schema.at("/properties/data/properties/synth/anyOf/1/type").asText());
        assertEquals("[\"name\"]", schema.at("/properties/stages/items/required").toString());
        assertEquals("number", schema.at("/properties/rewards/additionalProperties/type").asText());
        JsonNode average = schema.at("/properties/trainer/properties/loss/properties/average");
        assertEquals("[\"grpo\",\"dr_grpo\",\"dapo\"]", average.path("enum").toString());
    }

    record Undocumented(@Key(doc = "Known.", defaultValue = "1") int known, int forgotten) {
    }

    record Blank(@Key(doc = " ") int blank) {
    }

    record Outer(@Key(doc = "Inner.") Undocumented inner) {
    }

    record Unsupported(@Key(doc = "A link.") URI link) {
    }

    record WrongDefault(@Key(doc = "A share.", defaultValue = "2", max = 1) double share) {
    }

    @Test
    void keysWithoutMeaningAreRefusedWhereverTheyAre() {
        for (Class<? extends Record> type : List.of(Undocumented.class, Outer.class)) {
            Exception e = assertThrows(IllegalStateException.class, () -> ConfigDocs.keys(type));
            assertTrue(e.getMessage().contains("Undocumented.forgotten"), e.getMessage());
        }
        assertThrows(IllegalStateException.class, () -> ConfigDocs.keys(Blank.class));
        assertThrows(IllegalStateException.class, () -> ConfigReader.parse(Undocumented.class, "", "text", List.of()));
    }

    @Test
    void mistakesOfTheRecordsAuthorAreNotBlamedOnTheUser() {
        assertThrows(IllegalStateException.class, () -> ConfigDocs.keys(Unsupported.class));
        assertThrows(IllegalStateException.class, () -> ConfigReader.parse(WrongDefault.class, "", "text", List.of()));
    }
}
