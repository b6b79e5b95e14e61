package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageElsewhere;
import org.caprl.core.data.JsonlRow;
import org.caprl.core.data.RowUse;

/** Samples without their images: rows are read for their questions and reference captions, and images need not be there. */
public final class UnseenSamples {
    private UnseenSamples() {
    }

    /**
     * All rows of data files, by id. A row without questions is one.
     *
     * @param named a file or a glob of several
     * @throws InputException with the place of the first bad row
     */
    public static Map<String, CaptionSample> read(Path named) {
        Map<String, CaptionSample> samples = new LinkedHashMap<>();
        try (OpenFiles opened = OpenFiles.open(named, (db, file) -> ParquetFile.ofSamples(db, file, RowUse.ANY))) {
            for (DataFile file : opened.files()) {
                file.scan((row, reading) -> {
                    String place = file.place(row);
                    CaptionSample sample = of(reading.get().json(), place);
                    if (samples.putIfAbsent(sample.id(), sample) != null) {
                        throw new InputException(place + ": a row before it has the id '" + sample.id() + "' too; give each row its own");
                    }
                });
            }
        }
        return samples;
    }

    /** The sample of a row that brings its questions with it. @throws InputException with its place */
    public static CaptionSample of(JsonlRow row, JsonNode object) {
        return of(object, row.file() + ":" + row.line());
    }

    private static CaptionSample of(JsonNode row, String place) {
        try {
            String id = CaptionRow.id(row);
            return new CaptionSample(id, List.of(new ImageElsewhere(id)), CaptionSample.defaultPrompt(1), "",
                    CaptionRow.questions(row.path("reward_model").path("ground_truth")), CaptionRow.caption(row), List.of());
        } catch (IllegalArgumentException e) {
            throw new InputException(place + ": " + e.getMessage(), e);
        }
    }
}
