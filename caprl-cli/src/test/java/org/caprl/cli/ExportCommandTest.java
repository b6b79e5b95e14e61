package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.tensor.BFloat16;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    private static final String MODEL = "model.safetensors";

    @TempDir
    static Path folder;
    private static Path run;

    @BeforeAll
    static void aRunOfTwoSteps() throws IOException {
        Path config = TinyModels.run(folder);
        Ran ran = Ran.caprl("train", config.toString(), "run.output=" + folder.resolve("runs"), "trainer.steps=2", "trainer.save_every=1",
                "trainer.lr=1e-3", "rollout.captions_per_prompt=2");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        run = folder.resolve("runs/test");
    }

    private static Path export(Path model, String out, String... more) {
        Path to = folder.resolve(out);
        Ran ran = export(model, to, more);
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        return to;
    }

    private static Ran export(Path model, Path out, String... more) {
        return Ran.caprl(Stream.concat(Stream.of("export", "--model", model.toString(), "--out", out.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aRunsNewestCheckpointWithoutItsStateAndWithACardOfItsNumbers() throws IOException {
        Path out = export(run, "whole");
        Path checkpoint = run.resolve("checkpoints/step-2");
        assertArrayEquals(Files.readAllBytes(checkpoint.resolve(MODEL)), Files.readAllBytes(out.resolve(MODEL)));
        List<String> expected = Stream.concat(Stream.of("README.md"),
                names(checkpoint).stream()).filter(name -> !name.equals("train_state"))
                .sorted().toList();
        assertEquals(expected, names(out));
        String card = Files.readString(out.resolve("README.md"));
        List<StepMetrics> metrics = MetricsFile.read(run.resolve("metrics.jsonl"));
        double before = metrics.getFirst().get(MetricKey.EVAL_QA_ACCURACY).orElseThrow();
        double after = metrics.getLast().get(MetricKey.EVAL_QA_ACCURACY).orElseThrow();
        assertTrue(card.contains("| | before (step 0) | after (step 2) |"), card);
        assertTrue(card.contains(String.format(Locale.ROOT, "| questions answered from the caption | %.3f | %.3f |", before, after)), card);
        assertTrue(card.contains("Trained for 2 steps") && card.contains(Files.readString(run.resolve("config.yaml")).strip()), card);
        assertEquals(ExitCode.DONE, Ran.caprl("caption", "--model", out.toString(), "--image",
                folder.resolve("data/images/eval-000000.png").toString(), "--max-new-tokens", "2").code());
    }

    @Test
    void anEarlierCheckpointHasTheEvaluationUpToIt() throws IOException {
        Path out = export(run.resolve("checkpoints/step-1"), "earlier");
        assertArrayEquals(Files.readAllBytes(run.resolve("checkpoints/step-1").resolve(MODEL)), Files.readAllBytes(out.resolve(MODEL)));
        String card = Files.readString(out.resolve("README.md"));
        assertTrue(card.contains("Trained for 1 step ") && card.contains("after (step 0)")
                && card.contains("the last evaluation was made after step 0, and these weights are those of step 1"), card);
    }

    @Test
    void bfloat16InShardsWithAnIndex() throws IOException {
        Path out = export(run, "shards", "--dtype", "bfloat16", "--max-shard-size", "50KB");
        List<String> shards = names(out).stream().filter(name -> name.endsWith(".safetensors")).toList();
        assertTrue(shards.size() > 2 && names(out).contains("model.safetensors.index.json"), shards.toString());
        assertEquals("bfloat16", new JsonMapper().readTree(out.resolve("config.json").toFile()).path("torch_dtype").asText());
        try (HfCheckpoint exported = HfCheckpoint.open(out); SafeTensorsFile trained =
                SafeTensorsFile.open(run.resolve("checkpoints/step-2").resolve(MODEL))) {
            assertEquals(trained.names(), exported.names());
            for (String name : trained.names()) {
                assertEquals("BF16", exported.info(name).dtype());
                float[] values = trained.floats(name);
                float[] rounded = new float[values.length];
                exported.read(name, trained.info(name).shape(), MemorySegment.ofArray(rounded));
                for (int i = 0; i < values.length; i++) {
                    assertEquals(BFloat16.toFloat(BFloat16.fromFloat(values[i])), rounded[i], name);
                }
            }
        }
    }

    @Test
    void aPlainFolderAndOneWithoutGenerationConfig() throws IOException {
        Path model = TinyModels.policy(folder.resolve("plain"));
        byte[] generation = Files.readAllBytes(model.resolve("generation_config.json"));
        assertArrayEquals(generation, Files.readAllBytes(export(model, "of-plain").resolve("generation_config.json")));
        Files.delete(model.resolve("generation_config.json"));
        JsonMapper json = new JsonMapper();
        int end = json.readTree(model.resolve("config.json").toFile()).path("eos_token_id").asInt();
        assertEquals(end, json.readTree(export(model, "without").resolve("generation_config.json").toFile()).at("/eos_token_id/0").asInt());
        assertFalse(Files.readString(folder.resolve("of-plain/README.md")).contains("Trained"));
    }

    @Test
    void nothingIsOverwrittenAndNothingIsLeftOfAFailure() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("file"), "mine");
        refused(export(run, mine), "is not empty");
        assertEquals(List.of("file"), names(mine));
        refused(export(folder.resolve("nowhere"), folder.resolve("out")), "no folder " + folder.resolve("nowhere"));
        Path begun = Files.createDirectories(folder.resolve("begun"));
        Files.copy(run.resolve("config.yaml"), begun.resolve("config.yaml"));
        refused(export(begun, folder.resolve("out")), "has no checkpoint yet");
        refused(export(run, folder.resolve("out"), "--max-shard-size", "5"), "--max-shard-size is '5'");
        Path broken = TinyModels.policy(folder.resolve("broken"));
        Files.delete(broken.resolve("tokenizer.json"));
        refused(export(broken, folder.resolve("out")), "tokenizer.json");
        assertTrue(names(folder).stream().noneMatch(name -> name.equals("out") || name.startsWith(".")), names(folder).toString());
    }

    private static void refused(Ran ran, String message) {
        assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("caprl: ") && ran.err().contains(message), ran.err());
    }
}
