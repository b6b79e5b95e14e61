package org.caprl.rollout.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;

/**
 * What {@code caprl ray up} started, as it is written to disk before the first process starts and after every node.
 *
 * @param id in the environment of every process of the cluster
 * @param boot of the machine: sessions of another boot are of others
 * @param address {@code host:port} of the head; null while it starts
 * @param dashboard URL of dashboard and job server
 * @param ray version
 * @param java home of the JDK of the workers
 * @param nodes in the order of their start, the head first
 */
public record ClusterState(String id, String boot, String address, String dashboard, String ray, String java, List<Node> nodes) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FILE = "cluster.json";

    /**
     * A node.
     *
     * @param session of the system, which all its processes belong to
     * @param ip as the cluster knows it
     * @param cpus that it offers
     */
    public record Node(long session, String ip, int cpus) {
    }

    static Optional<ClusterState> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), ClusterState.class));
        } catch (IOException e) {
            throw new InputException(file + " can't be read (" + e.getMessage() + "); it names the processes of `caprl ray up`: end them "
                    + "by hand, and remove the file", e);
        }
    }

    void write(Path folder) {
        AtomicFile.write(folder.resolve(FILE), out -> JSON.writerWithDefaultPrettyPrinter().writeValue(out, this));
    }

    static void delete(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve(FILE));
        } catch (IOException e) {
            throw new InputException("cannot remove " + folder.resolve(FILE) + " (" + e.getMessage() + ")", e);
        }
    }
}
