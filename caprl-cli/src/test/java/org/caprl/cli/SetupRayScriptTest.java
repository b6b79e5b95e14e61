package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/setup-ray.sh with an interpreter that only pretends: {@code FAIL} names the step at which it fails. */
class SetupRayScriptTest {
    private static final Path SCRIPT = Path.of(System.getProperty("caprl.home", "..")).resolve("scripts/setup-ray.sh").toAbsolutePath();
    private static final String PYTHON = """
            #!/usr/bin/env bash
            echo "$*" >>"$CALLS"
            case "$*" in
                "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; [ "$FAIL" != venv ] ;;
                "-m pip install "*)
                    [ "$FAIL" != pip ] || { echo "ERROR: No matching distribution found for ray"; exit 1; }
                    bin=$(dirname "$0")
                    site=$bin/../lib/python3.12/site-packages
                    all=$*
                    version=${all##*==}
                    mkdir -p "$site/ray/jars" "$site/ray-$version.dist-info"
                    echo jar >"$site/ray/jars/ray_dist.jar"
                    printf '#!/bin/sh\\n' >"$bin/ray"
                    chmod +x "$bin/ray" ;;
                "-c import sys"*) [ "$FAIL" != old ] ;;
                "--version") echo Python 3.6.1 ;;
                *) ;;
            esac
            """;
    @TempDir
    private Path temp;
    private Path python;
    private Path environment;

    @BeforeEach
    void pretend() throws IOException {
        python = Files.writeString(temp.resolve("python"), PYTHON);
        assertTrue(python.toFile().setExecutable(true));
        environment = temp.resolve("ray");
    }

    private Ran setup(String fail, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString(), environment.toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PYTHON", fail.equals("none") ? "/no/python" : python.toString());
        builder.environment().put("FAIL", fail);
        builder.environment().put("CALLS", temp.resolve("calls").toString());
        builder.redirectError(temp.resolve("err").toFile());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes());
        return new Ran(process.waitFor(), out, Files.readString(temp.resolve("err")));
    }

    @Test
    void makesItOnceAndLeavesAWholeOneAlone() throws IOException, InterruptedException {
        Ran made = setup("");
        assertEquals(0, made.code(), made.err());
        assertTrue(made.err().contains("400 MB"), made.err());
        assertTrue(Files.isExecutable(environment.resolve("bin/ray")));
        String calls = Files.readString(temp.resolve("calls"));
        Ran again = setup("");
        assertEquals(0, again.code(), again.err());
        assertTrue(again.out().startsWith("setup-ray: Ray ") && again.err().isEmpty(), again.toString());
        assertEquals(calls, Files.readString(temp.resolve("calls")), "nothing is called for what is there");
    }

    @Test
    void whatFailsLeavesNothingThatLooksWhole() throws IOException, InterruptedException {
        for (String step : List.of("venv", "pip")) {
            Ran failed = setup(step);
            assertEquals(2, failed.code(), failed.err());
            assertFalse(Files.exists(environment));
        }
        assertTrue(Files.readString(temp.resolve("err")).contains("No matching distribution found for ray"));
        // What a killed start leaves: the folder of the version, but no link to it.
        Path half;
        try (var entries = Files.list(temp)) {
            assertTrue(entries.noneMatch(p -> p.getFileName().toString().startsWith("ray-")));
        }
        String version = Files.readString(SCRIPT.resolveSibling("../pom.xml")).replaceAll("(?s).*<ray.version>([^<]+)<.*", "$1");
        half = Files.createDirectories(temp.resolve("ray-" + version).resolve("rubbish"));
        assertEquals(0, setup("").code());
        assertFalse(Files.exists(half), "made anew");
    }

    @Test
    void withoutPythonItSaysWhatToInstall() throws IOException, InterruptedException {
        Ran none = setup("none");
        assertEquals(2, none.code());
        assertTrue(none.err().startsWith("setup-ray: needs Python 3.10 or newer") && none.err().contains("python3-venv"), none.err());
        Ran old = setup("old");
        assertEquals(2, old.code());
        assertTrue(old.err().contains("Python 3.6.1"), old.err());
    }

    @Test
    void forTestsItSaysSoLoudlyAndSucceeds() throws IOException, InterruptedException {
        Ran none = setup("none", "--for-tests");
        assertEquals(0, none.code());
        assertTrue(none.err().contains("THE TESTS ON A RAY CLUSTER ARE SKIPPED")
                && none.err().contains("scripts/setup-ray.sh, then mvn verify"), none.err());
    }

    @Test
    void aFolderOfSomethingElseIsNotTouched() throws IOException, InterruptedException {
        Path file = Files.writeString(Files.createDirectories(environment).resolve("thesis.txt"), "years of work");
        Ran ran = setup("");
        assertEquals(2, ran.code());
        assertTrue(ran.err().contains("is no environment with Ray"), ran.err());
        assertTrue(Files.exists(file));
    }
}
