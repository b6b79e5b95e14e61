package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.SampleImage;

/** Rows of JSONL files as one Parquet file: a first pass finds the types of the columns and every fault, a second one writes. */
final class ToParquet {
    private final Set<String> ids = new HashSet<>();
    private ColumnType type = ColumnType.NOTHING;
    private boolean imageLists;
    private long images;
    private long imageBytes;

    private ToParquet() {
    }

    static void write(List<DataFile> files, Path to, Runnable afterEachRow) {
        ToParquet survey = new ToParquet();
        files.forEach(file -> file.scan((_, reading) -> survey.look(reading.get())));
        SequencedMap<String, ColumnType> columns = new LinkedHashMap<>(((ColumnType.Struct) survey.type).fields());
        columns.put("image", ParquetWriter.imageType(survey.imageLists));
        Iterator<ParquetWriter.Row> rows = files.stream()
                .flatMap(file -> IntStream.range(0, file.rows()).mapToObj(row -> {
                    ParquetWriter.Row converted = survey.convert(file.read(row), Conversion.imageFolder(file.path()) + "/");
                    afterEachRow.run();
                    return converted;
                })).iterator();
        AtomicFile.writeAt(to, aside -> ParquetWriter.write(aside, new ColumnType.Struct(columns), rows,
                survey.imageBytes / survey.images));
    }

    private void look(StoredRow row) {
        String id = row.id();
        if (!ids.add(id)) {
            throw new InputException(row.place() + ": a row before it has the id '" + id + "' too; give each row its own");
        }
        List<SampleImage> found = row.images();
        for (JsonNode image : images(row)) {
            for (var key : image.properties()) {
                if (!key.getKey().equals("path")) {
                    throw new InputException(row.place() + ": 'image' has the key '" + key.getKey()
                            + "', for which Parquet rows have no place "
                            + "('bytes' and 'path' only); move it out of 'image'");
                }
            }
        }
        imageLists |= row.json().path("image").isArray();
        for (SampleImage image : found) {
            try {
                imageBytes += Files.size(((ImageOnDisk) image).file());
            } catch (IOException e) {
                throw new InputException(row.place() + ": can't read " + image.name() + ": " + e, e);
            }
            images++;
        }
        try {
            type = type.or(ColumnType.of(row.json()));
        } catch (IllegalArgumentException e) {
            throw new InputException(row.place() + ": " + e.getMessage(), e);
        }
    }

    private ParquetWriter.Row convert(StoredRow row, String ownFolder) {
        ObjectNode json = ((ObjectNode) row.json()).deepCopy();
        ArrayNode paths = JsonNodeFactory.instance.arrayNode();
        for (JsonNode image : images(row)) {
            String path = image.path("path").asText();
            paths.add(JsonNodeFactory.instance.objectNode()
                    .put("path", path.startsWith(ownFolder) ? path.substring(ownFolder.length()) : path));
        }
        json.set("image", imageLists ? paths : paths.get(0));
        return new ParquetWriter.Row(json, row.images());
    }

    private static Iterable<JsonNode> images(StoredRow row) {
        JsonNode image = row.json().path("image");
        return image.isArray() ? image : List.of(image);
    }
}
