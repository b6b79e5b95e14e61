package org.caprl.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Decoding, resizing and patches against what Pillow, torchvision and transformers computed. */
class ImageGoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float TOLERANCE = 1e-6f;

    @TempDir
    Path temp;

    @TestFactory
    Stream<DynamicTest> decodesEveryImage() {
        // rgb_u8 is what the image processor makes of an opened image; load_image_rgb_u8 adds the EXIF orientation, and drops alpha.
        return processing().names().stream().filter(name -> name.endsWith("|rgb_u8") || name.endsWith(".jpg|load_image_rgb_u8"))
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Path file = Golden.require("images/" + name.substring(0, name.indexOf('|')));
                    boolean turned = name.endsWith("|load_image_rgb_u8");
                    RgbImage decoded = ImageFile.decode(file, turned);
                    long[] shape = processing().info(name).shape();
                    assertArrayEquals(new long[] {shape[0], shape[1]}, new long[] {decoded.height(), decoded.width()});
                    assertEquals(new SmartResize.Size(decoded.height(), decoded.width()), ImageFile.size(file, turned));
                    assertArrayEquals(bytes(processing().longs(name)), decoded.rgb());
                }));
    }

    @TestFactory
    Stream<DynamicTest> resizesToTheByte() {
        return processing().names().stream().filter(name -> name.endsWith("|tv_u8")).map(name -> DynamicTest.dynamicTest(name, () -> {
            RgbImage image = ImageFile.decode(Golden.require("images/" + name.substring(0, name.indexOf('|'))), false);
            long[] shape = processing().info(name).shape();
            RgbImage resized = BicubicResize.resize(image, (int) shape[1], (int) shape[2]);
            assertArrayEquals(bytes(processing().longs(name)), planes(resized));
        }));
    }

    @Test
    void smartResizeMatchesTheTable() throws IOException {
        JsonNode rows = JSON.readTree(Golden.require("processing/smart_resize.json").toFile()).get("rows");
        assertTrue(rows.size() > 100);
        for (JsonNode row : rows) {
            int height = row.get("height").asInt();
            int width = row.get("width").asInt();
            int factor = row.get("factor").asInt();
            long min = row.get("min_pixels").asLong();
            long max = row.get("max_pixels").asLong();
            if (row.get("out_hw").isNull()) {
                assertThrows(InputException.class, () -> SmartResize.of(height, width, factor, min, max), row::toString);
            } else {
                assertEquals(new SmartResize.Size(row.get("out_hw").get(0).asInt(), row.get("out_hw").get(1).asInt()),
                        SmartResize.of(height, width, factor, min, max), row::toString);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> processesAsTransformersDoes() throws IOException {
        SafeTensorsFile outputs = SafeTensorsFile.open(Golden.require("processing/processor_outputs.safetensors"));
        JsonNode settings = JSON.readTree(Golden.require("processing/meta.json").toFile()).get("processor_settings");
        Stream<String> names = outputs.names().stream().filter(name -> name.endsWith("|fast.pixel_values"));
        return names.map(name -> DynamicTest.dynamicTest(name, () -> {
            String[] parts = name.split("\\|");
            RgbImage image = ImageFile.decode(Golden.require("images/" + parts[1]), false);
            Files.writeString(temp.resolve("preprocessor_config.json"), settings.get(parts[0]).toString());
            float[] expected = outputs.floats(name);
            if (parts[0].equals("internvl")) {
                InternVlImageProcessor processor = new InternVlImageProcessor(InternVlImageSettings.load(temp, 14, 2));
                ImagePatches patches = processor.process(image);
                long[] shape = outputs.info(name).shape();
                assertEquals(shape[0], patches.gridT());
                assertEquals(patches.tokens(), processor.tokens(new SmartResize.Size(image.height(), image.width())));
                expected = tilePatches(expected, (int) shape[2], 14);
                assertArrayEquals(expected, patches.pixels(), TOLERANCE);
            } else {
                ImagePatches patches = QwenImageProcessor.load(temp).process(image);
                assertArrayEquals(outputs.longs(parts[0] + "|" + parts[1] + "|image_grid_thw"),
                        new long[] {patches.gridT(), patches.gridH(), patches.gridW()});
                assertArrayEquals(expected, patches.pixels(), TOLERANCE);
            }
        }));
    }

    @Test
    void tileGridsMatchTheTable() throws IOException {
        JsonNode rows = JSON.readTree(Golden.require("processing/internvl_tiles.json").toFile());
        assertTrue(rows.size() > 100);
        for (JsonNode row : rows) {
            assertEquals(new TileGrid(row.get("num_columns").asInt(), row.get("num_rows").asInt()),
                    TileGrid.of(row.get("height").asInt(), row.get("width").asInt(), row.get("tile").asInt(),
                            row.get("min_patches").asInt(), row.get("max_patches").asInt()), row::toString);
        }
    }

    /** Tiles {@code [n, 3, side, side]} as patches {@code [n, rows, columns, 3, patch, patch]}. */
    private static float[] tilePatches(float[] tiles, int side, int patch) {
        float[] patches = new float[tiles.length];
        int grid = side / patch;
        int to = 0;
        for (int tile = 0; tile < tiles.length; tile += 3 * side * side) {
            for (int block = 0; block < grid * grid; block++) {
                for (int row = 0; row < 3 * patch; row++) {
                    int y = block / grid * patch + row % patch;
                    System.arraycopy(tiles, tile + (row / patch * side + y) * side + block % grid * patch, patches, to, patch);
                    to += patch;
                }
            }
        }
        return patches;
    }

    @TestFactory
    Stream<DynamicTest> pixelsOfEveryVisionCase() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String family : List.of("qwen2_5_vl", "qwen3_vl")) {
            Path cases = Golden.root().resolve(family).resolve("cases");
            if (!Files.isDirectory(cases)) {
                continue;
            }
            try (Stream<Path> folders = Files.list(cases)) {
                for (Path folder : folders.sorted().toList()) {
                    JsonNode meta = JSON.readTree(folder.resolve("meta.json").toFile());
                    for (String layout : List.of("checkpoint", "checkpoint_hub_layout")) {
                        Path checkpoint = Golden.root().resolve(family).resolve(layout);
                        if (Files.isDirectory(checkpoint) && !images(meta).isEmpty()) {
                            tests.add(DynamicTest.dynamicTest(family + " " + folder.getFileName() + " " + layout,
                                    () -> comparePixels(folder, meta, checkpoint)));
                        }
                    }
                }
            }
        }
        assertTrue(!tests.isEmpty());
        return tests.stream();
    }

    private static void comparePixels(Path folder, JsonNode meta, Path checkpoint) {
        QwenImageProcessor processor = QwenImageProcessor.load(checkpoint);
        boolean exif = meta.path("image_loading").asText().equals("exif_transposed");
        try (SafeTensorsFile file = SafeTensorsFile.open(folder.resolve("tensors.safetensors"))) {
            float[] expected = file.floats("input.pixel_values");
            int at = 0;
            for (String name : images(meta)) {
                ImagePatches patches = processor.process(ImageFile.decode(Golden.require("images/" + name), exif));
                for (float value : patches.pixels()) {
                    assertEquals(expected[at++], value, TOLERANCE);
                }
            }
            assertEquals(expected.length, at);
        }
    }

    /** Names of the images in the order of the messages, which in a batch are a list for each row. */
    private static List<String> images(JsonNode meta) {
        return meta.path("messages").findValuesAsText("image");
    }

    private static SafeTensorsFile processing() {
        return Processing.FILE;
    }

    private static final class Processing {
        static final SafeTensorsFile FILE = SafeTensorsFile.open(Golden.require("processing/images_and_resize.safetensors"));
    }

    private static byte[] bytes(long[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** {@code [3, height, width]} */
    private static byte[] planes(RgbImage image) {
        int area = image.width() * image.height();
        byte[] planes = new byte[3 * area];
        for (int i = 0; i < planes.length; i++) {
            planes[i % 3 * area + i / 3] = image.rgb()[i];
        }
        return planes;
    }
}
