package org.caprl.trainer.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.data.synth.SynthData;
import org.caprl.trainer.config.DataSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.SynthSection;

/** The files that a run reads are there, made from {@code data.synth} where they are not. */
public final class DataFiles {
    private static final String TRAIN = "train.jsonl";
    private static final String EVAL = "eval.jsonl";

    private DataFiles() {
    }

    /**
     * Makes the synthetic data set if {@code data.synth} is given and neither file exists. Files that exist are never touched.
     *
     * @return whether they were made now
     * @throws InputException if a file is missing and can't be made; the message says which and why
     */
    public static boolean ensure(RunConfig config) {
        DataSection data = config.data();
        boolean train = Files.exists(data.train());
        boolean eval = Files.exists(data.eval());
        if (train && eval) {
            return false;
        }
        String missing = train ? "data.eval = " + data.eval() : "data.train = " + data.train();
        SynthSection synth = data.synth().orElseThrow(() -> new InputException("no file " + missing
                + "; mend the path, or have synthetic data made: data.synth={train: 2000, eval: 200}"));
        if (train || eval) {
            throw new InputException("no file " + missing + ", but " + (train ? data.train() : data.eval())
                    + " exists; data.synth makes both or none: restore the missing file, or move the other away");
        }
        Path folder = data.train().toAbsolutePath().normalize().getParent();
        Path evalFolder = data.eval().toAbsolutePath().normalize().getParent();
        if (!folder.equals(evalFolder) || !data.train().endsWith(TRAIN) || !data.eval().endsWith(EVAL)) {
            throw new InputException("data.synth makes " + TRAIN + " and " + EVAL + " in one folder, but data.train = " + data.train()
                    + " and data.eval = " + data.eval() + "; name them so, or leave data.synth out");
        }
        SynthData.write(folder, synth.train(), synth.eval(), synth.seed());
        return true;
    }
}
