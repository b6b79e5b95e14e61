package org.caprl.trainer.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.metrics.MetricsFile;
import org.caprl.core.metrics.StepMetrics;

/**
 * What a run left behind, looked at without holding or changing its folder.
 *
 * @param folder of the run
 * @param step of the checkpoint that is meant
 * @param config as resolved, YAML
 * @param metrics of all steps up to this one
 */
public record RunRecord(Path folder, int step, String config, List<StepMetrics> metrics) {
    private static final String CONFIG = "config.yaml";
    private static final String CHECKPOINTS = "checkpoints";

    /** A folder of weights, and the run that it comes from where it is a checkpoint of one. */
    public record Found(Path weights, Optional<RunRecord> run) {
    }

    /**
     * Finds the weights that a path means: those of a run's newest checkpoint, or those of the folder itself.
     *
     * @throws InputException if there is no such folder, or the run has no checkpoint yet
     */
    public static Found find(Path runOrFolder) {
        Path folder = runOrFolder.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new InputException("no folder " + runOrFolder
                    + "; give a run (runs/NAME), a checkpoint of one, or a Hugging Face folder");
        }
        if (Files.exists(folder.resolve(CONFIG)) && !Files.exists(folder.resolve("config.json"))) {
            Path newest = new Checkpoints(folder).newest().orElseThrow(() -> new InputException("the run " + runOrFolder
                    + " has no checkpoint yet; let it go on until one is saved (trainer.save_every)"));
            return new Found(newest, Optional.of(read(folder, newest)));
        }
        Path checkpoints = folder.getParent();
        boolean ofRun = checkpoints != null && checkpoints.endsWith(CHECKPOINTS) && Files.exists(checkpoints.resolveSibling(CONFIG));
        return new Found(folder, ofRun ? Optional.of(read(checkpoints.getParent(), folder)) : Optional.empty());
    }

    private static RunRecord read(Path run, Path checkpoint) {
        int step = Checkpoint.open(checkpoint).state().step();
        try {
            return new RunRecord(run, step, Files.readString(run.resolve(CONFIG), StandardCharsets.UTF_8),
                    MetricsFile.read(run.resolve("metrics.jsonl")).stream().filter(m -> m.step() <= step).toList());
        } catch (IOException e) {
            throw new InputException("can't read " + run.resolve(CONFIG) + ": " + e
                    + "; restore it, or export the checkpoint from a folder of "
                    + "its own", e);
        }
    }
}
