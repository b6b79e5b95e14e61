package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.NearestNames;

/**
 * A directory of golden data: {@code FAMILY/checkpoint*}, {@code FAMILY/cases/CASE/{meta.json, tensors.safetensors, …}} and
 * {@code images/}. Folders without {@code cases} are not families.
 *
 * @param root the directory
 * @param families those found, or those asked for, sorted by name
 * @param adamwNoise {@code adamw_noise.json}: how far losses of AdamW runs differ for reasons of rounding; a missing node where there is
 *     none
 */
public record GoldenDirectory(Path root, List<GoldenFamily> families, JsonNode adamwNoise) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXPECTED = "expected folders FAMILY/checkpoint and FAMILY/cases/CASE/meta.json in it"
            + " (scripts/make_golden.py makes such a directory from a checkpoint)";

    /**
     * Lists what is there.
     *
     * @param names families that are wanted; empty for all
     * @throws InputException when there is no family, none of a wanted name, or a family without checkpoint or case
     */
    public static GoldenDirectory open(Path root, List<String> names) {
        if (!Files.isDirectory(root)) {
            throw new InputException(root + " is not a directory; " + EXPECTED);
        }
        List<Path> folders = list(root, folder -> Files.isDirectory(folder.resolve("cases")));
        if (folders.isEmpty()) {
            throw new InputException(root + " holds no golden data; " + EXPECTED);
        }
        List<String> found = folders.stream().map(f -> f.getFileName().toString()).toList();
        for (String name : names) {
            if (!found.contains(name)) {
                List<String> near = NearestNames.of(name, found, 1);
                throw new InputException(root + " has no family '" + name + "'"
                        + (near.isEmpty() ? "." : ", did you mean '" + near.getFirst() + "'?") + " There are: " + String.join(", ", found));
            }
        }
        List<GoldenFamily> families = folders.stream().filter(f -> names.isEmpty() || names.contains(f.getFileName().toString()))
                .map(GoldenDirectory::family).toList();
        Path noise = root.resolve("adamw_noise.json");
        return new GoldenDirectory(root, families, Files.exists(noise) ? json(noise) : JSON.missingNode());
    }

    private static GoldenFamily family(Path folder) {
        List<Path> layouts = list(folder, f -> f.getFileName().toString().startsWith("checkpoint"));
        List<Path> cases = list(folder.resolve("cases"), f -> true);
        if (layouts.isEmpty() || cases.isEmpty()) {
            throw new InputException(folder + " has " + (layouts.isEmpty() ? "cases but no checkpoint folder" : "no case in cases/") + "; "
                    + EXPECTED);
        }
        return new GoldenFamily(folder.getFileName().toString(), layouts, cases);
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> entries = Files.list(folder)) {
            return new ArrayList<>(entries.filter(Files::isDirectory).filter(wanted).sorted().toList());
        } catch (IOException e) {
            throw new InputException("cannot list " + folder + ": " + e.getMessage() + "; check its permissions", e);
        }
    }

    static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new InputException(file + ": not readable as JSON: " + e.getMessage(), e);
        }
    }
}
