package org.caprl.rollout.ray;

import io.ray.api.runtimecontext.NodeInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A node of the cluster as its head sees it.
 *
 * @param id of Ray, hexadecimal
 * @param address host or IP
 * @param alive whether it answers; a dead node stays in the table
 * @param cpus CPUs that it offers
 * @param gpus GPUs that it offers
 * @param memoryBytes memory for actors that it offers
 * @param objectStoreBytes of its object store
 */
public record RayNode(String id, String address, boolean alive, double cpus, double gpus, long memoryBytes, long objectStoreBytes) {
    static List<RayNode> of(List<NodeInfo> nodes) {
        return nodes.stream().map(RayNode::of).sorted(Comparator.comparing(RayNode::address).thenComparing(RayNode::id)).toList();
    }

    private static RayNode of(NodeInfo node) {
        Map<String, Double> offers = node.resources;
        return new RayNode(node.nodeId.toString(), node.nodeAddress, node.isAlive, offers.getOrDefault("CPU", 0.0),
                offers.getOrDefault("GPU", 0.0), offers.getOrDefault("memory", 0.0).longValue(),
                offers.getOrDefault("object_store_memory", 0.0).longValue());
    }

    /** One line: what it is and what it offers. */
    @Override
    public String toString() {
        return "node " + address + " (" + id.substring(0, 8) + "): " + (alive ? "alive" : "dead") + ", "
                + ActorResources.text(cpus, gpus, memoryBytes);
    }
}
