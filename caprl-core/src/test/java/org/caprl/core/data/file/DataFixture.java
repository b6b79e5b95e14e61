package org.caprl.core.data.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.caprl.core.data.SampleSource;
import org.duckdb.DuckDBDriver;

/** Parquet files as others write them: by DuckDB's own SQL. */
final class DataFixture {
    /** The layout of the published data, one row for each {@code i} of {@code range(n)}; text to be completed by conditions of a test. */
    static final String PUBLISHED = """
            SELECT 'row' || i AS id, {'bytes': encode('image ' || i), 'path': NULL::VARCHAR} AS image,
                [{'role': 'user', 'content': '<image> Describe.'}] AS prompt, 'shapes' AS data_source,
                {'ground_truth': [{'question': 'What is it, ' || i || '?', 'choices': ['A) red', 'B) blue'], 'answer': 'B'}]} \
            AS reward_model
            FROM range(%d) t(i)""";

    private DataFixture() {
    }

    /** What a query gives, as a Parquet file. @param options of COPY, such as {@code ROW_GROUP_SIZE 10} */
    static Path write(Path file, String query, String options) {
        return sql(file, "COPY (" + query + ") TO '" + file.toString().replace("'", "''") + "' (FORMAT parquet"
                + (options.isEmpty() ? "" : ", " + options) + ")");
    }

    /** Runs a statement. */
    static Path sql(Path file, String statement) {
        try (Connection db = new DuckDBDriver().connect("jdbc:duckdb:", new Properties()); Statement s = db.createStatement()) {
            s.execute(statement);
            return file;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A row as JSONL, with the image {@code images/NAME}. */
    static String jsonRow(String id, String image) {
        return """
                {"id": "%s", "image": {"path": "images/%s"}, "prompt": [{"role": "user", "content": "<image> Describe."}], \
                "data_source": "shapes", "reward_model": {"ground_truth": [{"question": "What is it, %s?", \
                "choices": ["A) red", "B) blue"], "answer": "B"}]}}
                """.formatted(id, image, id);
    }

    /** A JSONL file of this many rows, {@code row0} …, with images of random bytes. */
    static Path jsonl(Path folder, String name, int rows) throws IOException {
        Files.createDirectories(folder.resolve("images"));
        StringBuilder text = new StringBuilder();
        Random random = new Random(1);
        for (int i = 0; i < rows; i++) {
            byte[] image = new byte[1 + random.nextInt(3000)];
            random.nextBytes(image);
            Files.write(folder.resolve("images/" + name + i + ".png"), image);
            text.append(jsonRow("row" + i, name + i + ".png"));
        }
        return Files.writeString(folder.resolve(name + ".jsonl"), text);
    }

    /** Ids of the next samples. */
    static List<String> next(SampleSource source, int samples) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            ids.add(source.next().id());
        }
        return ids;
    }

    /** Ids of all samples, in their stored order. */
    static List<String> all(SampleSource source) {
        List<String> ids = new ArrayList<>();
        source.forEach(sample -> ids.add(sample.id()));
        return ids;
    }
}
