package org.caprl.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import org.caprl.core.InputException;
import org.caprl.core.random.CounterRandom;

/**
 * Samples from a JSONL file, one row a line, as {@link CaptionRow} describes it.
 *
 * <p>Opening reads the file once and checks every row, so that a bad row is known before a long run starts, and keeps only where each row
 * lies. A row is read again when its sample is asked for. Blank lines are not rows.
 */
public final class JsonlSource implements SampleSource {
    private static final long ORDER = CounterRandom.hash("sample order");
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final Path file;
    private final RowUse use;
    private final FileChannel channel;
    private final List<Line> rows = new ArrayList<>();
    private final long skipped;
    private final String firstSkipped;
    private Cursor cursor;
    private int[] order;

    private record Line(long offset, int bytes, long number) {
    }

    private JsonlSource(Path file, RowUse use, BadRows badRows, long seed) {
        this.file = file;
        this.use = use;
        this.cursor = Cursor.start(seed);
        if (!Files.isRegularFile(file)) {
            throw new InputException("no data file " + file + "; check the path (data.train, data.eval)");
        }
        List<Line> lines;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            lines = lines(channel);
        } catch (IOException e) {
            throw new InputException("can't read " + file + ": " + e, e);
        }
        try {
            String reason = "";
            long bad = 0;
            Map<String, Long> lineOfId = new HashMap<>();
            for (Line line : lines) {
                try {
                    CaptionSample sample = read(line);
                    Long earlier = lineOfId.putIfAbsent(sample.id(), line.number());
                    if (earlier != null) {
                        throw new InputException(at(line) + "id '" + sample.id() + "' is that of line " + earlier
                                + " too; give each row its own");
                    }
                    rows.add(line);
                } catch (InputException e) {
                    if (badRows == BadRows.FAIL) {
                        throw e;
                    }
                    reason = bad++ == 0 ? e.getMessage() : reason;
                }
            }
            skipped = bad;
            firstSkipped = reason;
            if (rows.isEmpty()) {
                throw new InputException(file + " has no usable row" + (bad == 0 ? "; write one JSON object a line" : ": all " + bad
                        + " are bad, the first: " + firstSkipped));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a file and checks every row.
     *
     * @param seed of the endless pass, see {@link SampleSource}
     * @throws InputException if there is no file or no usable row, or for the first bad row with {@link BadRows#FAIL}; names the
     *     file, the line, what was wrong and its cure
     */
    public static JsonlSource open(Path file, RowUse use, BadRows badRows, long seed) {
        return new JsonlSource(file, use, badRows, seed);
    }

    @Override
    public OptionalLong size() {
        return OptionalLong.of(rows.size());
    }

    @Override
    public long skipped() {
        return skipped;
    }

    /** Why the first left-out row was left out; empty if none was. */
    public String firstSkipped() {
        return firstSkipped;
    }

    @Override
    public Iterator<CaptionSample> iterator() {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < rows.size();
            }

            @Override
            public CaptionSample next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("all " + rows.size() + " samples of " + file + " were given");
                }
                return read(rows.get(at++));
            }
        };
    }

    @Override
    public CaptionSample next() {
        if (cursor.position() == rows.size()) {
            cursor = new Cursor(cursor.seed(), cursor.epoch() + 1, 0);
            order = null;
        }
        if (order == null) {
            order = CounterRandom.permutation(CounterRandom.key(cursor.seed(), ORDER, cursor.epoch()), rows.size());
        }
        CaptionSample sample = read(rows.get(order[(int) cursor.position()]));
        cursor = new Cursor(cursor.seed(), cursor.epoch(), cursor.position() + 1);
        return sample;
    }

    @Override
    public Cursor cursor() {
        return cursor;
    }

    @Override
    public void seek(Cursor saved) {
        if (saved.position() > rows.size()) {
            throw new InputException("can't continue in " + file + ": the saved place is sample " + saved.position()
                    + " of an epoch, the file has " + rows.size()
                    + "; the data changed since the run was saved: restore the file, or start a new run");
        }
        cursor = saved;
        order = null;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InputException("can't close " + file + ": " + e, e);
        }
    }

    private CaptionSample read(Line line) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(line.bytes());
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, line.offset() + bytes.position()) < 0) {
                    throw new InputException(at(line) + "the file became shorter while it was read; leave it unchanged during a run");
                }
            }
            return CaptionRow.read(JSON.readValue(bytes.array()), file.toAbsolutePath().getParent(), use);
        } catch (JsonProcessingException e) {
            throw new InputException(at(line) + "not JSON: " + e.getOriginalMessage() + "; expected one JSON object on the line", e);
        } catch (IOException e) {
            throw new InputException(at(line) + "can't read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new InputException(at(line) + e.getMessage(), e);
        }
    }

    private String at(Line line) {
        return file + ":" + line.number() + ": ";
    }

    /** The lines that hold more than white space. */
    private static List<Line> lines(FileChannel channel) throws IOException {
        List<Line> lines = new ArrayList<>();
        byte[] buffer = new byte[1 << 16];
        long offset = 0;
        long start = 0;
        long number = 1;
        boolean blank = true;
        for (int n; (n = channel.read(ByteBuffer.wrap(buffer), offset)) > 0; offset += n) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] == '\n') {
                    add(lines, start, offset + i, number++, blank);
                    start = offset + i + 1;
                    blank = true;
                } else if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                    blank = false;
                }
            }
        }
        add(lines, start, offset, number, blank);
        return lines;
    }

    private static void add(List<Line> lines, long start, long end, long number, boolean blank) {
        if (!blank) {
            if (end - start > Integer.MAX_VALUE - 8) {
                throw new InputException(
                        "line " + number + " has " + (end - start) + " bytes; a row has one line of its own: check the line ends");
            }
            lines.add(new Line(start, (int) (end - start), number));
        }
    }
}
