package org.caprl.rollout.ray;

import io.ray.api.Ray;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.caprl.core.InputException;

/**
 * Ray's runtime on the class path of this JVM: {@code ray_dist.jar}, which lies in the Python wheel.
 *
 * @param path of the jar
 */
record RayRuntimeJar(Path path) {
    private static final String NAME = "ray_dist.jar";
    private static final Pattern WHEEL_VERSION = Pattern.compile("(?m)^version = \"([^\"]+)\"");

    /** Files and folders of the class path, absolute. */
    static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().normalize()).toList();
    }

    /** @throws InputException if it is not there, saying how to get it */
    static RayRuntimeJar find() {
        List<Path> found = classPath().stream().filter(RayRuntimeJar::isRuntime).filter(Files::exists).toList();
        if (found.isEmpty()) {
            throw new InputException("ray.address asks for a Ray cluster, and Ray's runtime is not on the class path of this JVM: "
                    + "run scripts/setup-ray.sh (it makes a virtual environment in target/ray), put the `ray` of the cluster's version on "
                    + "PATH, or set CAPRL_RAY_JAR to its ray/jars/" + NAME + "; or use ray.address=none");
        }
        try {
            // Through links: what it is of lies beside it.
            return new RayRuntimeJar(found.getFirst().toRealPath());
        } catch (IOException e) {
            throw unreadable(found.getFirst(), e);
        }
    }

    static boolean isRuntime(Path entry) {
        return entry.getFileName() != null && entry.getFileName().toString().equals(NAME);
    }

    /** @throws InputException if classes of Ray come from elsewhere: a runtime of two versions may end the process without a word */
    void requireSole() {
        Path api = Path.of(URI.create(Ray.class.getProtectionDomain().getCodeSource().getLocation().toString()));
        try {
            if (!Files.isSameFile(api, path)) {
                throw new InputException("the class path has Ray twice: " + api + " before " + path + "; take the first away");
            }
        } catch (IOException e) {
            throw unreadable(api, e);
        }
    }

    /** Whether it is of this version of Ray: the wheel that it lies in says so, or else its native library names the version. */
    boolean isOf(String version) {
        return wheelVersion().map(version::equals).orElseGet(() -> libraryNames(version));
    }

    /** Version of the wheel that the jar lies in; nothing if it lies elsewhere. */
    Optional<String> wheelVersion() {
        Path wheel = path.resolveSibling("../_version.py").normalize();
        if (!Files.isRegularFile(wheel)) {
            return Optional.empty();
        }
        try {
            Matcher matcher = WHEEL_VERSION.matcher(Files.readString(wheel));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            throw unreadable(wheel, e);
        }
    }

    private boolean libraryNames(String version) {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (entry.getName().startsWith("native/") && entry.getName().contains("core_worker")) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).contains("\0" + version + "\0");
                    }
                }
            }
            return false;
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static InputException unreadable(Path file, IOException e) {
        return new InputException("cannot read " + file + " (" + e + ")", e);
    }
}
