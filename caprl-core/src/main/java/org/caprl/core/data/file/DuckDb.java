package org.caprl.core.data.file;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.caprl.core.InputException;
import org.duckdb.DuckDBDriver;

/** A DuckDB within this process that holds no data: it reads and writes Parquet files. */
final class DuckDb implements AutoCloseable {
    private final Connection connection;

    /** Uses a row of a result. */
    interface RowConsumer {
        void accept(ResultSet row) throws SQLException;
    }

    private DuckDb(Connection connection) {
        this.connection = connection;
    }

    /** Starts it. @throws InputException if there is no DuckDB for this machine */
    static DuckDb start() {
        Properties settings = new Properties();
        settings.setProperty("jdbc_stream_results", "true");
        // A stream that needs little memory, in the order of the file: more threads would read more row groups at once.
        settings.setProperty("threads", "1");
        // What it needs is built in. It is not to fetch anything, nor to write beside the data.
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        settings.setProperty("temp_directory", "");
        try {
            return new DuckDb(new DuckDBDriver().connect("jdbc:duckdb:", settings));
        } catch (SQLException | LinkageError | IllegalStateException e) {
            throw new InputException("can't start DuckDB, which reads and writes Parquet files here (" + e
                    + "); it runs on Linux, macOS (arm64) and Windows (amd64), and needs 70 MB of space in the temporary folder "
                    + System.getProperty("java.io.tmpdir") + "; or take JSONL data", e);
        }
    }

    Connection connection() {
        return connection;
    }

    /**
     * Runs a query, one row after the other.
     *
     * @param file what it reads, for the error
     */
    void query(Path file, String sql, RowConsumer rows) {
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.accept(result);
            }
        } catch (SQLException e) {
            throw fault(file, e);
        }
    }

    /** What a user should hear of a failed reading. */
    static InputException fault(Path file, SQLException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        String what = message.replaceFirst("(?s)^Invalid Input Error: Attempting to execute an unsuccessful[^\n]*\nError: ", "")
                .lines().findFirst().orElse(message);
        return new InputException("can't read " + file + " as Parquet: " + what + (message.contains("Out of Memory")
                ? "; its row groups are too large for the memory of this machine: rewrite it with row groups of some 10 MB"
                : "; the file is damaged, incomplete or no Parquet file: fetch or write it again"), e);
    }

    /**
     * A Parquet file as a table, with the number of each row as {@code file_row_number}.
     *
     * @throws InputException if the file's path means others to DuckDB
     */
    static String table(Path file) {
        return "read_parquet(" + path(file) + ", file_row_number = true, hive_partitioning = false)";
    }

    /** The path of a Parquet file as SQL. @throws InputException if it means others to DuckDB */
    static String path(Path file) {
        if (file.toString().matches(".*[*?\\[].*")) {
            throw new InputException("the path " + file
                    + " has one of * ? [, which name several Parquet files; rename the file or its folder");
        }
        return text(file.toString());
    }

    /** A text as SQL. */
    static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** The name of a column or field as SQL. */
    static String name(String value) {
        return "\"" + value.replace("\"", "\"\"") + "\"";
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
