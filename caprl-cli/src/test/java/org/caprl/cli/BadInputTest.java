package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user gets to see of {@code caprl train} over bad input: one message with thing and cure, code 2, and no half-written run. */
class BadInputTest {
    private static final String MODEL = "model.safetensors";

    @TempDir
    static Path folder;

    private static Path config;

    @BeforeAll
    static void goodInput() throws IOException {
        config = TinyModels.run(folder);
        assertEquals(ExitCode.DONE, Ran.caprl("data", "synth", "--out", folder.resolve("data").toString(), "--train", "1", "--eval", "1",
                "--seed", "1").code());
    }

    @Test
    void theSameWithoutAMistakeIsPlanned() {
        assertEquals(ExitCode.DONE, Ran.caprl("train", config.toString(), "--plan").code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncated", "no image", "absent", "1x1", "20000x20"})
    void images(String kind) throws IOException {
        Path image = image(kind);
        Path rows = folder.resolve("data/rows-" + image.getFileName() + ".jsonl");
        JsonMapper json = new JsonMapper();
        ObjectNode row = (ObjectNode) json.readTree(Files.readString(folder.resolve("data/train.jsonl")));
        row.putObject("image").put("path", image.getFileName().toString());
        Files.writeString(rows, row + "\n");
        refused(List.of(image.toString()), "data.train=" + rows);
    }

    /** A file in the data folder that is no good image, in this way. */
    private static Path image(String kind) throws IOException {
        Path image = folder.resolve("data").resolve(kind.replace(' ', '-') + ".png");
        switch (kind) {
            case "truncated" -> {
                try (Stream<Path> images = Files.list(folder.resolve("data/images"))) {
                    byte[] whole = Files.readAllBytes(images.findFirst().orElseThrow());
                    Files.write(image, Arrays.copyOf(whole, whole.length / 2));
                }
            }
            case "no image" -> Files.writeString(image, "no image");
            case "1x1" -> ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
            case "20000x20" -> ImageIO.write(new BufferedImage(20_000, 20, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
            default -> assertFalse(Files.exists(image));
        }
        return image;
    }

    @Test
    void badImagesAreLeftOutAndNamedWhereTheConfigurationSaysSo() throws IOException {
        JsonMapper json = new JsonMapper();
        ObjectNode row = (ObjectNode) json.readTree(Files.readString(folder.resolve("data/eval.jsonl")));
        StringBuilder lines = new StringBuilder();
        for (String id : List.of("first", "truncated", "1x1", "no image", "last")) {
            ObjectNode one = row.deepCopy().put("id", id);
            if (!List.of("first", "last").contains(id)) {
                one.putObject("image").put("path", image(id).getFileName().toString());
            }
            lines.append(one).append('\n');
        }
        Path rows = Files.writeString(folder.resolve("data/some-bad.jsonl"), lines);

        Ran eval = Ran.caprl("eval", config.toString(), "data.eval=" + rows, "data.bad_rows=skip", "--json");
        assertEquals(ExitCode.DONE, eval.code(), eval.err());
        assertEquals(List.of("first", "last"), json.readTree(eval.out()).findValuesAsText("id"));
        for (String id : List.of("truncated", "1x1", "no image")) {
            assertTrue(eval.err().contains("left out sample '" + id + "': " + folder.resolve("data")), eval.err());
        }
        Ran failing = Ran.caprl("eval", config.toString(), "data.eval=" + rows);
        assertEquals(ExitCode.WRONG_INPUT, failing.code());
        assertTrue(failing.err().startsWith("caprl: sample 'truncated': ") && failing.err().contains("damaged or cut off"), failing.err());

        Path runs = folder.resolve("runs/skipping");
        Ran train = Ran.caprl("train", config.toString(), "data.train=" + rows, "data.bad_rows=skip", "run.output=" + runs,
                "trainer.prompts_per_step=4", "rollout.captions_per_prompt=2");
        assertEquals(ExitCode.DONE, train.code(), train.err());
        List<String> trained = new ArrayList<>();
        for (String line : Files.readAllLines(runs.resolve("test/samples/step-1.jsonl"))) {
            trained.add(json.readTree(line).get("id").asText());
        }
        assertEquals(8, trained.size());
        assertTrue(List.of("first", "last").containsAll(trained), trained.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"id": broken            | :1:
            ''                       | no usable row
            {"id": "a"}              | :1:
            """)
    void rows(String content, String expected) throws IOException {
        Path rows = Files.createTempFile(folder.resolve("data"), "rows", ".jsonl");
        Files.writeString(rows, content);
        refused(List.of(rows.toString(), expected.strip()), "data.train=" + rows);
    }

    @Test
    void truncatedHeader() throws IOException {
        Path model = copy("truncated-header");
        Files.write(model.resolve(MODEL), Arrays.copyOf(Files.readAllBytes(model.resolve(MODEL)), 100));
        refused(List.of(MODEL), "policy.path=" + model);
    }

    @Test
    void missingTensor() throws IOException {
        Path model = copy("missing-tensor");
        rename(model, "model.norm.weight", "model.morn.weight");
        refused(List.of("model.norm.weight"), "policy.path=" + model);
    }

    @Test
    void misshapenTensor() throws IOException {
        Path model = copy("misshapen-tensor");
        Path json = model.resolve("config.json");
        Files.writeString(json, Files.readString(json).replaceFirst("\"intermediate_size\" : 64", "\"intermediate_size\" : 96"));
        refused(List.of("mlp", "(intermediate_size = 96)", "64"), "policy.path=" + model);
    }

    @Test
    void missingShard() throws IOException {
        Path model = copy("missing-shard");
        Files.delete(model.resolve(MODEL));
        refused(List.of(model.toString(), "safetensors"), "policy.path=" + model);
    }

    @Test
    void missingTokenizer() throws IOException {
        Path model = copy("missing-tokenizer");
        Files.delete(model.resolve("tokenizer.json"));
        refused(List.of("tokenizer.json"), "policy.path=" + model);
    }

    @Test
    void vocabularyOfAnotherModel() throws IOException {
        Path model = copy("foreign-tokenizer");
        Path json = model.resolve("config.json");
        Files.writeString(json, Files.readString(json).replaceFirst("\"vocab_size\" : [0-9]+", "\"vocab_size\" : 64"));
        refused(List.of("tokenizer.json", "vocab_size 64"), "policy.path=" + model);
    }

    @Test
    void aPolicyThatCanNotSee() {
        refused(List.of("can't see", "vision-language"), "policy.path=" + folder.resolve("answerer"));
    }

    @Test
    void everyMistakeOfTheConfigurationAtOnce() {
        refused(List.of("trainer.stepz=3: unknown key; did you mean steps?", "rollout.temperature", "policy.path"),
                "trainer.stepz=3", "rollout.temperature=-1", "policy.path=" + folder.resolve("nowhere"));
    }

    @Test
    void aFileWhereRunsBelong() throws IOException {
        Path file = Files.writeString(folder.resolve("occupied"), "mine");
        Ran ran = Ran.caprl("train", config.toString(), "run.output=" + file);
        assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
        assertTrue(ran.err().contains(file.toString()), ran.err());
        assertEquals("mine", Files.readString(file));
    }

    /** Runs with these overrides: code 2, one message with every word, no checkpoint and nothing hidden left. */
    private static void refused(List<String> words, String... overrides) {
        Path runs = folder.resolve("runs").resolve(Integer.toHexString(Arrays.hashCode(overrides)));
        List<String> args = new ArrayList<>(List.of("train", config.toString(), "run.output=" + runs));
        args.addAll(List.of(overrides));
        Ran ran = Ran.caprl(args.toArray(String[]::new));
        assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("caprl: ") && !ran.err().contains("\tat "), ran.err());
        words.forEach(word -> assertTrue(ran.err().contains(word), () -> "no '" + word + "' in: " + ran.err()));
        assertFalse(Files.exists(runs.resolve("test/checkpoints")) && Files.exists(runs.resolve("test/latest")));
    }

    private static Path copy(String name) throws IOException {
        Path to = Files.createDirectory(folder.resolve(name));
        try (Stream<Path> files = Files.list(folder.resolve("policy"))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /** Gives a tensor another name of the same length. */
    private static void rename(Path model, String from, String to) throws IOException {
        String bytes = Files.readString(model.resolve(MODEL), StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains(from));
        Files.writeString(model.resolve(MODEL), bytes.replace(from, to), StandardCharsets.ISO_8859_1);
    }
}
