package org.caprl.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tells which keys of a {@code config.json} stand behind a size that a tensor does not have. */
final class ImpliedBy {
    private ImpliedBy() {
    }

    /**
     * {@code " (intermediate_size = 96)"}: the keys whose values are the expected sizes that differ, or of which two multiply to it (heads
     * and their width); empty where there are none.
     */
    static String keys(JsonNode config, String tensor, long[] found, long[] expected) {
        Set<String> keys = new LinkedHashSet<>();
        for (int i = 0; i < expected.length; i++) {
            if (found.length != expected.length || found[i] != expected[i]) {
                keys.addAll(of(config, tensor, expected[i]));
            }
        }
        return keys.isEmpty() ? "" : " (" + String.join("; ", keys) + ")";
    }

    private static List<String> of(JsonNode config, String tensor, long size) {
        Map<String, Long> numbers = new TreeMap<>();
        boolean vision = tensor.contains("visual") || tensor.contains("vision");
        collect(config, "", vision, numbers);
        List<String> single = numbers.entrySet().stream().filter(n -> n.getValue() == size).map(n -> n.getKey() + " = " + size).toList();
        if (!single.isEmpty()) {
            return single;
        }
        List<String> products = new ArrayList<>();
        numbers.forEach((heads, count) -> {
            if (heads.endsWith("heads")) {
                numbers.forEach((width, value) -> {
                    if (!heads.equals(width) && count * value == size) {
                        products.add(heads + " = " + count + " times " + width + " = " + value);
                    }
                });
            }
        });
        return products;
    }

    /** Sizes, of the tower that the tensor belongs to; positions, ids and the like are none. */
    private static void collect(JsonNode node, String path, boolean vision, Map<String, Long> numbers) {
        node.properties().forEach(entry -> {
            String key = entry.getKey();
            if (entry.getValue().isObject() && !key.startsWith("rope")) {
                if (key.startsWith("vision") == vision || !path.isEmpty()) {
                    collect(entry.getValue(), path + key + ".", vision, numbers);
                }
            } else if (entry.getValue().isIntegralNumber() && (!path.isEmpty() || !vision) && !key.endsWith("_id")
                    && !key.startsWith("max_")) {
                numbers.put(path + key, entry.getValue().longValue());
            }
        });
    }
}
