package org.caprl.core.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The processor.
 *
 * @param name as the system names it
 * @param instructionSets those that matter for tensor arithmetic; empty where the system does not tell
 */
public record Processor(String name, List<String> instructionSets) {
    private static final List<String> RELEVANT = List.of("sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f",
            "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16",
            "asimd", "fphp", "asimddp", "bf16", "i8mm", "sve", "sve2");

    /** @param cpuinfo Linux's description of the processors; other systems have none */
    public static Processor ofThisMachine(Path cpuinfo) {
        List<String> lines;
        try {
            lines = Files.readAllLines(cpuinfo);
        } catch (IOException e) {
            return new Processor(System.getProperty("os.arch"), List.of());
        }
        String flags = first(lines, "flags", "Features");
        Set<String> present = Set.copyOf(Arrays.asList(flags.split("\\s+")).stream().distinct().toList());
        String name = first(lines, "model name", "Hardware");
        return new Processor(name.isEmpty() ? System.getProperty("os.arch") : name, RELEVANT.stream().filter(present::contains).toList());
    }

    private static String first(List<String> lines, String... keys) {
        return lines.stream().map(l -> l.split("\\s*:\\s*", 2))
                .filter(pair -> pair.length == 2 && List.of(keys).contains(pair[0])).map(pair -> pair[1].strip()).findFirst().orElse("");
    }
}
