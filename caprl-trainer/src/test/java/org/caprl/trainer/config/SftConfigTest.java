package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SftConfigTest {
    @TempDir
    Path folder;

    private SftConfig read(String data) {
        return ConfigReader.parse(SftConfig.class, """
                output: out
                model: {path: %s, weights: random}
                data: %s
                trainer: {steps: 5, lr: 1e-3}
                """.formatted(folder, data), "sft.yaml", List.of());
    }

    @Test
    void aStreamOrAFile() {
        assertEquals(Optional.of(SftDataSection.SynthStream.ANSWERER), read("{synth: answerer}").data().synth());
        assertEquals(Optional.of(folder), read("{train: " + folder + "}").data().train());
        assertEquals(SftModelSection.InitialWeights.RANDOM, read("{synth: policy}").model().weights());
    }

    @Test
    void notBothAndNotNeither() {
        String neither = assertThrows(InputException.class, () -> read("{}")).getMessage();
        assertTrue(neither.contains("data: expected exactly one of train and synth, got neither"), neither);
        String both = assertThrows(InputException.class, () -> read("{synth: policy, train: " + folder + "}")).getMessage();
        assertTrue(both.contains("got both"), both);
    }
}
