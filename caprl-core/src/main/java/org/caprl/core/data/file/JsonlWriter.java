package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Iterator;
import org.caprl.core.checkpoint.AtomicFile;

/** Writes JSONL files: one row a line. */
public final class JsonlWriter {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonlWriter() {
    }

    /**
     * Writes all rows, in place of an older file of that name. The file is there in full or not at all, also if a row fails.
     *
     * @throws RuntimeException as {@link org.caprl.core.checkpoint.DiskFailure#writing} says, when the disk refuses
     */
    public static void write(Path file, Iterator<? extends JsonNode> rows) {
        AtomicFile.write(file, out -> {
            while (rows.hasNext()) {
                out.write(MAPPER.writeValueAsBytes(rows.next()));
                out.write('\n');
            }
        });
    }
}
