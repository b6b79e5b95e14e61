package org.caprl.core.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The golden data passes, and what is altered in a copy of it fails where it should and nowhere before. */
class ParityTest {
    private static final String FAMILY = "qwen2_5_vl";
    private static final String CASE = "single";
    private static final Set<Quantity> PREPARED = EnumSet.of(Quantity.PROMPT_TEXT, Quantity.INPUT_IDS, Quantity.RESIZED_PIXELS,
            Quantity.PIXEL_VALUES, Quantity.POSITION_IDS);

    @TempDir
    private Path copy;

    @TestFactory
    Stream<DynamicTest> everythingPassesOnEveryBackendThatWorks() {
        return Backends.providers().stream().filter(p -> p.probe().works()).map(BackendProvider::name).map(backend ->
                DynamicTest.dynamicTest(backend, () -> {
                    ParityReport report = run(Golden.root(), backend, families(backend));
                    assertEquals(report.rows().size(), report.count(Verdict.PASS), () -> ParityTable.of(report));
                    assertEquals(EnumSet.allOf(Quantity.class),
                            report.rows().stream().map(ParityRow::quantity)
                                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Quantity.class))));
                }));
    }

    /** One family that sees and one that does not; where the full set is there, one of each architecture on the default backend. */
    private static String[] families(String backend) {
        return Golden.full() && backend.equals("cpu") ? new String[] {FAMILY, "qwen2_untied", "qwen3", "llama", "qwen3_vl"}
                : new String[] {FAMILY, "qwen2_untied"};
    }

    @BeforeEach
    void copyOneCase() throws IOException {
        Path golden = Golden.root();
        copyFolder(golden.resolve(FAMILY).resolve("checkpoint"), copy.resolve(FAMILY).resolve("checkpoint"));
        copyFolder(golden.resolve(FAMILY).resolve("cases").resolve(CASE), copy.resolve(FAMILY).resolve("cases").resolve(CASE));
        copyFolder(golden.resolve("images"), copy.resolve("images"));
    }

    @Test
    void oneAlteredWeightFailsWhatTheModelComputes() throws IOException {
        alterWeight("model.layers.1.mlp.down_proj.weight", 1f);
        Set<Quantity> failing = failing();
        assertTrue(failing.containsAll(Set.of(Quantity.HIDDEN_STATES, Quantity.LOGITS, Quantity.LOGPROBS, Quantity.GRADS)),
                failing::toString);
        assertTrue(failing.stream().noneMatch(q -> PREPARED.contains(q) || q == Quantity.VISION), failing::toString);
    }

    @Test
    void aWeightThatIsNotANumberFailsWithoutANumber() throws IOException {
        alterWeight("model.norm.weight", Float.NaN);
        ParityRow logits = run(copy, "reference").rows().stream().filter(r -> r.quantity() == Quantity.LOGITS).findFirst().orElseThrow();
        assertEquals(Verdict.FAIL, logits.verdict());
        assertNull(logits.maxDiff());
    }

    @Test
    void oneAlteredCharacterOfTheTemplateFailsThePromptText() throws IOException {
        Path template = copy.resolve(FAMILY).resolve("checkpoint/chat_template.jinja");
        Files.writeString(template, Files.readString(template).replace("You are a helpful assistant.", "You are a helpful assistant,"));
        assertEquals(Set.of(Quantity.PROMPT_TEXT), failing());
    }

    @Test
    void oneAlteredPixelFailsTheImage() throws IOException {
        Path file = copy.resolve("images/chart.png");
        BufferedImage image = ImageIO.read(file.toFile());
        image.setRGB(100, 80, ~image.getRGB(100, 80) | 0xff000000);
        ImageIO.write(image, "png", file.toFile());
        assertEquals(Set.of(Quantity.RESIZED_PIXELS, Quantity.PIXEL_VALUES), failing());
    }

    @Test
    void aMissingImageFailsAndTheRestIsStillMeasured() throws IOException {
        Files.delete(copy.resolve("images/chart.png"));
        assertEquals(Set.of(Quantity.INPUT_IDS, Quantity.RESIZED_PIXELS, Quantity.PIXEL_VALUES), failing());
    }

    @Test
    void anUnknownArchitectureIsNamedQuantityByQuantity() throws IOException {
        int quantities = run(copy, "reference").rows().size();
        Path config = copy.resolve(FAMILY).resolve("checkpoint/config.json");
        Files.writeString(config, Files.readString(config).replace("\"model_type\": \"qwen2_5_vl\"", "\"model_type\": \"qwen9_vl\""));
        ParityReport report = run(copy, "reference");
        assertEquals(quantities, report.count(Verdict.UNSUPPORTED));
        assertEquals(quantities, report.rows().size());
        assertTrue(ParityTable.of(report).contains("qwen9_vl"));
    }

    @Test
    void aFolderWithoutGoldenDataAndAnUnknownFamilyAreErrors() throws IOException {
        Path empty = Files.createDirectory(copy.resolve("empty"));
        String nothing = assertThrows(InputException.class, () -> GoldenDirectory.open(empty, List.of())).getMessage();
        assertTrue(nothing.contains("no golden data"), nothing);
        String message = assertThrows(InputException.class, () -> GoldenDirectory.open(copy, List.of("qwen2_5_v"))).getMessage();
        assertTrue(message.contains("did you mean 'qwen2_5_vl'"), message);
    }

    @Test
    void jsonHasTheKeysOfTheContract() {
        var row = new ParityRow("f", "checkpoint", "c", Quantity.GREEDY_REP, "cpu", null, 0, Verdict.FAIL, "here");
        assertEquals("[{\"family\":\"f\",\"layout\":\"checkpoint\",\"case\":\"c\",\"quantity\":\"greedy_rep\",\"backend\":\"cpu\","
                + "\"maxDiff\":null,\"tolerance\":0.0,\"verdict\":\"fail\"}]", new ParityReport(List.of(row)).json().toString());
    }

    private Set<Quantity> failing() {
        return run(copy, "reference").rows().stream().filter(r -> r.verdict() == Verdict.FAIL).map(ParityRow::quantity)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Quantity.class)));
    }

    private static ParityReport run(Path root, String backend, String... families) {
        try (TensorOps ops = Backends.open(backend, 2).ops()) {
            return new Parity(ops).run(GoldenDirectory.open(root, List.of(families)), progress -> { });
        }
    }

    /** Adds to the first value of a tensor, in the file. */
    private void alterWeight(String name, float delta) throws IOException {
        Path file = copy.resolve(FAMILY).resolve("checkpoint/model.safetensors");
        float old;
        long at;
        try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
            old = tensors.floats(name)[0];
            long first = tensors.names().stream().mapToLong(n -> tensors.info(n).data().address()).min().orElseThrow();
            long bytes = tensors.names().stream().mapToLong(n -> tensors.info(n).data().byteSize()).sum();
            at = Files.size(file) - bytes + tensors.info(name).data().address() - first;
        }
        byte[] content = Files.readAllBytes(file);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat((int) at, old + delta);
        Files.write(file, content);
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            files.forEach(file -> {
                try {
                    Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
