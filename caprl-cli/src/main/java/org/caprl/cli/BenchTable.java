package org.caprl.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.caprl.trainer.bench.CaseResult;
import org.caprl.trainer.bench.OpProfile;
import org.caprl.trainer.bench.RepeatedTimes;

/** A {@link BenchReport} for the terminal. */
final class BenchTable {
    private static final List<String> PARTS = List.of("products", "attention", "norms_and_activations", "rows", "head", "sampling",
            "optimizer", "outside");
    private static final String TIMES = "%-18s %10s %21s %10s %12s  %-15s %10s %8s%n";

    private BenchTable() {
    }

    static String of(BenchReport report) {
        StringBuilder text = new StringBuilder();
        text.append(report.machine().processor().name()).append(", ").append(report.machine().speed().text()).append("\n\n");
        text.append(TIMES.formatted("case", "median ms", "least to most", "CPU ms", "a second", "", "heap KiB", "GC ms"));
        for (CaseResult result : report.cases()) {
            RepeatedTimes times = result.times();
            text.append(TIMES.formatted(result.definition().name(), millis(times.median()),
                    millis(times.least()) + " to " + millis(times.most()), millis(times.cpuSeconds()), number("%,.0f", result.perSecond()),
                    result.unit(), number("%,.0f", times.allocatedBytes() / 1024.0), millis(times.gcSeconds())));
        }
        if (report.cases().stream().anyMatch(r -> !r.figures().isEmpty())) {
            figures(report, text);
        }
        if (report.cases().stream().anyMatch(r -> r.profile() != null)) {
            profiles(report, text);
        }
        return text.toString();
    }

    /** One line on a case that is just done. */
    static String line(CaseResult result, int nameWidth) {
        return ("%-" + nameWidth + "s  %s ms, %s %s a second").formatted(result.definition().name(), millis(result.times().median()),
                number("%,.0f", result.perSecond()), result.unit());
    }

    private static void figures(BenchReport report, StringBuilder text) {
        text.append('\n');
        for (CaseResult result : report.cases()) {
            if (!result.figures().isEmpty()) {
                text.append("%-18s %s%n".formatted(result.definition().name(), result.figures().entrySet().stream()
                        .map(figure -> figure.getKey() + " " + number("%.3f", figure.getValue())).collect(Collectors.joining(", "))));
            }
        }
    }

    private static void profiles(BenchReport report, StringBuilder text) {
        text.append("\n%-18s".formatted("% of the time in"));
        PARTS.forEach(part -> text.append("%12s".formatted(part.startsWith("norms") ? "norms, act." : part)));
        text.append("%16s%n".formatted("products GF/s"));
        for (CaseResult result : report.cases()) {
            OpProfile profile = result.profile();
            Map<String, Double> shares = profile.shares();
            text.append("%-18s".formatted(result.definition().name()));
            PARTS.forEach(part -> text.append(shares.containsKey(part) ? number("%12.1f", 100 * shares.get(part)) : "%12s".formatted("-")));
            text.append(number("%16.1f", profile.productGflops())).append('\n');
        }
    }

    private static String millis(double seconds) {
        return number(seconds < 0.01 ? "%.3f" : seconds < 1 ? "%.2f" : "%.1f", 1e3 * seconds);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
