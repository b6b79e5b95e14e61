package org.caprl.core.model.qwen3vl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.caprl.core.InputException;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.model.config.TransformersDefaults;
import org.junit.jupiter.api.Test;

class Qwen3VlConfigTest {
    @Test
    void missingKeysAreTheDefaultsOfTheClasses() {
        TransformersDefaults.assertAreOurs("Qwen3VLTextConfig", "text_config", Qwen3Vl::text);
        TransformersDefaults.assertAreOurs("Qwen3VLVisionConfig", null, VisionConfig::of);
        assertEquals(151655, TransformersDefaults.of("Qwen3VLConfig").get("image_token_id").intValue());
    }

    @Test
    void deepstackNamesDifferentBlocks() throws IOException {
        for (String indexes : new String[] {"[1, 1]", "[27]", "[-1]"}) {
            ConfigNode config = ConfigNode.of(new ObjectMapper().readTree("{\"deepstack_visual_indexes\": " + indexes + "}"),
                    "config.json");
            String message = assertThrows(InputException.class, () -> VisionConfig.of(config)).getMessage();
            assertTrue(message.contains("deepstack_visual_indexes must be different blocks below depth = 27"), message);
        }
    }
}
