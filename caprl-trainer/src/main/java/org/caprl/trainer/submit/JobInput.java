package org.caprl.trainer.submit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigPaths;
import org.caprl.core.config.ConfigReader;
import org.caprl.trainer.config.RunConfig;

/**
 * A configuration on its way to a cluster, with the files beside it that it names.
 *
 * <p>A file or folder that lies in the configuration's folder is packed and keeps its place beside it; every other path must be absolute
 * and exist on the nodes.
 *
 * @param files the package
 * @param config its name in the package
 * @param overrides for the command on the cluster
 * @param notes what was packed and what must be on the nodes, for the user
 */
record JobInput(JobPackage files, String config, List<String> overrides, List<String> notes) {
    /** What may be packed besides the configuration. */
    static final long MOST_BYTES = 64_000_000L;
    private static final String OUTPUT = "run.output";
    private static final String ADDRESS = "ray.address=";
    private static final String NO_CLUSTER = "none";

    /** @throws InputException if the configuration is wrong, or names what can't be found on the cluster */
    static JobInput of(Path file, List<String> given) {
        RunConfig config = ConfigReader.readForAnotherMachine(RunConfig.class, file, given);
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        SortedMap<String, JobPackage.Content> files = new TreeMap<>();
        Set<Path> packedPaths = new TreeSet<>();
        files.put(absolute.getFileName().toString(), JobPackage.Content.of(absolute));
        List<String> overrides = new ArrayList<>(given);
        List<String> notes = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        ConfigPaths.of(config).forEach((key, path) -> {
            Path here = path.toAbsolutePath().normalize();
            Path packed = key.startsWith("data.") ? dataFolder(here, folder) : here;
            if (key.equals(OUTPUT)) {
                if (!path.isAbsolute()) {
                    problems.add("  " + key + " is " + path + ": on the cluster that would be in Ray's temporary folder; give a folder "
                            + "that is kept there, such as " + key + "=/shared/runs");
                }
            } else if (here.startsWith(folder) && !packed.equals(folder) && Files.exists(packed)) {
                packedPaths.addAll(filesIn(packed));
                overrides.add(key + "=" + folder.relativize(here));
                notes.add("packed: " + key + " = " + folder.relativize(here));
            } else if (path.isAbsolute()) {
                notes.add("must be on the nodes: " + key + " = " + path);
            } else if (key.startsWith("data.") && config.data().synth().isPresent()) {
                notes.add("made by the job: " + key + " = " + path);
            } else {
                problems.add("  " + key + " is " + path + ": neither in the folder of the configuration, from where it would be "
                        + "packed, nor an absolute path on the nodes");
            }
        });
        if (!problems.isEmpty()) {
            throw new InputException(file + " can't run on a cluster as it is:\n" + String.join("\n", problems));
        }
        long bytes = packedPaths.stream().mapToLong(JobInput::size).sum();
        if (bytes > MOST_BYTES) {
            throw new InputException(String.format(Locale.ROOT, "%s names %,.0f MB beside it, and at most %,.0f MB are packed; "
                    + "put models and data where every node finds them, outside of its folder, and give their absolute paths", file,
                    bytes / 1e6, MOST_BYTES / 1e6));
        }
        packedPaths.forEach(p -> files.put(folder.relativize(p).toString(), JobPackage.Content.of(p)));
        if (config.ray().address().equals(NO_CLUSTER) && given.stream().noneMatch(o -> o.startsWith(ADDRESS))) {
            overrides.add(ADDRESS + "auto");
        }
        return new JobInput(JobPackage.of(files), absolute.getFileName().toString(), overrides, notes);
    }

    /** Rows may name images beside them: their whole folder goes along, unless it is that of the configuration itself. */
    private static Path dataFolder(Path data, Path folder) {
        Path parent = data.getParent();
        return parent.equals(folder) && Files.exists(data) ? data : parent;
    }

    private static List<Path> filesIn(Path packed) {
        try (Stream<Path> all = Files.walk(packed)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new InputException("cannot read " + packed + " (" + e + ")", e);
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
