package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import io.ray.api.exception.RayTimeoutException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.rollout.cluster.LocalCluster;

/**
 * This JVM's connection to a Ray cluster, as the driver of a job; one at a time. Closing it ends the job and with it all its actors.
 *
 * <p>Nothing of Ray is touched before the cluster has answered and its version is that of {@code ray_dist.jar}: a driver of another version
 * dies inside {@code Ray.init}, and one without an address would start a cluster of its own.
 */
public final class RaySession implements AutoCloseable {
    /** Address that means: {@code RAY_ADDRESS}, or else the head on this machine. */
    public static final String AUTO = "auto";
    private static final Duration CLOSING = Duration.ofSeconds(30);

    private final String address;
    private final String version;

    private RaySession(String address, String version) {
        this.address = address;
        this.version = version;
    }

    /**
     * Connects.
     *
     * @param address {@value #AUTO} or {@code host:port} of the head
     * @param limit for the connection
     * @throws InputException if there is no cluster, no runtime, or they are of different versions; it says what to do
     */
    public static RaySession open(String address, Duration limit) {
        RayRuntimeJar runtime = RayRuntimeJar.find();
        runtime.requireSole();
        WorkerJvm.requireOpened();
        if (Ray.isInitialized()) {
            throw new IllegalStateException("this JVM is connected to a Ray cluster already");
        }
        String head = resolve(address, System.getenv("RAY_ADDRESS"), localCluster());
        String version = ClusterVersion.ask(head, limit).orElseThrow(() -> new InputException("what answers at " + head
                + " does not give a version of Ray; is it the port of a Ray head, and if the cluster asks for a token, is RAY_AUTH_TOKEN "
                + "set?"));
        if (!runtime.isOf(version)) {
            throw new InputException("the cluster at " + head + " runs Ray " + version + ", and " + runtime.path() + " is of "
                    + runtime.wheelVersion().map(v -> "Ray " + v).orElse("another version") + "; they must be the same: set CAPRL_RAY_JAR "
                    + "to ray_dist.jar of Ray " + version + " (in its wheel: ray/jars/ray_dist.jar)");
        }
        // Servlet classes of the reward service are on the class path, and log4j would ask for its part for them.
        System.setProperty("log4j2.isWebapp", "false");
        System.setProperty("ray.address", head);
        // The reward service brings servlet classes, which Ray's log4j would take for a web application.
        System.setProperty("log4j2.is.webapp", "false");
        System.setProperty("ray.job.code-search-path", RayRuntimeJar.classPath().stream().filter(e -> !RayRuntimeJar.isRuntime(e))
                .map(Path::toString).collect(Collectors.joining(":")));
        List<String> options = WorkerJvm.options();
        for (int i = 0; i < options.size(); i++) {
            System.setProperty("ray.job.jvm-options." + i, options.get(i));
        }
        within(limit, "the connection to the Ray cluster at " + head, () -> WithoutLog4jStatus.during(Ray::init));
        return new RaySession(head, version);
    }

    /** The head's address; {@code environment} and {@code local} stand for what the machine says, null and empty where it says nothing. */
    static String resolve(String address, String environment, Optional<String> local) {
        String found = address;
        if (address.equals(AUTO)) {
            found = environment != null && !environment.isBlank() && !environment.equals(AUTO) ? environment.strip()
                    : local.orElseThrow(() -> new InputException("ray.address=auto finds no cluster: RAY_ADDRESS is not set, and no head "
                            + "was started on this machine; start one (`caprl ray up`), set RAY_ADDRESS or give ray.address=HOST:PORT"));
        }
        if (!found.matches("(\\[[0-9a-fA-F:]+]|[^:/\\s]+):[0-9]{1,5}")) {
            throw new InputException("'" + found + "' is no address of a Ray head; expected HOST:PORT, such as 10.0.0.1:6379 "
                    + "(ray://… is of Ray's client, which Java does not have)");
        }
        return found;
    }

    /** The cluster of {@code caprl ray up}, or else what {@code ray start --head} left: the address of the cluster that it started last. */
    private static Optional<String> localCluster() {
        Optional<String> own = LocalCluster.ofUser().address();
        if (own.isPresent()) {
            return own;
        }
        String folder = Stream.of("RAY_TMPDIR", "TMPDIR").map(System::getenv).filter(v -> v != null && !v.isEmpty()).findFirst()
                .orElse("/tmp");
        Path file = Path.of(folder, "ray", "ray_current_cluster");
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e + ")", e);
        }
    }

    /** {@code host:port} of the head. */
    public String address() {
        return address;
    }

    /** Version of Ray, of cluster and driver. */
    public String version() {
        return version;
    }

    /** The nodes, those that have died too, by address. */
    public List<RayNode> nodes() {
        return RayNode.of(Ray.getRuntimeContext().getAllNodeInfo());
    }

    /**
     * The value of a reference.
     *
     * @param limit how long to wait
     * @param what is waited for, for the error
     * @throws RunStoppedException if it is not there in time
     */
    public static <T> T get(ObjectRef<T> ref, Duration limit, String what) {
        return Waiting.get(ref, limit, what);
    }

    /** Apart, since the JVM loads what a class catches when it first uses it: this one must do without Ray's jar until it is asked for. */
    private static final class Waiting {
        static <T> T get(ObjectRef<T> ref, Duration limit, String what) {
            try {
                return Ray.get(ref, Math.toIntExact(limit.toMillis()));
            } catch (RayTimeoutException e) {
                throw late(limit, what, e);
            }
        }
    }

    private static RunStoppedException late(Duration limit, String what, Exception e) {
        return new RunStoppedException("waited " + limit.toSeconds() + " s for " + what + ", in vain", e);
    }

    private static void within(Duration limit, String what, Runnable call) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("ray: " + what).start(() -> {
            try {
                call.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw late(limit, what, e);
        } catch (ExecutionException e) {
            Throwable root = e.getCause();
            while (root.getCause() != null) {
                root = root.getCause();
            }
            throw new RunStoppedException(what + " failed (" + root + "): a Java driver attaches to the Ray node of its own machine; is "
                    + "one alive here? From another machine use `caprl submit`", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while waiting for " + what, e);
        }
    }

    @Override
    public void close() {
        within(CLOSING, "the end of the job on the Ray cluster at " + address, Ray::shutdown);
    }
}
