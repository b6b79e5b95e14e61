package org.caprl.rollout.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.InputException;

/**
 * The Python environment that Ray runs from.
 *
 * @param ray its command {@code ray}
 */
public record RayEnvironment(Path ray) {
    /** Set by the launcher: the folder that it lies in. */
    private static final String HOME = "caprl.home";
    private static final Pattern PINNED = Pattern.compile("<ray\\.version>([^<]+)</ray\\.version>");

    /** Folder of the launcher. @throws InputException if this JVM was not started by it */
    public static Path home() {
        String home = System.getProperty(HOME);
        if (home == null) {
            throw new InputException("this JVM does not know the folder of CapRL; start it with the launcher `caprl`, or with -D"
                    + HOME + "=FOLDER");
        }
        return Path.of(home);
    }

    /** The version that this project pins, such as {@code 2.60.0}. */
    public static String pinnedVersion(Path home) {
        Path pom = home.resolve("pom.xml");
        try {
            Matcher version = PINNED.matcher(Files.readString(pom));
            if (version.find()) {
                return version.group(1);
            }
        } catch (IOException e) {
            throw new InputException("cannot read " + pom + " (" + e + ")", e);
        }
        throw new InputException("no property ray.version in " + pom);
    }

    /** That of the project, or else the one of the {@code ray} on the search path. */
    public static Optional<RayEnvironment> find(Path home) {
        Path own = home.resolve("target/ray/venv/bin/ray");
        if (Files.isExecutable(own)) {
            return Optional.of(new RayEnvironment(own));
        }
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator)).filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder).resolve("ray")).filter(Files::isExecutable).map(RayEnvironment::new).findFirst();
    }

    /**
     * As {@link #find}; where there is none, {@code scripts/setup-ray.sh} makes that of the project.
     *
     * @param log hears what the script says
     * @throws InputException if it can't be made; the script has said why
     */
    public static RayEnvironment findOrMake(Path home, Consumer<String> log) {
        return find(home).orElseGet(() -> make(home, log));
    }

    private static RayEnvironment make(Path home, Consumer<String> log) {
        Path script = home.resolve("scripts/setup-ray.sh");
        int code = Command.run(new ProcessBuilder("bash", script.toString()).redirectErrorStream(true), log);
        return find(home).filter(e -> code == 0)
                .orElseThrow(() -> new InputException(script + " made no environment with Ray; the lines above say why"));
    }
}
