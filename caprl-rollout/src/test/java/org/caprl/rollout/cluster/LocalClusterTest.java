package org.caprl.rollout.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.caprl.core.InputException;
import org.caprl.core.RayForTests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterTest {
    private static final LocalCluster.Options TWO = new LocalCluster.Options(2, OptionalInt.of(1), OptionalInt.empty(), OptionalInt.empty(),
            OptionalLong.of(100_000_000));

    private final Path folder = RayForTests.clusterFolder();
    private final LocalCluster cluster = new LocalCluster(folder);
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws IOException {
        cluster.down();
        RayForTests.delete(folder);
    }

    @Test
    void endsWhatItStartedAlsoWhenHalfOfItHasDied() throws IOException {
        RayEnvironment ray = RayEnvironment.find(RayForTests.requireHome()).orElseThrow();
        Process stranger = new ProcessBuilder("sleep", "600").start();
        try {
            LocalCluster.Status up = cluster.up(ray, TWO, log::add);
            assertTrue(up.up(), up.toString());
            assertEquals(List.of("ray: starting the head, 1 CPUs", "ray: starting node 127.0.0.2, 1 CPUs"), log);
            assertEquals(Optional.of(up.state().address()), cluster.address());
            assertEquals(up.state(), cluster.up(ray, TWO, log::add).state(), "a second start finds the first");
            assertEquals("ray: is up already; `caprl ray down` ends it", log.getLast());

            ClusterProcesses processes = new ClusterProcesses(up.state());
            long second = up.state().nodes().get(1).session();
            processes.living().stream().filter(p -> p.session() == second && p.command().contains("/raylet/raylet "))
                    .forEach(p -> ProcessHandle.of(p.pid()).orElseThrow().destroyForcibly());
            LocalCluster.Status half = waitFor(false);
            assertEquals(List.of(true, false), half.nodesAlive());
            InputException refused = assertThrows(InputException.class, () -> cluster.up(ray, TWO, log::add));
            assertTrue(refused.getMessage().contains("`caprl ray down`"), refused.getMessage());

            assertTrue(cluster.down().orElseThrow() > 10);
            assertEquals(List.of(), processes.living());
            assertEquals(Optional.empty(), cluster.status());
            assertEquals(Optional.empty(), cluster.down());
            assertTrue(stranger.isAlive());
        } finally {
            stranger.destroyForcibly();
        }
    }

    private LocalCluster.Status waitFor(boolean up) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        LocalCluster.Status status;
        do {
            status = cluster.status().orElseThrow();
        } while (status.up() != up && System.nanoTime() < until);
        return status;
    }

    @Test
    void aStartThatFailsLeavesNothingAndSaysWhy(@TempDir Path temp) throws IOException {
        Path command = Files.writeString(temp.resolve("ray"), """
                #!/usr/bin/env bash
                if [ "$1" = --version ]; then echo "ray, version 9.9.9"; exit; fi
                sleep 600.4711 >/dev/null 2>&1 &
                echo "no room for an object store"
                exit 5
                """);
        assertTrue(command.toFile().setExecutable(true));
        InputException failure = assertThrows(InputException.class, () -> cluster.up(new RayEnvironment(command), TWO, log::add));
        assertTrue(failure.getMessage().startsWith("`ray start` failed with code 5"), failure.getMessage());
        assertEquals("no room for an object store", log.getLast());
        assertEquals(Optional.empty(), cluster.status());
        assertFalse(ProcessHandle.allProcesses().anyMatch(p -> p.info().commandLine().orElse("").endsWith("sleep 600.4711")),
                "what was begun in the background");
    }

    @Test
    void stateOfAnotherBootIsNoCluster() {
        assertTrue(folder.toFile().mkdirs());
        new ClusterState("x", "another boot", "10.0.0.1:6379", "http://127.0.0.1:8265", "2.60.0", "/jdk",
                List.of(new ClusterState.Node(1, "10.0.0.1", 2))).write(folder);
        assertEquals(Optional.empty(), cluster.status());
        assertEquals(Optional.empty(), cluster.down());
        assertEquals(Optional.empty(), ClusterState.read(folder));
    }

    @Test
    void aPathTooLongForSocketsIsRefused() {
        LocalCluster deep = new LocalCluster(Path.of("/tmp/a-folder-whose-path-is-longer-than-sockets-allow"));
        InputException failure = assertThrows(InputException.class, () -> deep.up(new RayEnvironment(Path.of("ray")), TWO, log::add));
        assertTrue(failure.getMessage().contains("CAPRL_RAY_DIR"), failure.getMessage());
    }
}
