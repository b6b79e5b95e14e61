package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.SampleImage;
import org.caprl.core.data.SampleSource;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;
import org.caprl.core.model.load.Processor;

/**
 * Samples with their images. An image that can't be used (missing, damaged, cut off, too small, too large) makes a bad row: it stops
 * with {@link BadRows#FAIL}, and with {@link BadRows#SKIP} the row is left out, counted and reported once. Since a row's images are
 * always the same, what is left out is too, also after a resume.
 */
public final class ImageRows {
    private final SampleSource samples;
    private final BadRows badRows;
    private final Set<String> leftOut = ConcurrentHashMap.newKeySet();
    private final Queue<String> untold = new ConcurrentLinkedQueue<>();

    /**
     * A sample and its images, read with their EXIF orientation applied.
     *
     * @param sample the row
     * @param images decoded, in the order of the sample's
     */
    public record Row(CaptionSample sample, List<RgbImage> images) {
        /** Decodes all images of a sample. @throws InputException if one can't be used */
        public static Row decode(CaptionSample sample) {
            return new Row(sample, sample.images().stream().map(SampleImage::decode).toList());
        }
    }

    private interface Reading<T> {
        T of(CaptionSample sample);
    }

    /** The rows of a source; its endless pass moves with {@link #next}. */
    public ImageRows(SampleSource samples, BadRows badRows) {
        this.samples = samples;
        this.badRows = badRows;
    }

    /**
     * The next row of the endless shuffled pass whose images can be used.
     *
     * @throws InputException if a row is bad, or all are and are left out
     */
    public Row next() {
        long most = 2 * samples.size().orElseThrow();
        for (long tried = 0; tried < most; tried++) {
            Row row = orLeftOut(samples.next(), Row::decode);
            if (row != null) {
                return row;
            }
        }
        throw noneUsable();
    }

    /** Where {@link #next} goes on. */
    public Cursor cursor() {
        return samples.cursor();
    }

    /** The first rows in the stored order whose images can be used; 0 takes all. */
    public List<Row> first(int most) {
        List<Row> rows = new ArrayList<>();
        for (CaptionSample sample : samples) {
            Row row = orLeftOut(sample, Row::decode);
            if (row != null) {
                rows.add(row);
                if (rows.size() == most) {
                    break;
                }
            }
        }
        if (rows.isEmpty()) {
            throw noneUsable();
        }
        return rows;
    }

    /**
     * Lengths of the first prompts in the stored order; 0 takes all. Images are not decoded, only their sizes are read, so this finds
     * every bad row but those whose pixels are damaged.
     */
    public PromptLengths lengths(Processor processor, int most) {
        long rows = 0;
        long tokens = 0;
        int longest = 0;
        for (CaptionSample sample : samples) {
            List<SmartResize.Size> sizes = orLeftOut(sample, s -> s.images().stream().map(SampleImage::size).toList());
            if (sizes != null) {
                int length = processor.promptTokens(CaptionRows.messages(sample.prompt()), sizes);
                rows++;
                tokens += length;
                longest = Math.max(longest, length);
                if (rows == most) {
                    break;
                }
            }
        }
        if (rows == 0) {
            throw noneUsable();
        }
        return new PromptLengths(rows, tokens, longest);
    }

    /** What {@code reading} makes of the sample, or null if it is left out. */
    private <T> T orLeftOut(CaptionSample sample, Reading<T> reading) {
        try {
            return reading.of(sample);
        } catch (InputException e) {
            String what = "sample '" + sample.id() + "': " + e.getMessage();
            if (badRows == BadRows.FAIL) {
                throw new InputException(what, e);
            }
            if (leftOut.add(sample.id())) {
                untold.add("left out " + what + " (data.bad_rows=skip; " + leftOut.size() + " for their images so far)");
            }
            return null;
        }
    }

    private InputException noneUsable() {
        return new InputException("no row has images that can be used; " + String.join("\n", untold));
    }

    /** Rows left out for their images so far. */
    public int skipped() {
        return leftOut.size();
    }

    /** Lines on the rows left out since the last call, each with its sample and the reason. */
    public List<String> takeSkipped() {
        List<String> lines = new ArrayList<>();
        for (String line = untold.poll(); line != null; line = untold.poll()) {
            lines.add(line);
        }
        return lines;
    }
}
