package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.caprl.core.RayForTests;

/** Processes of one cluster, as the system sees them: found by what stands in their command lines. Linux. */
record RayWorkers(Path cluster) {
    private static final Path PROC = Path.of("/proc");
    /** Of the thread of an actor that does its work, as the system cuts it. */
    private static final String WORK = "actor's work";
    /** A tick is 10 ms. */
    private static final long TICKS = 3;
    private static final int TICKS_FIELD = 11;
    /** Looks at the threads of known processes between two searches for others. */
    private static final int LOOKS = 50;

    /** The option that names actors of a kind: {@code rollout}, {@code reward}, {@code trainer}. */
    static String option(String kind) {
        return "-Dcaprl.test.actor=" + kind;
    }

    /** All that live. */
    List<Long> all() {
        return matching(cluster.toString());
    }

    /** Actors of a kind that live. */
    List<Long> of(String kind) {
        return matching(option(kind));
    }

    /** The process that is the node of that address. */
    OptionalLong node(String address) {
        return matching("/raylet/raylet ").stream()
                .filter(pid -> RayForTests.commandLine(pid).contains("--node_ip_address=" + address + " "))
                .mapToLong(pid -> pid).findFirst();
    }

    private List<Long> matching(String part) {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(pid -> {
            String line = RayForTests.commandLine(pid);
            return line.contains(cluster.toString()) && line.contains(part);
        }).toList();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Waits until an actor of a kind computes, and has done so for some 30 ms. */
    long awaitWorking(String kind, Abandoned abandoned) {
        Map<Long, Long> before = new HashMap<>();
        for (int look = 0;; look++) {
            if (look % LOOKS == 0) {
                of(kind).forEach(pid -> before.putIfAbsent(pid, workTicks(pid)));
            }
            for (Map.Entry<Long, Long> actor : before.entrySet()) {
                if (workTicks(actor.getKey()) - actor.getValue() >= TICKS) {
                    return actor.getKey();
                }
            }
            abandoned.check("for a " + kind + " actor that works");
        }
    }

    /** Ends a wait in vain. */
    @FunctionalInterface
    interface Abandoned {
        /** Sleeps for a moment. @throws IllegalStateException when there is nothing more to wait for */
        void check(String what);
    }

    private static long workTicks(long pid) {
        List<Path> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(PROC.resolve(pid + "/task"))) {
            tasks.filter(t -> read(t.resolve("comm")).strip().equals(WORK)).forEach(threads::add);
        } catch (IOException e) {
            return 0;
        }
        long ticks = 0;
        for (Path thread : threads) {
            String stat = read(thread.resolve("stat"));
            if (!stat.isEmpty()) {
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                ticks += Long.parseLong(fields[TICKS_FIELD]) + Long.parseLong(fields[TICKS_FIELD + 1]);
            }
        }
        return ticks;
    }

    static void signal(long pid, String name) {
        if (name.equals("KILL")) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            return;
        }
        try {
            assertEquals(0, new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start().waitFor(), name + " to " + pid);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
