package org.caprl.rollout.ray;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.machine.MachineReport;

/**
 * What a process of a cluster runs with, and what its machine can do.
 *
 * @param ray version of Ray's runtime
 * @param caprl version of our jars
 * @param digest of the contents of our jars, its first eight hexadecimal digits
 * @param machine the rest
 */
public record NodeFacts(String ray, String caprl, String digest, MachineReport machine) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern OURS = Pattern.compile("caprl-[a-z]+-(.+)\\.jar");
    private static final int DIGEST_BYTES = 4;

    /** Of this process, which is connected to the cluster. @param threads to measure with; 0 takes every processor */
    static NodeFacts ofThisProcess(int threads) {
        // The driver sets it, and every worker gets it on its command line.
        List<Path> jars = Arrays.stream(System.getProperty("ray.job.code-search-path", "").split(File.pathSeparator)).map(Path::of)
                .filter(p -> OURS.matcher(p.getFileName() == null ? "" : p.getFileName().toString()).matches()).sorted().toList();
        String version = jars.stream().map(p -> OURS.matcher(p.getFileName().toString())).filter(Matcher::matches).map(m -> m.group(1))
                .distinct().reduce((a, b) -> a + "/" + b).orElse("not from jars");
        return new NodeFacts(RayRuntimeJar.find().wheelVersion().orElse("unknown"), version, digest(jars),
                MachineReport.ofThisMachine(threads));
    }

    private static String digest(List<Path> jars) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path jar : jars) {
                digest.update(jar.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(jar));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
        } catch (IOException e) {
            return "unreadable";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] message() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static NodeFacts of(byte[] message) {
        try {
            return JSON.readValue(message, NodeFacts.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
