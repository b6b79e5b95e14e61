package org.caprl.trainer.submit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.caprl.core.InputException;

/**
 * What runs: launcher and jars of this copy of CapRL.
 *
 * <p>Ray's job server takes at most 100 MiB at once, so the jars are several packages: our own, which change with every build, the small
 * ones of others, and each large one by itself.
 *
 * @param launcher the launcher, the script of the job, and the order of the class path
 * @param jars packages of jars
 */
record RunnablePackages(JobPackage launcher, List<JobPackage> jars) {
    /** What Ray's job server accepts, less what a zip archive adds. */
    static final long MOST_BYTES = 100L * 1024 * 1024 - 64 * 1024;
    private static final long LARGE = 8L << 20;
    private static final String JOB_SCRIPT = "run.sh";
    private static final String OURS = "caprl-";
    private static final String RAY_RUNTIME = "ray_dist.jar";

    /**
     * @param home folder of the launcher
     * @param classPath of this JVM, separated as the system does
     * @throws InputException if this JVM does not run from jars, or one is too large to be sent
     */
    static RunnablePackages of(Path home, String classPath) {
        List<Path> files = Arrays.stream(classPath.split(File.pathSeparator)).map(Path::of)
                .filter(p -> !p.endsWith(RAY_RUNTIME)).toList();
        SortedMap<String, JobPackage.Content> own = new TreeMap<>();
        SortedMap<String, JobPackage.Content> small = new TreeMap<>();
        List<JobPackage> packages = new ArrayList<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (!name.endsWith(".jar") || !Files.isRegularFile(file)) {
                throw new InputException("the class path of this JVM holds " + file + ", which is no jar; start CapRL by its launcher");
            }
            long size = size(file);
            if (size > MOST_BYTES) {
                throw new InputException(file + " has " + (size >> 20) + " MiB, and Ray's job server takes 100 MiB at once; "
                        + "install CapRL on every node (scripts/stage.sh) and submit with --installed FOLDER");
            }
            JobPackage.Content content = JobPackage.Content.of(file);
            if (size > LARGE) {
                packages.add(JobPackage.of(new TreeMap<>(Map.of(name, content))));
            } else {
                (name.startsWith(OURS) ? own : small).put(name, content);
            }
        }
        packages.add(JobPackage.of(small));
        packages.add(JobPackage.of(own));
        SortedMap<String, JobPackage.Content> scripts = script();
        scripts.put("caprl", JobPackage.Content.of(home.resolve("caprl")));
        scripts.put("pom.xml", JobPackage.Content.of(home.resolve("pom.xml")));
        scripts.put("classpath.txt", JobPackage.Content.of(
                String.join(":", files.stream().map(f -> f.getFileName().toString()).toList()) + "\n"));
        return new RunnablePackages(JobPackage.of(scripts), packages);
    }

    /** For a CapRL that is installed on the nodes: the script of the job alone. */
    static RunnablePackages installed() {
        return new RunnablePackages(JobPackage.of(script()), List.of());
    }

    private static SortedMap<String, JobPackage.Content> script() {
        try (InputStream in = RunnablePackages.class.getResourceAsStream(JOB_SCRIPT)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new TreeMap<>(Map.of(JOB_SCRIPT, JobPackage.Content.of(text)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e + ")", e);
        }
    }
}
