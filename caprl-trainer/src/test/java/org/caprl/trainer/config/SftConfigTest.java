package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.synth.WorldTexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SftConfigTest {
    @TempDir
    Path folder;

    private SftConfig read(String data) {
        return ConfigReader.parse(SftConfig.class, """
                output: out
                model: {path: %s}
                data: %s
                trainer: {steps: 5, lr: 1e-3}
                """.formatted(folder, data), "sft.yaml", List.of());
    }

    @Test
    void aStreamOrAFile() {
        assertEquals(Optional.of(SftDataSection.SynthStream.ANSWERER), read("{synth: answerer}").data().synth());
        assertEquals(Optional.of(folder), read("{train: " + folder + "}").data().train());
        assertEquals(WorldTexts.NOISE, read("{synth: policy}").data().noise().noise());
        assertEquals(0.5, read("{synth: policy, noise: {wrong: 0.5}}").data().noise().wrong());
    }

    @Test
    void notBothAndNotNeither() {
        String neither = assertThrows(InputException.class, () -> read("{}")).getMessage();
        assertTrue(neither.contains("data: expected exactly one of train and synth, got neither"), neither);
        String both = assertThrows(InputException.class, () -> read("{synth: policy, train: " + folder + "}")).getMessage();
        assertTrue(both.contains("got both"), both);
    }
}
