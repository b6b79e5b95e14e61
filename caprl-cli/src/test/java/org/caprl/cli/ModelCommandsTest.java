package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.data.synth.PolicyExamples;
import org.caprl.core.data.synth.SceneImage;
import org.caprl.core.data.synth.Split;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.text.BpeTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private Path image(String name) throws IOException {
        Path file = folder.resolve(name);
        SceneImage.writePng(new PolicyExamples(1, Split.EVAL, WorldTexts.NOISE).get(0).rgb(), file);
        return file;
    }

    @Test
    void everyLetterIsOneTokenOfANewModel() throws IOException {
        Path model = TinyModels.answerer(folder);
        try (BpeTokenizer tokenizer = BpeTokenizer.load(model)) {
            for (char letter = 'A'; letter <= 'F'; letter++) {
                assertEquals(1, tokenizer.encode(" " + letter).length, String.valueOf(letter));
            }
        }
        Ran again = Ran.caprl("init", "--kind", "answerer", "--out", model.toString());
        assertEquals(ExitCode.WRONG_INPUT, again.code());
        assertTrue(again.err().contains("not empty"), again.err());
        Ran odd = Ran.caprl("init", "--kind", "answerer", "--out", folder.resolve("odd").toString(), "--hidden", "65");
        assertTrue(odd.code() == ExitCode.WRONG_INPUT && odd.err().contains("--hidden is 65; give a multiple of 64"), odd.err());
    }

    @Test
    void modelsWithHeadsOfPublishedWidthsInBFloat16() throws IOException {
        for (String family : List.of("qwen2_5_vl", "qwen3_vl")) {
            Path policy = folder.resolve(family);
            Ran init = Ran.caprl("init", "--kind", "policy", "--family", family, "--out", policy.toString(), "--layers", "1", "--hidden",
                    "256", "--head-width", "128", "--vision-hidden", "160", "--vision-head-width", "80", "--vision-depth", "1", "--dtype",
                    "bfloat16");
            assertEquals(ExitCode.DONE, init.code(), init.err());
            JsonNode config = JSON.readTree(policy.resolve("config.json").toFile());
            JsonNode text = config.has("text_config") ? config.get("text_config") : config;
            assertEquals("bfloat16", config.get("torch_dtype").asText());
            assertEquals(128, text.get("head_dim").asInt());
            assertEquals(family.equals("qwen3_vl") ? "[24,20,20]" : "[16,24,24]", text.at("/rope_scaling/mrope_section").toString());
            assertEquals(2, config.at("/vision_config/num_heads").asInt());
            Ran caption = Ran.caprl("caption", "--model", policy.toString(), "--image", image("a.png").toString(), "--max-new-tokens", "3",
                    "--threads", "1");
            assertEquals(ExitCode.DONE, caption.code(), caption.err());
        }
        Ran odd = Ran.caprl("init", "--kind", "policy", "--out", folder.resolve("odd").toString(), "--head-width", "48");
        assertTrue(odd.code() == ExitCode.WRONG_INPUT && odd.err().contains("--head-width is 48; give a multiple of 32"), odd.err());
    }

    @Test
    void smallModelsOfOtherFamilies() throws IOException {
        for (String family : List.of("qwen3_vl", "internvl")) {
            Path policy = folder.resolve(family);
            Ran init = Ran.caprl("init", "--kind", "policy", "--family", family, "--out", policy.toString(), "--layers", "2");
            assertEquals(ExitCode.DONE, init.code(), init.err());
            Ran caption = Ran.caprl("caption", "--model", policy.toString(), "--image", image("a.png").toString(), "--max-new-tokens", "3",
                    "--threads", "1");
            assertEquals(ExitCode.DONE, caption.code(), caption.err());
        }
        assertEquals(ExitCode.DONE, Ran.caprl("init", "--kind", "answerer", "--family", "llama", "--out",
                folder.resolve("llama").toString(), "--layers", "1").code());
        Ran blind = Ran.caprl("init", "--kind", "policy", "--family", "llama", "--out", folder.resolve("blind").toString());
        assertEquals(ExitCode.WRONG_INPUT, blind.code());
        assertTrue(blind.err().contains("--family is llama; a small policy can be one of internvl, qwen2_5_vl, qwen3_vl"), blind.err());
    }

    @Test
    void captionsAsJson() throws IOException {
        String model = TinyModels.policy(folder).toString();
        String[] sampled = {"caption", "--model", model, "--image", image("a.png").toString(), image("b.png").toString(), "--n", "2",
            "--temperature", "1", "--max-new-tokens", "5", "--seed", "3", "--threads", "1", "--json"};
        Ran ran = Ran.caprl(sampled);
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode captions = JSON.readTree(ran.out());
        assertEquals(List.of(folder.resolve("a.png").toString(), folder.resolve("b.png").toString()), captions.findValuesAsText("image"));
        JsonNode first = captions.get(0).get("captions").get(0);
        assertEquals(2, captions.get(0).get("captions").size());
        assertTrue(first.get("logprob").asDouble() < 0 && first.get("tokens").asInt() <= 5, ran.out());
        assertTrue(List.of("eos", "length").contains(first.get("finish").asText()), ran.out());
        assertEquals(ran.out(), Ran.caprl(sampled).out());
    }

    @Test
    void allBrokenImagesAreNamedAtOnce() throws IOException {
        Path broken = folder.resolve("broken.png");
        Files.writeString(broken, "no image");
        Ran ran = Ran.caprl("caption", "--model", TinyModels.policy(folder).toString(), "--image", broken.toString(),
                image("good.png").toString(), folder.resolve("absent.png").toString());
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains("broken.png") && ran.err().contains("absent.png") && !ran.err().contains("good.png"), ran.err());
        assertEquals("", ran.out());
    }

    @Test
    void aTextModelCanNotCaptionAndGreedyCaptionsAreOne() throws IOException {
        Ran blind = Ran.caprl("caption", "--model", TinyModels.answerer(folder).toString(), "--image", image("a.png").toString());
        assertTrue(blind.code() == ExitCode.WRONG_INPUT && blind.err().contains("text model"), blind.err());
        Ran twins = Ran.caprl("caption", "--model", "x", "--image", "y", "--n", "2");
        assertTrue(twins.code() == ExitCode.WRONG_INPUT && twins.err().contains("temperature above 0"), twins.err());
    }

    @Test
    void evalMakesTheDataAndScoresThePolicyOrGivenCaptions() throws IOException {
        String config = TinyModels.run(folder).toString();
        Ran own = Ran.caprl("eval", config, "--guessing", "--json");
        assertEquals(ExitCode.DONE, own.code(), own.err());
        JsonNode report = JSON.readTree(own.out());
        assertEquals(3, report.get("images").asInt());
        assertTrue(report.at("/guessing/chance").asDouble() >= 0.2, own.out());

        StringBuilder lines = new StringBuilder();
        for (String line : Files.readAllLines(folder.resolve("data/eval.jsonl"))) {
            JsonNode row = JSON.readTree(line);
            lines.append(JSON.createObjectNode().put("id", row.get("id").asText()).put("caption", row.get("caption").asText()))
                    .append('\n');
        }
        Path captions = folder.resolve("captions.jsonl");
        Files.writeString(captions, lines);
        Ran given = Ran.caprl("eval", config, "--captions", captions.toString(), "--json");
        assertEquals(ExitCode.DONE, given.code(), given.err());
        assertEquals(1.0, JSON.readTree(given.out()).get("facts_true").asDouble());
        assertEquals(0.0, JSON.readTree(given.out()).get("facts_false").asDouble());

        Files.writeString(captions, lines.toString().replaceFirst("eval-000001", "eval-000009"));
        Ran wrong = Ran.caprl("eval", config, "--captions", captions.toString());
        assertEquals(ExitCode.WRONG_INPUT, wrong.code());
        assertTrue(wrong.err().contains("captions.jsonl:2: no row of the evaluation has the id 'eval-000009'")
                && wrong.err().contains("no caption for 1 of 3 rows, the first 'eval-000001'"), wrong.err());
    }

    @Test
    void supervisedTrainingSavesAModelThatCaptions() throws IOException {
        Path model = TinyModels.policy(folder);
        Path out = folder.resolve("trained");
        Path config = folder.resolve("sft.yaml");
        Files.writeString(config, """
                output: %s
                threads: 1
                model: {path: %s}
                data: {synth: policy, noise: {wrong: 0.5}}
                trainer: {steps: 2, examples_per_step: 2, lr: 1e-3}
                """.formatted(out, model));
        Ran plan = Ran.caprl("sft", config.toString(), "--plan");
        assertTrue(plan.code() == ExitCode.DONE && plan.out().contains("2 of 2 examples"), plan.out() + plan.err());
        assertFalse(Files.exists(out));
        Ran ran = Ran.caprl("sft", config.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.out().contains("held-out scenes: "), ran.out());
        assertFalse(Files.mismatch(model.resolve("model.safetensors"), out.resolve("model.safetensors")) < 0);
        assertEquals(ExitCode.DONE, Ran.caprl("caption", "--model", out.toString(), "--image", image("a.png").toString(),
                "--max-new-tokens", "3").code());
        Path adapters = folder.resolve("adapters");
        String[] lora = {"sft", config.toString(), "output=" + adapters, "model.lora.r=2", "model.lora.vision=true"};
        assertEquals(ExitCode.DONE, Ran.caprl(lora).code());
        Ran captions = Ran.caprl("caption", "--model", adapters.toString(), "--image", image("a.png").toString(), "--max-new-tokens", "3");
        assertEquals(ExitCode.DONE, captions.code(), captions.err());
        Ran merging = Ran.caprl("sft", config.toString(), "output=" + folder.resolve("never"), "model.path=" + adapters);
        assertTrue(merging.code() == ExitCode.WRONG_INPUT && merging.err().contains("caprl export --model " + adapters), merging.err());
        assertFalse(Files.exists(folder.resolve("never")));
        Ran again = Ran.caprl("sft", config.toString());
        assertEquals(ExitCode.WRONG_INPUT, again.code());
        assertTrue(again.err().contains("trained exists and is not empty"), again.err());
    }

    @Test
    void supervisedTrainingOnTextRowsAndTheirFaults() throws IOException {
        Path model = TinyModels.answerer(folder);
        Path rows = folder.resolve("rows.jsonl");
        String good = "{\"id\": 1, \"prompt\": [{\"role\": \"user\", \"content\": \"What is red?\"}], \"answer\": \"The circle.\"}\n";
        Files.writeString(rows, good);
        Path config = folder.resolve("sft.yaml");
        Path out = folder.resolve("trained");
        Files.writeString(config, """
                output: %s
                threads: 1
                model: {path: %s}
                data: {train: %s}
                trainer: {steps: 2, examples_per_step: 3, lr: 1e-3}
                """.formatted(out, model, rows));
        Ran ran = Ran.caprl("sft", config.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        try (Stream<Path> beside = Files.list(folder)) {
            assertEquals(4, beside.count(), "answerer, rows, configuration and trained, nothing left aside");
        }
        for (String[] fault : new String[][] {
            {"{\"id\": 2, \"prompt\": [], \"answer\": \"x\"}", "'prompt' is not a list of turns"},
            {"{\"id\": 2, \"prompt\": [{\"role\": \"user\", \"content\": \"x\"}]}", "no 'answer'"},
            {"{\"id\": 2, \"prompt\": [{\"role\": \"user\"}], \"answer\": \"x\"}", "no 'content'"},
            {"{\"id\": 2,", "not JSON"},
            {good.strip(), "id '1' is that of line 1 too"}}) {
            Files.writeString(rows, good + fault[0] + "\n");
            Ran bad = Ran.caprl("sft", config.toString(), "output=" + folder.resolve("other"));
            assertEquals(ExitCode.WRONG_INPUT, bad.code());
            assertTrue(bad.err().contains("rows.jsonl:2: " + fault[1]), bad.err());
        }
        assertTrue(Ran.caprl("sft", config.toString(), "output=" + folder.resolve("other"), "data.bad_rows=skip", "trainer.steps=1").out()
                .contains("1 rows, 1 left out"));
    }

    @Test
    void theAnswerersTableHasEveryKindOfCaption() throws IOException {
        Ran ran = Ran.caprl("eval-answerer", "--model", TinyModels.answerer(folder).toString(), "--template", "short", "--examples", "2",
                "--threads", "1", "--json");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode report = JSON.readTree(ran.out());
        assertEquals(7, report.get("lines").size());
        report.get("lines").forEach(line -> assertEquals(2, line.get("examples").asInt()));
        assertEquals(2, report.at("/guessing/questions").asInt());
    }
}
