package org.caprl.core.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for the terminal: a line for each row, and a summary. */
public final class ParityTable {
    private static final List<String> HEAD = List.of("family", "layout", "case", "quantity", "difference", "tolerance", "verdict");

    private ParityTable() {
    }

    /** The table; rows that do not pass say where. */
    public static String of(ParityReport report) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEAD);
        for (ParityRow row : report.rows()) {
            String where = row.verdict() == Verdict.PASS || row.where().isEmpty() ? "" : ": " + row.where();
            lines.add(List.of(row.family(), row.layout(), row.caseName(), row.quantity().key(), number(row.maxDiff(), row.verdict()),
                    number(row.tolerance(), row.verdict()), row.verdict().key() + where));
        }
        int[] widths = new int[HEAD.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder cells = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                boolean last = i == widths.length - 1;
                cells.append(last ? line.get(i) : String.format("%-" + widths[i] + "s  ", line.get(i)));
            }
            text.append(cells).append('\n');
        }
        return text.append(summary(report)).append('\n').toString();
    }

    private static String summary(ParityReport report) {
        String backends = String.join(", ", report.rows().stream().map(ParityRow::backend).distinct().toList());
        return report.rows().size() + " quantities on " + backends + ": " + report.count(Verdict.PASS) + " pass, "
                + report.count(Verdict.FAIL) + " fail, " + report.count(Verdict.UNSUPPORTED) + " unsupported";
    }

    private static String number(Double value, Verdict verdict) {
        if (value == null) {
            return verdict == Verdict.UNSUPPORTED ? "-" : "not finite";
        }
        return value == Math.rint(value) && value < 1e9 ? Long.toString(value.longValue()) : String.format(Locale.ROOT, "%.2e", value);
    }
}
