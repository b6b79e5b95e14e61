package org.caprl.trainer.submit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.caprl.core.RunStoppedException;

/** Runs as jobs of a cluster: sent, followed, stopped. */
public final class Submission {
    /** Seconds that a job which is asked to stop has for its last checkpoint. */
    private static final int STOP_SECONDS = 600;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(STOP_SECONDS + 60);
    /** How long the job server may be away while a job is followed. */
    private static final Duration AWAY = Duration.ofMinutes(5);

    private final JobServer server;
    private final Consumer<String> log;

    /** @param log hears what happens, line by line */
    public Submission(JobServer server, Consumer<String> log) {
        this.server = server;
        this.log = log;
    }

    /**
     * Packs and sends a run.
     *
     * @param config file of {@code caprl train}
     * @param overrides {@code key=value}
     * @param home folder of the launcher
     * @param installed folder of a CapRL on the nodes; without one, this one's launcher and jars are sent
     * @return id of the job
     */
    public String submit(Path config, List<String> overrides, Path home, Optional<String> installed) {
        JobInput input = JobInput.of(config, overrides);
        input.notes().forEach(note -> log.accept("submit: " + note));
        RunnablePackages runnable = installed.isPresent() ? RunnablePackages.installed()
                : RunnablePackages.of(home, System.getProperty("java.class.path"));
        List<JobPackage> forEveryNode = new ArrayList<>(runnable.jars());
        forEveryNode.add(input.files());
        send(runnable.launcher());
        forEveryNode.forEach(this::send);

        Map<String, String> variables = new LinkedHashMap<>();
        // The driver's script finds its packages by it, in this order, and hands them on to the actors.
        variables.put("CAPRL_JOB_PACKAGES", forEveryNode.stream().map(JobPackage::name).collect(Collectors.joining(" ")));
        installed.ifPresent(folder -> variables.put("CAPRL_JOB_INSTALLED", folder));
        // Read by the process of Ray that stops the job; its default of 3 s is too short for a checkpoint.
        variables.put("RAY_JOB_STOP_WAIT_TIME_S", String.valueOf(STOP_SECONDS));
        Map<String, Object> environment = Map.of("working_dir", runnable.launcher().uri(),
                "java_jars", forEveryNode.stream().map(JobPackage::uri).toList(), "env_vars", variables);
        StringBuilder entrypoint = new StringBuilder("bash run.sh train ").append(quoted(input.config()));
        input.overrides().forEach(o -> entrypoint.append(' ').append(quoted(o)));
        String id = id(config);
        server.submit(id, entrypoint.toString(), environment, Map.of("job_name", id));
        return id;
    }

    private void send(JobPackage files) {
        if (server.has(files)) {
            return;
        }
        log.accept(String.format(Locale.ROOT, "submit: sending %s, %.1f MB", describe(files), files.bytes() / 1e6));
        server.upload(files);
    }

    private static String describe(JobPackage files) {
        return files.files().size() == 1 ? files.files().firstKey()
                : files.files().firstKey() + " and " + (files.files().size() - 1) + " more";
    }

    /** {@code smoke-20261126-101500-3f2a}: it sorts by time and says what it is. */
    private static String id(Path config) {
        String name = config.getFileName().toString().replaceFirst("\\.ya?ml$", "").replaceAll("[^A-Za-z0-9_-]", "-");
        return "%s-%s-%04x".formatted(name, LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")),
                ThreadLocalRandom.current().nextInt(1 << 16));
    }

    /** For the shell that runs the entrypoint. */
    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=,+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /**
     * Passes on what a job prints until it ends. A connection that breaks is made again, and nothing is printed twice.
     *
     * @param out hears the log as it comes, in pieces that need not be lines
     * @throws RunStoppedException if the job server is away for minutes; the job may go on
     */
    public JobInfo follow(String id, Consumer<String> out) {
        long seen = 0;
        long lastAnswer = System.nanoTime();
        while (true) {
            try {
                long[] position = {0};
                long skip = seen;
                try {
                    server.tail(id, text -> {
                        int length = text.length();
                        if (position[0] + length > skip) {
                            out.accept(text.subSequence((int) Math.max(0, skip - position[0]), length).toString());
                        }
                        position[0] += length;
                    });
                } catch (IOException e) {
                    // Whether the job goes on is asked below.
                } finally {
                    seen = Math.max(seen, position[0]);
                }
                JobInfo info = server.info(id);
                if (info.ended()) {
                    return info;
                }
                lastAnswer = System.nanoTime();
            } catch (JobServer.Unreachable e) {
                if (System.nanoTime() - lastAnswer > AWAY.toNanos()) {
                    throw new RunStoppedException("lost the job server for " + AWAY.toMinutes() + " minutes; the job " + id + " may go on: "
                            + e.getMessage(), e);
                }
            }
            pause();
        }
    }

    /**
     * Asks a job to stop and waits for its end: the run saves a checkpoint first.
     *
     * @throws RunStoppedException if it does not end in time
     */
    public JobInfo stop(String id) {
        if (!server.stop(id)) {
            log.accept("submit: the job " + id + " had ended before");
            return server.info(id);
        }
        log.accept("submit: asked the job " + id + " to stop; it saves a checkpoint first, and is killed after " + STOP_SECONDS + " s");
        long until = System.nanoTime() + STOP_LIMIT.toNanos();
        while (true) {
            JobInfo info = server.info(id);
            if (info.ended()) {
                return info;
            }
            if (System.nanoTime() > until) {
                throw new RunStoppedException("the job " + id + " was asked to stop and is " + info.status() + " after "
                        + STOP_LIMIT.toSeconds() + " s; " + server.address() + " shows its log");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while waiting for a job", e);
        }
    }
}
