package org.caprl.trainer.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.model.load.Processor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageRowsTest {
    @TempDir
    Path folder;
    private Path file;

    /** Three good images of different sizes, and one that is cut off. */
    @BeforeEach
    void rows() throws IOException {
        image("lying", 300, 90);
        image("standing", 64, 233);
        image("small", 8, 8);
        image("cut", 100, 100);
        byte[] whole = Files.readAllBytes(folder.resolve("cut.png"));
        Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length - 40));
        StringBuilder rows = new StringBuilder();
        for (String name : List.of("lying", "cut", "standing", "small")) {
            rows.append("{\"id\": \"%1$s\", \"image\": {\"path\": \"%1$s.png\"}, \"caption\": \"x\"}%n".formatted(name));
        }
        file = Files.writeString(folder.resolve("rows.jsonl"), rows);
    }

    private void image(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        IntStream.range(0, width * height).forEach(i -> image.setRGB(i % width, i / width, 0x9e3779b1 * i));
        ImageIO.write(image, "png", folder.resolve(name + ".png").toFile());
    }

    private FileSource open() {
        return FileSource.open(file, RowUse.CAPTION, BadRows.FAIL, 5);
    }

    @Test
    void lengthsAreThoseOfThePrompts() {
        try (FileSource source = open(); Processor processor = Processor.load(Golden.require("qwen2_5_vl/checkpoint"))) {
            ImageRows rows = new ImageRows(source, BadRows.SKIP);
            assertEquals(List.of("lying", "standing", "small"), rows.first(0).stream().map(r -> r.sample().id()).toList());
            int[] lengths = rows.first(2).stream().mapToInt(r -> CaptionRows.prompt(r, processor).ids().length).toArray();
            int[] before = {lengths[0], rows.lengths(processor, 1).longest()};
            assertEquals(before[0], before[1]);
            PromptLengths all = rows.lengths(processor, 0);
            assertEquals(4, all.rows(), "the header of the image that is cut off is whole");
            assertTrue(all.longest() >= Math.max(lengths[0], lengths[1]) && all.tokens() > lengths[0] + lengths[1]);
        }
    }

    @Test
    void aRowThatIsLeftOutIsToldOnceAndTheOthersKeepTheirOrder() {
        try (FileSource source = open(); FileSource plain = open()) {
            ImageRows rows = new ImageRows(source, BadRows.SKIP);
            List<String> ids = IntStream.range(0, 9).mapToObj(i -> rows.next().sample().id()).toList();
            List<String> order = IntStream.range(0, 12).mapToObj(i -> plain.next().id()).filter(id -> !id.equals("cut")).toList();
            assertEquals(order, ids);
            assertEquals(1, rows.skipped());
            List<String> told = rows.takeSkipped();
            assertEquals(1, told.size());
            assertTrue(told.getFirst().contains("sample 'cut': " + folder.resolve("cut.png")), told.getFirst());
            assertEquals(List.of(), rows.takeSkipped());
        }
    }

    @Test
    void otherwiseItIsAnErrorThatNamesRowAndImage() {
        try (FileSource source = open()) {
            ImageRows rows = new ImageRows(source, BadRows.FAIL);
            String message = assertThrows(InputException.class, () -> rows.first(0)).getMessage();
            assertTrue(message.startsWith("sample 'cut': " + folder.resolve("cut.png")) && message.contains("cut off"), message);
        }
    }

    @Test
    void withoutAnyGoodImageTheReasonsAreTold() throws IOException {
        Files.writeString(file, Files.readAllLines(file).get(1));
        try (FileSource source = open()) {
            ImageRows rows = new ImageRows(source, BadRows.SKIP);
            for (String message : List.of(assertThrows(InputException.class, rows::next).getMessage(),
                    assertThrows(InputException.class, () -> new ImageRows(source, BadRows.SKIP).first(0)).getMessage())) {
                assertTrue(message.contains("no row has images") && message.contains("cut.png"), message);
            }
        }
    }
}
