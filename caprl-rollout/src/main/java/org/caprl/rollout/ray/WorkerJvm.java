package org.caprl.rollout.ray;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;

/** Options of the JVMs that run actors: those of this JVM that belong to the project, and what Ray's runtime needs on a new JDK. */
final class WorkerJvm {
    /** Packages of java.base whose inside Ray's serialiser reads. */
    private static final List<String> OPENED = List.of("java.lang", "java.lang.invoke", "java.lang.reflect", "java.util",
            "java.util.concurrent", "java.util.concurrent.atomic", "java.math", "java.net", "java.text", "java.io");
    /** The flags of the property caprl.jvm.flags start so; what sizes or watches this one process does not concern others. */
    private static final List<String> SHARED = List.of("--add-modules", "--enable-native-access", "--sun-misc-unsafe-memory-access",
            "-XX:CompileCommand", "-Djava.awt.", "-Djdk.incubator.");
    private static final long YOUNG_GENERATION = 256L << 20;

    private WorkerJvm() {
    }

    /** Options for every actor of the job. */
    static List<String> options() {
        List<String> options = new ArrayList<>();
        for (String given : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (SHARED.stream().anyMatch(given::startsWith)) {
                options.add(given);
            }
        }
        OPENED.forEach(name -> options.add(opens(name)));
        options.add("-XX:+UseParallelGC");
        options.add("-XX:MaxNewSize=" + YOUNG_GENERATION);
        return options;
    }

    private static String opens(String packageName) {
        return "--add-opens=java.base/" + packageName + "=ALL-UNNAMED";
    }

    /** @throws InputException if this JVM lacks a flag that Ray needs, naming it */
    static void requireOpened() {
        Module base = Object.class.getModule();
        Module ours = WorkerJvm.class.getClassLoader().getUnnamedModule();
        List<String> missing = OPENED.stream().filter(name -> !base.isOpen(name, ours)).map(WorkerJvm::opens).toList();
        if (!missing.isEmpty()) {
            throw new InputException("Ray needs a JVM with " + String.join(" ", missing)
                    + "; start it with the launcher `caprl`, which gives them, or add them to CAPRL_JAVA_OPTS");
        }
    }
}
