package org.caprl.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.data.synth.FactScore;
import org.caprl.core.nn.WeightType;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.EvalLaunch;
import org.caprl.trainer.recipe.Evaluation;
import org.caprl.trainer.recipe.Guessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl eval}: what captions of the held-out images are worth. */
@Command(name = "eval", description = "Measures a policy, or given captions, on held-out images.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl eval configs/smoke.yaml", "  caprl eval configs/smoke.yaml --policy runs/smoke/checkpoints/step-100 --json",
            "  caprl eval configs/smoke.yaml --captions captions.jsonl --guessing"})
final class EvalCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "YAML file of `caprl train`.")
    private Path config;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = "Values that replace those of the file.")
    private List<String> overrides = List.of();

    @Option(names = "--policy", paramLabel = "DIR", description = "The same as policy.path=DIR.")
    private Path policy;

    @Option(names = "--answerer", paramLabel = "DIR|URL",
            description = "Another answerer: a folder (answerer.path), or the URL of an OpenAI-compatible endpoint (answerer.remote.urls).")
    private String answerer;

    @Option(names = "--dtype", paramLabel = "TYPE", description = "The same as policy.dtype=TYPE answerer.dtype=TYPE.")
    private WeightType dtype;

    @Option(names = "--captions", paramLabel = "FILE",
            description = "Score these captions, JSONL {\"id\", \"caption\"}, one for each row, in place of the policy's.")
    private Path captions;

    @Option(names = "--guessing", description = "Measure too how well the questions are answered without a caption, beside chance.")
    private boolean guessing;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form. Facts are null where none are known. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    private record Output(int images, double qaAccuracy, Double factsTrue, Double factsFalse, Double finished, Guessing guessing,
            List<Row> rows) {
        /** One image. */
        private record Row(String id, String caption, double right) {
        }
    }

    @Override
    public void run() {
        if (captions != null && policy != null) {
            throw new ParameterException(spec.commandLine(), "--captions and --policy: captions come from the one or the other");
        }
        List<String> all = new ArrayList<>(overrides);
        if (policy != null) {
            all.add("policy.path=" + policy);
        }
        if (answerer != null) {
            all.add("reward.server=null");
            boolean served = answerer.startsWith("http://") || answerer.startsWith("https://");
            all.addAll(served ? List.of("answerer.path=null", "answerer.remote.urls=['" + answerer.replace("'", "''") + "']")
                    : List.of("answerer.remote=null", "answerer.path=" + answerer));
        }
        if (dtype != null) {
            all.add("policy.dtype=" + dtype.name().toLowerCase(Locale.ROOT));
            all.add("answerer.dtype=" + dtype.name().toLowerCase(Locale.ROOT));
        }
        RunConfig read = ConfigReader.read(RunConfig.class, config, all);
        PrintWriter err = spec.commandLine().getErr();
        EvalLaunch.Result result = new EvalLaunch(read, Optional.ofNullable(captions), guessing).run(line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(output(result)) : text(result));
        out.flush();
    }

    private Output output(EvalLaunch.Result result) {
        Evaluation.Report report = result.report();
        FactScore facts = report.facts();
        boolean known = facts.inScene() > 0;
        return new Output(report.rows().size(), report.qaAccuracy(), known ? facts.trueShare() : null, known ? facts.falseShare() : null,
                captions == null ? report.finished() : null, result.guessing().orElse(null),
                report.rows().stream().map(r -> new Output.Row(r.id(), r.caption(), r.right())).toList());
    }

    private String text(EvalLaunch.Result result) {
        Evaluation.Report report = result.report();
        FactScore facts = report.facts();
        StringBuilder text = new StringBuilder();
        line(text, "images", "%,d", report.rows().size());
        line(text, "question accuracy", "%.3f", report.qaAccuracy());
        if (facts.inScene() > 0) {
            line(text, "true facts stated", "%.3f (%,d of %,d)", facts.trueShare(), facts.trueStated(), facts.inScene());
            line(text, "false among stated", "%.3f (%,d of %,d)", facts.falseShare(), facts.falseStated(), facts.stated());
        }
        if (captions == null) {
            line(text, "ended by themselves", "%.3f", report.finished());
        }
        result.guessing().ifPresent(g -> text.append(g.text()).append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append("%-22s".formatted(name)).append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
