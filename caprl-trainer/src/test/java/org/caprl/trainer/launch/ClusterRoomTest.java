package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.caprl.core.InputException;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.RayNode;
import org.junit.jupiter.api.Test;

class ClusterRoomTest {
    private static final long GIB = 1L << 30;
    private static final List<RayNode> NODES = List.of(new RayNode("aaaaaaaaaa", "10.0.0.1", true, 4, 1, 8 * GIB, GIB),
            new RayNode("bbbbbbbbbb", "10.0.0.2", true, 8, 0, 8 * GIB, GIB), new RayNode("cccccccccc", "10.0.0.3", false, 64, 8, GIB, GIB));

    private static ClusterRoom.Demand demand(String role, int actors, double cpus, double gpus, long memory) {
        return new ClusterRoom.Demand(role, actors, new ActorResources(cpus, gpus, memory, List.of()));
    }

    @Test
    void whatFitsNodeByNodeIsFine() {
        ClusterRoom.require(NODES, List.of(demand("caption actor", 3, 4, 0, 2 * GIB), demand("reward actor", 2, 0, 0, GIB)));
        ClusterRoom.require(NODES, List.of(demand("caption actor", 2, 4, 0, 0), demand("trainer actor", 1, 1, 1, 0)).reversed());
    }

    @Test
    void whatDoesNotFitOnAnyNodeIsNamedWithAllThatIsThere() {
        String said = assertThrows(InputException.class, () -> ClusterRoom.require(NODES,
                List.of(demand("trainer actor", 1, 1, 0, GIB), demand("caption actor", 2, 6, 0, 0)))).getMessage();
        assertEquals("""
                the cluster has no place for caption actor 2 of 2.
                  The run needs (ray.rollout, ray.reward, ray.trainer):
                    1 trainer actor of 1 CPUs, 0 GPUs, 1.0 GiB
                    2 caption actors of 6 CPUs, 0 GPUs, 0.0 GiB
                  The cluster has:
                    node 10.0.0.1 (aaaaaaaa): alive, 4 CPUs, 1 GPUs, 8.0 GiB
                    node 10.0.0.2 (bbbbbbbb): alive, 8 CPUs, 0 GPUs, 8.0 GiB
                  Ask for less, or add nodes.""", said);
        assertThrows(InputException.class, () -> ClusterRoom.require(NODES, List.of(demand("trainer actor", 1, 0, 2, 0))));
        assertThrows(InputException.class, () -> ClusterRoom.require(NODES, List.of(demand("trainer actor", 1, 0, 0, 9 * GIB))));
    }
}
