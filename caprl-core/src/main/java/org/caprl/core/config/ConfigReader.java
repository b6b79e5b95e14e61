package org.caprl.core.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;

/**
 * Reads YAML into a record, strictly.
 *
 * <p>Keys are the record's components in snake_case; {@link Key} on each gives default and bounds. Components may be numbers,
 * {@code boolean}, {@code String}, {@link Path}, enums (lower case), nested records, {@code List}, {@code Map} from {@code String}, and
 * {@code Optional} of these. A section that is left out has its defaults.
 *
 * <p>A relative path in the file is looked up in the file's folder, and if nothing is there, in the current folder; on the
 * command line and in defaults it starts from the current folder.
 *
 * <p>What spans several keys is checked by the record's compact constructor: an {@link IllegalArgumentException} is reported as a
 * problem of its section.
 */
public final class ConfigReader {
    private ConfigReader() {
    }

    /**
     * Reads a file.
     *
     * @param overrides {@code a.b.c=value} of the command line, later ones win; values are YAML
     * @throws InputException with all mistakes, each with its key, file and line, what was found and what was expected
     */
    public static <T extends Record> T read(Class<T> type, Path file, List<String> overrides) {
        return read(type, file, overrides, true);
    }

    /**
     * Reads a file for another machine: as {@link #read}, but files and folders that it names need not be on this one.
     *
     * @throws InputException as {@link #read}
     */
    public static <T extends Record> T readForAnotherMachine(Class<T> type, Path file, List<String> overrides) {
        return read(type, file, overrides, false);
    }

    private static <T extends Record> T read(Class<T> type, Path file, List<String> overrides, boolean filesHere) {
        String yaml;
        try {
            yaml = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new InputException("configuration " + file + " is not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new InputException("cannot read the configuration " + file + " (" + e.getClass().getSimpleName()
                    + "); check the path and its permissions", e);
        }
        Path parent = file.getParent();
        return parse(type, yaml, file.toString(), parent == null ? Path.of("") : parent, overrides, filesHere);
    }

    /**
     * Reads a text; relative paths start from the current folder.
     *
     * @param name stands for the file in messages
     */
    public static <T extends Record> T parse(Class<T> type, String yaml, String name, List<String> overrides) {
        return parse(type, yaml, name, null, overrides, true);
    }

    /**
     * Reads a text that was checked on another machine ({@link ConfigWriter#portable}): files that must exist are not looked for, since
     * this machine may need but some of them.
     *
     * @param name stands for the file in messages
     */
    public static <T extends Record> T parsePortable(Class<T> type, String yaml, String name) {
        return parse(type, yaml, name, null, List.of(), false);
    }

    private static <T extends Record> T parse(Class<T> type, String yaml, String name, Path folder, List<String> overrides,
            boolean filesHere) {
        Problems problems = new Problems();
        Yaml root = Yaml.parse(yaml, line -> name + ":" + line, problems);
        T config = null;
        if (root instanceof Yaml.Mapping mapping) {
            Overrides.apply(mapping, overrides, problems);
            config = new Binder(type, folder, problems, filesHere).section(type, mapping, "");
        } else if (root != null) {
            problems.add(root.where(), "", "found " + root.shown() + ", expected sections with keys");
        }
        problems.throwIfAny(name);
        return config;
    }
}
