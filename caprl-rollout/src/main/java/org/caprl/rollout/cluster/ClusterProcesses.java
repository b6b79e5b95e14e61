package org.caprl.rollout.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/**
 * The processes of one cluster of this machine, whoever their parents are by now.
 *
 * <p>A node is started in a session of its own (setsid) with {@value #MARK} in its environment. Workers of Python write over their
 * environment, and jobs run in sessions of their own: so what belongs is what has the mark, and what runs in one of the sessions under a
 * name that Ray gave it. Nobody else's process has either.
 */
final class ClusterProcesses {
    static final String MARK = "CAPRL_RAY_CLUSTER";
    private static final Path PROC = Path.of("/proc");
    private static final int SESSION_FIELD = 3;
    private static final Duration POLL = Duration.ofMillis(100);

    private final String mark;
    private final Set<Long> sessions;

    /** One process. */
    record Found(long pid, long session, String command) {
    }

    ClusterProcesses(ClusterState state) {
        mark = MARK + "=" + state.id();
        sessions = state.nodes().stream().map(ClusterState.Node::session).collect(Collectors.toSet());
    }

    /** Which boot of the machine this is. @throws InputException on a system without /proc */
    static String boot() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new InputException("`caprl ray` keeps a cluster of this machine and needs Linux for it; elsewhere use Ray's own "
                    + "`ray start`", e);
        }
    }

    /** Those that live. */
    List<Found> living() {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.filter(p -> p.getFileName().toString().chars().allMatch(Character::isDigit)).flatMap(this::ours).toList();
        } catch (IOException e) {
            throw new InputException("cannot list " + PROC + " (" + e.getMessage() + ")", e);
        }
    }

    private Stream<Found> ours(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            // After the name in parentheses, which may hold anything: state, parent, group, session.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            if (fields[0].equals("Z") || fields[0].equals("X")) {
                return Stream.empty();
            }
            long session = Long.parseLong(fields[SESSION_FIELD]);
            String command = nullSeparated(process.resolve("cmdline")).replace('\0', ' ').strip();
            boolean marked = ("\0" + nullSeparated(process.resolve("environ"))).contains("\0" + mark + "\0");
            boolean named = sessions.contains(session) && (command.startsWith("ray::") || command.startsWith("ray-"));
            return marked || named ? Stream.of(new Found(Long.parseLong(process.getFileName().toString()), session, command))
                    : Stream.empty();
        } catch (IOException e) {
            // It ended meanwhile, or belongs to somebody else.
            return Stream.empty();
        }
    }

    private static String nullSeparated(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    /** Whether the raylet, the process that is a node, lives. */
    boolean nodeLives(ClusterState.Node node) {
        return living().stream().anyMatch(p -> p.session() == node.session() && p.command().contains("/raylet/raylet "));
    }

    /**
     * Ends all: asks first, then kills what is left after {@code grace}.
     *
     * @return how many there were
     * @throws RunStoppedException if some can't be ended, naming them
     */
    int end(Duration grace) {
        List<Found> first = living();
        signal(first, false);
        if (!gone(grace)) {
            signal(living(), true);
            if (!gone(grace)) {
                throw new RunStoppedException("these processes of the cluster can't be ended: " + living());
            }
        }
        return first.size();
    }

    private static void signal(List<Found> processes, boolean kill) {
        processes.forEach(p -> ProcessHandle.of(p.pid()).ifPresent(kill ? ProcessHandle::destroyForcibly : ProcessHandle::destroy));
    }

    private boolean gone(Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        while (!living().isEmpty()) {
            if (System.nanoTime() > until) {
                return false;
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RunStoppedException("interrupted while the cluster ended; `caprl ray down` ends the rest", e);
            }
        }
        return true;
    }
}
