package org.caprl.trainer.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.DiskFailure;

/**
 * The checkpoints of a run, {@code checkpoints/step-N}, and {@code latest}, which names the newest for people and scripts.
 *
 * <p>A folder of that name is whole: it was renamed into place after its content had reached the disk. So the newest one counts, and
 * {@code latest} is brought up to date where a kill came between the two.
 */
final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("step-(0|[1-9][0-9]{0,8})");

    private final Path folder;
    private final Path latestFile;

    Checkpoints(Path run) {
        this.folder = run.resolve("checkpoints");
        this.latestFile = run.resolve("latest");
    }

    /** Removes what a killed run left half-written or half-removed, and mends {@code latest}. */
    void recover() {
        AtomicDirectory.sweep(folder);
        Optional<Path> newest = newest();
        try {
            if (newest.isEmpty()) {
                Files.deleteIfExists(latestFile);
            } else if (!Files.exists(latestFile) || !Files.readString(latestFile, StandardCharsets.ISO_8859_1).equals(line(newest.get()))) {
                name(newest.get());
            }
        } catch (IOException e) {
            throw DiskFailure.writing(latestFile, e);
        }
    }

    /** The folder of the highest step. */
    Optional<Path> newest() {
        return all().reversed().stream().findFirst();
    }

    /** The folder of a step. */
    Path of(int step) {
        return folder.resolve("step-" + step);
    }

    /** Writes a step's folder, names it in {@code latest}. */
    void write(int step, Consumer<Path> content) {
        Path target = of(step);
        try (AtomicDirectory aside = AtomicDirectory.create(target)) {
            content.accept(aside.path());
            aside.commit();
        }
        name(target);
    }

    /** Removes all but the newest {@code keep}; 0 keeps all. */
    void prune(int keep) {
        List<Path> all = all();
        if (keep > 0) {
            all.subList(0, Math.max(0, all.size() - keep)).forEach(AtomicDirectory::delete);
        }
    }

    private void name(Path newest) {
        AtomicFile.write(latestFile, line(newest).getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Path checkpoint) {
        return checkpoint.getFileName() + "\n";
    }

    /** Every step's folder, by step. */
    private List<Path> all() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> NAME.matcher(p.getFileName().toString()).matches())
                    .sorted(Comparator.comparingInt(p -> Integer.parseInt(p.getFileName().toString().substring("step-".length()))))
                    .toList();
        } catch (IOException e) {
            throw DiskFailure.writing(folder, e);
        }
    }
}
