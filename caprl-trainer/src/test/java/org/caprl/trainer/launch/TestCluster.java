package org.caprl.trainer.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.caprl.core.RayForTests;
import org.caprl.rollout.cluster.LocalCluster;
import org.caprl.rollout.cluster.RayEnvironment;

/**
 * A Ray cluster of one class of tests.
 *
 * @param cluster its processes
 * @param folder of its files
 * @param address of the head
 */
record TestCluster(LocalCluster cluster, Path folder, String address) implements AutoCloseable {
    private static final long OBJECT_STORE = 100_000_000;

    /** Starts one with so many nodes of 4 CPUs; skips the test where there is no Ray. */
    static TestCluster start(int nodes) {
        RayEnvironment ray = RayEnvironment.find(RayForTests.requireHome()).orElseThrow();
        Path folder = RayForTests.clusterFolder();
        LocalCluster cluster = new LocalCluster(folder);
        return new TestCluster(cluster, folder, cluster.up(ray, new LocalCluster.Options(nodes, OptionalInt.of(4), OptionalInt.empty(),
                OptionalInt.empty(), OptionalLong.of(OBJECT_STORE)), line -> { }).state().address());
    }

    /** Keys of a run on it: small actors of one thread, whose command lines name their kind. */
    String[] on(String name, String... more) {
        List<String> all = new ArrayList<>(List.of("run.name=" + name, "ray.address=" + address));
        for (String kind : List.of("rollout", "reward", "trainer")) {
            all.add("ray." + kind + ".threads=1");
            all.add("ray." + kind + ".jvm_options=[-Xmx256m, -Xshare:auto, " + RayWorkers.option(kind) + "]");
        }
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Ends its processes, and removes its files. */
    @Override
    public void close() throws IOException {
        cluster.down();
        RayForTests.delete(folder);
    }
}
