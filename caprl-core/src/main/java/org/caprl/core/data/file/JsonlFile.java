package org.caprl.core.data.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;

/** A JSONL file, one row a line. Only where each line lies is kept in memory. Blank lines are not rows. */
final class JsonlFile implements DataFile {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final Path file;
    private final FileChannel channel;
    private final List<Line> lines;

    private record Line(long offset, int bytes, long number) {
    }

    /** Opens a file and finds its lines. @throws InputException if it can't be read */
    JsonlFile(Path file) {
        this.file = file;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new InputException("can't read " + file + ": " + e + "; check its permissions", e);
        }
        try {
            lines = lines(channel);
        } catch (IOException e) {
            close();
            throw new InputException("can't read " + file + ": " + e, e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return file;
    }

    @Override
    public int rows() {
        return lines.size();
    }

    @Override
    public void scan(Visitor visitor) {
        for (int i = 0; i < lines.size(); i++) {
            int row = i;
            visitor.row(row, () -> read(row));
        }
    }

    @Override
    public StoredRow read(int row) {
        Line line = lines.get(row);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(line.bytes());
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, line.offset() + bytes.position()) < 0) {
                    throw new InputException(place(row) + ": the file became shorter while it was read; leave it unchanged during a run");
                }
            }
            return new StoredRow(place(row), JSON.readValue(bytes.array()), file.toAbsolutePath().getParent(), List.of());
        } catch (JsonProcessingException e) {
            throw new InputException(place(row) + ": not JSON: " + e.getOriginalMessage() + "; expected one JSON object on the line", e);
        } catch (IOException e) {
            throw new InputException(place(row) + ": can't read: " + e, e);
        }
    }

    @Override
    public String place(int row) {
        return file + ":" + lines.get(row).number();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InputException("can't close " + file + ": " + e, e);
        }
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
