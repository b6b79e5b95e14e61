package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The smallest models with random weights, and a configuration over them. */
final class TinyModels {
    private TinyModels() {
    }

    static Path policy(Path folder) {
        return init(folder.resolve("policy"), "policy");
    }

    static Path answerer(Path folder) {
        return init(folder.resolve("answerer"), "answerer");
    }

    private static Path init(Path out, String kind) {
        Ran ran = Ran.caprl("init", "--kind", kind, "--out", out.toString(), "--hidden", "64", "--inner", "64", "--layers", "1",
                "--vision-hidden", "32", "--vision-inner", "32", "--vision-depth", "2");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        return out;
    }

    /** A run configuration over both models with three held-out images that are not made yet. */
    static Path run(Path folder) throws IOException {
        policy(folder);
        answerer(folder);
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, """
                run: {name: test}
                threads: 1
                data: {train: %1$s/data/train.jsonl, eval: %1$s/data/eval.jsonl, synth: {train: 1, eval: 3}}
                policy: {path: %1$s/policy}
                answerer: {path: %1$s/answerer, template: short}
                rollout: {max_new_tokens: 8}
                trainer: {steps: 1, prompts_per_step: 1}
                """.formatted(folder));
        return file;
    }
}
