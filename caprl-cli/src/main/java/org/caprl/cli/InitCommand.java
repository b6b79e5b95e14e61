package org.caprl.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.caprl.core.InputException;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.nn.WeightType;
import org.caprl.trainer.launch.InitLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl init}: a small model to train from nothing. */
@Command(name = "init", description = "Makes a small model with random weights, to begin from.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl init --kind policy --out models/policy", "  caprl init --kind answerer --out models/answerer --seed 2",
            "  caprl init --kind policy --family qwen3_vl --out models/policy"})
final class InitCommand implements Runnable {
    private static final int HEAD_STEP = 32;
    private static final int VISION_HEAD_STEP = 4;
    private static final int MERGES = 500;
    private static final int POLICY_LENGTH = 512;
    private static final int ANSWERER_LENGTH = 1024;

    /** What the model is for. */
    enum Kind {
        /** A vision-language model. */
        POLICY(true, "qwen2_5_vl"),
        /** A text model. */
        ANSWERER(false, "qwen2");

        private final boolean sees;
        private final String family;

        Kind(boolean sees, String family) {
            this.sees = sees;
            this.family = family;
        }
    }

    @Option(names = "--kind", paramLabel = "KIND", required = true, description = "policy (sees images) or answerer (text only).")
    private Kind kind;

    @Option(names = "--family", paramLabel = "NAME",
            description = "model_type of its config.json (default: qwen2_5_vl for a policy, qwen2 for an answerer).")
    private String family;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder of the model; must be new or empty.")
    private Path out;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Of the weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--hidden", paramLabel = "N", defaultValue = "128",
            description = "Width of the decoder, a multiple of twice --head-width (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--inner", paramLabel = "N", defaultValue = "352", description = "Width inside its MLP (default: ${DEFAULT-VALUE}).")
    private int inner;

    @Option(names = "--head-width", paramLabel = "N", defaultValue = "32",
            description = "Columns of a head of the decoder, a multiple of 32 (default: ${DEFAULT-VALUE}).")
    private int headWidth;

    @Option(names = "--kv-heads", paramLabel = "N", defaultValue = "0",
            description = "Key and value heads of the decoder; 0 for half as many as query heads (default: ${DEFAULT-VALUE}).")
    private int kvHeads;

    @Option(names = "--layers", paramLabel = "N", defaultValue = "4", description = "Layers of the decoder (default: ${DEFAULT-VALUE}).")
    private int layers;

    @Option(names = "--vision-hidden", paramLabel = "N", defaultValue = "96",
            description = "Width of the vision tower, a multiple of --vision-head-width (default: ${DEFAULT-VALUE}).")
    private int visionHidden;

    @Option(names = "--vision-head-width", paramLabel = "N", defaultValue = "32",
            description = "Columns of a head of the vision tower, a multiple of 4 (default: ${DEFAULT-VALUE}).")
    private int visionHeadWidth;

    @Option(names = "--vision-inner", paramLabel = "N", defaultValue = "256",
            description = "Width inside its MLP (default: ${DEFAULT-VALUE}).")
    private int visionInner;

    @Option(names = "--vision-depth", paramLabel = "N", defaultValue = "4",
            description = "Blocks of the vision tower (default: ${DEFAULT-VALUE}).")
    private int visionDepth;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32",
            description = "Of the stored weights: float32 (default) or bfloat16.")
    private WeightType dtype;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        multiple("--head-width", headWidth, HEAD_STEP);
        multiple("--vision-head-width", visionHeadWidth, VISION_HEAD_STEP);
        multiple("--hidden", hidden, 2 * headWidth);
        multiple("--inner", inner, 1);
        multiple("--layers", layers, 1);
        multiple("--vision-hidden", visionHidden, visionHeadWidth);
        multiple("--vision-inner", visionInner, 1);
        multiple("--vision-depth", visionDepth, 1);
        boolean policy = kind == Kind.POLICY;
        if (family == null) {
            family = kind.family;
        }
        List<String> families = TinyCheckpoint.families(kind.sees);
        if (!families.contains(family)) {
            throw new InputException("--family is " + family + "; a small " + kind.name().toLowerCase(Locale.ROOT) + " can be one of "
                    + String.join(", ", families));
        }
        int heads = hidden / headWidth;
        InitLaunch.run(new TinyCheckpoint(family, hidden, inner, layers, heads, headWidth, kvHeads > 0 ? kvHeads : heads / 2,
                visionHidden, visionHeadWidth, visionInner, visionDepth, MERGES, policy ? POLICY_LENGTH : ANSWERER_LENGTH, dtype, seed),
                out);
        spec.commandLine().getErr().println("wrote " + out);
        spec.commandLine().getErr().flush();
    }

    private static void multiple(String option, int value, int of) {
        if (value < 1 || value % of != 0) {
            throw new InputException(option + " is " + value + "; give "
                    + (of == 1 ? "at least 1" : "a multiple of " + of + ", at least " + of));
        }
    }
}
