package org.caprl.trainer.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.rollout.cluster.LocalCluster;
import org.caprl.rollout.cluster.RayEnvironment;
import org.caprl.rollout.ray.RaySession;
import org.caprl.rollout.ray.WeightBroadcast;

/** What a Ray cluster costs: weights on their way to caption actors, and steps of the smoke run beside those in one JVM. */
public final class RayBench {
    private static final Duration CONNECTION = Duration.ofSeconds(60);
    private static final long OBJECT_STORE = 2L << 30;

    private final Settings settings;
    private final Consumer<String> log;

    /**
     * What to measure.
     *
     * @param address of a cluster; empty starts one of this machine, and ends it
     * @param threads of a run, in all processes together
     * @param actors numbers of caption actors
     * @param mebibytes sizes of weights; multiples of 16
     * @param repeats rounds of each broadcast
     * @param steps of each run, of which the second half is measured
     */
    public record Settings(Optional<String> address, int threads, List<Integer> actors, List<Integer> mebibytes, int repeats, int steps) {
    }

    /**
     * A run.
     *
     * @param name where its parts were
     * @param actors that wrote captions; 0 in one JVM
     * @param steps that were measured
     * @param stepSeconds median
     * @param stageSeconds median of each stage
     * @param calls of caption actors in a step, median
     * @param captions of a step
     */
    public record Run(String name, int actors, int steps, double stepSeconds, Map<String, Double> stageSeconds, double calls,
            int captions) {
    }

    /**
     * What was found.
     *
     * @param ray version
     * @param broadcasts by size and actors
     * @param runs the one in one JVM first
     */
    public record Result(String ray, List<WeightBroadcast.Times> broadcasts, List<Run> runs) {
    }

    /** @param log hears what goes on, line by line */
    public RayBench(Settings settings, Consumer<String> log) {
        this.settings = settings;
        this.log = log;
    }

    /** Measures everything. */
    public Result run() {
        if (settings.address().isPresent()) {
            return run(settings.address().get());
        }
        Path folder = Path.of("/tmp", "caprl-bench-" + ProcessHandle.current().pid());
        LocalCluster cluster = new LocalCluster(folder);
        // Also where Ctrl-C ends the measurement.
        Thread end = new Thread(cluster::down);
        Runtime.getRuntime().addShutdownHook(end);
        try {
            RayEnvironment environment = RayEnvironment.findOrMake(RayEnvironment.home(), log);
            return run(cluster.up(environment, new LocalCluster.Options(1, OptionalInt.of(Runtime.getRuntime().availableProcessors()),
                    OptionalInt.empty(), OptionalInt.empty(), OptionalLong.of(OBJECT_STORE)), log).state().address());
        } finally {
            cluster.down();
            Runtime.getRuntime().removeShutdownHook(end);
            AtomicDirectory.delete(folder);
        }
    }

    private Result run(String address) {
        List<WeightBroadcast.Times> broadcasts = new ArrayList<>();
        String version;
        try (RaySession session = RaySession.open(address, CONNECTION)) {
            version = session.version();
            for (int size : settings.mebibytes()) {
                for (int actors : settings.actors()) {
                    log.accept("weights of " + size + " MiB to " + actors + (actors == 1 ? " actor" : " actors"));
                    broadcasts.add(new WeightBroadcast(settings.repeats()).measure(
                            Math.toIntExact(((long) size << 20) / WeightBroadcast.MATRIX_BYTES), actors));
                }
            }
        }
        Path folder = folder();
        try {
            RayOverhead overhead = new RayOverhead(RayEnvironment.home().resolve("configs/smoke.yaml"), folder, settings.threads(),
                    settings.steps());
            List<Run> runs = new ArrayList<>();
            log.accept("the smoke run in one JVM");
            runs.add(overhead.inOneJvm());
            for (int actors : settings.actors()) {
                log.accept("the smoke run on the cluster, caption actors: " + actors);
                runs.add(overhead.onCluster(address, actors));
            }
            return new Result(version, broadcasts, runs);
        } finally {
            AtomicDirectory.delete(folder);
        }
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("caprl-bench");
        } catch (IOException e) {
            throw DiskFailure.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }
}
