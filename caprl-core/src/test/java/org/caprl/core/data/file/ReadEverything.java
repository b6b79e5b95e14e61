package org.caprl.core.data.file;

import java.nio.file.Path;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;

/** A process that reads {@code FILE}: all of it in order, then some of it shuffled. Its heap is the test. */
final class ReadEverything {
    private ReadEverything() {
    }

    public static void main(String[] args) {
        long bytes = 0;
        try (FileSource source = FileSource.open(Path.of(args[0]), RowUse.QUESTIONS, BadRows.FAIL, 1)) {
            for (CaptionSample sample : source) {
                bytes += sample.images().getFirst().bytes().length;
            }
            for (int i = 0; i < 20; i++) {
                bytes += source.next().images().getFirst().bytes().length;
            }
        }
        System.out.println(bytes);
    }
}
