package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.caprl.core.RayForTests;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator does with a cluster, command by command, each in a process of its own as a user starts it, from jars made of the classes
 * under test: up, a look at its nodes, a job, a job that is stopped, down.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterCommandsTest {
    private static final String MODULE = "caprl-[a-z]+/target/classes";
    private static final long WAIT_SECONDS = 120;
    /** In the command lines of the actors of a run. */
    private static final String ACTOR = "-Dcaprl.test.actor";
    private static final String ACTORS = "[-Xmx256m, " + ACTOR + "]";
    private static Path home;
    private static Path cluster;
    private static String classPath;
    @TempDir
    private static Path temp;

    @BeforeAll
    static void start() throws IOException {
        home = RayForTests.requireHome();
        cluster = RayForTests.clusterFolder();
        classPath = jars();
        Ran up = run("ray", "up", "--nodes", "2", "--cpus", "1", "--object-store-mb", "150", "--json");
        assertEquals(ExitCode.DONE, up.code(), up.err());
        assertTrue(new JsonMapper().readTree(up.out()).get("up").asBoolean(), up.out());
    }

    @AfterAll
    static void end() throws IOException {
        if (cluster == null) {
            return;
        }
        Ran down = run("ray", "down");
        assertEquals(ExitCode.DONE, down.code(), down.err());
        assertTrue(down.out().matches("ended \\d+ processes of the cluster\n"), down.out());
        Ran status = run("ray", "status", "--json");
        assertEquals(ExitCode.CHECK_FAILED, status.code(), status.err());
        RayForTests.delete(cluster);
    }

    /** The class path of this test, its folders of classes as the jars that a build makes of them. */
    private static String jars() throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String path = entry.replace('\\', '/');
            if (path.matches(".*/" + MODULE)) {
                entries.add(jar(Path.of(entry), temp.resolve(Path.of(entry).getParent().getParent().getFileName() + "-0.jar")).toString());
            } else if (path.endsWith(".jar") && !path.contains("-tests.jar")) {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path jar(Path folder, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out);
                Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(folder.relativize(p).toString()));
                Files.copy(p, jar);
                jar.closeEntry();
            }
        }
        return file;
    }

    private static Ran run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Dcaprl.home=" + home, "-Xmx1g"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-cp", classPath, "org.caprl.cli.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
        builder.environment().put("CAPRL_RAY_DIR", cluster.toString());
        builder.environment().remove("RAY_ADDRESS");
        builder.environment().remove("RAY_API_SERVER_ADDRESS");
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getErrorStream().readAllBytes());
            } catch (IOException e) {
                return e.toString();
            }
        });
        String out = new String(process.getInputStream().readAllBytes());
        try {
            return new Ran(process.waitFor(), out, err.join());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Order(1)
    void doctorLooksAtEveryNode() throws IOException {
        Ran ran = run("doctor", "--ray", "auto", "--threads", "1", "--json");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode report = new JsonMapper().readTree(ran.out());
        assertEquals(2, report.get("nodes").size(), ran.out());
        assertEquals(0, report.get("differences").size(), ran.out());
        report.get("nodes").forEach(n -> assertEquals(report.at("/driver/digest"), n.at("/facts/digest"), ran.out()));
    }

    private static String[] submission(String... more) {
        return Stream.concat(Stream.of("submit", home.resolve("configs/smoke.yaml").toString(), "run.output=" + temp.resolve("runs"),
                "threads=1", "trainer.prompts_per_step=2", "rollout.captions_per_prompt=2", "eval.images=2",
                "data.synth={train: 8, eval: 2, seed: 1}"), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    @Order(2)
    void aJobIsFollowedToItsEndAndItsCodeIsThatOfTheCommand() throws IOException {
        String[] job = submission("--follow", "ray.address=none", "run.name=one", "trainer.steps=1", "trainer.eval_every=1",
                "trainer.save_every=1");
        Ran ran = run(job);
        assertEquals(ExitCode.DONE, ran.code(), ran.out() + ran.err());
        assertTrue(ran.out().contains("train: 1/1 steps (100%)") && ran.out().contains("SUCCEEDED, code 0"), ran.out());
        assertTrue(ran.err().contains("submit: sending ") && ran.err().contains("submit: packed: policy.path = smoke/policy"), ran.err());
        assertTrue(Files.exists(temp.resolve("runs/one/checkpoints/step-1/config.json")));
        // The same run with another setting: the command on the cluster refuses, and nothing that is there is sent again.
        Ran refused = run(Stream.concat(Stream.of(job), Stream.of("trainer.lr=1e-3")).toArray(String[]::new));
        assertEquals(ExitCode.WRONG_INPUT, refused.code(), refused.out() + refused.err());
        assertTrue(refused.out().contains("trainer.lr"), refused.out());
        assertTrue(!refused.err().contains("submit: sending "), refused.err());
    }

    /** Its parts are actors; it stops after a step, goes on there, and is stopped again. */
    @Test
    @Order(3)
    void aJobThatIsStoppedLeavesNoActorsAndGoesOnLater() throws IOException, InterruptedException {
        String[] job = submission("run.name=two", "trainer.steps=100000", "trainer.eval_every=0", "trainer.save_every=0",
                "ray.rollout.jvm_options=" + ACTORS, "ray.reward.jvm_options=" + ACTORS, "ray.trainer.jvm_options=" + ACTORS, "--json");
        Path metrics = temp.resolve("runs/two/metrics.jsonl");
        String id = stoppedAfterAnotherStep(job, metrics);
        List<String> first = Files.readAllLines(metrics);
        assertEquals("step-" + (first.size() - 1) + "\n", Files.readString(temp.resolve("runs/two/latest")));
        Ran followed = run("submit", "--status", id, "--follow");
        assertEquals(143, followed.code(), followed.out() + followed.err());
        assertTrue(followed.out().contains("the run is saved as of step " + (first.size() - 1)), followed.out());
        stoppedAfterAnotherStep(job, metrics);
        List<String> second = Files.readAllLines(metrics);
        assertEquals(first, second.subList(0, first.size()));
        assertTrue(second.size() > first.size(), second.toString());
    }

    private static String stoppedAfterAnotherStep(String[] job, Path metrics) throws IOException, InterruptedException {
        int before = Files.exists(metrics) ? Files.readAllLines(metrics).size() : 1;
        Ran started = run(job);
        assertEquals(ExitCode.DONE, started.code(), started.err());
        String id = new JsonMapper().readTree(started.out()).get("id").asText();
        await(() -> lines(metrics) > before, "a step of job " + id);
        assertEquals(3, actors());
        Ran stopped = run("submit", "--stop", id, "--json");
        assertEquals(ExitCode.DONE, stopped.code(), stopped.err());
        JsonNode info = new JsonMapper().readTree(stopped.out());
        assertEquals("STOPPED", info.get("status").asText());
        assertEquals(143, info.get("code").asInt());
        assertTrue(processes("run.output=" + temp).isEmpty());
        // Ray may keep a process that did other work, for later: those of the run's actors it does not.
        await(() -> actors() == 0, "the end of the actors");
        return id;
    }

    private static long actors() {
        return processes(cluster.toString()).stream().filter(line -> line.contains("DefaultWorker") && line.contains(ACTOR)).count();
    }

    private static List<String> processes(String part) {
        return ProcessHandle.allProcesses().map(p -> RayForTests.commandLine(p.pid())).filter(line -> line.contains(part)).toList();
    }

    private static int lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier state, String what) throws InterruptedException {
        long end = System.nanoTime() + WAIT_SECONDS * 1_000_000_000L;
        while (!state.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain for " + what);
            Thread.sleep(20);
        }
    }
}
