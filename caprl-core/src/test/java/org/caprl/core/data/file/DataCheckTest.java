package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.caprl.core.data.RowUse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCheckTest {
    @TempDir
    Path folder;
    private Path file;

    /** Four rows: good, an image that is cut off, an image that is none, an id twice. */
    @BeforeEach
    void rows() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        Path good = folder.resolve("images/good.png");
        BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 60 * 40; i++) {
            image.setRGB(i % 60, i / 60, 0x9e3779b1 * i);
        }
        ImageIO.write(image, "png", good.toFile());
        byte[] whole = Files.readAllBytes(good);
        Files.write(folder.resolve("images/cut.png"), Arrays.copyOf(whole, whole.length - 40));
        Files.writeString(folder.resolve("images/none.png"), "<html>");
        file = Files.writeString(folder.resolve("rows.jsonl"), DataFixture.jsonRow("a", "good.png") + DataFixture.jsonRow("b", "cut.png")
                + "\n"
                + DataFixture.jsonRow("c", "none.png") + DataFixture.jsonRow("a", "good.png"));
    }

    private static List<String> bad(Path named, RowUse use) {
        List<String> bad = new ArrayList<>();
        List<Long> heard = new ArrayList<>();
        long rows = DataCheck.run(named, use, row -> bad.add(row.place() + "|" + row.reason()), (done, total) -> heard.add(done));
        assertEquals(rows, heard.getLast());
        return bad;
    }

    @Test
    void everyBadRowWithPlaceAndReason() {
        List<String> bad = bad(file, RowUse.QUESTIONS);
        assertEquals(3, bad.size(), bad.toString());
        assertTrue(bad.get(0).startsWith(file + ":2|" + folder.resolve("images/cut.png") + ": the image is damaged or cut off"),
                bad.get(0));
        assertTrue(bad.get(1).startsWith(file + ":4|" + folder.resolve("images/none.png") + ": not an image"), bad.get(1));
        assertTrue(bad.get(2).startsWith(file + ":5|id 'a' is that of " + file + ":1 too"), bad.get(2));
        assertEquals(4, bad(file, RowUse.CAPTION).stream().filter(row -> row.contains("|no caption to learn from")).count());
    }

    @Test
    void imagesInParquetToo() throws IOException {
        Files.writeString(file, String.join("\n", Files.readAllLines(file).subList(0, 4)));
        Path parquet = folder.resolve("p.parquet");
        Conversion.run(file, parquet, (done, total) -> { });
        List<String> bad = bad(parquet, RowUse.QUESTIONS);
        assertEquals(2, bad.size(), bad.toString());
        assertTrue(bad.get(0).startsWith(parquet + ", row 1|image: the image is damaged or cut off"), bad.get(0));
        assertTrue(bad.get(1).startsWith(parquet + ", row 2|image: not an image (6 bytes)"), bad.get(1));
    }

    @Test
    void aPageOfTheRowsNeedsNothingBesideItAndEscapesWhatRowsHold() throws IOException {
        Files.writeString(file, Files.readString(file).replace("Describe.", "<script>alert(1)</script> & 'x' \\\"y\\\"").replace("A) red",
                "A) <b>red")
                .replace("\"id\": \"b\"", "\"id\": \"<i>b\"") + "no row\n");
        DataSummary summary = DataSummary.of(file, 9);
        assertEquals(List.of(5L, 1L, 4L, 4L), List.of(summary.rows(), summary.bad(), summary.images(), summary.questions()));
        assertEquals("STRUCT(path VARCHAR)", summary.columns().get("image"));
        String page = DataPage.html(summary);
        assertTrue(page.contains("src=\"data:image/png;base64,"), page);
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;x&#39; &quot;y&quot;"), page);
        assertTrue(page.contains("<li>A) &lt;b&gt;red</li>") && page.contains("<li class=\"right\">B) blue ✓</li>"), page);
        assertTrue(page.contains("<h2>&lt;i&gt;b</h2>") && page.contains("rows.jsonl:6: not JSON"), page);
        assertFalse(page.contains("<script") || page.contains("http://") || page.contains("https://"), page);
    }
}
