package org.caprl.core.data.file;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caprl.core.InputException;

/** The files that a path of data names: itself, or, with {@code *}, {@code **}, {@code ?}, {@code [ ]} or {@code { }}, all that match. */
public final class DataPaths {
    private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

    private DataPaths() {
    }

    /** Whether at least one file is there. */
    public static boolean exist(Path named) {
        return Files.exists(named) || isGlob(named) && !matching(named).isEmpty();
    }

    /**
     * The files, sorted by their paths.
     *
     * @throws InputException if there is none
     */
    public static List<Path> of(Path named) {
        if (Files.isRegularFile(named)) {
            return List.of(named);
        }
        if (Files.isDirectory(named)) {
            throw new InputException(named + " is a folder; name the files in it, such as " + named.resolve("*.parquet")
                    + " (data.train, data.eval)");
        }
        List<Path> files = isGlob(named) ? matching(named) : List.of();
        if (files.isEmpty()) {
            throw new InputException((isGlob(named) ? "no data file matches " : "no data file ") + named
                    + "; check the path (data.train, data.eval)");
        }
        return files;
    }

    private static boolean isGlob(Path named) {
        return GLOB.matcher(named.toString()).find();
    }

    /** Hidden files are left out: what is being written is one. */
    private static List<Path> matching(Path glob) {
        Path root = glob.isAbsolute() ? glob.getRoot() : Path.of("");
        for (Path part : glob) {
            if (isGlob(part)) {
                break;
            }
            root = root.resolve(part);
        }
        if (!Files.isDirectory(root.toAbsolutePath())) {
            return List.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        int depth = glob.toString().contains("**") ? Integer.MAX_VALUE : glob.getNameCount() - root.getNameCount() + 1;
        try (Stream<Path> all = Files.walk(root, depth)) {
            return all.filter(file -> matcher.matches(file) && !file.getFileName().toString().startsWith(".")
                    && Files.isRegularFile(file)).sorted().toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new InputException("can't look for " + glob + ": " + e.getMessage() + "; check the permissions of the folder", e);
        }
    }
}
