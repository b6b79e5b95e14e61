package org.caprl.core.model.internvl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.image.InternVlImageProcessor;
import org.caprl.core.image.InternVlImageSettings;
import org.caprl.core.image.InternVlImageSettings.Tiling;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts of both layouts, and what can be wrong with their files. */
class InternVlPlacesTest {
    @TempDir
    Path temp;

    private Path port() throws IOException {
        Path folder = temp.resolve("port");
        try (TensorOps ops = Backends.open("reference", 1).ops()) {
            new TinyCheckpoint("internvl", 64, 32, 1, 2, 1, 32, 32, 1, 20, 512, 7).write(folder, List.of("a red circle"), ops);
        }
        return folder;
    }

    private Path chat() throws IOException {
        Path source = Golden.require("internvl/checkpoint_chat_layout");
        Path folder = Files.createDirectory(temp.resolve("chat"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.write(folder.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return folder;
    }

    private static void replace(Path file, String before, String after) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(before), () -> "no " + before + " in " + text);
        Files.writeString(file, text.replace(before, after));
    }

    private static InternVlImageSettings settings(Path folder) {
        try (Processor processor = Processor.load(folder)) {
            return assertInstanceOf(InternVlImageProcessor.class, processor.imageProcessor()).settings();
        }
    }

    @Test
    void anImageIsItsTilesBetweenTwoMarksAndItsSizeTellsHowMany() throws IOException {
        try (Processor processor = Processor.load(port())) {
            int image = processor.tokenizer().idOf("<|image_pad|>");
            List<ChatMessage> messages = List.of(new ChatMessage("user", List.of(new ContentPart.Text("a"), new ContentPart.Image())));
            int[][] sizesAndTiles = {{56, 56, 1}, {100, 100, 4 + 1}, {30, 90, 3 + 1}, {90, 30, 3 + 1}, {260, 100, 3 + 1}};
            for (int[] s : sizesAndTiles) {
                Prompt prompt = processor.prompt("p", messages, List.of(new RgbImage(s[0], s[1], new byte[3 * s[0] * s[1]])));
                assertEquals(s[2], prompt.images().getFirst().gridT());
                assertEquals(prompt.ids().length, processor.promptTokens(messages, List.of(new SmartResize.Size(s[1], s[0]))));
                int first = indexOf(prompt.ids(), image);
                assertEquals(processor.tokenizer().idOf("<|vision_start|>"), prompt.ids()[first - 1]);
                assertEquals(image, prompt.ids()[first + 4 * s[2] - 1]);
                assertEquals(processor.tokenizer().idOf("<|vision_end|>"), prompt.ids()[first + 4 * s[2]]);
            }
        }
    }

    @Test
    void idsAndTilesMustAgree() throws IOException {
        Path folder = port();
        try (TensorOps ops = Backends.open("reference", 1).ops(); CausalLm model = Models.load(folder, ops)) {
            List<CausalLm.ImageInput> images = List.of(new CausalLm.ImageInput(new float[0], 1, 4, 4));
            int[] ids = {1, model.imageToken(), model.imageToken(), model.imageToken(), model.imageToken(), 2};
            assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, model.positions(ids, images).values());
            String message = assertThrows(IllegalArgumentException.class,
                    () -> model.positions(Arrays.copyOf(ids, 4), images)).getMessage();
            assertEquals("1 images need 4 image tokens, the ids have 3", message);
        }
    }

    private static int indexOf(int[] ids, int id) {
        int at = 0;
        while (ids[at] != id) {
            at++;
        }
        return at;
    }

    @Test
    void keysThatAreLeftOutHaveTheDefaultsOfGotOcr2ImageProcessor() throws IOException {
        Path folder = port();
        Files.writeString(folder.resolve("preprocessor_config.json"), "{}");
        InternVlImageSettings settings = InternVlImageSettings.load(folder, 16, 2);
        assertEquals(new Tiling(384, 1, 12, true), settings.tiling());
        assertEquals(List.of(0.48145466, 0.4578275, 0.40821073), settings.normalization().mean());
        assertEquals(144, settings.tileTokens());
    }

    @Test
    void theOriginalFoldersTileAsTheirConfigSays() throws IOException {
        Path folder = chat();
        assertEquals(new Tiling(56, 1, 4, true), settings(folder).tiling(), "that of the GotOcr2ImageProcessor that is there");
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"crop_size": 448, "do_center_crop": true, "do_normalize": true, "do_resize": true,
                 "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.485, 0.456, 0.406],
                 "image_std": [0.229, 0.224, 0.225], "resample": 3, "size": 448}
                """);
        assertEquals(new Tiling(56, 1, 12, true), settings(folder).tiling());
        assertEquals(List.of(0.485, 0.456, 0.406), settings(folder).normalization().mean());
        replace(folder.resolve("config.json"), "\"force_image_size\": 56", "\"force_image_size\": 84");
        replace(folder.resolve("config.json"), "\"use_thumbnail\": true", "\"use_thumbnail\": false");
        replace(folder.resolve("config.json"), "\"min_dynamic_patch\": 1", "\"min_dynamic_patch\": 3");
        assertEquals(new Tiling(84, 3, 12, false), settings(folder).tiling());
        replace(folder.resolve("config.json"), "\"dynamic_image_size\": true", "\"dynamic_image_size\": false");
        assertEquals(new Tiling(84, 1, 1, false), settings(folder).tiling());
        try (Processor processor = Processor.load(folder)) {
            assertArrayEquals(new int[] {9, 9}, new int[] {processor.imageProcessor().tokens(new SmartResize.Size(30, 300)),
                processor.imageProcessor().process(new RgbImage(300, 30, new byte[27_000])).tokens()});
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
        "tokenizer_config.json ~ \"context_image_token\" : \"<|image_pad|>\" ~ \"context_image_token\" : \"<IMG_CONTEXT>\" "
                + "~ no token '<IMG_CONTEXT>'",
        "tokenizer_config.json ~ \"context_image_token\" : \"<|image_pad|>\" ~ \"context_image_token\" : \"<|video_pad|>\" "
                + "~ but <|video_pad|> has the id",
        "tokenizer_config.json ~ \"end_image_token\" : \"<|vision_end|>\" ~ \"end_image_token\" : \"</img>\" ~ no token '</img>'",
        "preprocessor_config.json ~ GotOcr2ImageProcessor ~ CLIPImageProcessor "
                + "~ image_processor_type is CLIPImageProcessor, expected GotOcr2ImageProcessor; take the file",
        "preprocessor_config.json ~ GotOcr2ImageProcessor ~ GotOcr2ImageProcessorPil ~ expected GotOcr2ImageProcessor",
        "preprocessor_config.json ~ \"height\" : 56 ~ \"height\" : 70 ~ size is 56x70, but InternVL's tiles are square",
        "preprocessor_config.json ~ \" : 56 ~ \" : 70 ~ a tile of 70 pixels has 5 patches of 14 pixels in a row, which is no multiple of 2",
        "preprocessor_config.json ~ \"min_patches\" : 1 ~ \"min_patches\" : 5 ~ the least number of tiles is 5, the largest 4",
        "preprocessor_config.json ~ \"max_patches\" : 4 ~ \"max_patches\" : \"many\" ~ max_patches is \"many\", expected a positive whole"})
    void aWrongFileIsNamed(String file, String before, String after, String message) throws IOException {
        Path folder = port();
        replace(folder.resolve(file), before, after);
        String found = assertThrows(InputException.class, () -> Processor.load(folder)).getMessage();
        assertTrue(found.contains(message) && found.contains(folder.toString()), found);
    }

    @Test
    void aMissingFileAndMixedFilesAreNamed() throws IOException {
        Path folder = port();
        Files.writeString(folder.resolve("processor_config.json"), """
                {"image_seq_length": 256, "processor_class": "InternVLProcessor"}
                """);
        String mixed = assertThrows(InputException.class, () -> Processor.load(folder)).getMessage();
        assertTrue(mixed.contains("processor_config.json says image_seq_length 256, but a tile of 56 pixels becomes 4 tokens"), mixed);
        Files.delete(folder.resolve("preprocessor_config.json"));
        String missing = assertThrows(InputException.class, () -> Processor.load(folder)).getMessage();
        assertTrue(missing.contains("preprocessor_config.json is missing"), missing);
    }

    @Test
    void theOriginalFoldersRefuseAnotherFamilysProcessor() throws IOException {
        Path folder = chat();
        replace(folder.resolve("preprocessor_config.json"), "GotOcr2ImageProcessor", "Qwen2VLImageProcessor");
        String found = assertThrows(InputException.class, () -> Processor.load(folder)).getMessage();
        assertTrue(found.contains("expected CLIPImageProcessor or GotOcr2ImageProcessor"), found);
    }
}
