package org.caprl.rollout.ray;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.caprl.core.machine.MachineReport;
import org.caprl.core.machine.Processor;
import org.junit.jupiter.api.Test;

class ClusterReportTest {
    private static NodeFacts facts(String java, String digest, boolean nd4j) {
        return new NodeFacts("2.60.0", "0.1.0", digest, new MachineReport(new MachineReport.Java(java, "x", "/jdk"), "Linux",
                new Processor("chip", List.of()), 2, new MachineReport.MemoryLimits(4L << 30, 1L << 30, 1L << 30),
                List.of(new MachineReport.Backend("cpu", true, true, "", ""),
                        new MachineReport.Backend("nd4j", nd4j, false, "", "")), null));
    }

    private static RayNode node(String address) {
        return new RayNode("0123456789abcdef", address, true, 2, 0, 4L << 30, 1L << 30);
    }

    @Test
    void whatDiffersIsMarkedAndNamed() {
        NodeFacts driver = facts("25.0.3", "aaaa", true);
        List<ClusterReport.Seen> nodes = List.of(new ClusterReport.Seen(node("10.0.0.1"), driver, null),
                new ClusterReport.Seen(node("10.0.0.2"), facts("25.0.2", "bbbb", false), null),
                new ClusterReport.Seen(node("10.0.0.3"), null, "ClassNotFoundException: x.Y"));
        List<String> differences = ClusterReport.differences(driver, nodes);
        assertEquals(List.of("node 10.0.0.2 has Java 25.0.2, this process has 25.0.3",
                "node 10.0.0.2 has jars 0.1.0 bbbb, this process has 0.1.0 aaaa",
                "node 10.0.0.2 has backends cpu (auto), this process has cpu (auto), nd4j"), differences.subList(0, 3));
        assertTrue(differences.get(3).startsWith("node 10.0.0.3 could not be looked at: ClassNotFoundException: x.Y; "),
                differences.get(3));
        String text = new ClusterReport("10.0.0.1:6379", driver, nodes, differences).text();
        assertEquals("""
                Ray cluster at 10.0.0.1:6379

                node          Ray     Java      jars          backends          threads  memory   GPUs  GFLOP/s
                this process  2.60.0  25.0.3    0.1.0 aaaa    cpu (auto), nd4j  2        4.0 GiB  -     -
                10.0.0.1      2.60.0  25.0.3    0.1.0 aaaa    cpu (auto), nd4j  2        4.0 GiB  0     -
                10.0.0.2      2.60.0  25.0.2 !  0.1.0 bbbb !  cpu (auto) !      2        4.0 GiB  0     -
                10.0.0.3 !    ClassNotFoundException: x.Y
                """, text.substring(0, text.indexOf("\n\nnode 10.0.0.2 has Java") + 1));
    }

    @Test
    void factsCrossAsTheyAre() {
        NodeFacts facts = facts("25.0.3", "aaaa", true);
        assertEquals(facts, NodeFacts.of(facts.message()));
    }
}
