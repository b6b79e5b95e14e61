package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.data.SampleImage;

/** Rows of Parquet files as a JSONL file with a folder of images. The folder is in place before the file that names what is in it. */
final class ToJsonl {
    /** A relative path whose parts say nothing special: not hidden, not {@code ..}, no drive. */
    private static final Pattern PLAIN = Pattern.compile("(?!.*(^|/)[.~])[^/\\\\:\\p{Cntrl}]+(/[^/\\\\:\\p{Cntrl}]+)*");
    private static final int LONGEST_NAME = 200;

    private final Path folder;
    private final String folderName;
    private final Set<String> ids = new HashSet<>();
    /** In lower case: file systems may not tell more apart. */
    private final Set<String> names = new HashSet<>();

    private ToJsonl(Path folder, String folderName) {
        this.folder = folder;
        this.folderName = folderName;
    }

    static void write(List<DataFile> files, Path to, Runnable afterEachRow) {
        String folderName = Conversion.imageFolder(to);
        Path target = to.toAbsolutePath().resolveSibling(folderName);
        try (AtomicDirectory images = AtomicDirectory.create(target)) {
            ToJsonl conversion = new ToJsonl(images.path(), folderName);
            boolean[] committed = {false};
            try {
                AtomicFile.write(to, out -> {
                    for (DataFile file : files) {
                        for (int row = 0; row < file.rows(); row++) {
                            out.write(conversion.convert(file.read(row)).toString().getBytes(StandardCharsets.UTF_8));
                            out.write('\n');
                            afterEachRow.run();
                        }
                    }
                    images.commit();
                    committed[0] = true;
                });
            } catch (RuntimeException e) {
                if (committed[0]) {
                    AtomicDirectory.delete(target);
                }
                throw e;
            }
        }
    }

    private JsonNode convert(StoredRow row) {
        String id = row.id();
        if (!ids.add(id)) {
            throw new InputException(row.place() + ": a row before it has the id '" + id + "' too; give each row its own");
        }
        JsonNode image = row.json().path("image");
        List<SampleImage> images = row.images();
        ArrayNode written = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < images.size(); i++) {
            JsonNode one = image.isArray() ? image.get(i) : image;
            byte[] bytes = images.get(i).bytes();
            String name = name(one.path("path"), images.size() == 1 ? id : id + "-" + (i + 1), bytes);
            Path file = folder.resolve(name);
            try {
                Files.createDirectories(file.getParent());
                Files.write(file, bytes);
            } catch (IOException e) {
                throw DiskFailure.writing(file, e);
            }
            written.add(JsonNodeFactory.instance.objectNode().put("path", folderName + "/" + name));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("id", row.json().get("id"));
        json.set("image", image.isArray() ? written : written.get(0));
        row.json().properties().forEach(field -> json.putIfAbsent(field.getKey(), field.getValue()));
        return json;
    }

    private String name(JsonNode path, String id, byte[] image) {
        if (path.isTextual() && path.asText().length() <= LONGEST_NAME && PLAIN.matcher(path.asText()).matches() && claim(path.asText())) {
            return path.asText();
        }
        String stem = id.replaceAll("[^A-Za-z0-9_-]", "_");
        String base = stem.substring(0, Math.min(stem.length(), LONGEST_NAME));
        String extension = ImageFormat.of(image).extension();
        String name = base + extension;
        for (int i = 2; !claim(name); i++) {
            name = base + "-" + i + extension;
        }
        return name;
    }

    /** Takes a name unless it is taken, as a file or as a folder of one. */
    private boolean claim(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (names.contains(lower) || names.contains(lower + "/")) {
            return false;
        }
        for (int slash = lower.indexOf('/'); slash >= 0; slash = lower.indexOf('/', slash + 1)) {
            if (names.contains(lower.substring(0, slash))) {
                return false;
            }
        }
        for (int slash = lower.indexOf('/'); slash >= 0; slash = lower.indexOf('/', slash + 1)) {
            names.add(lower.substring(0, slash + 1));
        }
        return names.add(lower);
    }
}
