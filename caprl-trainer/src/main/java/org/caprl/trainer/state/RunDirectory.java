package org.caprl.trainer.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.config.ConfigDiff;
import org.caprl.core.metrics.JsonlMetrics;
import org.caprl.core.metrics.MetricsSink;

/**
 * The folder of a run, held by one process at a time:
 *
 * <pre>
 * runs/NAME/
 *   config.yaml           as resolved
 *   metrics.jsonl         a line a step
 *   samples/step-N.jsonl  captions with their rewards and questions
 *   checkpoints/step-N/   a Hugging Face folder, or one of adapters, and train_state/
 *   latest                the newest checkpoint's name
 * </pre>
 *
 * <p>Opening it again under the same configuration continues the run: from {@link #latest} where there is a checkpoint, else from the
 * start; metrics and samples of later steps are removed, since these steps come again. A kill at any moment leaves nothing that the
 * next opening would take for whole.
 */
public final class RunDirectory implements AutoCloseable {
    /**
     * Keys that do not make it another run: products give the same bits for any number of threads, {@code run} says where it is, and the
     * others where the same remote answerer is served and how patiently it is asked.
     */
    private static final Set<String> MAY_DIFFER = Set.of("threads", "run.name", "run.output", "answerer.remote.urls",
            "answerer.remote.api_key_env", "answerer.remote.max_in_flight", "answerer.remote.timeout_seconds",
            "answerer.remote.connect_timeout_seconds", "answerer.remote.retries", "answerer.remote.backoff_seconds",
            "reward.server.url", "reward.server.token_env", "reward.server.max_in_flight", "reward.server.timeout_seconds",
            "reward.server.connect_timeout_seconds", "reward.server.retries", "reward.server.backoff_seconds");
    private static final String PLACEMENT = "ray.";
    private static final String OVERLAP = "ray.overlap";
    /** The one overlap with other numbers: its captions are of older weights. */
    private static final String OFF_POLICY = "step";
    private static final String CONFIG = "config.yaml";
    private static final int PROBE_BYTES = 1 << 16;

    private final Path path;
    private final RunLock lock;
    private final Checkpoints checkpoints;
    private final SampleWriter samples;
    private JsonlMetrics metrics;
    private Optional<Checkpoint> latest;

    private RunDirectory(Path path, RunLock lock, String config) {
        this.path = path;
        this.lock = lock;
        this.checkpoints = new Checkpoints(path);
        this.samples = new SampleWriter(path);
        requireRunOf(config);
        probe();
        AtomicDirectory.sweep(path);
        checkpoints.recover();
        this.latest = checkpoints.newest().map(Checkpoint::open);
        if (!Files.exists(path.resolve(CONFIG))) {
            AtomicFile.write(path.resolve(CONFIG), config.getBytes(StandardCharsets.UTF_8));
        }
        this.metrics = cutToLatest();
    }

    private JsonlMetrics cutToLatest() {
        int step = latest.map(c -> c.state().step()).orElse(-1);
        samples.cutBack(step);
        return JsonlMetrics.resume(metricsFile(), step);
    }

    /**
     * Begins the run {@code output/name}, or continues it.
     *
     * @param config the resolved configuration ({@link org.caprl.core.config.ConfigWriter})
     * @throws InputException if the run is of another configuration (every key that differs is named, with both values; only
     *     {@code threads}, {@code run}, the placement {@code ray} (but not to or from {@code ray.overlap: step}) and where a remote
     *     answerer is served may differ), another process has it, a checkpoint is damaged, or the folder may not be written
     * @throws RunStoppedException if there is no space
     */
    public static RunDirectory open(Path output, String name, String config) {
        Path path = output.resolve(name);
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw DiskFailure.writing(path, e);
        }
        RunLock lock = RunLock.acquire(path);
        try {
            return new RunDirectory(path, lock, config);
        } catch (RuntimeException e) {
            try {
                lock.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /**
     * Begins a new run in the first free folder of {@code output/name}, {@code output/name-2}, {@code output/name-3}, ….
     *
     * @param configNamed the resolved configuration, given the name that was taken
     */
    public static RunDirectory openFresh(Path output, String name, UnaryOperator<String> configNamed) {
        String taken = name;
        try {
            Files.createDirectories(output);
            for (int i = 2; !create(output.resolve(taken)); i++) {
                taken = name + "-" + i;
            }
        } catch (IOException e) {
            throw DiskFailure.writing(output.resolve(taken), e);
        }
        return open(output, taken, configNamed.apply(taken));
    }

    private static boolean create(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private void requireRunOf(String config) {
        Path file = path.resolve(CONFIG);
        if (!Files.exists(file)) {
            requireEmpty();
            return;
        }
        String before;
        try {
            before = Files.readString(file);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e.getClass().getSimpleName()
                    + "); restore it, or choose another run.name", e);
        }
        List<ConfigDiff.Difference> differences = ConfigDiff.between(before, config).stream()
                .filter(d -> !mayDiffer(d)).toList();
        if (!differences.isEmpty()) {
            throw new InputException("the run in " + path + " was started with another configuration:\n"
                    + differences.stream().map(d -> "  " + d).collect(Collectors.joining("\n"))
                    + "\ncontinue it with its own (" + file + "; only threads, ray and where a remote answerer is served may differ), "
                    + "choose another run.name, or take the next free name with --fresh");
        }
    }

    private static boolean mayDiffer(ConfigDiff.Difference d) {
        boolean sameNumbers = !d.path().equals(OVERLAP) || !d.before().equals(OFF_POLICY) && !d.after().equals(OFF_POLICY);
        return MAY_DIFFER.contains(d.path()) || d.path().startsWith(PLACEMENT) && sameNumbers;
    }

    /** A folder that was killed before it had its config holds hidden files only. */
    private void requireEmpty() {
        try (Stream<Path> entries = Files.list(path)) {
            if (entries.anyMatch(p -> !p.getFileName().toString().startsWith("."))) {
                throw new InputException(path + " exists and is no run: it has files but no " + CONFIG
                        + "; choose another run.name or run.output, or move it away");
            }
        } catch (IOException e) {
            throw DiskFailure.writing(path, e);
        }
    }

    /** Finds out now, and not after hours at the first checkpoint, that nothing can be written. */
    private void probe() {
        Path file = path.resolve(".probe");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
            ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    /**
     * Checks before training that a checkpoint will fit.
     *
     * @param checkpointBytes see {@link Checkpoint#bytes}
     * @throws RunStoppedException if the disk has less free space
     */
    public void requireSpace(long checkpointBytes) {
        long free;
        try {
            free = Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw DiskFailure.writing(path, e);
        }
        if (free < checkpointBytes) {
            throw new RunStoppedException("no space for a checkpoint in " + path + ": it needs " + checkpointBytes + " bytes, and "
                    + free + " are free; free space, or choose another run.output");
        }
    }

    /** The run's folder. */
    public Path path() {
        return path;
    }

    /** The run's name. */
    public String name() {
        return path.getFileName().toString();
    }

    /** The newest checkpoint: what to continue from; empty for a run that begins. */
    public Optional<Checkpoint> latest() {
        return latest;
    }

    /** {@code metrics.jsonl}, until {@link #cutBack}; closed with this. */
    public MetricsSink metrics() {
        return metrics;
    }

    /** {@code metrics.jsonl} as a file, for {@link org.caprl.core.metrics.MetricsFile#read}. */
    public Path metricsFile() {
        return path.resolve("metrics.jsonl");
    }

    /** The writer of {@code samples/}. */
    public SampleWriter samples() {
        return samples;
    }

    /**
     * Saves a step as {@link #latest}; the metrics so far reach the disk first. A step that is saved already is left as it is.
     *
     * @param content writes the checkpoint into the empty folder that it is given ({@link Checkpoint#write})
     * @param keep checkpoints to keep, the newest; 0 keeps all
     * @throws RunStoppedException if the disk is full; checkpoints before are untouched
     */
    public Checkpoint save(TrainState state, Consumer<Path> content, int keep) {
        metrics.force();
        if (latest.isEmpty() || latest.get().state().step() != state.step()) {
            checkpoints.write(state.step(), content);
            latest = Optional.of(new Checkpoint(checkpoints.of(state.step()), state));
        }
        checkpoints.prune(keep);
        return latest.get();
    }

    /** Removes metrics and samples of the steps after {@link #latest}, or of all where there is no checkpoint: these steps come again. */
    public void cutBack() {
        metrics.close();
        metrics = cutToLatest();
    }

    /** Closes the metrics and lets other processes have the folder. */
    @Override
    public void close() {
        metrics.close();
        try {
            lock.close();
        } catch (IOException e) {
            throw DiskFailure.writing(path, e);
        }
    }
}
