package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.machine.MachineReport;
import org.caprl.core.machine.Processor;
import org.caprl.core.machine.Speed;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir
    Path folder;

    @Test
    void jsonIsOneObjectWithEveryBackend() throws IOException {
        Ran ran = Ran.caprl("doctor", "--json");
        assertEquals(ExitCode.DONE, ran.code(), ran.err());
        JsonNode report = new JsonMapper().readTree(ran.out());
        assertEquals(Runtime.version().toString(), report.at("/java/version").asText());
        assertEquals(Backends.providers().stream().map(BackendProvider::name).toList(), report.get("backends").findValuesAsText("name"));
        assertTrue(report.at("/memory/total").asLong() > 0);
        assertEquals(report.get("backends").findValues("auto").stream().filter(JsonNode::asBoolean).count(),
                report.get("speed").isNull() ? 0 : 1);
    }

    @Test
    void speedIsMeasuredOnWhatAutoTakes() throws IOException {
        JsonNode speed = new JsonMapper().readTree(Ran.caprl("doctor", "--json", "--threads", "1").out()).get("speed");
        try (TensorOps ops = Backends.open("auto", 1).ops()) {
            assertEquals(ops.name(), speed.get("backend").asText());
        }
        assertEquals(1, speed.get("threads").asInt());
        // No machine multiplies so slowly or so fast.
        assertTrue(speed.get("gemmGflops").asDouble() > 0.1 && speed.get("gemmGflops").asDouble() < 1e6, speed.toString());
        assertTrue(speed.get("copyGbps").asDouble() > 0.05 && speed.get("copyGbps").asDouble() < 1e5, speed.toString());
    }

    @Test
    void aBackendThatDoesNotWorkSaysHowToMendIt() {
        MachineReport report = new MachineReport(new MachineReport.Java("25", "x", "/jdk"), "Linux",
                new Processor("chip", List.of("avx2", "fma")), 2,
                new MachineReport.MemoryLimits(4L << 30, 1L << 30, 3L << 29),
                List.of(new MachineReport.Backend("cpu", false, false, "oneDNN is missing", "install it"),
                        new MachineReport.Backend("nd4j", true, true, "ok", "")),
                new Speed("nd4j", 2, 12.34, 5.6));
        assertEquals("""
                Java                25, x, /jdk
                system              Linux
                processor           chip
                instruction sets    avx2 fma
                threads             2
                memory              4.0 GiB, 1.0 GiB free, Java heap at most 1.5 GiB
                backend cpu         does not work: oneDNN is missing; to mend it: install it
                backend nd4j        works: ok (taken by auto)
                measured speed      nd4j on 2 threads: matrix product 12.3 GFLOP/s (float32, 512 x 1024 x 1024), memory \
                5.6 GB/s (copy, read + write)
                """, report.text());
    }

    @Test
    void instructionSetsAreReadFromTheSystem() throws IOException {
        Path cpuinfo = folder.resolve("cpuinfo");
        Files.writeString(cpuinfo, "processor\t: 0\nmodel name\t: Some Chip: fast\nflags\t\t: fpu sse4_2 fma avx avx2\n\nprocessor\t: 1\n");
        assertEquals(new Processor("Some Chip: fast", List.of("sse4_2", "avx", "fma", "avx2")), Processor.ofThisMachine(cpuinfo));
        assertEquals(List.of(), Processor.ofThisMachine(folder.resolve("none")).instructionSets());
    }
}
