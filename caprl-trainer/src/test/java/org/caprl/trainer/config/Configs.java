package org.caprl.trainer.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.config.ConfigReader;

/** Makes configurations for tests. */
public final class Configs {
    private Configs() {
    }

    /** The least run configuration, with overrides. The model folders exist and are empty. */
    public static RunConfig run(Path folder, String... overrides) throws IOException {
        Files.createDirectories(folder.resolve("policy"));
        Files.createDirectories(folder.resolve("answerer"));
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, """
                run: {name: test}
                data: {train: train.jsonl, eval: eval.jsonl}
                policy: {path: policy}
                answerer: {path: answerer}
                rollout: {max_new_tokens: 20}
                trainer: {steps: 25, prompts_per_step: 10}
                """);
        return ConfigReader.read(RunConfig.class, file, List.of(overrides));
    }
}
