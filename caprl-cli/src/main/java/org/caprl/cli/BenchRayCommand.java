package org.caprl.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.machine.MachineReport;
import org.caprl.rollout.ray.WeightBroadcast;
import org.caprl.trainer.bench.RayBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl bench ray}: what a Ray cluster costs. */
@Command(name = "ray", description = {"Measures what a Ray cluster costs: weights on their way to caption actors,",
    "and steps of the smoke run beside those in one JVM with as many threads."},
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl bench ray", "  caprl bench ray --address auto --actors 1,2,4 --threads 4 --json"})
final class BenchRayCommand implements Runnable {
    private static final int LEAST_STEPS = 2;
    private static final int MATRIX_MIB = WeightBroadcast.MATRIX_BYTES >> 20;

    @Option(names = "--address", paramLabel = "HOST:PORT",
            description = "Of a cluster, or auto (default: one of this machine, started and ended).")
    private Optional<String> address = Optional.empty();

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Of a run, in all processes together; 0, the default, takes every processor.")
    private int threads;

    @Option(names = "--actors", paramLabel = "N", split = ",", defaultValue = "1,2",
            description = "Caption actors (default: ${DEFAULT-VALUE}).")
    private List<Integer> actors;

    @Option(names = "--mib", paramLabel = "N", split = ",", defaultValue = "16,64,256",
            description = "Sizes of weights, multiples of " + MATRIX_MIB + " (default: ${DEFAULT-VALUE}).")
    private List<Integer> mebibytes;

    @Option(names = "--repeats", paramLabel = "N", defaultValue = "5",
            description = "Timed rounds of each size (default: ${DEFAULT-VALUE}).")
    private int repeats;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "40",
            description = "Steps of each run; the first half warms up (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** As it is written for programs. */
    private record Report(MachineReport machine, RayBench.Result result) {
    }

    @Override
    public void run() {
        if (repeats < 1 || steps < LEAST_STEPS || threads < 0 || actors.stream().anyMatch(n -> n < 1)
                || mebibytes.stream().anyMatch(n -> n < MATRIX_MIB || n % MATRIX_MIB != 0)) {
            throw new InputException("--repeats is " + repeats + ", --steps " + steps + ", --threads " + threads + ", --actors " + actors
                    + ", --mib " + mebibytes + "; give at least 1 round, " + LEAST_STEPS + " steps and 1 actor, and multiples of "
                    + MATRIX_MIB + " MiB");
        }
        PrintWriter err = spec.commandLine().getErr();
        MachineReport machine = MachineReport.ofThisMachine(threads);
        int all = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        RayBench.Result result = new RayBench(new RayBench.Settings(address, all, actors, mebibytes, repeats, steps), line -> {
            err.println(line);
            err.flush();
        }).run();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(new Report(machine, result)) : text(machine, all, result));
        out.flush();
    }

    private static String text(MachineReport machine, int threads, RayBench.Result result) {
        StringBuilder text = new StringBuilder();
        text.append(machine.processor().name()).append(", ").append(machine.speed().text()).append(", Ray ").append(result.ray())
                .append("\n\n");
        line(text, "%-10s %7s %10s %11s %14s %18s%n", "weights", "actors", "export ms", "publish ms", "arrived MB/s",
                "Ray.put alone MB/s");
        for (WeightBroadcast.Times t : result.broadcasts()) {
            line(text, "%-10s %7d %10.0f %11.0f %14.0f %18.0f%n", (t.bytes() >> 20) + " MiB", t.actors(), 1e3 * t.exportSeconds(),
                    1e3 * t.publishSeconds(), t.bytesPerSecond() / 1e6, t.putBytesPerSecond() / 1e6);
        }
        List<String> stages = List.copyOf(result.runs().getFirst().stageSeconds().keySet());
        line(text, "%n%-18s %9s", "ms, " + threads + " threads", "step");
        stages.forEach(stage -> line(text, " %9s", stage));
        line(text, " %9s %12s %14s%n", "overhead", "calls/actor", "calls/caption");
        double alone = result.runs().getFirst().stepSeconds();
        for (RayBench.Run run : result.runs()) {
            line(text, "%-18s %9.1f", run.name(), 1e3 * run.stepSeconds());
            stages.forEach(stage -> line(text, " %9.1f", 1e3 * run.stageSeconds().get(stage)));
            if (run.actors() > 0) {
                line(text, " %8.1f%% %12.1f %14.2f", 100 * (run.stepSeconds() / alone - 1), run.calls() / run.actors(),
                        run.calls() / run.captions());
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
