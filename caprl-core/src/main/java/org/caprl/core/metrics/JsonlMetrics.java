package org.caprl.core.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.DiskFailure;

/** Writes {@code metrics.jsonl}: one object a step, each line complete in the file before the next step begins. */
public final class JsonlMetrics implements MetricsSink {
    private final Path file;
    private final FileChannel channel;
    private int lastStep;

    private JsonlMetrics(Path file, int lastStep) throws IOException {
        this.file = file;
        this.lastStep = lastStep;
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** An empty file; what it held before is gone. */
    public static JsonlMetrics create(Path file) {
        try {
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
            return new JsonlMetrics(file, -1);
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    /**
     * Goes on after a step: later lines, and one that was cut off by a crash, are removed, in one replacement of the file.
     *
     * @throws org.caprl.core.InputException if a line before the last one is broken
     */
    public static JsonlMetrics resume(Path file, int step) {
        try {
            if (!Files.exists(file)) {
                return create(file);
            }
            List<MetricsFile.Line> kept = MetricsFile.lines(file).stream().filter(line -> line.step() <= step).toList();
            byte[] content = kept.stream().map(line -> line.text() + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
            if (content.length != Files.size(file)) {
                AtomicFile.write(file, content);
            }
            return new JsonlMetrics(file, kept.isEmpty() ? -1 : kept.getLast().step());
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    @Override
    public void append(StepMetrics metrics) {
        if (metrics.step() <= lastStep) {
            throw new IllegalArgumentException(file + " has step " + lastStep + "; step " + metrics.step() + " can't follow");
        }
        ByteBuffer line = ByteBuffer.wrap((metrics.json() + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
        lastStep = metrics.step();
    }

    @Override
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }
}
