package org.caprl.trainer.launch;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.config.ConfigReader;
import org.caprl.trainer.config.RunConfig;

/** A run in a process of its own, which tests can kill: {@code CONFIG KEY=VALUE…}. */
final class RunProcess {
    private RunProcess() {
    }

    public static void main(String[] args) {
        List<String> overrides = Arrays.asList(args).subList(1, args.length);
        new Launch(ConfigReader.read(RunConfig.class, Path.of(args[0]), overrides), new PrintStream(OutputStream.nullOutputStream()))
                .run(new Launch.Options(false, false));
    }
}
