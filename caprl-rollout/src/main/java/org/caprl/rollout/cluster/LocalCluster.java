package org.caprl.rollout.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/**
 * The Ray cluster that {@code caprl ray up} starts on this machine: a head and, for trials of what a cluster does, more nodes.
 *
 * <p>One for each user, or for each folder that {@code CAPRL_RAY_DIR} names; the folder holds what Ray writes, and a file of what was
 * started. Only these processes are ever ended.
 */
public final class LocalCluster {
    /** Names another folder than {@code /tmp/caprl-ray-UID}; Ray's sockets lie in it, so its path must be short. */
    public static final String FOLDER_VARIABLE = "CAPRL_RAY_DIR";
    /** Seconds that a job which is asked to stop has for its last checkpoint, before Ray kills it. */
    public static final int JOB_STOP_SECONDS = 600;
    /** Ray's sockets add some 85 characters, and the system allows 107. */
    private static final int LONGEST_FOLDER = 40;
    private static final int DASHBOARD_PORT = 8265;
    private static final int LAST_LINES = 12;
    private static final Duration GRACE = Duration.ofSeconds(4);
    private static final String LOCALHOST = "127.0.0.1";
    private static final String SESSION = "session ";

    private final Path folder;

    /** @param folder of Ray's files and of the state; made when a cluster starts */
    public LocalCluster(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /**
     * How to start it.
     *
     * @param nodes at least 1; each further one has an address of its own in 127.0.0.0/8
     * @param cpus of each node; by default all processors, shared out
     * @param port of the head; by default a free one
     * @param dashboardPort by default 8265, or a free one if it is taken
     * @param objectStoreBytes of each node; by default as Ray chooses
     */
    public record Options(int nodes, OptionalInt cpus, OptionalInt port, OptionalInt dashboardPort, OptionalLong objectStoreBytes) {
    }

    /**
     * A look at it.
     *
     * @param state what was started
     * @param nodesAlive for each node, whether it lives
     * @param processes how many live
     */
    public record Status(ClusterState state, List<Boolean> nodesAlive, int processes) {
        /** Whether the whole of it lives. */
        public boolean up() {
            return !nodesAlive.isEmpty() && state.address() != null && nodesAlive.stream().allMatch(alive -> alive);
        }
    }

    /** That of this user. */
    public static LocalCluster ofUser() {
        String named = System.getenv(FOLDER_VARIABLE);
        return new LocalCluster(named != null && !named.isBlank() ? Path.of(named) : Path.of("/tmp", "caprl-ray-" + userId()));
    }

    private static String userId() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return System.getProperty("user.name");
        }
    }

    /** Address of the head, {@code host:port}, if one that was started here lives. */
    public Optional<String> address() {
        return status().filter(s -> s.state().address() != null && s.nodesAlive().getFirst()).map(s -> s.state().address());
    }

    /** What there is; nothing if nothing was started, or the machine was started anew since. */
    public Optional<Status> status() {
        return ClusterState.read(folder).filter(state -> state.boot().equals(ClusterProcesses.boot())).map(state -> {
            ClusterProcesses processes = new ClusterProcesses(state);
            return new Status(state, state.nodes().stream().map(processes::nodeLives).toList(), processes.living().size());
        });
    }

    /**
     * Starts it, or finds it up.
     *
     * @param log hears what happens
     * @throws InputException if it can't start here; nothing is left running then
     */
    public Status up(RayEnvironment environment, Options options, Consumer<String> log) {
        return locked(() -> {
            Optional<Status> before = status();
            if (before.isPresent()) {
                if (before.get().up()) {
                    log.accept("ray: is up already; `caprl ray down` ends it");
                    return before.get();
                }
                throw new InputException("parts of the cluster of " + folder + " have died (" + before.get().processes()
                        + " of its processes live): end the rest with `caprl ray down`, then start it again");
            }
            sweep();
            ClusterState state = new ClusterState(UUID.randomUUID().toString(), ClusterProcesses.boot(), null, null, version(environment),
                    System.getProperty("java.home"), List.of());
            state.write(folder);
            boolean whole = false;
            try {
                state = head(environment, state, options, log);
                for (int i = 1; i < options.nodes(); i++) {
                    state = joined(environment, state, i, options, log);
                }
                whole = true;
            } finally {
                if (!whole) {
                    // The state as it is on disk knows every session, also that of a start which failed half-way.
                    new ClusterProcesses(ClusterState.read(folder).orElseThrow()).end(GRACE);
                    ClusterState.delete(folder);
                }
            }
            return status().orElseThrow();
        });
    }

    /** Ends what was started, and returns how many processes that were; nothing if there was nothing. */
    public Optional<Integer> down() {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        return locked(() -> {
            Optional<Integer> ended = status().map(s -> new ClusterProcesses(s.state()).end(GRACE));
            ClusterState.delete(folder);
            return ended;
        });
    }

    private ClusterState head(RayEnvironment environment, ClusterState state, Options options, Consumer<String> log) {
        int dashboard = options.dashboardPort().orElseGet(() -> free(DASHBOARD_PORT) ? DASHBOARD_PORT : freePort());
        log.accept("ray: starting the head, " + cpus(options) + " CPUs");
        ClusterState started = start(environment, state, LOCALHOST, List.of("--head", "--temp-dir=" + folder,
                "--port=" + options.port().orElseGet(LocalCluster::freePort), "--ray-client-server-port=" + freePort(),
                "--include-dashboard=true", "--dashboard-host=" + LOCALHOST, "--dashboard-port=" + dashboard), options, log);
        String address;
        try {
            // Ray replaces the loopback address by that of the machine, and says here which.
            address = Files.readString(folder.resolve("ray_current_cluster")).strip();
        } catch (IOException e) {
            throw new RunStoppedException("the head did not say its address in " + folder + " (" + e.getMessage() + ")", e);
        }
        ClusterState.Node node = started.nodes().getFirst();
        return written(new ClusterState(state.id(), state.boot(), address, "http://" + LOCALHOST + ":" + dashboard, state.ray(),
                state.java(), List.of(new ClusterState.Node(node.session(), address.substring(0, address.lastIndexOf(':')), node.cpus()))));
    }

    private ClusterState joined(RayEnvironment environment, ClusterState state, int index, Options options, Consumer<String> log) {
        String ip = "127.0.0." + (index + 1);
        log.accept("ray: starting node " + ip + ", " + cpus(options) + " CPUs");
        return start(environment, state, ip, List.of("--address=" + state.address()), options, log);
    }

    private ClusterState written(ClusterState state) {
        state.write(folder);
        return state;
    }

    /**
     * Runs {@code ray start}, which returns when the node is there; the state with it, which is written when its session begins, so that a
     * start that fails half-way can be undone.
     */
    private ClusterState start(RayEnvironment environment, ClusterState state, String ip, List<String> node, Options options,
            Consumer<String> log) {
        // A shell in a session of its own, which says its number (that of its process) and becomes the command.
        List<String> command = new ArrayList<>(List.of("setsid", "--wait", "bash", "-c", "echo session $$; exec \"$@\"", "bash",
                environment.ray().toString(), "start", "--node-ip-address=" + ip, "--num-cpus=" + cpus(options),
                "--dashboard-agent-listen-port=" + freePort(), "--disable-usage-stats", "--log-style=record", "--log-color=false"));
        command.addAll(node);
        options.objectStoreBytes().ifPresent(bytes -> command.add("--object-store-memory=" + bytes));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> variables = builder.environment();
        String java = state.java();
        variables.put("JAVA_HOME", java);
        variables.put("PATH", environment.ray().getParent() + ":" + java + "/bin:" + variables.getOrDefault("PATH", "/usr/bin:/bin"));
        variables.put("RAY_JOB_STOP_WAIT_TIME_S", String.valueOf(JOB_STOP_SECONDS));
        variables.put(ClusterProcesses.MARK, state.id());
        variables.remove("RAY_ADDRESS");
        List<ClusterState> begun = new ArrayList<>();
        Deque<String> last = new ArrayDeque<>();
        int code = Command.run(builder, line -> {
            if (begun.isEmpty() && line.startsWith(SESSION)) {
                List<ClusterState.Node> nodes = new ArrayList<>(state.nodes());
                nodes.add(new ClusterState.Node(Long.parseLong(line.substring(SESSION.length())), ip, cpus(options)));
                begun.add(written(new ClusterState(state.id(), state.boot(), state.address(), state.dashboard(), state.ray(),
                        java, nodes)));
            } else {
                last.add(line);
                if (last.size() > LAST_LINES) {
                    last.remove();
                }
            }
        });
        if (code != 0) {
            last.forEach(log);
            throw new InputException("`ray start` failed with code " + code + "; the lines above say why, and more is in " + folder
                    + "/session_latest/logs");
        }
        return begun.getFirst();
    }

    private static int cpus(Options options) {
        return options.cpus().orElse(Math.max(1, Runtime.getRuntime().availableProcessors() / options.nodes()));
    }

    private static String version(RayEnvironment environment) {
        List<String> lines = new ArrayList<>();
        int code = Command.run(new ProcessBuilder(environment.ray().toString(), "--version").redirectErrorStream(true), lines::add);
        String said = String.join(" ", lines);
        if (code != 0 || !said.contains("version ")) {
            throw new InputException(environment.ray() + " does not start: " + said + "; remove the environment, and "
                    + "run scripts/setup-ray.sh");
        }
        return said.substring(said.indexOf("version ") + "version ".length()).strip();
    }

    private <T> T locked(Supplier<T> action) {
        if (folder.toString().length() > LONGEST_FOLDER) {
            throw new InputException(FOLDER_VARIABLE + " is " + folder + ", and Ray's sockets in it would have too long a path; "
                    + "give one of at most " + LONGEST_FOLDER + " characters");
        }
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!Files.isWritable(folder)) {
                throw new InputException(folder + " is another user's; set " + FOLDER_VARIABLE + " to a folder of your own");
            }
            try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    throw new InputException("another `caprl ray` command works on the cluster of " + folder + "; wait for its end");
                }
                return action.get();
            }
        } catch (IOException e) {
            throw new InputException("cannot use the folder " + folder + " (" + e + "); set " + FOLDER_VARIABLE + " to another", e);
        }
    }

    /** Removes what earlier clusters wrote: logs of sessions that ended. */
    private void sweep() {
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(p -> p.getFileName().toString().matches("session_.*|ray_current_cluster|prom_metrics.*"))
                    .forEach(LocalCluster::delete);
        } catch (IOException e) {
            throw new InputException("cannot clear " + folder + " (" + e + ")", e);
        }
    }

    private static void delete(Path path) {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        } catch (IOException e) {
            throw new InputException("cannot remove " + path + " (" + e + ")", e);
        }
    }

    private static boolean free(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getByName(LOCALHOST))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOCALHOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
