package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.DataPaths;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.data.file.Holdout;
import org.caprl.core.data.synth.SynthData;
import org.caprl.trainer.config.DataSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.SynthSection;

/** The files that a run reads: made from {@code data.synth} where they are not there, and opened. */
public final class DataFiles {
    private static final String TRAIN = "train.jsonl";
    private static final String EVAL = "eval.jsonl";

    private DataFiles() {
    }

    /**
     * Makes the synthetic data set if {@code data.synth} is given and neither file exists. Files that exist are never touched.
     *
     * @param log hears if they were made now
     * @throws InputException if a file is missing and can't be made; the message says which and why
     */
    public static void ensure(RunConfig config, Consumer<String> log) {
        DataSection data = config.data();
        boolean train = DataPaths.exist(data.train());
        boolean eval = data.eval().isEmpty() || DataPaths.exist(data.eval().get());
        if (train && eval) {
            return;
        }
        String missing = train ? "data.eval = " + data.eval().orElseThrow() : "data.train = " + data.train();
        SynthSection synth = data.synth().orElseThrow(() -> new InputException("no file " + missing
                + "; mend the path, or have synthetic data made: data.synth={train: 2000, eval: 200}"));
        Path evalFile = data.eval().orElseThrow();
        if (train || eval) {
            throw new InputException("no file " + missing + ", but " + (train ? data.train() : evalFile)
                    + " exists; data.synth makes both or none: restore the missing file, or move the other away");
        }
        Path folder = data.train().toAbsolutePath().normalize().getParent();
        Path evalFolder = evalFile.toAbsolutePath().normalize().getParent();
        if (!folder.equals(evalFolder) || !data.train().endsWith(TRAIN) || !evalFile.endsWith(EVAL)) {
            throw new InputException("data.synth makes " + TRAIN + " and " + EVAL + " in one folder, but data.train = " + data.train()
                    + " and data.eval = " + evalFile + "; name them so, or leave data.synth out");
        }
        SynthData.write(folder, synth.train(), synth.eval(), synth.seed());
        log.accept("data: made " + data.train() + " and " + evalFile);
    }

    /** Opens the rows to learn from and the held-out ones. @throws InputException as {@link FileSource#split} */
    public static FileSource.Split open(RunConfig config) {
        DataSection data = config.data();
        if (data.eval().isEmpty()) {
            return FileSource.split(data.train(), RowUse.QUESTIONS, data.badRows(), config.seed(), new Holdout(data.holdout()));
        }
        FileSource train = FileSource.open(data.train(), RowUse.QUESTIONS, data.badRows(), config.seed());
        try {
            return new FileSource.Split(train, FileSource.open(data.eval().get(), RowUse.QUESTIONS, data.badRows(), config.seed()));
        } catch (RuntimeException e) {
            train.close();
            throw e;
        }
    }

    /** Opens the held-out rows alone. @throws InputException as {@link FileSource#split} */
    public static FileSource openHeld(RunConfig config) {
        DataSection data = config.data();
        return data.eval().isEmpty() ? open(config).held()
                : FileSource.open(data.eval().get(), RowUse.QUESTIONS, data.badRows(), config.seed());
    }
}
