package org.caprl.core.data.file;

import java.util.Base64;
import java.util.Locale;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.SampleImage;
import org.caprl.core.image.SmartResize;

/** Rows as an HTML page that needs nothing beside it: images, prompts, questions with the right choice marked, captions, facts. */
public final class DataPage {
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>%s</title>
            <style>
            :root { color-scheme: light dark; --line: light-dark(#d5d5d5, #444); --soft: light-dark(#666, #a5a5a5);
                    --right: light-dark(#0a6b2d, #6fd896); --bad: light-dark(#a01818, #ff8f8f); }
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.3rem; } table { border-collapse: collapse; } td { padding: .15rem 1rem .15rem 0; vertical-align: top; }
            code { font-size: .9em; overflow-wrap: anywhere; } .soft, figcaption { color: var(--soft); font-size: .87em; }
            article { display: grid; grid-template-columns: minmax(160px, 340px) 1fr; gap: 1.5rem; border-top: 1px solid var(--line);
                      padding: 1.2rem 0; }
            figure { margin: 0 0 1rem; } img { max-width: 100%%; min-width: 112px; height: auto; border: 1px solid var(--line); }
            h2 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } p, ol, ul { margin: .3rem 0 .8rem; }
            .questions { columns: 15rem; } .questions > div { break-inside: avoid; }
            ol.choices { list-style: none; padding: 0; } .right { color: var(--right); font-weight: 600; } .bad { color: var(--bad); }
            @media (max-width: 640px) { article { grid-template-columns: 1fr; } }
            </style></head><body>
            """;

    private DataPage() {
    }

    /** The page of a summary and the rows that it shows. */
    public static String html(DataSummary summary) {
        String title = summary.files().size() == 1 ? summary.files().getFirst().path().toString() : summary.files().size() + " files";
        StringBuilder page = new StringBuilder(HEAD.formatted(escape(title))).append("<h1>").append(escape(title))
                .append("</h1>\n<table>\n");
        for (DataSummary.File file : summary.files()) {
            fact(page, file.path().toString(), String.format(Locale.ROOT, "%s, %,d rows, %,d bytes", file.format(), file.rows(),
                    file.bytes()));
        }
        fact(page, "rows", String.format(Locale.ROOT, "%,d, of which %,d can't be used", summary.rows(), summary.bad()));
        fact(page, "questions", String.format(Locale.ROOT, "%,d", summary.questions()));
        summary.dataSources().forEach((source, rows) -> fact(page, "data source '" + source + "'", String.format(Locale.ROOT, "%,d rows",
                rows)));
        page.append("</table>\n<h1>Columns</h1>\n<table>\n");
        summary.columns().forEach((name, type) -> page.append("<tr><td>").append(escape(name)).append("</td><td><code>")
                .append(escape(type))
                .append("</code></td></tr>\n"));
        page.append("</table>\n<h1>First ").append(summary.first().size()).append(" rows</h1>\n");
        summary.first().forEach(row -> article(page, row));
        return page.append("</body></html>\n").toString();
    }

    private static void fact(StringBuilder page, String name, String value) {
        page.append("<tr><td>").append(escape(name)).append("</td><td>").append(escape(value)).append("</td></tr>\n");
    }

    private static void article(StringBuilder page, DataSummary.Shown row) {
        page.append("<article><div>\n");
        if (row.sample() == null) {
            page.append("</div><div><h2 class=\"bad\">").append(escape(row.fault())).append("</h2></div></article>\n");
            return;
        }
        CaptionSample sample = row.sample();
        sample.images().forEach(image -> figure(page, image));
        page.append("</div><div>\n<h2>").append(escape(sample.id())).append("</h2>\n<p class=\"soft\">").append(escape(row.place()));
        if (!sample.dataSource().isEmpty()) {
            page.append(" · ").append(escape(sample.dataSource()));
        }
        page.append("</p>\n");
        for (PromptTurn turn : sample.prompt()) {
            page.append("<p><span class=\"soft\">").append(escape(turn.role())).append(":</span> ").append(escape(turn.content()))
                    .append("</p>\n");
        }
        page.append("<div class=\"questions\">\n");
        sample.questions().forEach(question -> question(page, question));
        page.append("</div>\n");
        sample.caption().ifPresent(text -> page.append("<p><span class=\"soft\">caption:</span> ").append(escape(text)).append("</p>\n"));
        if (!sample.facts().isEmpty()) {
            page.append("<p class=\"soft\">facts: ");
            page.append(escape(String.join(" · ", sample.facts().stream().map(Object::toString).toList()))).append("</p>\n");
        }
        page.append("</div></article>\n");
    }

    private static void question(StringBuilder page, QaItem question) {
        page.append("<div><p>").append(escape(question.question())).append("</p>\n<ol class=\"choices\">\n");
        for (int i = 0; i < question.choices().size(); i++) {
            page.append(i == question.answer() ? "<li class=\"right\">" : "<li>").append(QaItem.letter(i)).append(") ")
                    .append(escape(question.choices().get(i))).append(i == question.answer() ? " ✓" : "").append("</li>\n");
        }
        page.append("</ol></div>\n");
    }

    private static void figure(StringBuilder page, SampleImage image) {
        byte[] bytes = image.bytes();
        String caption;
        try {
            SmartResize.Size size = image.size();
            caption = String.format(Locale.ROOT, "%s: %d x %d, %,d bytes", image.name(), size.width(), size.height(), bytes.length);
        } catch (InputException e) {
            page.append("<p class=\"bad\">").append(escape(e.getMessage())).append("</p>\n");
            return;
        }
        page.append("<figure><img alt=\"\" src=\"data:").append(ImageFormat.of(bytes).mediaType()).append(";base64,")
                .append(Base64.getEncoder().encodeToString(bytes)).append("\"><figcaption>").append(escape(caption))
                .append("</figcaption></figure>\n");
    }

    /** Text as HTML, in elements and in quoted attributes. */
    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }
}
