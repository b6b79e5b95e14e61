package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What can be held of the image without building it. */
class DockerfileTest {
    private static final Path HOME = Path.of(System.getProperty("caprl.home", ".."));

    @Test
    void whatIsCopiedIsThereAndEveryModuleIsCopied() throws IOException {
        List<String> copied = Files.readAllLines(HOME.resolve("docker/Dockerfile")).stream()
                .filter(l -> l.startsWith("COPY ") && !l.contains("--from=")).map(l -> l.split(" "))
                .flatMap(words -> Arrays.stream(words).skip(1).limit(words.length - 2)).toList();
        assertTrue(copied.size() > 5, copied.toString());
        copied.forEach(path -> assertTrue(Files.exists(HOME.resolve(path)), path));
        String pom = Files.readString(HOME.resolve("pom.xml"));
        Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(pom);
        while (module.find()) {
            assertTrue(copied.contains(module.group(1)), module.group(1) + " is not copied");
        }
    }

    @Test
    void scriptsThatItRunsAreThereAndCanBeRun() throws IOException {
        Matcher script = Pattern.compile("scripts/[a-z-]+\\.sh").matcher(Files.readString(HOME.resolve("docker/Dockerfile")));
        int found = 0;
        while (script.find()) {
            assertTrue(Files.isExecutable(HOME.resolve(script.group())), script.group());
            found++;
        }
        assertTrue(found >= 3);
    }

    @Test
    void theJdkIsTheOneThatTheBuildAsksFor() throws IOException {
        String release = Files.readString(HOME.resolve("pom.xml")).replaceAll("(?s).*<maven.compiler.release>(\\d+)<.*", "$1");
        assertEquals(2, Files.readString(HOME.resolve("docker/Dockerfile"))
                .split("FROM eclipse-temurin:" + release + "-jdk", -1).length - 1);
    }
}
