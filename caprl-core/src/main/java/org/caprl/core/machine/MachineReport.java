package org.caprl.core.machine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;

/**
 * What a machine, or a container, can do: what {@code caprl doctor} says.
 *
 * @param java version, vendor and home of the JVM
 * @param os name, version and architecture
 * @param processor as the system names it and what it can do
 * @param threads processors that this JVM may use
 * @param memory bytes of the machine (or container), of it free, and the heap's limit
 * @param backends each with whether it works; the first that works is what {@code auto} takes
 * @param speed measured with what {@code auto} takes; null if nothing works
 */
public record MachineReport(Java java, String os, Processor processor, int threads, MemoryLimits memory, List<Backend> backends,
        Speed speed) {
    /** The JVM. */
    public record Java(String version, String vendor, String home) {
    }

    /** Bytes. */
    public record MemoryLimits(long total, long free, long heapLimit) {
    }

    /** A backend, and how to mend it when it does not work. */
    public record Backend(String name, boolean works, boolean auto, String reason, String cure) {
    }

    /** @param threads to measure with; 0 takes every processor */
    public static MachineReport ofThisMachine(int threads) {
        int used = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        List<BackendProvider> providers = Backends.providers();
        List<BackendProvider.Availability> found = providers.stream().map(BackendProvider::probe).toList();
        Optional<BackendProvider> auto = providers.stream()
                .filter(p -> p.preference() >= 0 && found.get(providers.indexOf(p)).works()).findFirst();
        List<Backend> backends = providers.stream().map(p -> {
            BackendProvider.Availability a = found.get(providers.indexOf(p));
            return new Backend(p.name(), a.works(), auto.filter(p::equals).isPresent(), a.reason(), a.cure());
        }).toList();
        OperatingSystemMXBean os = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new MachineReport(
                new Java(Runtime.version().toString(), System.getProperty("java.vendor"), System.getProperty("java.home")),
                String.join(" ", System.getProperty("os.name"), System.getProperty("os.version"), System.getProperty("os.arch")),
                Processor.ofThisMachine(Path.of("/proc/cpuinfo")), Runtime.getRuntime().availableProcessors(),
                new MemoryLimits(os.getTotalMemorySize(), os.getFreeMemorySize(), Runtime.getRuntime().maxMemory()), backends,
                auto.map(p -> Speed.measure(p.name(), () -> p.create(used), used)).orElse(null));
    }

    /** For a terminal. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "Java", java.version() + ", " + java.vendor() + ", " + java.home());
        line(text, "system", os);
        line(text, "processor", processor.name());
        line(text, "instruction sets", processor.instructionSets().isEmpty()
                ? "not told by this system" : String.join(" ", processor.instructionSets()));
        line(text, "threads", Integer.toString(threads));
        line(text, "memory", gib(memory.total()) + ", " + gib(memory.free()) + " free, Java heap at most " + gib(memory.heapLimit()));
        for (Backend b : backends) {
            line(text, "backend " + b.name(), (b.works() ? "works: " : "does not work: ") + b.reason()
                    + (b.auto() ? " (taken by auto)" : "") + (b.cure().isEmpty() ? "" : "; to mend it: " + b.cure()));
        }
        line(text, "measured speed", speed == null ? "none: no backend that auto would take works here" : speed.text());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-20s%s%n".formatted(name, value));
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
}
