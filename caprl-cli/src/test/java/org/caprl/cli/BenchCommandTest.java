package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @TempDir
    Path folder;

    private Ran bench(String... arguments) {
        String[] quick = {"--threads", "1", "--repeats", "1", "--seconds", "0", "--warmup", "0", "--models",
            folder.resolve("made").toString()};
        String[] all = new String[1 + arguments.length + quick.length];
        all[0] = "bench";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        System.arraycopy(quick, 0, all, 1 + arguments.length, quick.length);
        return Ran.caprl(all);
    }

    @Test
    void everyKindOfWorkIsMeasuredOnGivenModels() throws IOException {
        Path text = TinyModels.answerer(folder);
        Path vision = TinyModels.policy(folder);
        Ran ran = bench("generate-text-b8", "generate-vision-b1", "group-text-p64", "sft-text-b8", "sft-vision-b8", "policy-text", "grpo",
                "answer", "reward", "--json", "--profile", "--answerer", text.toString(), "--model", text.toString(), vision.toString());
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode cases = new JsonMapper().readTree(ran.out()).get("cases");
        StringBuilder lengths = new StringBuilder();
        for (JsonNode one : cases) {
            double units = one.get("per_second").asDouble() * one.at("/times/seconds/0").asDouble();
            lengths.append("%s rows %d image %d new %d units %.0f%n".formatted(one.at("/definition/name").asText(),
                    one.at("/lengths/rows").asInt(), one.at("/lengths/image_tokens").asInt(), one.at("/lengths/new_tokens").asInt(),
                    units));
        }
        assertEquals("""
                generate-text-b8 rows 8 image 0 new 64 units 512
                generate-vision-b1 rows 1 image 48 new 64 units 64
                group-text-p64 rows 32 image 0 new 64 units 2048
                sft-text-b8-t128 rows 8 image 0 new 127 units 1024
                sft-vision-b8-t128 rows 8 image 48 new 78 units 1024
                policy-text-p512 rows 8 image 0 new 64 units 4608
                grpo-vision rows 32 image 12 new 64 units 2048
                answer-q8 rows 8 image 0 new 1 units 8
                reward-c64-q8 rows 512 image 0 new 10 units 512
                """, lengths.toString());
        for (JsonNode one : cases) {
            double shares = 0;
            for (JsonNode share : one.at("/profile/shares")) {
                assertTrue(share.asDouble() >= 0 && share.asDouble() <= 1, one.toString());
                shares += share.asDouble();
            }
            assertEquals(1, shares, 1e-9);
        }
        assertFalse(Files.exists(folder.resolve("made")), "nothing had to be made");
    }

    @Test
    void smallModelsAreMadeOnceAndKept() throws IOException {
        assertEquals(ExitCode.DONE, bench("answer").code());
        Path weights = folder.resolve("made/answerer/model.safetensors");
        byte[] before = Files.readAllBytes(weights);
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1000));
        Ran ran = bench("answer");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertEquals(1000, Files.getLastModifiedTime(weights).toMillis());
        assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(weights)));
        assertTrue(ran.out().contains("answer-q8"), ran.out());
    }

    @Test
    void wrongInputIsRefusedBeforeAnythingIsMeasured() {
        Path text = TinyModels.answerer(folder);
        Ran unknown = bench("generate-txt-b1");
        assertEquals(ExitCode.WRONG_INPUT, unknown.code());
        assertTrue(unknown.err().contains("no case 'generate-txt-b1'; did you mean generate-text-b1"), unknown.err());
        Ran twice = bench("answer", "--model", text.toString(), text.toString());
        assertEquals(ExitCode.WRONG_INPUT, twice.code());
        assertTrue(twice.err().contains("give one of them"), twice.err());
        assertEquals(ExitCode.WRONG_INPUT, bench("answer", "--answerer", TinyModels.policy(folder).toString()).code());
        Ran tooLong = bench("group-vision-p512", "--model", folder.resolve("policy").toString());
        assertEquals(ExitCode.WRONG_INPUT, tooLong.code(), tooLong.err());
    }

    @Test
    void theListNamesCasesThatNeedGigabytesAsSuch() {
        Ran ran = Ran.caprl("bench", "--list");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        assertTrue(ran.out().contains("decode-large  (only if named)"), ran.out());
        assertTrue(ran.out().lines().anyMatch("answer-q8"::equals), ran.out());
    }
}
