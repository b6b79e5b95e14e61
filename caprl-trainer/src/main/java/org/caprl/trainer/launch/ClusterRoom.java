package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.RayNode;

/** Whether a cluster has what the actors of a run take: Ray itself would wait for it without a word. */
final class ClusterRoom {
    private ClusterRoom() {
    }

    /**
     * Actors of one kind.
     *
     * @param role in errors
     * @param actors number of them
     * @param each what each takes
     */
    record Demand(String role, int actors, ActorResources each) {
        @Override
        public String toString() {
            return actors + " " + role + (actors == 1 ? "" : "s") + " of " + each;
        }
    }

    private static final class Free {
        private double cpus;
        private double gpus;
        private long memory;

        Free(RayNode node) {
            cpus = node.cpus();
            gpus = node.gpus();
            memory = node.memoryBytes();
        }

        boolean take(ActorResources r) {
            if (r.cpus() > cpus || r.gpus() > gpus || r.memoryBytes() > memory) {
                return false;
            }
            cpus -= r.cpus();
            gpus -= r.gpus();
            memory -= r.memoryBytes();
            return true;
        }
    }

    /** @throws InputException if there is no place for one of the actors, saying what is needed and what there is */
    static void require(List<RayNode> nodes, List<Demand> demands) {
        List<Free> free = nodes.stream().filter(RayNode::alive).map(Free::new).toList();
        List<Demand> largestFirst = new ArrayList<>(demands);
        largestFirst.sort(Comparator.comparingDouble((Demand d) -> -d.each().gpus()).thenComparingDouble(d -> -d.each().cpus())
                .thenComparingDouble(d -> -d.each().memoryBytes()));
        for (Demand demand : largestFirst) {
            for (int i = 0; i < demand.actors(); i++) {
                if (free.stream().noneMatch(node -> node.take(demand.each()))) {
                    StringBuilder text = new StringBuilder("the cluster has no place for " + demand.role() + " " + (i + 1) + " of "
                            + demand.actors() + ".\n  The run needs (ray.rollout, ray.reward, ray.trainer):");
                    demands.forEach(d -> text.append("\n    ").append(d));
                    text.append("\n  The cluster has:");
                    nodes.stream().filter(RayNode::alive).forEach(node -> text.append("\n    ").append(node));
                    throw new InputException(text.append("\n  Ask for less, or add nodes.").toString());
                }
            }
        }
    }
}
