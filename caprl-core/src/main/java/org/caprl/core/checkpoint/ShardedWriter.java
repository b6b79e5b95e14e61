package org.caprl.core.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the weights of a Hugging Face folder: {@code model.safetensors} when everything fits into one shard, otherwise
 * {@code model-00001-of-0000N.safetensors} … and {@code model.safetensors.index.json}, as {@code save_pretrained} names them.
 */
public final class ShardedWriter {
    /** The shard size that {@code transformers} 5 takes by default. */
    public static final long DEFAULT_MAX_SHARD_BYTES = 50_000_000_000L;

    private static final JsonMapper JSON = new JsonMapper();

    private ShardedWriter() {
    }

    /**
     * Writes all tensors, sorted by name, into {@code folder}.
     *
     * @param maxShardBytes a shard is closed before it would exceed this; a tensor larger than that has a shard of its own
     */
    public static void write(Path folder, Collection<StoredTensor> tensors, long maxShardBytes) {
        List<List<StoredTensor>> shards = split(tensors, maxShardBytes);
        if (shards.size() == 1) {
            SafeTensorsWriter.write(folder.resolve(HfCheckpoint.SINGLE_FILE), shards.getFirst());
            return;
        }
        Map<String, String> shardOf = new TreeMap<>();
        long total = 0;
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            SafeTensorsWriter.write(folder.resolve(name), shards.get(i));
            shards.get(i).forEach(t -> shardOf.put(t.name(), name));
            total += shards.get(i).stream().mapToLong(StoredTensor::storedBytes).sum();
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_size", total);
        shardOf.forEach(index.putObject("weight_map")::put);
        Path file = folder.resolve(HfCheckpoint.INDEX_FILE);
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    private static List<List<StoredTensor>> split(Collection<StoredTensor> tensors, long maxShardBytes) {
        List<List<StoredTensor>> shards = new ArrayList<>(List.of(new ArrayList<>()));
        long filled = 0;
        for (StoredTensor t : tensors.stream().sorted(Comparator.comparing(StoredTensor::name)).toList()) {
            if (filled > 0 && filled + t.storedBytes() > maxShardBytes) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(t);
            filled += t.storedBytes();
        }
        return shards;
    }
}
